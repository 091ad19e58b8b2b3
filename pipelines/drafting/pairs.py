"""Labels of a form and the values that belong to them: by cells, colons and neighbourhood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.drafting.labels import AROUND, BELOW, BESIDE, IN_CELLS, Labels
from pipelines.readers.boxes import Placed, union
from pipelines.readers.pages import Block, Cell, Line, Page, PagedDocument
from pipelines.readers.tables import grid_of
from pipelines.types import Box
from pipelines.writing import squeezed

FARTHEST_PT = 260.0
MOST_LINES_BELOW = 2.2
OTHER_REACHES = 6
"""So many lines below "agent" still speak of the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and what stands where its value belongs."""

    field: str
    text: str
    page_no: int
    placed: Placed
    sureness: float
    read: float
    of_other: bool

    def box_of_value(self, part: str) -> Box:
        """Around the value."""
        return self.placed.box_of(part) or self.placed.box


def pairs_of(document: PagedDocument, labels: Labels) -> list[Pair]:
    """Every label with a candidate for its value, page by page."""
    found: list[Pair] = []
    for page in document.pages:
        shown = [block for block in page.blocks if not block.hidden]
        for block in shown:
            if block.table is not None:
                found += _in_table(page, block, labels)
        found += _in_lines(page, shown, labels)
    return found


def _in_table(page: Page, block: Block, labels: Labels) -> Iterator[Pair]:
    assert block.table is not None  # noqa: S101 - the caller looked
    grid = grid_of(block.table)
    for cell in block.table.cells:
        other = any(labels.names_other(c.text) for c in grid[cell.row][: cell.col] if c) or any(
            row[0] is not None and labels.names_other(row[0].text)
            for row in grid[cell.row : cell.row + 1]
        )
        placed = _cell_placed(cell, block)
        field = labels.field_of(cell.text)
        if field is None:
            for name, start, end, sureness in labels.inline(cell.text):
                yield _pair(name, page, placed.part(start, end), sureness, block, other)
            continue
        for value, sureness in _neighbours(cell, grid, labels):
            held = _cell_placed(value, block)
            yield _pair(field, page, held, sureness, block, other)


def _neighbours(
    cell: Cell, grid: Sequence[Sequence[Cell | None]], labels: Labels
) -> Iterator[tuple[Cell, float]]:
    """The cell to the right, and the one below where the right one is a label or empty."""
    right = next(
        (c for c in grid[cell.row][cell.col + cell.col_span :] if c and c is not cell), None
    )
    if right and right.text.strip() and not labels.is_label(right.text):
        yield right, IN_CELLS
        return
    under = cell.row + cell.row_span
    below = grid[under][cell.col] if under < len(grid) else None
    if below and below.text.strip() and not labels.is_label(below.text):
        yield below, IN_CELLS - 0.05


def _cell_placed(cell: Cell, block: Block) -> Placed:
    box = cell.box_pt or block.box_pt
    inside = _lines_in(cell, block)
    if inside:
        return Placed(cell.text, inside, union(line.box_pt for line in inside))
    return Placed(cell.text, (), box)


def _lines_in(cell: Cell, block: Block) -> Sequence[Line]:
    """The printed lines of a cell: neighbours in the block that make its text.

    On a page that lies askew the upright boxes of cells and lines overlap, so their places decide
    only between cells of the same text.
    """
    wanted = squeezed(cell.text)
    if cell.box_pt is None or not wanted:
        return ()
    x, y = (cell.box_pt[0] + cell.box_pt[2]) / 2, (cell.box_pt[1] + cell.box_pt[3]) / 2
    best: tuple[float, Sequence[Line]] | None = None
    for first in range(len(block.lines)):
        held, last = "", first
        while last < len(block.lines) and len(held) < len(wanted):
            held += squeezed(block.lines[last].text)
            last += 1
        if held != wanted:
            continue
        found = block.lines[first:last]
        around = union(line.box_pt for line in found)
        away = abs((around[0] + around[2]) / 2 - x) + abs((around[1] + around[3]) / 2 - y)
        if best is None or away < best[0]:
            best = (away, found)
    near = best is not None and _touches(union(line.box_pt for line in best[1]), cell.box_pt)
    return best[1] if best is not None and near else ()


def _touches(inner: Box, outer: Box) -> bool:
    return (
        inner[0] < outer[2] and outer[0] < inner[2] and inner[1] < outer[3] and outer[1] < inner[3]
    )


def _pair(
    field: str, page: Page, placed: Placed, sureness: float, block: Block, other: bool
) -> Pair:
    return Pair(
        field=field,
        text=placed.text,
        page_no=page.page_no,
        placed=placed,
        sureness=sureness,
        read=placed.confidence(block.confidence),
        of_other=other,
    )


def _in_lines(page: Page, blocks: Sequence[Block], labels: Labels) -> Iterator[Pair]:
    """Label and value in one line, side by side, or one under the other."""
    lines = [(line, block) for block in blocks for line in _lines_of(block)]
    other = 0
    for line, block in lines:
        if block.table is not None:
            continue  # its cells were looked at
        if labels.names_other(line.text):
            other = OTHER_REACHES
        elif block.kind == "heading":
            other = 0
        else:
            other = max(other - 1, 0)
        placed = Placed(line.text, (line,), line.box_pt)
        if fields := labels.row_of_labels(line.text):
            yield from _under_row(
                page, block, line, fields, [found for found, _ in lines], other > 0
            )
            continue
        field = labels.field_of(line.text)
        if field is None:
            for name, start, end, sureness in labels.inline(line.text):
                part = _longer(placed, (start, end), line, lines, labels, name)
                yield _pair(name, page, part, sureness, block, other > 0)
            continue
        for near, sureness in _near(line, [found for found, _ in lines], labels):
            held = Placed(near.text, (near,), near.box_pt)
            yield _pair(field, page, held, sureness, block, other > 0)


def _under_row(
    page: Page,
    block: Block,
    row: Line,
    fields: Sequence[str | None],
    lines: Sequence[Line],
    other: bool,
) -> Iterator[Pair]:
    """Labels in one line, their values in the next, as many and in the same order."""
    height = row.box_pt[3] - row.box_pt[1]
    under = [
        line
        for line in lines
        if 0 < line.box_pt[1] - row.box_pt[1] <= (1 + MOST_LINES_BELOW) * height
    ]
    if not under:
        return
    line = min(under, key=lambda found: found.box_pt[1])
    edges = [match.span() for match in re.finditer(r"\S(?:.*?\S)??(?=\s{2,}|\t|$)", line.text)]
    if len(edges) != len(fields):
        return
    placed = Placed(line.text, (line,), line.box_pt)
    for field, (start, end) in zip(fields, edges, strict=True):
        if field is not None:
            yield _pair(field, page, placed.part(start, end), BELOW, block, other)


def _lines_of(block: Block) -> Sequence[Line]:
    return block.lines or (Line(text=block.text, box_pt=block.box_pt, confidence=block.confidence),)


def _longer(
    placed: Placed,
    span: tuple[int, int],
    line: Line,
    lines: Sequence[tuple[Line, Block]],
    labels: Labels,
    field: str,
) -> Placed:
    """An address may go on in the next line, set in under its beginning."""
    part = placed.part(*span)
    if field != "address" or span[1] < len(line.text.rstrip()):
        return part
    left, _, _, bottom = part.box
    height = line.box_pt[3] - line.box_pt[1]
    for under, _ in lines:
        near = 0 <= under.box_pt[1] - bottom + height / 2 <= 1.3 * height
        same_left = abs(under.box_pt[0] - left) <= height
        if near and same_left and not labels.inline(under.text) and not labels.is_label(under.text):
            text = f"{part.text} {under.text}"
            first = Line(text=part.text, box_pt=part.box, confidence=line.confidence)
            return Placed(text, (first, under), union((part.box, under.box_pt)))
    return part


def _near(label: Line, lines: Sequence[Line], labels: Labels) -> Iterator[tuple[Line, float]]:
    """The nearest line to the right on the same height, then the nearest below."""
    left, top, right, bottom = label.box_pt
    height = bottom - top
    beside, below = [], []
    for line in lines:
        if line is label or not line.text.strip(AROUND):
            continue
        x0, y0, x1, y1 = line.box_pt
        level = min(bottom, y1) - max(top, y0) > 0.5 * min(height, y1 - y0)
        if level and -2 <= x0 - right <= FARTHEST_PT:
            beside.append((x0 - right, line))
        elif (
            0 <= y0 - bottom + height / 3 <= MOST_LINES_BELOW * height and x0 < right and x1 > left
        ):
            below.append((y0 - bottom, line))
    for candidates, sureness in ((beside, BESIDE), (below, BELOW)):
        if candidates:
            nearest = min(candidates, key=lambda found: found[0])[1]
            if not labels.is_label(nearest.text) and not labels.inline(nearest.text):
                yield nearest, sureness
                return
