"""TXT, Markdown and CSV -> items."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.readers.charsets import decode
from pipelines.readers.flow import MAX_CELLS, Collector, FlowDocument, Piece, set_table

MAX_ROWS = 10_000
_SEPARATORS = ",\t;|"
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")


def read_text(path: Path) -> FlowDocument:
    """Paragraphs as the blank lines part them. Raises DocumentDamaged."""
    out = Collector()
    found = decode(path.read_bytes())
    found.tell(out)
    for lines in _paragraphs(found.text):
        out.add("text", "\n".join(lines))
    return out.done()


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank ones; a very long run is cut, so that a page can hold it."""
    run: list[str] = []
    for line in text.splitlines():
        if line.strip() and len(run) < 40:
            run.append(line)
            continue
        if run:
            yield run
        run = [line] if line.strip() else []
    if run:
        yield run


def read_markdown(path: Path) -> FlowDocument:
    """Headings, tables with bars, and paragraphs; code and lists stay as written."""
    out = Collector()
    found = decode(path.read_bytes())
    found.tell(out)
    for lines in _paragraphs(found.text):
        _markdown_run(lines, out)
    return out.done()


def _markdown_run(lines: list[str], out: Collector) -> None:
    plain: list[str] = []
    at = 0
    while at < len(lines):
        heading = _HEADING.match(lines[at])
        if heading:
            out.add("text", "\n".join(plain))
            plain = []
            out.add("heading", heading[2], level=len(heading[1]))
            at += 1
        elif "|" in lines[at] and at + 1 < len(lines) and _RULE.match(lines[at + 1]):
            out.add("text", "\n".join(plain))
            plain = []
            stop = at + 2
            while stop < len(lines) and "|" in lines[stop]:
                stop += 1
            rows = [lines[at], *lines[at + 2 : stop]]
            out.add_table(set_table([_bar_cells(row) for row in rows]))
            at = stop
        else:
            plain.append(lines[at])
            at += 1
    out.add("text", "\n".join(plain))


def _bar_cells(line: str) -> list[Piece]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [Piece(text=cell.replace("\\|", "|").strip()) for cell in re.split(r"(?<!\\)\|", inner)]


def read_csv(path: Path) -> FlowDocument:
    """One table; the separator is the one that gives the most even rows. Raises DocumentDamaged."""
    out = Collector()
    found = decode(path.read_bytes())
    found.tell(out)
    text = found.text.replace("\x00", "")
    rows: list[Sequence[str]] = []
    cells = 0
    total = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)):
            total += bool(row)
            if row and len(rows) < MAX_ROWS and cells + len(row) <= MAX_CELLS:
                rows.append(row)
                cells += len(row)
    except csv.Error:
        return read_text(path)
    if total > len(rows):
        out.note("document.cut_rows", kept=len(rows), total=total)
    out.add_table(set_table([[Piece(text=cell) for cell in row] for row in rows]))
    return out.done()


def _separator(text: str) -> str:
    sample = [line for line in text[:20_000].splitlines()[:50] if line.strip()]

    def evenness(mark: str) -> tuple[float, int]:
        rows = list(csv.reader(sample, delimiter=mark))
        widths = [len(row) for row in rows] or [1]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    return max(_SEPARATORS, key=evenness)
