"""Tables on a level sheet: their drawn cells cut out, set one below the other, read in one call.

Read as a block of text a form's rows run together: the value of one cell ends beside the label of
the next. One under the other each cell is a line of its own, and what was read in it is its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.grids import Frame, Ruling, framed
from pipelines.readers.rulings import rulings_of
from pipelines.readers.tesseract import PrintLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

Reader = Callable[["Gray"], list[PrintLine]]
USUAL_PX = 10.0
"""`grids` measures in points of print of about this height."""
EDGE = 0.12
"""In heights of the print: so near to its lines a cell is no longer looked at."""
GAP, PAD = 1.0, 0.3
"""White between two cells on the sheet that is read, and around the print of one."""
SOFT_PX = 2
"""Around the ink: its soft edges."""
MAX_SHEET_PX = 6000
MIN_INK_PX, MIN_ROW_INK = 12, 2
MAX_CELLS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One cell's print: where it lies on the page, and where on the sheet that is read."""

    table: int
    cell: int
    left: int
    top: int
    right: int
    bottom: int
    at: int = 0
    """Its top on the sheet."""


def frames_of(ink: Mask, print_px: float) -> list[Frame]:
    """The drawn tables of a sheet, in pixels, from above; never one that lies in another."""
    unit = print_px / USUAL_PX
    found = framed([_scaled(line, 1 / unit) for line in rulings_of(ink, print_px)])
    kept: list[Frame] = []
    for frame in sorted(found, key=lambda frame: -_area(frame)):
        if not any(_inside(frame, other) for other in kept):
            kept.append(frame)
    in_pixels = [
        replace(frame, xs=tuple(x * unit for x in frame.xs), ys=tuple(y * unit for y in frame.ys))
        for frame in kept
        if len(frame.cells) <= MAX_CELLS
    ]
    return sorted(in_pixels, key=lambda frame: frame.box[1])


def read_cells(
    clean: Gray, ink: Mask, frames: Sequence[Frame], print_px: float, read: Reader
) -> list[PrintLine]:
    """The print of every cell, line by line, each with its table and cell; places of the page.

    `clean` and `ink` are the sheet without rulings.
    """
    lines: list[PrintLine] = []
    for cuts, sheet in _sheets(clean, list(_cuts(ink, frames, print_px)), print_px):
        for line in read(sheet):
            middle = (line.box_px[1] + line.box_px[3]) / 2
            # The white between two cells belongs to both.
            cut = min(cuts, key=lambda cut: abs(middle - cut.at - (cut.bottom - cut.top) / 2))
            inside = next((c for c in cuts if c.at <= middle <= c.at + c.bottom - c.top), cut)
            lines.append(_at_home(line, inside, round(PAD * print_px)))
    return lines


def without(gray: Gray, frames: Sequence[Frame], print_px: float, ink_below: int) -> Gray:
    """The sheet with its tables painted over and its paper made white, down to its last print.

    What is left may be a title alone: Tesseract would look for its threshold in the paper's grain
    and read that, for a minute. A sheet with nothing left comes back without rows.
    """
    rest = gray.copy()
    edge = round(EDGE * print_px)
    for frame in frames:
        left, top, right, bottom = (round(value) for value in frame.box)
        rest[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge] = 255
    rest[rest > (ink_below + 255) // 2] = 255
    inked = (rest < ink_below).sum(axis=1) > MIN_ROW_INK
    if not inked.any():
        return rest[:0]
    return rest[: int(np.flatnonzero(inked)[-1]) + round(print_px)]


def _cuts(ink: Mask, frames: Sequence[Frame], print_px: float) -> Iterator[Cut]:
    edge = max(2, round(EDGE * print_px))
    for table, frame in enumerate(frames):
        for number, cell in enumerate(frame.cells):
            left, top, right, bottom = (round(value) for value in frame.box_of(cell))
            left, top, right, bottom = left + edge, top + edge, right - edge, bottom - edge
            part = ink[max(0, top) : bottom, max(0, left) : right]
            rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
            if np.count_nonzero(part) < MIN_INK_PX or rows[-1] - rows[0] < 2:
                continue
            yield Cut(
                table=table,
                cell=number,
                left=max(left, left + int(columns[0]) - SOFT_PX),
                top=max(top, top + int(rows[0]) - SOFT_PX),
                right=min(right, left + int(columns[-1]) + 1 + SOFT_PX),
                bottom=min(bottom, top + int(rows[-1]) + 1 + SOFT_PX),
            )


def _sheets(clean: Gray, cuts: Sequence[Cut], print_px: float) -> Iterator[tuple[list[Cut], Gray]]:
    """Cells below each other on white sheets, and where each one stands."""
    pad, gap = round(PAD * print_px), round(GAP * print_px)
    placed: list[Cut] = []
    y = gap
    for cut in cuts:
        if placed and y + cut.bottom - cut.top + gap > MAX_SHEET_PX:
            yield placed, _sheet(clean, placed, y, pad)
            placed, y = [], gap
        placed.append(replace(cut, at=y))
        y += cut.bottom - cut.top + gap
    if placed:
        yield placed, _sheet(clean, placed, y, pad)


def _sheet(clean: Gray, cuts: Sequence[Cut], height: int, pad: int) -> Gray:
    width = max(cut.right - cut.left for cut in cuts) + 2 * pad
    sheet = np.full((height, width), 255, dtype=np.uint8)
    for cut in cuts:
        part = clean[cut.top : cut.bottom, cut.left : cut.right]
        sheet[cut.at : cut.at + part.shape[0], pad : pad + part.shape[1]] = part
    return sheet


def _at_home(line: PrintLine, cut: Cut, pad: int) -> PrintLine:
    dx, dy = cut.left - pad, cut.top - cut.at
    glyphs = []
    for glyph in line.glyphs:
        left, top, right, bottom = glyph.box_px
        glyphs.append(replace(glyph, box_px=(left + dx, top + dy, right + dx, bottom + dy)))
    return replace(line, glyphs=tuple(glyphs), end_px=float(cut.right), cell=(cut.table, cut.cell))


def _scaled(line: Ruling, factor: float) -> Ruling:
    return replace(line, at=line.at * factor, start=line.start * factor, end=line.end * factor)


def _area(frame: Frame) -> float:
    left, top, right, bottom = frame.box
    return (right - left) * (bottom - top)


def _inside(frame: Frame, other: Frame) -> bool:
    a, b = frame.box, other.box
    x, y = (a[0] + a[2]) / 2, (a[1] + a[3]) / 2
    return b[0] <= x <= b[2] and b[1] <= y <= b[3]
