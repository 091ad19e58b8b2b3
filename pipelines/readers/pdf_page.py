"""One page of a digital PDF -> what stands on it, as a person sees the page.

Text comes with its place, size and weight; rulings and words give tables; what nobody can see is
marked. Whoever calls holds `mupdf.LOCK`.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.readers import aligned, grids, mupdf
from pipelines.readers.boxes import union
from pipelines.readers.grids import Grid, Token
from pipelines.readers.order import reading_order
from pipelines.readers.pages import Block, BlockKind, Line, Table
from pipelines.readers.pdf_hidden import Seen
from pipelines.readers.pdf_marks import rulings_of, tokens_of
from pipelines.types import Box

if TYPE_CHECKING:
    from pipelines.readers.mupdf import PdfPage

BOLD = 16
HEADING_GROWTH = 1.15
HEADING_LETTERS = 90
SIZE_STEP = 1.12
"""Lines of one block that differ more than this in size are two blocks."""
PAGE_NUMBER = re.compile(r"[-–— ]*\d{1,4}( ?/ ?\d{1,4})?[-–— ]*|(page|쪽|페이지) ?\d+.*", re.I)
EDGE = 0.18
"""Of the height: where a lone number is the number of the page."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
UNKNOWN = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A line of text with what its letters look like."""

    line: Line
    size_pt: float
    bold: bool
    hidden: bool
    block: int

    @property
    def box_pt(self) -> Box:
        """Its place."""
        return self.line.box_pt


def blocks_of(page: PdfPage) -> list[Block]:
    """Everything that stands on the page, in reading order. May raise what `mupdf.faults` names."""
    drawings = page.get_cdrawings()
    fields = list(_fields(page))
    lines = [line for line in lines_of(page, drawings) if not _in_field(line, fields)]
    shown = [line for line in lines if not line.hidden]
    tables = _tables(page, drawings, shown, fields)
    free = [line for line in shown if not any(_inside(line, g) for g in tables)]
    body = _body_size(shown)
    height = page.rect.height
    blocks = [_block(group, body, height) for group in _groups(free)]
    blocks += [_table_block(grid) for grid in tables]
    edges = [block for block in blocks if block.kind in ("header", "footer")]
    ordered = [block for block in edges if block.kind == "header"]
    ordered += reading_order([block for block in blocks if block not in edges])
    ordered += [block for block in edges if block.kind == "footer"]
    ordered += [_hidden_block(line) for line in lines if line.hidden]
    return [*ordered, *fields, *_annotations(page)]


def lines_of(page: PdfPage, drawings: Sequence[dict[str, Any]] | None = None) -> list[Printed]:
    """Every line of text, with places as a person sees the page."""
    pymupdf = mupdf.library()
    flags = pymupdf.TEXT_PRESERVE_WHITESPACE  # ligatures come apart; text off the page is kept
    raw = page.get_text("dict", flags=flags, clip=pymupdf.INFINITE_RECT())
    seen = Seen(page, page.get_cdrawings() if drawings is None else drawings)
    matrix = page.rotation_matrix if page.rotation else None
    found = []
    for number, block in enumerate(raw["blocks"]):
        for row in block.get("lines", ()):
            spans = [span for span in row["spans"] if span["text"].strip()]
            text = CONTROL.sub(UNKNOWN, "".join(span["text"] for span in row["spans"])).strip()
            if not text or not spans:
                continue
            rect = pymupdf.Rect(row["bbox"])
            box: Box = tuple(rect * matrix if matrix else rect)
            letters = [len(span["text"]) for span in spans]
            widest = spans[letters.index(max(letters))]
            found.append(
                Printed(
                    line=Line(text=text, box_pt=box),
                    size_pt=float(widest["size"]),
                    bold=all(span["flags"] & BOLD for span in spans),
                    hidden=seen.is_hidden(widest, box, rect),
                    block=number,
                )
            )
    return found


def _tables(
    page: PdfPage,
    drawings: Sequence[dict[str, Any]],
    lines: Sequence[Printed],
    fields: Sequence[Block],
) -> list[Grid]:
    """Looked for only where lines are drawn or words stand apart in rows."""
    rulings = rulings_of(page, drawings)
    apart = _rows_apart(lines)
    if len(rulings) < 2 and apart < aligned.MIN_ROWS:
        return []
    words = [
        word for word in tokens_of(page) if not _off(word.box, page.rect.width, page.rect.height)
    ]
    found = grids.ruled(rulings, words)
    words = [word for word in words if not any(grids.within(word.middle, g.box) for g in found)]
    # What merely frames a paragraph is no table.
    found = [grid for grid in found if grid.table.rows > 1 or grid.table.cols > 1]
    more = aligned.between_rules(rulings, words) if rulings else []
    words = [word for word in words if not any(grids.within(word.middle, g.box) for g in more)]
    if apart >= aligned.MIN_ROWS:
        more += aligned.unruled(words)
    return [*found, *more]


def _rows_apart(lines: Sequence[Printed]) -> int:
    """How many rows hold three or more separate lines of text side by side."""
    tokens = [Token(text=line.line.text, box=line.box_pt) for line in lines]
    return sum(len(row) >= aligned.MIN_COLS for row in grids.as_rows(tokens))


def _in_field(line: Printed, fields: Sequence[Block]) -> bool:
    """What a field shows is its value, and stands there already."""
    left, top, right, bottom = line.box_pt
    middle = ((left + right) / 2, (top + bottom) / 2)
    return any(grids.within(middle, block.box_pt) for block in fields)


def _off(box: Box, width: float, height: float) -> bool:
    return box[2] <= 0 or box[3] <= 0 or box[0] >= width or box[1] >= height


def _inside(line: Printed, grid: Grid) -> bool:
    left, top, right, bottom = line.box_pt
    return grids.within(((left + right) / 2, (top + bottom) / 2), grid.box)


def _body_size(lines: Sequence[Printed]) -> float:
    """The size that most letters have."""
    letters: dict[float, int] = {}
    for line in lines:
        size = round(line.size_pt * 2) / 2
        letters[size] = letters.get(size, 0) + len(line.line.text)
    return max(letters, key=lambda size: letters[size]) if letters else 0.0


def _groups(lines: Sequence[Printed]) -> Iterator[list[Printed]]:
    """Lines of one block and one look; pieces of one row become one line."""
    group: list[Printed] = []
    for line in lines:
        if group and _starts_anew(group[-1], line):
            yield group
            group = []
        if group and _one_row(group[-1].box_pt, line.box_pt):
            group[-1] = _one_line(group[-1], line)
        else:
            group.append(line)
    if group:
        yield group


def _starts_anew(before: Printed, line: Printed) -> bool:
    if before.block != line.block:
        return True
    larger = max(before.size_pt, line.size_pt) / max(0.1, min(before.size_pt, line.size_pt))
    new_look = larger > SIZE_STEP or before.bold != line.bold
    return new_look and not _one_row(before.box_pt, line.box_pt)


def _one_row(a: Box, b: Box) -> bool:
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return shared > 0.6 * min(a[3] - a[1], b[3] - b[1]) and b[0] >= a[2] - 2


def _one_line(a: Printed, b: Printed) -> Printed:
    joined = Line(
        text=f"{a.line.text} {b.line.text}",
        box_pt=_around([a.box_pt, b.box_pt]),
    )
    return replace(a, line=joined, bold=a.bold and b.bold)


def _block(group: Sequence[Printed], body: float, height: float) -> Block:
    lines = tuple(item.line for item in group)
    text = "\n".join(line.text for line in lines)
    box = _around([line.box_pt for line in lines])
    size = statistics.fmean(item.size_pt for item in group)
    kind: BlockKind = "text"
    level = 0
    at_edge = box[3] < EDGE * height or box[1] > (1 - EDGE) * height
    if at_edge and PAGE_NUMBER.fullmatch(text.strip()):
        kind = "footer" if box[1] > height / 2 else "header"
    elif body and len(text) <= HEADING_LETTERS and len(lines) <= 3:
        growth = size / body
        bold = all(item.bold for item in group) and len(lines) == 1 and growth > 0.95
        if growth >= HEADING_GROWTH or (bold and not text.endswith((".", "다.", ","))):
            kind = "heading"
            level = 1 if growth >= 1.6 else 2 if growth >= 1.3 else 3
    return Block(kind=kind, text=text, box_pt=box, lines=lines, level=level)


def _table_block(grid: Grid) -> Block:
    return Block(kind="table", text=table_text(grid.table), box_pt=grid.box, table=grid.table)


def table_text(table: Table) -> str:
    """Rows by newline, cells by tab; lines inside a cell by a space."""
    rows = [[""] * table.cols for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.col] = " ".join(cell.text.split())
    return "\n".join("\t".join(row).rstrip("\t") for row in rows)


def _hidden_block(line: Printed) -> Block:
    return Block(
        kind="text", text=line.line.text, box_pt=line.box_pt, lines=(line.line,), hidden=True
    )


def _fields(page: PdfPage) -> Iterator[Block]:
    """Form fields that hold something, or could: "name: value"."""
    pymupdf = mupdf.library()
    for widget in page.widgets() or ():
        if widget.field_type in (pymupdf.PDF_WIDGET_TYPE_BUTTON, pymupdf.PDF_WIDGET_TYPE_UNKNOWN):
            continue
        name = (widget.field_label or widget.field_name or "").strip()
        value = widget.field_value
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
        yield Block(
            kind="field",
            text=f"{name}: {shown.strip()}".strip(),
            box_pt=_turned(page, widget.rect),
        )


def _annotations(page: PdfPage) -> Iterator[Block]:
    for annotation in page.annots() or ():
        text = str(annotation.info.get("content") or "").strip()
        if text:
            yield Block(kind="annotation", text=text, box_pt=_turned(page, annotation.rect))


def _turned(page: PdfPage, rect: Any) -> Box:  # noqa: ANN401 - a pymupdf.Rect
    return tuple(rect * page.rotation_matrix if page.rotation else rect)


def _around(boxes: Sequence[Box]) -> Box:
    return union(boxes)
