"""A photographed or scanned sheet -> even light, straight lines, print of a readable size.

Every step keeps the way back: `Prepared.to_picture` leads a box on the prepared sheet to the place
in the picture that it came from. Pictures are (height, width) arrays, uint8, 0 black.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.rulings import painted_over
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

MAX_SKEW_DEG = 8.0
PRINT_PX = 28.0
"""A line of this height is read best; much smaller or larger print is scaled to it."""
SMALL_PX, LARGE_PX = 14.0, 60.0
MAX_SIDE_PX = 3600
MAX_ZOOM = 3.0
SIDE = 0.115
SOFTEN = tuple(
    down * across for down in (SIDE, 1 - 2 * SIDE, SIDE) for across in (SIDE, 1 - 2 * SIDE, SIDE)
)
"""Measured on dev pages: 0.27 % character error without, 0.19 % with (docs/decisions/ocr.md)."""
LINES = 0.2
"""The share of white between lines of print is higher."""
MAX_SPECKS = 60_000
MIN_LENGTH = 10.0
"""Lines of print are at least this much longer than they are high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The sheet to be read, and the way back: x' = a x + b y + c, y' = d x + e y + f."""

    gray: Gray
    back: tuple[float, float, float, float, float, float]

    def to_picture(self, box: Box) -> Box:
        """The upright box around the place of `box` in the picture it came from."""
        a, b, c, d, e, f = self.back
        left, top, right, bottom = box
        xs, ys = [], []
        for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
            xs.append(a * x + b * y + c)
            ys.append(d * x + e * y + f)
        return min(xs), min(ys), max(xs), max(ys)

    def turned(self, quarters: int) -> Prepared:
        """Turned by `quarters` times 90 degrees, counter-clockwise."""
        now = self
        for _ in range(quarters % 4):
            width = now.gray.shape[1]
            # (x, y) of the turned sheet lay at (width - 1 - y, x) before.
            now = Prepared(
                gray=np.ascontiguousarray(np.rot90(now.gray)),
                back=_chained(now.back, (0.0, -1.0, width - 1.0, 1.0, 0.0, 0.0)),
            )
        return now


def prepare(gray: Gray) -> Prepared:
    """Even the light, lay the lines level (up to MAX_SKEW_DEG and 90 degrees), size the print.

    Which way is up stays open between two: 0 or 180 degrees, to be told by reading.
    """
    sheet = Prepared(gray=even(gray), back=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    ink = sheet.gray < threshold(sheet.gray)
    lying, standing = _specks(ink)
    skew, across = _skew(lying), _skew(standing)
    if _gaps(standing, across) > max(LINES, 2 * _gaps(lying, skew)):
        sheet, skew = sheet.turned(1), -across
    level = _sized(_straight(sheet, skew))
    return _softened(level) if level is sheet else level


def even(gray: Gray) -> Gray:
    """The paper made white everywhere: each pixel by the brightness of its surroundings."""
    from PIL import Image, ImageFilter

    height, width = gray.shape
    step = max(8, max(height, width) // 160)
    small = Image.fromarray(gray).resize(
        (max(1, width // step), max(1, height // step)), Image.Resampling.BOX
    )
    paper = small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(3))
    light = np.asarray(
        paper.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32
    ).clip(32, 255)
    # Dark pictures stay dark: only what could be paper is lifted to white.
    return (gray.astype(np.float32) * (250.0 / light)).clip(0, 255).astype(np.uint8)


def threshold(gray: Gray) -> int:
    """Otsu's threshold between ink and paper."""
    from PIL import Image

    counts = np.array(Image.fromarray(gray).histogram(), dtype=np.float64)
    weight = counts.cumsum()
    mean = (counts * np.arange(256)).cumsum()
    total, all_mean = weight[-1], mean[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (all_mean * weight / total - mean) ** 2 / (weight * (total - weight))
    return int(np.nanargmax(between)) + 1 if np.isfinite(between).any() else 128


Specks = tuple["NDArray[np.float32]", "NDArray[np.float32]"]
"""(how far down, how far across) each speck of ink lies, in pixels."""


def _specks(ink: Mask) -> tuple[Specks, Specks]:
    """Of a sheet, and of the same sheet turned by a quarter."""
    at = np.flatnonzero(ink)  # of one row of numbers, which is twice as fast as of two
    down, across = (found.astype(np.float32) for found in np.divmod(at, ink.shape[1]))
    return (down, across), (across, down)


def skew_of(ink: Mask) -> float:
    """By how many degrees the lines rise to the right; 0.0 where there is next to no ink."""
    return _skew(_specks(ink)[0])


def _skew(specks: Specks) -> float:
    down, across = specks
    if len(down) < 50:
        return 0.0
    if len(down) > MAX_SPECKS:
        chosen = np.random.default_rng(1).choice(len(down), MAX_SPECKS, replace=False)
        down, across = down[chosen], across[chosen]

    def clarity(degrees: float) -> float:
        profile = _profile(across, down, degrees)
        return float((np.diff(profile) ** 2).sum())

    coarse = max(np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + 0.1, 0.5), key=clarity)
    fine = max(np.arange(coarse - 0.45, coarse + 0.46, 0.1), key=clarity)
    return float(fine)


def _profile(
    xs: NDArray[np.float32], ys: NDArray[np.float32], degrees: float
) -> NDArray[np.float64]:
    """Specks of ink a row (two pixels high), counted along lines that rise by `degrees`."""
    rows = ((ys + xs * math.tan(math.radians(degrees))) / 2).astype(np.int64)
    return np.bincount(rows - rows.min()).astype(np.float64)


def has_lines(ink: Mask) -> bool:
    """True where the ink stands in lines, level within MAX_SKEW_DEG or turned by a quarter."""
    return any(_gaps(specks, _skew(specks)) > LINES for specks in _specks(ink))


def _gaps(specks: Specks, degrees: float) -> float:
    """The share of white between the lines; 0.0 where they are fewer than four, or too short.

    Turned by 90 degrees the letters of one line look like short lines.
    """
    ys, xs = specks
    if len(xs) < 50:
        return 0.0
    profile = _profile(xs, ys, degrees)
    white = profile < 0.06 * np.percentile(profile, 95)
    inside = white[np.argmin(white) : len(white) - np.argmin(white[::-1])]
    lines = int(np.count_nonzero(np.diff(inside.astype(np.int8)) == 1)) + 1
    thickness = 2 * float((~inside).sum()) / lines
    long = float(np.ptp(xs)) >= MIN_LENGTH * thickness
    return float(inside.mean()) if lines >= 4 and long else 0.0


def print_height(gray: Gray) -> float:
    """The usual height of a line of print on a level sheet, in pixels; 0.0 where none is seen."""
    profile = (gray < threshold(gray)).sum(axis=1)
    rows = profile > max(2.0, 0.08 * float(np.percentile(profile, 95)))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.view(np.int8), [0]))))
    heights = edges[1::2] - edges[::2]
    heights = heights[(heights >= 5) & (heights <= 160)]
    return float(np.median(heights)) if len(heights) >= 3 else 0.0


def without_rulings(gray: Gray, print_px: float) -> Gray:
    """The sheet with long straight lines (of tables, boxes, underlines) painted over."""
    return painted_over(gray, gray < threshold(gray), print_px)


def _straight(sheet: Prepared, skew_deg: float) -> Prepared:
    from PIL import Image

    if abs(skew_deg) < 0.15:
        return sheet
    height, width = sheet.gray.shape
    turned = Image.fromarray(sheet.gray).rotate(
        -skew_deg, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    angle = math.radians(skew_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    cx, cy, mx, my = turned.width / 2, turned.height / 2, width / 2, height / 2
    # A point of the turned sheet, turned back about its centre.
    step = (cos, sin, mx - cos * cx - sin * cy, -sin, cos, my + sin * cx - cos * cy)
    return Prepared(gray=np.asarray(turned, dtype=np.uint8), back=_chained(sheet.back, step))


def _sized(sheet: Prepared) -> Prepared:
    from PIL import Image

    height, width = sheet.gray.shape
    seen = print_height(sheet.gray)
    zoom = 1.0
    if 0 < seen < SMALL_PX:
        zoom = min(MAX_ZOOM, PRINT_PX / seen)
    elif seen > LARGE_PX:
        zoom = max(0.25, 1.3 * PRINT_PX / seen)
    elif not seen and max(height, width) < 1000:
        zoom = 2.0
    zoom = min(zoom, MAX_SIDE_PX / max(height, width))
    if abs(zoom - 1.0) < 0.05:
        return sheet
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    scaled = Image.fromarray(sheet.gray).resize(size, Image.Resampling.LANCZOS)
    step = (width / size[0], 0.0, 0.0, 0.0, height / size[1], 0.0)
    return Prepared(gray=np.asarray(scaled, dtype=np.uint8), back=_chained(sheet.back, step))


def _softened(sheet: Prepared) -> Prepared:
    """Crisp edges made a little soft, as turning and scaling make them: they are read better."""
    from PIL import Image, ImageFilter

    soft = Image.fromarray(sheet.gray).filter(ImageFilter.Kernel((3, 3), SOFTEN, 1.0))
    return Prepared(gray=np.asarray(soft, dtype=np.uint8), back=sheet.back)


def _chained(
    outer: tuple[float, float, float, float, float, float],
    inner: tuple[float, float, float, float, float, float],
) -> tuple[float, float, float, float, float, float]:
    """`outer` after `inner`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + b * j,
        a * h + b * k,
        a * i + b * m + c,
        d * g + e * j,
        d * h + e * k,
        d * i + e * m + f,
    )
