"""ODT, ODS and ODP -> items, read from the package's own XML.

No library is used: what the packages of this format offer is a tree that must be walked all the
same, and odfpy, the best kept one, expands repeated cells and keeps every style in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged, DocumentEncrypted
from pipelines.readers.flow import MAX_CELLS, MAX_SPAN, Collector, FlowDocument, packed, set_table
from pipelines.readers.package import Package, attribute, report_facts, tag
from pipelines.readers.pages import BlockKind, Cell

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 40
MAX_REPEAT = 200
"""A cell with words that is repeated more often is a pattern, not a table."""
_SKIPPED = frozenset(
    ("tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "forms",
     "annotation-end", "soft-page-break", "calculation-settings", "label-ranges")
)  # fmt: skip
_GROUPS = frozenset(
    ("section", "list", "list-item", "list-header", "text-box", "frame", "g", "index-body",
     "table-of-content", "index-title", "custom-shape", "rect", "a", "text", "spreadsheet",
     "presentation", "alphabetical-index", "illustration-index", "table-index",
     "numbered-paragraph", "line", "connector", "ellipse", "path", "polygon", "shapes")
)  # fmt: skip


def read_opendocument(path: Path) -> FlowDocument:
    """One text, sheet or presentation. Raises DocumentEncrypted, DocumentDamaged."""
    out = Collector()
    with Package(path) as package:
        package.refuse_declarations()
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise DocumentEncrypted
        content = package.xml("content.xml")
        if content is None:
            raise DocumentDamaged
        meta = package.xml("meta.xml")
        out.title = _title(meta)
        _head_and_foot(package.xml("styles.xml"), out)
        body = next((node for node in content.iter() if tag(node) == "body"), None)
        for kind in body if body is not None else ():
            _Walk(out, package, sheets=tag(kind) == "spreadsheet").blocks(kind, "", 0)
        _report(package, content, out)
    return out.done()


def _title(meta: Element | None) -> str:
    nodes = meta.iter() if meta is not None else ()
    return next((node.text or "" for node in nodes if tag(node) == "title"), "")


def _report(package: Package, content: Element, out: Collector) -> None:
    report_facts(package, out)
    hidden, outward, objects = [], 0, []
    tracked = False
    for node in content.iter():
        name = tag(node)
        href = attribute(node, "href")
        if name in ("image", "object", "plugin") and "://" in href:
            outward += 1
        elif name == "object" or name == "object-ole":
            objects.append(href.strip("./") or name)
        elif name == "tracked-changes" and len(node):
            tracked = True
        elif name == "table" and attribute(node, "display") == "false":
            hidden.append(attribute(node, "name"))
    if outward:
        out.note("document.external_links", count=outward)
    if objects:
        out.note("document.embedded", count=len(objects), names=", ".join(objects[:5]))
    if tracked:
        out.note("document.tracked_changes")
    if hidden:
        out.note("document.hidden_parts", count=len(hidden), names=", ".join(hidden[:5]))


def _head_and_foot(styles: Element | None, out: Collector) -> None:
    seen = set()
    for node in styles.iter() if styles is not None else ():
        name = tag(node)
        if name in ("header", "footer", "header-first", "footer-first"):
            kind: BlockKind = "header" if name.startswith("header") else "footer"
            text = "\n".join(words(p) for p in node.iter() if tag(p) in ("p", "h"))
            if (kind, text) not in seen:
                seen.add((kind, text))
                out.add(kind, text)


def _holds_words(node: Element) -> bool:
    """An element that this program doesn't know, with paragraphs somewhere inside it."""
    return tag(node) not in _SKIPPED and any(tag(inner) == "p" for inner in node.iter())


class _Walk:
    """One body, walked in order."""

    def __init__(self, out: Collector, package: Package, *, sheets: bool) -> None:
        self.out = out
        self.package = package
        self.sheets = sheets
        self.slides = 0

    def blocks(self, node: Iterable[Element], part: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for child in node:
            name = tag(child)
            if name in ("p", "h"):
                self._paragraph(child, part, name, depth)
            elif name == "table":
                self._table(child, part, depth)
            elif name == "page":
                self._slide(child, depth)
            elif name == "notes":
                self._notes(child, part)
            elif name == "image":
                self._image(child, part)
            elif name in _GROUPS or _holds_words(child):
                self.blocks(child, part, depth + 1)

    def _slide(self, node: Element, depth: int) -> None:
        self.slides += 1
        self.blocks(node, str(self.slides), depth + 1)

    def _notes(self, node: Element, part: str) -> None:
        text = "\n".join(words(p) for p in node.iter() if tag(p) in ("p", "h"))
        self.out.add("note", text, part=part)

    def _paragraph(self, node: Element, part: str, name: str, depth: int) -> None:
        level = int(attribute(node, "outline-level") or 1) if name == "h" else 0
        self.out.add("heading" if level else "text", words(node), part=part, level=level)
        self._beside_words(node, part, depth)

    def _remark(self, node: Element, part: str) -> None:
        """A foot- or endnote with its mark, or a comment with its author."""
        mark = next((n.text or "" for n in node.iter() if tag(n) == "note-citation"), "")
        author = next((n.text or "" for n in node.iter() if tag(n) == "creator"), "")
        text = "\n".join(words(p) for p in node.iter() if tag(p) in ("p", "h"))
        before = f"[{mark}] " if mark else f"{author}: " if author else ""
        self.out.add("note", before + text, part=part)

    def _image(self, node: Element, part: str) -> None:
        href = attribute(node, "href")
        self.out.add("picture", "", part=part, image=self.package.read(href.removeprefix("./")))

    def _table(self, node: Element, part: str, depth: int) -> None:
        if self.sheets and not part:
            part = attribute(node, "name") or "1"
            self.out.add("heading", part, part=part, level=1)
        rows = list(_cells(node))
        self.out.add_table(set_table(packed(rows)), part=part)
        for cell in (n for row in _rows_of(node) for n in row if tag(n) == "table-cell"):
            for inner in cell:
                if tag(inner) == "annotation":
                    self._remark(inner, part)
                elif tag(inner) in ("p", "h"):
                    self._beside_words(inner, part, depth)
                elif tag(inner) in _GROUPS and tag(inner) != "list":
                    self.blocks(inner, part, depth + 1)

    def _beside_words(self, node: Element, part: str, depth: int) -> None:
        for inner in _beside(node):
            if tag(inner) in ("note", "annotation"):
                self._remark(inner, part)
            else:
                self.blocks([inner], part, depth + 1)


def _rows_of(node: Element, depth: int = 0) -> Iterator[Element]:
    for child in node if depth < MAX_DEPTH else ():
        if tag(child) == "table-row":
            yield child
        elif tag(child) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows_of(child, depth + 1)


def _repeated(node: Element, name: str) -> int:
    value = attribute(node, name)
    return max(1, int(value)) if value.isdigit() else 1


def _cells(node: Element) -> Iterator[list[Cell]]:
    """The rows that hold words, each cell at its place in the sheet. Repeats are bounded."""
    row = count = 0
    for source in _rows_of(node):
        cells = _row(source, row)
        repeats = _repeated(source, "number-rows-repeated")
        for step in range(min(repeats, MAX_REPEAT) if cells else 0):
            count += len(cells)
            if count > MAX_CELLS:
                return
            yield [replace(cell, row=row + step) for cell in cells]
        row += repeats


def _row(source: Element, row: int) -> list[Cell]:
    cells, col = [], 0
    for node in source:
        if tag(node) not in ("table-cell", "covered-table-cell"):
            continue
        repeats = _repeated(node, "number-columns-repeated")
        text = _cell_words(node) if tag(node) == "table-cell" else ""
        down = min(_repeated(node, "number-rows-spanned"), MAX_SPAN)
        across = min(_repeated(node, "number-columns-spanned"), MAX_SPAN)
        for step in range(min(repeats, MAX_REPEAT) if text else 0):
            cells.append(Cell(row=row, col=col + step, text=text, row_span=down, col_span=across))
        col += repeats
    return cells


def _cell_words(node: Element) -> str:
    """Paragraphs and lists of a cell; a table inside it becomes lines of its own."""
    out = []
    for child in node:
        name = tag(child)
        if name in ("p", "h"):
            out.append(words(child))
        elif name in ("list", "list-item", "section", "table", "table-row", "table-cell"):
            out.append(_cell_words(child))
    return "\n".join(text for text in out if text.strip())


_NO_WORDS = frozenset(("note", "annotation", "frame", "custom-shape", "rect", "g", "ruby-text"))


def words(node: Element, depth: int = 0) -> str:
    """The text of one paragraph, without the notes and frames that are anchored in it."""
    out = [node.text or ""]
    for child in node if depth < MAX_DEPTH else ():
        name = tag(child)
        if name == "s":
            out.append(" " * min(_repeated(child, "c"), 200))
        elif name in ("tab", "line-break"):
            out.append("\t" if name == "tab" else "\n")
        elif name not in _NO_WORDS:
            out.append(words(child, depth + 1))
        out.append(child.tail or "")
    return "".join(out)


def _beside(node: Element, depth: int = 0) -> Iterator[Element]:
    """What `words` leaves out: notes, comments, frames and drawings inside a paragraph."""
    for child in node if depth < MAX_DEPTH else ():
        if tag(child) in _NO_WORDS:
            yield child
        else:
            yield from _beside(child, depth + 1)
