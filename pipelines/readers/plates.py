"""Number plates of cars in a photo: places that look like a line of print, read by Tesseract.

No model for plates lies in any package, so this is a heuristic, and docs/decisions/photos.md says
how often it misses. It looks for stripes of dense vertical strokes in three sizes, reads each, and
takes it for a plate where the signs follow the Korean pattern (12가 3456, 123가 4567), its Hangul
misread or not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipelines.errors import OcrMissing
from pipelines.readers.boxes import overlap
from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

SIDES_PX = (1920, 960, 480)
"""The longest side at which stripes are looked for: far, middle and near plates."""
MAX_READ = 24
"""Places that are read in one photo, the most stripe-like first."""
_STROKE = 28
"""The step of brightness between neighbours that counts as an edge of a stroke, of 255."""
_DENSE = 0.16
_WINDOW = (7, 21)
_CELL = 2
_LINE_PX = 56
_TIMEOUT_S = 20.0
_PLATE = re.compile(r"\d{2,3}[가-힣]{1,2}\d{4}")
"""A Hangul sign misread as a Latin one or as a figure is let go: with those, one sign in eleven and
every page of print would be blurred (docs/decisions/photos.md)."""
_LONGEST = 12
"""Signs in a line with a plate: an old one names its city, too ("서울12가3456")."""
Gray = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """`box_px` in pixels of the picture that was looked at. What it says is not kept."""

    box_px: Box


def find(picture: Image) -> tuple[Plate, ...]:
    """Plates of an upright RGB picture. Raises OcrMissing where Tesseract isn't installed."""
    program = shutil.which("tesseract")
    if program is None:
        raise OcrMissing(missing="tesseract-ocr")
    gray = picture.convert("L")
    places = _without_repeats(_candidates(gray))[:MAX_READ]
    texts = _read(program, [_line(gray, box) for box in places])
    found = [box for box, text in zip(places, texts, strict=True) if is_plate(text)]
    return tuple(Plate(box_px=box) for box in found)


def is_plate(text: str) -> bool:
    """True where a read line holds the pattern; spaces and marks of the frame don't count."""
    signs = re.sub(r"[^0-9A-Za-z가-힣]", "", text)
    return len(signs) <= _LONGEST and bool(_PLATE.search(signs))


def _candidates(gray: Image) -> list[tuple[float, Box]]:
    """(how dense its strokes are, box) in pixels of the whole picture."""
    found: list[tuple[float, Box]] = []
    for side in SIDES_PX:
        scale = max(gray.size) / side
        if scale < 0.5:
            continue
        size = (max(1, round(gray.width / scale)), max(1, round(gray.height / scale)))
        small = np.asarray(gray.resize(size, 2, reducing_gap=2.0))
        if min(small.shape) > max(_WINDOW):
            found += [
                (density, (x0 * scale, y0 * scale, x1 * scale, y1 * scale))
                for density, (x0, y0, x1, y1) in _stripes(small)
            ]
    return sorted(found, reverse=True)


def _stripes(gray: Gray) -> list[tuple[float, tuple[int, int, int, int]]]:
    """Wide, low regions full of vertical strokes."""
    step = np.abs(np.diff(gray.astype(np.int16), axis=1)) > _STROKE
    density = _mean(step.astype(np.float32), _WINDOW)
    cells = density[::_CELL, ::_CELL]
    found = []
    for x0, y0, x1, y1 in regions(cells > _DENSE):
        wide, high = (x1 - x0) * _CELL, (y1 - y0) * _CELL
        if 8 <= high <= 48 and wide >= 32 and 1.5 <= wide / high <= 9:
            box = (x0 * _CELL, y0 * _CELL, x1 * _CELL, y1 * _CELL)
            found.append((float(cells[y0:y1, x0:x1].mean()), box))
    return found


def _mean(values: npt.NDArray[np.float32], window: tuple[int, int]) -> npt.NDArray[np.float32]:
    """The mean of a window around each place; beyond the edge counts as nothing."""
    for axis, size in enumerate(window):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (size // 2 + 1, size // 2)
        sums = np.cumsum(np.pad(values, padding), axis=axis)
        low = np.take(sums, range(sums.shape[axis] - size), axis=axis)
        high = np.take(sums, range(size, sums.shape[axis]), axis=axis)
        values = ((high - low) / size).astype(np.float32)
    return values


def regions(mask: Mask) -> Iterable[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of each connected region, by joining the runs of rows."""
    parent: list[int] = []
    boxes: list[list[int]] = []

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    above: list[tuple[int, int, int]] = []
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    for y in range(mask.shape[0]):
        starts, ends = np.nonzero(edges[y] == 1)[0], np.nonzero(edges[y] == -1)[0]
        row: list[tuple[int, int, int]] = []
        for x0, x1 in zip(starts.tolist(), ends.tolist(), strict=True):
            me = len(parent)
            parent.append(me)
            boxes.append([x0, y, x1, y + 1])
            for left, right, other in above:
                if left < x1 and x0 < right:
                    _join(parent, boxes, root(other), root(me))
            row.append((x0, x1, me))
        above = row
    return [(b[0], b[1], b[2], b[3]) for at, b in enumerate(boxes) if parent[at] == at]


def _join(parent: list[int], boxes: list[list[int]], kept: int, gone: int) -> None:
    if kept != gone:
        parent[gone] = kept
        a, b = boxes[kept], boxes[gone]
        boxes[kept] = [min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]


def _without_repeats(found: list[tuple[float, Box]]) -> list[Box]:
    """The same stripe shows up in several sizes; the first one (the densest) stays."""
    kept: list[Box] = []
    for _, box in found:
        if all(overlap(box, other) < 0.6 for other in kept):
            kept.append(box)
    return kept


def _line(gray: Image, box: Box) -> Image:
    """The place with a margin, dark print on white, in the height that Tesseract reads best.

    What is dark and touches the edge (the plate's frame, the bumper) is taken out: with the frame
    10 of 16 plates were read, without it 16.
    """
    from PIL import Image, ImageDraw, ImageOps

    x0, y0, x1, y1 = box
    dx, dy = 0.3 * (y1 - y0), 0.2 * (y1 - y0)
    crop = gray.crop((round(x0 - dx), round(y0 - dy), round(x1 + dx) + 1, round(y1 + dy) + 1))
    width = max(1, min(20 * _LINE_PX, round(crop.width * _LINE_PX / crop.height)))
    line = ImageOps.autocontrast(crop.resize((width, _LINE_PX), Image.Resampling.BICUBIC), 2)
    middle = np.asarray(line)[_LINE_PX // 4 : -_LINE_PX // 4]
    if np.median(middle) < 110:
        line = ImageOps.invert(line)
    values = np.asarray(line)
    dark = ImageOps.expand(Image.fromarray((values < _threshold(values)).astype(np.uint8)), 1, 1)
    ImageDraw.floodfill(dark, (0, 0), 2)
    frame = np.asarray(dark)[1:-1, 1:-1] == 2
    clean = Image.fromarray(np.where(frame, 255, values).astype(np.uint8))
    return ImageOps.expand(clean, 12, fill=255)


def _threshold(values: Gray) -> int:
    """Otsu's: the brightness that parts the values into the two tightest groups."""
    counts = np.bincount(values.ravel(), minlength=256).astype(np.float64)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    weight = below * (below[-1] - below)
    spread = (sums[-1] * below - sums * below[-1]) ** 2 / np.maximum(weight, 1)
    return int(spread.argmax()) + 1


def _read(program: str, lines: list[Image]) -> list[str]:
    """One text a line; all in one start of the program."""
    if not lines:
        return []
    with tempfile.TemporaryDirectory(prefix="minwon-plates-") as folder:
        names = [Path(folder) / f"{number}.pgm" for number in range(len(lines))]
        for name, line in zip(names, lines, strict=True):
            line.save(name)
        listed = Path(folder) / "lines.txt"
        listed.write_text("\n".join(map(str, names)) + "\n", encoding="utf-8")
        command = [program, str(listed), "stdout", "-l", "kor", "--psm", "7", "--dpi", "200", "tsv"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - our own program, our own arguments
                command, env=environment, timeout=_TIMEOUT_S, check=False, capture_output=True
            )
        except subprocess.TimeoutExpired:
            return [""] * len(lines)
    texts = [""] * len(lines)
    for row in done.stdout.decode("utf-8", "replace").splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) > 11 and cells[0] == "5" and 0 < int(cells[1]) <= len(lines):
            texts[int(cells[1]) - 1] += cells[11]
    return texts
