"""XLSX and XLSM -> one table for each sheet, cells as a person sees them. Owner of openpyxl.

Rows are streamed, so a sheet that claims a million rows costs only those that it has.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from pipelines.errors import DocumentDamaged
from pipelines.readers.cell_format import shown
from pipelines.readers.flow import MAX_CELLS, MAX_SPAN, Collector, FlowDocument, packed, set_table
from pipelines.readers.package import BROKEN, Package, attribute, report_facts, tag
from pipelines.readers.pages import Cell

Foreign: TypeAlias = Any
"""A value of openpyxl, which states no types."""
MAX_ROWS = 10_000
"""Of one sheet; beyond, the rest is left out and a note says so."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([^"]{3,40})"')
_ROW = re.compile(rb"<(?:\w+:)?row[\s>]")
_UNSOLVED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<(?:\w+:)?f[^>]*>([^<]+)</(?:\w+:)?f>'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
Spans = dict[tuple[int, int], tuple[int, int]]
Formulas = dict[tuple[int, int], str]
_BROKEN: tuple[type[Exception], ...] = (
    *BROKEN,
    TypeError,
    AttributeError,
    SyntaxError,
    AssertionError,
)
"""openpyxl trusts what it reads, so a damaged sheet raises whatever Python raises."""


def read_xlsx(path: Path) -> FlowDocument:
    """All sheets in their order, hidden ones too. Raises DocumentDamaged, DocumentEncrypted."""
    out = Collector()
    with Package(path) as package:
        package.refuse_declarations()
        report_facts(package, out)
        sheets = _sheet_parts(package)
        unsolved = pictures = 0
        book = _open(path)
        try:
            for name, part, _ in sheets:
                if name not in book.sheetnames or not part.startswith("xl/worksheets"):
                    out.add("heading", name, part=name, level=1)
                else:
                    unsolved += _sheet(book[name], package, part, out)
                    _comments(package, part, name, out)
                _charts(package, part, name, out)
                pictures += _pictures(package, part, name, out)
            out.title = str(book.properties.title or "")
        except _BROKEN as exc:
            raise DocumentDamaged from exc
        finally:
            book.close()
        hidden = [name for name, _, state in sheets if state in ("hidden", "veryHidden")]
    if hidden:
        out.note("document.hidden_parts", count=len(hidden), names=", ".join(hidden[:5]))
    if pictures:
        out.note("document.pictures", count=pictures)
    if unsolved:
        out.note("document.formulas", count=unsolved)
    return out.done()


def _open(path: Path) -> Foreign:
    import openpyxl
    from defusedxml.common import DefusedXmlException

    try:
        # The bytes, not the path: the name of a stored file need not end in .xlsx.
        data = io.BytesIO(path.read_bytes())
        return openpyxl.load_workbook(data, read_only=True, data_only=True, keep_links=False)
    except (*_BROKEN, DefusedXmlException) as exc:
        raise DocumentDamaged from exc


def _sheet_parts(package: Package) -> list[tuple[str, str, str]]:
    """(name, part, state) of each sheet, in the order of the tabs."""
    book, relations = package.xml("xl/workbook.xml"), package.xml("xl/_rels/workbook.xml.rels")
    if book is None or relations is None:
        raise DocumentDamaged
    targets = {r.get("Id", ""): str(r.get("Target", "")) for r in relations}
    found = []
    for node in book.iter():
        if tag(node) == "sheet":
            target = targets.get(attribute(node, "id"), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found.append((node.get("name", ""), part, node.get("state", "visible")))
    return found


def _sheet(sheet: Foreign, package: Package, part: str, out: Collector) -> int:
    """Add one sheet; the number of formulas without a stored result."""
    data = package.read(part)
    formulas = _unsolved(data)
    rows: list[list[Cell]] = []
    room = MAX_CELLS - out.cells
    for row in _rows(sheet, _merged(data), formulas):
        if len(rows) == MAX_ROWS or len(row) > room:
            total = max(len(_ROW.findall(data)), len(rows) + 1)
            out.note("document.cut_rows", kept=len(rows), total=total)
            break
        rows.append(row)
        room -= len(row)
    out.add("heading", sheet.title, part=sheet.title, level=1)
    out.add_table(set_table(packed(rows)), part=sheet.title)
    return len(formulas)


def _rows(sheet: Foreign, spans: Spans, formulas: Formulas) -> Iterator[list[Cell]]:
    """The rows that hold something, each cell with the row and column of the sheet, from 0."""
    sheet.reset_dimensions()
    for cells in sheet.iter_rows():
        row = []
        for cell in cells:
            if not hasattr(cell, "row"):  # a gap between two cells
                continue
            at = (cell.row - 1, cell.column - 1)
            text = shown(cell.value, cell.number_format) or formulas.get(at, "")
            if text:
                down, across = spans.get(at, (1, 1))
                row.append(Cell(row=at[0], col=at[1], text=text, row_span=down, col_span=across))
        if row:
            yield row


def _merged(data: bytes) -> Spans:
    spans: Spans = {}
    for match in _MERGE.finditer(data):
        ends = _REFERENCE.fullmatch(match[1].decode("ascii", "replace"))
        if ends is None or ends[3] is None:
            continue
        top, left = int(ends[2]) - 1, _column(ends[1])
        down, across = int(ends[4]) - top, _column(ends[3]) - left + 1
        spans[top, left] = (min(max(down, 1), MAX_SPAN), min(max(across, 1), MAX_SPAN))
    return spans


def _unsolved(data: bytes) -> Formulas:
    """Formulas whose result nobody stored: a program wrote the file, and no one opened it."""
    found: Formulas = {}
    for match in _UNSOLVED.finditer(data):
        ends = _REFERENCE.fullmatch(match[1].decode("ascii", "replace"))
        if ends:
            at = (int(ends[2]) - 1, _column(ends[1]))
            found[at] = "=" + html.unescape(match[2].decode("utf-8", "replace"))
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _comments(package: Package, part: str, name: str, out: Collector) -> None:
    for path in _related(package, part, "/comments"):
        root = package.xml(path)
        for node in root.iter() if root is not None else ():
            if tag(node) == "comment":
                words = "".join(t.text or "" for t in node.iter() if tag(t) == "t")
                out.add("note", f"{attribute(node, 'ref')}: {words}", part=name)


def _charts(package: Package, part: str, name: str, out: Collector) -> None:
    """The words in the charts of one sheet; their numbers stand in its cells."""
    for drawing in _related(package, part, "/drawing"):
        for path in _related(package, drawing, "/chart"):
            root = package.xml(path)
            words = [t.text or "" for t in root.iter() if tag(t) == "t"] if root is not None else []
            out.add("text", " ".join(words), part=name)


def _pictures(package: Package, part: str, name: str, out: Collector) -> int:
    """Add the pictures that float over one sheet, in the order of its drawing; their number."""
    count = 0
    for drawing in _related(package, part, "/drawing"):
        files = dict(_relations(package, drawing, "/image"))
        root = package.xml(drawing)
        for node in root.iter() if root is not None else ():
            if tag(node) != "pic":
                continue
            inside = {tag(child): child for child in node.iter()}
            blip, about = inside.get("blip"), inside.get("cNvPr")
            path = files.get(attribute(blip, "embed")) if blip is not None else None
            image = package.read(path) if path else b""
            if image:
                said = attribute(about, "descr") if about is not None else ""
                out.add("picture", said, part=name, image=image)
                count += 1
    return count


def _related(package: Package, part: str, kind: str) -> Iterator[str]:
    """The parts of one kind that a part refers to, inside the package."""
    return (path for _, path in _relations(package, part, kind))


def _relations(package: Package, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """(id of the relation, path) of the parts of one kind that a part refers to."""
    folder, _, file = part.rpartition("/")
    relations = package.xml(f"{folder}/_rels/{file}.rels")
    for relation in relations if relations is not None else ():
        if relation.get("Type", "").endswith(kind):
            target = posixpath.join(folder, str(relation.get("Target", "")))
            yield relation.get("Id", ""), posixpath.normpath(target).lstrip("/")
