"""What an HWP 5 or HWPX file itself says of its tables: every cell, from its records or its XML.

Written apart from the reader, so that the reader can be held against it.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from pipelines.evaluation.office_truth import TrueTable
from pipelines.readers import hwp_raw
from pipelines.readers.package import parse_xml, tag
from pipelines.readers.pages import Cell

_PARA_TEXT, _CTRL_HEADER, _LIST_HEADER, _TABLE = 67, 71, 72, 77
_TABLE_ID = b" lbt"
Record = tuple[int, int, bytes]
"""(kind, level, data)."""


def true_text(path: Path) -> list[str]:
    """The words of every paragraph, in the order of the file."""
    if zipfile.is_zipfile(path):
        return hwp_raw.hwpx_paragraphs(path)
    header = hwp_raw.read_header(path)
    return hwp_raw.hwp_paragraphs(path, header) if header else []


def true_tables(path: Path) -> list[TrueTable]:
    """Every table that isn't inside another one, with the words that stand in its own cells."""
    if zipfile.is_zipfile(path):
        return list(_hwpx_tables(path))
    header = hwp_raw.read_header(path)
    found: list[TrueTable] = []
    for data in hwp_raw.section_data(path, header) if header else ():
        found.extend(_record_tables(list(hwp_raw.records(data))))
    return found


def _record_tables(records: list[Record]) -> Iterator[TrueTable]:
    at = 0
    while at < len(records):
        kind, level, data = records[at]
        stop = at + 1
        if kind == _CTRL_HEADER and data[:4] == _TABLE_ID:
            while stop < len(records) and records[stop][1] > level:
                stop += 1
            yield _record_table(records[at + 1 : stop], level + 1)
        at = stop


def _record_table(records: list[Record], level: int) -> TrueTable:
    rows = cols = 0
    spots: list[tuple[int, int, int, int]] = []
    words: list[list[str]] = []
    for kind, depth, data in records:
        if kind == _TABLE and depth == level:
            rows, cols = struct.unpack_from("<HH", data, 4)
        elif kind == _LIST_HEADER and depth == level and rows:
            col, row, across, down = struct.unpack_from("<HHHH", data, 8)
            spots.append((row, col, down, across))
            words.append([])
        elif kind == _PARA_TEXT and depth == level + 1 and words:
            words[-1].append(hwp_raw.without_controls(data))
    cells = tuple(
        Cell(row=row, col=col, text="\n".join(text), row_span=down, col_span=across)
        for (row, col, down, across), text in zip(spots, words, strict=True)
    )
    return TrueTable(rows=rows, cols=cols, cells=cells)


def _hwpx_tables(path: Path) -> Iterator[TrueTable]:
    with zipfile.ZipFile(path) as package:
        for name in sorted(package.namelist()):
            if re.fullmatch(r"Contents/section\d+\.xml", name):
                yield from _outer_tables(parse_xml(package.read(name)))


def _outer_tables(node: Element) -> Iterator[TrueTable]:
    for child in node:
        if tag(child) == "tbl":
            yield _xml_table(child)
        else:
            yield from _outer_tables(child)


def _xml_table(node: Element) -> TrueTable:
    cells = []
    for spot in (cell for row in node if tag(row) == "tr" for cell in row if tag(cell) == "tc"):
        parts = {tag(part): part for part in spot}
        address, span = parts["cellAddr"], parts["cellSpan"]
        paragraphs = [p for p in parts["subList"] if tag(p) == "p"]
        cells.append(
            Cell(
                row=int(address.get("rowAddr", 0)),
                col=int(address.get("colAddr", 0)),
                text="\n".join(hwp_raw.own_words(p) for p in paragraphs),
                row_span=int(span.get("rowSpan", 1)),
                col_span=int(span.get("colSpan", 1)),
            )
        )
    return TrueTable(
        rows=int(node.get("rowCnt", 0)), cols=int(node.get("colCnt", 0)), cells=tuple(cells)
    )
