"""Rows -> CSV, JSON and XLSX that are safe to open. Sole owner of openpyxl.

A text that a stranger wrote must not become a formula in somebody's spreadsheet: what begins like
one gets an apostrophe in front, in every format that a spreadsheet opens.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.readers.pages import PagedDocument, Table

Value = str | int | float
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "=", "+", "-", "@")
LONGEST_CELL = 32_000
"""A cell of XLSX holds 32,767 letters."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table to hand out. `merged`: (row, col, rows, cols) from 0, the header counted."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def safe(value: Value) -> Value:
    """A text that no spreadsheet takes for a formula; numbers stay."""
    if not isinstance(value, str):
        return value
    plain = _NOT_IN_XML.sub("", value)[:LONGEST_CELL]
    return f"'{plain}" if plain.lstrip(" ").startswith(FORMULA_STARTS) else plain


def as_csv(sheet: Sheet) -> str:
    """With the mark by which spreadsheets know UTF-8."""
    return "\ufeff" + csv_lines([sheet.header, *sheet.rows])


def csv_lines(rows: Iterable[Sequence[Value]]) -> str:
    """Rows alone, for who writes a long file piece by piece."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([safe(value) for value in row] for row in rows)
    return out.getvalue()


def as_json(sheet: Sheet) -> str:
    """A list with one object a row; nothing is escaped, as no program runs a JSON text."""
    rows = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def write_xlsx(sheets: Sequence[Sheet], path: Path) -> None:
    """One workbook. Raises ValueError without a sheet, OSError where it can't be written."""
    if not sheets:
        raise ValueError("no sheet to write")
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    taken: set[str] = set()
    for sheet in sheets:
        page = book.create_sheet(_sheet_name(sheet.name, taken))
        _fill(page, sheet)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        book.save(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _fill(page: Any, sheet: Sheet) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Font

    lines = [sheet.header, *sheet.rows] if sheet.header else list(sheet.rows)
    for number, row in enumerate(lines, start=1):
        for column, value in enumerate(row, start=1):
            cell = page.cell(number, column)
            cell.value = safe(value)
            if isinstance(value, str):
                cell.data_type = "s"  # whatever it looks like
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1 and sheet.header:
                cell.font = Font(bold=True)
    for top, left, tall, wide in sheet.merged:
        page.merge_cells(
            start_row=top + 1, start_column=left + 1, end_row=top + tall, end_column=left + wide
        )
    if sheet.header:
        page.freeze_panes = "A2"


def _sheet_name(name: str, taken: set[str]) -> str:
    """At most 31 letters, none that a spreadsheet forbids, no name twice."""
    plain = _NOT_IN_NAMES.sub(" ", _NOT_IN_XML.sub("", name)).strip()[:28] or "sheet"
    final, number = plain, 2
    while final.lower() in taken:
        final, number = f"{plain[:25]} {number}", number + 1
    taken.add(final.lower())
    return final


def sheets_of_tables(document: PagedDocument, word: str = "table") -> list[Sheet]:
    """Every table of a document that a person sees, one sheet each, named after its page."""
    found: list[Sheet] = []
    for page in document.pages:
        on_page = [b.table for b in page.blocks if b.table is not None and not b.hidden]
        for number, table in enumerate(on_page, start=1):
            found.append(_sheet_of(table, f"p{page.page_no} {word} {number}"))
    return found


def _sheet_of(table: Table, name: str) -> Sheet:
    grid = [[""] * table.cols for _ in range(table.rows)]
    merged = []
    for cell in table.cells:
        if cell.row < table.rows and cell.col < table.cols:
            grid[cell.row][cell.col] = cell.text
            if cell.row_span * cell.col_span > 1:
                merged.append((cell.row, cell.col, cell.row_span, cell.col_span))
    rows = tuple(tuple(row) for row in grid)
    return Sheet(name=name, header=(), rows=rows, merged=tuple(merged))
