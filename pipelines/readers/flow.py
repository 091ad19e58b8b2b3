"""A flow document, read: its items in reading order; and the small tools its readers share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipelines.readers.pages import BlockKind, Cell, Item, Table
from pipelines.types import Note

MAX_ITEMS = 50_000
MAX_CELLS = 200_000
"""Of one document; beyond, the rest is left out and a note says so."""
MAX_SPAN = 1_000
_UNWANTED = {code: None for code in (*range(0x20), *range(0x7F, 0xA0), 0xFEFF, 0x200B, 0x00AD)}
for _kept in "\n\t":
    del _UNWANTED[ord(_kept)]
_PRIVATE = re.compile("[\U000f0000-\U0010ffff]+")
"""Signs that one word processor alone can draw; nobody else knows what they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDocument:
    """What the reader of a flow format hands over; `readers.layout` sets it on pages."""

    items: tuple[Item, ...]
    title: str = ""
    notes: tuple[Note, ...] = ()


def clean(text: str) -> str:
    """Without control marks and zero-width marks, no space at the ends of lines, NFC."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = unicodedata.normalize("NFC", _PRIVATE.sub("", text.translate(_UNWANTED)))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


@dataclass(slots=True, kw_only=True)
class Collector:
    """Gathers items and notes of one document, within limits."""

    items: list[Item] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    title: str = ""
    cells: int = 0
    left_out: int = 0

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        part: str = "",
        level: int = 0,
        image: bytes = b"",
    ) -> None:
        """One piece of text; nothing is kept where there is neither text nor picture."""
        text = clean(text)
        if not text.strip() and not image:
            return
        if len(self.items) >= MAX_ITEMS:
            self.left_out += 1
            return
        self.items.append(Item(kind=kind, text=text, part=part, level=level, image=image))

    def add_table(self, table: Table | None, *, part: str = "") -> None:
        """One table; one without a word in it is only a frame around something else."""
        if table is None or not any(cell.text for cell in table.cells):
            return
        if len(self.items) >= MAX_ITEMS or self.cells + len(table.cells) > MAX_CELLS:
            self.left_out += 1
            return
        self.cells += len(table.cells)
        self.items.append(Item(kind="table", text=table_text(table), table=table, part=part))

    def note(self, code: str, **facts: str | int) -> None:
        """Something that a person should know."""
        self.notes.append(Note(code=code, facts=dict(facts)))

    def done(self) -> FlowDocument:
        """The document; a note tells where a limit cut it."""
        if self.left_out:
            kept = len(self.items)
            self.note("document.cut", kept=kept, total=kept + self.left_out)
        return FlowDocument(
            items=tuple(self.items), title=clean(self.title)[:200], notes=tuple(self.notes)
        )


def table_text(table: Table) -> str:
    """Rows by newline, cells by tab; line breaks inside a cell become spaces."""
    grid: dict[int, list[Cell]] = {}
    for cell in table.cells:
        grid.setdefault(cell.row, []).append(cell)
    rows = (sorted(grid[row], key=lambda cell: cell.col) for row in sorted(grid))
    return "\n".join("\t".join(" ".join(cell.text.split()) for cell in row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A cell as a file states it; row or column None means: the next free one."""

    text: str
    row: int | None = None
    col: int | None = None
    row_span: int = 1
    col_span: int = 1


def set_table(rows: Iterable[Sequence[Piece]]) -> Table | None:
    """Cells in the order of their rows -> a table in which no two cells overlap.

    A piece without text that lies under an earlier, wider cell is the shadow of a merge and goes;
    one with text is never lost: it moves to the next free column.
    """
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for index, pieces in enumerate(rows):
        for position, piece in enumerate(pieces):
            row = index if piece.row is None else piece.row
            col = position if piece.col is None else piece.col
            text = clean(piece.text).strip()
            if (row, col) in taken and not text:
                continue
            while (row, col) in taken:
                col += 1
            cells.append(_cell(piece, row, col, text, taken))
    if not cells:
        return None
    return _tight(cells)


def _cell(piece: Piece, row: int, col: int, text: str, taken: set[tuple[int, int]]) -> Cell:
    col_span = min(max(piece.col_span, 1), MAX_SPAN)
    row_span = min(max(piece.row_span, 1), MAX_SPAN)
    while col_span > 1 and any((row, col + dc) in taken for dc in range(col_span)):
        col_span -= 1
    taken.update((row + dr, col + dc) for dr in range(row_span) for dc in range(col_span))
    return Cell(row=row, col=col, text=text, row_span=row_span, col_span=col_span)


def _tight(cells: list[Cell]) -> Table:
    """The table, with spans that reach no further than its last row."""
    rows = max(cell.row for cell in cells) + 1
    cols = max(cell.col + cell.col_span for cell in cells)
    fitted = tuple(
        cell
        if cell.row + cell.row_span <= rows
        else Cell(
            row=cell.row,
            col=cell.col,
            text=cell.text,
            row_span=rows - cell.row,
            col_span=cell.col_span,
        )
        for cell in cells
    )
    return Table(rows=rows, cols=cols, cells=fitted)


def packed(rows: list[list[Cell]]) -> list[list[Piece]]:
    """The same cells without runs of empty rows and columns: far cells come near.

    One empty row or column is kept, for it parts blocks; a run of more says nothing.
    """
    places_down = _near({c.row + d for row in rows for c in row for d in range(c.row_span)})
    places_across = _near({c.col + d for row in rows for c in row for d in range(c.col_span)})
    return [
        [
            Piece(
                text=cell.text,
                row=places_down[cell.row],
                col=places_across[cell.col],
                row_span=cell.row_span,
                col_span=cell.col_span,
            )
            for cell in row
        ]
        for row in rows
    ]


def _near(used: set[int]) -> dict[int, int]:
    places: dict[int, int] = {}
    place, last = 0, -1
    for index in sorted(used):
        place += 0 if last < 0 else min(index - last, 2)
        places[index] = place
        last = index
    return places


_SQUEEZE = re.compile(r"[\W_]+")


def squeezed(text: str) -> str:
    """Letters and digits alone, for comparing what two ways of reading found."""
    return _SQUEEZE.sub("", unicodedata.normalize("NFC", text))
