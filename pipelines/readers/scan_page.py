"""Lines of print and drawn tables of one sheet -> the blocks of its page."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.boxes import union
from pipelines.readers.flow import table_text
from pipelines.readers.grids import Frame
from pipelines.readers.pages import Block, Line, Page
from pipelines.readers.paper import Prepared
from pipelines.readers.tesseract import PrintLine
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

HEADING_GROWTH = 1.3
SNAP = 0.6
"""In heights of the line: so far its ink may reach above and below what was measured."""
ROOM, WIDE_ROOM = 1.2, 2.5
"""In heights of the print: gaps that set two things apart, and far apart; a blank is 0.3 wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """From the prepared sheet to points of the page."""

    sheet: Prepared
    points_per_px: float
    width_px: int
    height_px: int
    """Of the picture."""

    def on_page(self, box_px: Box) -> Box:
        """The upright box around the place, within the page."""
        left, top, right, bottom = self.sheet.to_picture(box_px)
        scale = self.points_per_px
        return (
            max(0.0, left) * scale,
            max(0.0, top) * scale,
            min(self.width_px, right) * scale,
            min(self.height_px, bottom) * scale,
        )


def page_of(
    page_no: int, geometry: Geometry, lines: Sequence[PrintLine], frames: Sequence[Frame]
) -> Page:
    """The page in reading order; lines that belong to a cell of a frame make its table."""
    plain = [line for line in lines if line.cell is None]
    usual = _usual_height(plain or lines)
    groups = [
        (group[0].box_px, _text(geometry, group, usual)) for group in _paragraphs(plain, usual)
    ]
    for number, frame in enumerate(frames):
        held = [line for line in lines if line.cell is not None and line.cell[0] == number]
        if held:
            at = next((i for i, (box, _) in enumerate(groups) if _under(box, frame.box)), None)
            groups.insert(
                len(groups) if at is None else at, (frame.box, _table(geometry, frame, held))
            )
    return Page(
        page_no=page_no,
        width_pt=geometry.width_px * geometry.points_per_px,
        height_pt=geometry.height_px * geometry.points_per_px,
        blocks=tuple(block for _, block in groups),
        by_ocr=True,
    )


def _under(box: Box, table: Box) -> bool:
    """True where a text begins below the head of a table, beside nothing of it."""
    return box[1] >= table[1] and box[0] < table[2] and table[0] < box[2]


def _text(geometry: Geometry, group: Sequence[PrintLine], usual: float) -> Block:
    printed = tuple(line_of(geometry, line) for line in group)
    large = usual and _height(group[0]) > HEADING_GROWTH * usual and len(group) <= 2
    return Block(
        kind="heading" if large else "text",
        level=1 if large else 0,
        text="\n".join(line.text for line in printed),
        box_pt=union(line.box_pt for line in printed),
        lines=printed,
        confidence=_confidence(printed),
    )


def _table(geometry: Geometry, frame: Frame, held: Sequence[PrintLine]) -> Block:
    texts: list[list[Line]] = [[] for _ in frame.cells]
    for line in held:
        assert line.cell is not None  # noqa: S101 - the caller looked
        texts[line.cell[1]].append(line_of(geometry, line))
    table = frame.filled(["\n".join(line.text for line in cell) for cell in texts])
    cells = tuple(
        replace(cell, box_pt=geometry.on_page(cell.box_pt) if cell.box_pt else None)
        for cell in table.cells
    )
    table = replace(table, cells=cells)
    lines = tuple(line for cell in texts for line in cell)
    return Block(
        kind="table",
        text=table_text(table),
        box_pt=geometry.on_page(frame.box),
        lines=lines,
        table=table,
        confidence=_confidence(lines),
    )


def _confidence(lines: Sequence[Line]) -> float:
    return round(statistics.fmean([line.confidence for line in lines]), 4)


def line_of(geometry: Geometry, line: PrintLine) -> Line:
    """The line with the place of each letter; wide gaps are several blanks."""
    _, top, _, bottom = line.box_px
    height = bottom - top
    text: list[str] = []
    letters: list[Box] = []
    before = 0.0
    for glyph in line.glyphs:
        left, _, right, _ = glyph.box_px
        if text and glyph.after_space:
            blanks = _blanks(left - before, height)
            text += " " * blanks
            letters += [geometry.on_page((before, top, max(before, left), bottom))] * blanks
        text += glyph.text
        letters += [geometry.on_page((left, top, right, bottom))] * len(glyph.text)
        before = right
    return Line(
        text="".join(text),
        box_pt=geometry.on_page(line.box_px),
        confidence=round(line.confidence, 4),
        letters=tuple(letters),
    )


def snapped(line: PrintLine, ink: Mask) -> PrintLine:
    """The line as high as its ink: boxes of Tesseract often end at the small letters."""
    left, top, right, bottom = (round(value) for value in line.box_px)
    reach = round(SNAP * max(1, bottom - top))
    low, high = max(0, top - reach), min(ink.shape[0], bottom + reach)
    rows: NDArray[np.bool_] = np.any(ink[low:high, max(0, left) : right], axis=1)
    first, last = max(0, top - low), min(len(rows), bottom - low) - 1
    if first >= last:
        return line
    while first > 0 and rows[first - 1]:
        first -= 1
    while last < len(rows) - 1 and rows[last + 1]:
        last += 1
    if first == 0 or last == len(rows) - 1:  # it goes on: the next line touches, or a drawing
        return line
    return replace(line, band_px=(float(low + first), float(low + last + 1)))


def _blanks(gap: float, height: float) -> int:
    if gap > WIDE_ROOM * height:
        return 4
    return 2 if gap > ROOM * height else 1


def _paragraphs(lines: Sequence[PrintLine], usual: float) -> Iterator[list[PrintLine]]:
    """Lines that follow each other closely, in one column and one size."""
    group: list[PrintLine] = []
    for line in lines:
        if group and _starts_anew(group[-1], line, usual):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _starts_anew(before: PrintLine, line: PrintLine, usual: float) -> bool:
    gap = line.box_px[1] - before.box_px[3]
    taller, lower = max(_height(before), _height(line)), min(_height(before), _height(line))
    return gap > 1.3 * usual or gap < -usual or taller > HEADING_GROWTH * 1.1 * max(lower, 1.0)


def _height(line: PrintLine) -> float:
    """Of the usual glyph of a line: one bracket must not make it tall."""
    return statistics.median([glyph.box_px[3] - glyph.box_px[1] for glyph in line.glyphs])


def _usual_height(lines: Sequence[PrintLine]) -> float:
    return statistics.median([_height(line) for line in lines]) if lines else 0.0
