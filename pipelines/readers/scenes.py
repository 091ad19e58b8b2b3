"""Is a picture a sheet of paper or a scene? And the words that stand here and there in a scene.

A scene read as a page costs minutes and yields noise: every way up and every language is tried on
leaves and gravel. Paper is told by a small copy: white nearly everywhere, or white with thin
strokes in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from pipelines.readers.paper import Prepared, even, has_lines, threshold
from pipelines.readers.tesseract import OcrTimeout, PrintLine
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

Look = Literal["paper", "unsure", "scene"]
"""Unsure: it has the strokes of print but no lines of them, as a form on a desk or gravel has."""
Spotter = Callable[["Gray", str], list[PrintLine]]
LOOKED_AT_PX, SPOTTED_PX = 1200, 1600
"""The longest side of the small copies: for the decision, and for the words of a scene."""
PAPER_WHITE = 0.85
BLANK = 0.98
PALE = 175
"""Of evened pictures: the darker quarter of worn print had up to 140, walls and roads 203 on."""
FEW_ROWS = 0.35
"""Of all rows: a sheet with a few words has ink in fewer."""
BROAD_PX, SOLID = 9, 0.95
PRINT_TILES = 0.2
"""Of 144 fields those with print on them: scenes had up to 0.17, sheets on a desk 0.28 and more."""
TILES = 12
WHITE = 215
INK, PAPER, BOTH = (0.02, 0.3), 0.55, 0.8
"""Of a field with print: the share of ink, the least of paper, the least of both together."""
THIN = 0.25
"""Changes between ink and paper for each pixel of ink along a row: strokes are thin."""


def look_at(gray: Gray) -> Look:
    """About 0.1 s, whatever the size. Pictures of paper that lies askew or on a desk are no
    scenes.
    """
    level = even(reduced(gray, LOOKED_AT_PX))
    white: NDArray[np.bool_] = level >= WHITE
    ink = _strokes(level < threshold(level))
    if not ink.any() or float(np.percentile(level[ink], 25)) > PALE:
        return "paper" if float(np.mean(white)) >= BLANK else "scene"
    if float(np.mean(white)) >= PAPER_WHITE:
        # A plain wall or a road is white too, once it is evened: its grain is everywhere, while
        # print leaves rows free.
        rows = float(np.mean(np.any(ink, axis=1)))
        return "paper" if rows <= FEW_ROWS or has_lines(ink) else "unsure"
    if _print_tiles(white, ink) < PRINT_TILES:
        return "scene"
    return "paper" if has_lines(ink) else "unsure"


def _strokes(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink without what is broader than the strokes of print."""
    from PIL import Image, ImageFilter

    mask = Image.fromarray(ink.astype(np.uint8) * 255)
    heart = np.asarray(mask.filter(ImageFilter.BoxBlur(BROAD_PX // 2))) > SOLID * 255
    around = Image.fromarray(heart.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(BROAD_PX))
    thin: NDArray[np.bool_] = ink & (np.asarray(around) == 0)
    return thin


def reduced(gray: Gray, side_px: int) -> Gray:
    """The picture with no side longer than that."""
    from PIL import Image

    height, width = gray.shape
    scale = side_px / max(height, width)
    if scale >= 1:
        return gray
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(gray).resize(size, Image.Resampling.BOX), dtype=np.uint8)


def small_sheet(gray: Gray) -> Prepared:
    """A scene as a sheet for `spotted`: even and small, not turned."""
    small = reduced(gray, SPOTTED_PX)
    x, y = gray.shape[1] / small.shape[1], gray.shape[0] / small.shape[0]
    return Prepared(gray=even(small), back=(x, 0.0, 0.0, 0.0, y, 0.0))


def spotted(gray: Gray, languages: Sequence[str], read: Spotter) -> list[PrintLine]:
    """Everything that is read as print, dark on light and light on dark, in each language.

    `read` raises OcrTimeout where time is over: what was found until then is returned.
    """
    found: list[PrintLine] = []
    try:
        for shade in (gray, 255 - gray):
            for language in languages:
                found += read(shade, language)
    except OcrTimeout:
        pass
    return found


def surest(lines: Sequence[PrintLine]) -> list[PrintLine]:
    """Of readings of one place the surest, from above."""
    kept: list[PrintLine] = []
    for line in sorted(lines, key=lambda line: -line.confidence):
        if not any(_overlap(line.box_px, other.box_px) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda line: (line.box_px[1], line.box_px[0]))


def _overlap(a: Box, b: Box) -> bool:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width > 0 and height > 0.3 * min(a[3] - a[1], b[3] - b[1])


def _print_tiles(white: NDArray[np.bool_], ink: NDArray[np.bool_]) -> float:
    """The share of fields of a grid that look like print."""
    changes = np.zeros_like(ink)
    changes[:, 1:] = ink[:, 1:] != ink[:, :-1]
    height, width = ink.shape
    count = 0
    for row in range(TILES):
        for col in range(TILES):
            field = (
                slice(row * height // TILES, max(row + 1, (row + 1) * height // TILES)),
                slice(col * width // TILES, max(col + 1, (col + 1) * width // TILES)),
            )
            if ink[field].size:
                count += _is_print(*(float(part[field].mean()) for part in (white, ink, changes)))
    return count / TILES**2


def _is_print(white: float, ink: float, changes: float) -> bool:
    return INK[0] < ink < INK[1] and white > PAPER and white + ink > BOTH and changes > THIN * ink
