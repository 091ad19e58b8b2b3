"""Items of a flow document -> preview pages, with a box for every block, line and cell.

The preview doesn't imitate the original's pages; it gives every statement a place that can be
opened. The words of the result come from the items, never from the drawn page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.readers.flow import FlowDocument, table_text
from pipelines.readers.pages import Block, Cell, Item, Line, Page, PagedDocument, Table
from pipelines.readers.preview import BLACK, GREY, Sheet, advance_of_print, draw, picture_px
from pipelines.readers.typeset import LINE, TAB, Grid, Run, break_lines, lay_grid
from pipelines.types import Box, Note, ignore

WIDTH, HEIGHT = 595.0, 842.0
MARGIN = 56.0
MAX_SIDE = 14_000.0
"""The format allows 14,400 points; a table that is wider than A4 gets a wider page."""
MAX_PAGES = 2_000
PICTURE_WIDTH, PICTURE_HEIGHT = 400.0, 300.0
UNSHOWN = "[?]"
"""Stands for a picture that can't be shown: a drawing format, damaged, too large."""
_GAP = 6.0
_SIZES = {"heading": 13.0, "text": 10.0, "table": 9.0, "field": 10.0}
_SMALL = 9.0
_GREY_KINDS = frozenset(("header", "footer", "note"))


Look = Callable[[bytes, Box], Iterable[Block]]
"""A picture and the place where it is shown -> what is printed in it."""


def not_looked_at(_picture: bytes, _box_pt: Box) -> tuple[Block, ...]:
    """A `Look` for documents whose pictures are only shown."""
    return ()


def set_pages(
    document: FlowDocument,
    preview: Path,
    *,
    look: Look = not_looked_at,
    on_page: Callable[[int], object] = ignore,
) -> PagedDocument:
    """Set the items on pages and write them as a PDF at `preview`.

    `look` reads the pictures, `on_page` hears the number of every page that is drawn. Beyond
    MAX_PAGES the rest is left out and a note says so.
    """
    setter = _Setter(look)
    done = 0
    for item in document.items:
        if len(setter.sheets) > MAX_PAGES:
            break
        setter.add(item)
        done += 1
    sheets = setter.sheets[:MAX_PAGES]
    draw(sheets, preview, document.title, on_page)
    notes = document.notes
    if done < len(document.items):
        facts: dict[str, str | int | float] = {
            "kept": MAX_PAGES,
            "total": len(document.items),
        }
        notes = (*notes, Note(code="document.cut", facts=facts))
    pages = tuple(
        Page(page_no=number, width_pt=s.width, height_pt=s.height, blocks=tuple(s.blocks))
        for number, s in enumerate(sheets, 1)
    )
    return PagedDocument(pages=pages, preview=preview, title=document.title, notes=notes)


class _Setter:
    """Puts one item behind the other, page after page."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.sheets = [Sheet(width=WIDTH, height=HEIGHT, y=MARGIN)]
        self.part = ""
        self.advance = advance_of_print()

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def bottom(self) -> float:
        return self.sheet.height - MARGIN

    def add(self, item: Item) -> None:
        if item.part != self.part and self.sheet.blocks:
            self._turn()
        self.part = item.part
        if item.table is not None:
            self._table(item.table)
        elif item.image:
            self._picture(item)
        else:
            self._text(item)

    def _turn(self, width: float = WIDTH, height: float = HEIGHT) -> None:
        self.sheets.append(
            Sheet(
                width=min(max(width, WIDTH), MAX_SIDE),
                height=min(max(height, HEIGHT), MAX_SIDE),
                y=MARGIN,
            )
        )

    def _text(self, item: Item) -> None:
        size = _SIZES.get(item.kind, _SMALL)
        if item.kind == "heading":
            size = max(11.0, 17.0 - 1.5 * min(max(item.level, 1), 4))
            self.sheet.y += _GAP if self.sheet.blocks else 0.0
        indent = 14.0 if item.kind == "note" else 0.0
        left = MARGIN + indent
        runs = break_lines(item.text, size, WIDTH - MARGIN - left, self.advance)
        while runs:
            room = int((self.bottom - self.sheet.y) / (size * LINE))
            if room < 1 or (room < 2 <= len(runs) and self.sheet.blocks):
                self._turn()
                continue
            self._paragraph(item, runs[:room], left, size)
            runs = runs[room:]
        self.sheet.y += _GAP

    def _paragraph(self, item: Item, runs: Sequence[Run], left: float, size: float) -> None:
        color = GREY if item.kind in _GREY_KINDS else BLACK
        top = self.sheet.y
        lines = self._lines(item.text, runs, (left, top), size, color)
        self.sheet.y = top + len(runs) * size * LINE
        right = max(line.box_pt[2] for line in lines)
        self.sheet.blocks.append(
            Block(
                kind=item.kind,
                text=item.text[runs[0].start : runs[-1].stop],
                box_pt=(left, top, right, self.sheet.y),
                lines=tuple(lines),
                level=item.level,
            )
        )

    def _lines(
        self,
        text: str,
        runs: Sequence[Run],
        at: tuple[float, float],
        size: float,
        color: tuple[float, float, float] = BLACK,
    ) -> list[Line]:
        left, top = at
        lines = []
        for run in runs:
            words = text[run.start : run.stop]
            box = (left, top, left + max(run.width, 1.0), top + size * LINE)
            lines.append(Line(text=words.rstrip(), box_pt=box))
            if words.strip():
                drawn = words.replace("\t", TAB)
                self.sheet.words.append((left, top + size * 1.02, drawn, size, color))
            top += size * LINE
        return lines

    def _picture(self, item: Item) -> None:
        pixels = picture_px(item.image)
        if pixels is None:
            self._text(replace(item, image=b"", text=item.text or UNSHOWN))
            return
        scale = min(PICTURE_WIDTH / pixels[0], PICTURE_HEIGHT / pixels[1], 0.75)
        width, height = max(pixels[0] * scale, 8.0), max(pixels[1] * scale, 8.0)
        if self.sheet.y + height > self.bottom:
            self._turn()
        top = self.sheet.y
        box = (MARGIN, top, MARGIN + width, top + height)
        self.sheet.pictures.append((box, item.image))
        self.sheet.y += height + _GAP / 2
        caption = break_lines(item.text, _SMALL, PICTURE_WIDTH, self.advance) if item.text else []
        lines = self._lines(item.text, caption, (MARGIN, self.sheet.y), _SMALL)
        self.sheet.y += len(caption) * _SMALL * LINE + _GAP
        self.sheet.blocks.append(
            Block(kind="picture", text=item.text, box_pt=box, lines=tuple(lines))
        )
        self.sheet.blocks += self.look(item.image, box)

    def _table(self, table: Table) -> None:
        size = _SIZES["table"]
        grid = lay_grid(table, size, WIDTH - 2 * MARGIN, self.advance)
        wide = sum(grid.widths) + 2 * MARGIN
        if wide > self.sheet.width + 1 and self.sheet.blocks:
            self._turn(width=wide)
        self.sheet.width = min(max(self.sheet.width, wide), MAX_SIDE)
        first, begun = 0, False
        groups = grid.groups()
        for start, stop in groups:
            height = sum(grid.heights[start:stop])
            used = sum(grid.heights[first:start])
            if self.sheet.y + used + height > self.bottom and (start > first or self.sheet.blocks):
                if start > first:
                    self._rows(grid, first, start, continued=begun)
                    begun = True
                self._turn(width=wide, height=height + 2 * MARGIN)
                first = start
            elif start == first and height + 2 * MARGIN > self.sheet.height:
                self.sheet.height = min(height + 2 * MARGIN, MAX_SIDE)
            if len(self.sheets) > MAX_PAGES:
                return
        self._rows(grid, first, len(grid.heights), continued=begun)
        self.sheet.y += _GAP

    def _rows(self, grid: Grid, first: int, last: int, *, continued: bool) -> None:
        """Draw the rows [first, last) at the current place, as a block of their own."""
        lefts = [MARGIN + sum(grid.widths[:col]) for col in range(len(grid.widths) + 1)]
        tops = [self.sheet.y]
        for row in range(first, last):
            tops.append(tops[-1] + grid.heights[row])
        cells: list[Cell] = []
        lines: list[Line] = []
        for cell, runs in zip(grid.cells, grid.lines, strict=True):
            if not first <= cell.row < last:
                continue
            right = lefts[min(cell.col + cell.col_span, len(lefts) - 1)]
            bottom = tops[min(cell.row - first + cell.row_span, len(tops) - 1)]
            box = (lefts[cell.col], tops[cell.row - first], right, bottom)
            self.sheet.frames.append(box)
            at = (box[0] + grid.padding, box[1] + grid.padding)
            lines += [line for line in self._lines(cell.text, runs, at, grid.size) if line.text]
            cells.append(replace(cell, row=cell.row - first, box_pt=box))
        self.sheet.y = tops[-1]
        part = Table(
            rows=last - first, cols=len(grid.widths), cells=tuple(cells), continued=continued
        )
        self.sheet.blocks.append(
            Block(
                kind="table",
                text=table_text(part),
                box_pt=(MARGIN, tops[0], lefts[-1], tops[-1]),
                lines=tuple(lines),
                table=part,
            )
        )
