"""HTML -> items, as a browser without scripts and without a network would show it.

Owner of selectolax, which builds the tree by the rules that browsers use, so broken markup reads
as people see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged
from pipelines.readers.charsets import decode
from pipelines.readers.flow import MAX_CELLS, MAX_SPAN, Collector, FlowDocument, Piece, set_table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH = 200
_DROPPED = frozenset(
    ("script", "style", "template", "noscript", "head", "iframe", "object", "embed", "applet",
     "svg", "math", "audio", "video", "canvas", "frame", "frameset")
)  # fmt: skip
_BLOCKS = frozenset(
    ("p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "ul", "ol",
     "dl", "dt", "dd", "li", "blockquote", "pre", "form", "fieldset", "figure", "figcaption",
     "address", "body", "html", "center", "details", "summary", "hr", "caption", "legend")
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])")
_FETCHED = ("img[src]", "script[src]", "iframe[src]", "link[href]", "object[data]", "embed[src]")


def read_html(path: Path) -> FlowDocument:
    """One page. Raises DocumentDamaged."""
    data = path.read_bytes()
    stated = _CHARSET.search(data[:4096]) or _XML_CHARSET.search(data[:200])
    out = Collector()
    found = decode(data, stated[1].decode("ascii") if stated else "")
    found.tell(out)
    add_html(found.text, out)
    return out.done()


def add_html(markup: str, out: Collector) -> None:
    """Add what a page shows; scripts, styles and hidden parts are left out and counted."""
    from selectolax.lexbor import LexborHTMLParser

    try:
        tree = LexborHTMLParser(markup)
    except (ValueError, RuntimeError) as exc:
        raise DocumentDamaged from exc
    title = tree.css_first("title")
    out.title = out.title or (title.text().strip() if title else "")
    if any(node.text().strip() or node.attributes.get("src") for node in tree.css("script")):
        out.note("document.macros")
    outward = sum(
        "//" in (node.attributes.get(name.partition("[")[2][:-1]) or "")
        for name in _FETCHED
        for node in tree.css(name)
    )
    if outward:
        out.note("document.external_links", count=outward)
    walk = _Walk(out)
    if tree.body is not None:
        walk.block(tree.body, 0)
        walk.flush()
    if walk.hidden:
        out.note("document.unseen", count=walk.hidden)


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("type") == "hidden":
        return True
    return bool(_HIDDEN.search((attributes.get("style") or "").lower()))


class _Walk:
    """One body; inline text gathers until a block begins or ends."""

    def __init__(self, out: Collector) -> None:
        self.out = out
        self.line: list[str] = []
        self.hidden = 0

    def flush(self) -> None:
        text = "".join(self.line)
        self.line = []
        self.out.add("text", _folded(text))

    def block(self, node: LexborNode, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.line.append(node.text(separator=" "))
            return
        for child in node.iter(include_text=True):
            self._child(child, depth)

    def _child(self, child: LexborNode, depth: int) -> None:
        name = child.tag or ""
        if name == "-text":
            self.line.append(child.text())
        elif name in _DROPPED or name.startswith(("-", "!")):
            return
        elif _is_hidden(child):
            self.hidden += bool(child.text().strip())
        elif name == "br":
            self.line.append("\x0b")
        elif name in _BLOCKS:
            self._block(child, name, depth)
        elif not self._special(child, name, depth):
            self.block(child, depth + 1)

    def _block(self, child: LexborNode, name: str, depth: int) -> None:
        self.flush()
        if name == "li":
            self.line.append("• ")
        self.block(child, depth + 1)
        self.flush()

    def _special(self, child: LexborNode, name: str, depth: int) -> bool:
        """Headings, tables, form fields and pictures; False for everything else."""
        if name in _HEADINGS:
            self.flush()
            self.out.add("heading", _folded(inline(child)), level=_HEADINGS[name])
        elif name == "table":
            self.flush()
            self._table(child, depth)
        elif name in ("input", "select", "textarea"):
            self._field(child)
        elif name == "img":
            self._picture(child)
        else:
            return False
        return True

    def _picture(self, node: LexborNode) -> None:
        words = (node.attributes.get("alt") or "").strip()
        if words:
            self.flush()
            self.out.add("picture", words)

    def _field(self, node: LexborNode) -> None:
        name = node.attributes.get("name") or node.attributes.get("id") or ""
        kind = (node.attributes.get("type") or "").lower()
        if kind in ("hidden", "password", "submit", "button", "image", "reset"):
            return
        if kind in ("checkbox", "radio"):
            self.line.append("☑ " if "checked" in node.attributes else "☐ ")
            return
        chosen = node.css_first("option[selected]") if node.tag == "select" else None
        value = chosen.text() if chosen else node.attributes.get("value") or ""
        value = node.text() if node.tag == "textarea" else value
        if value.strip():
            self.flush()
            self.out.add("field", f"{name}: {value.strip()}" if name else value)

    def _table(self, node: LexborNode, depth: int) -> None:
        caption = node.css_first("caption")
        if caption is not None:
            self.out.add("text", _folded(inline(caption)))
        nested: list[LexborNode] = []
        self.out.add_table(set_table(_spread(_rows(node, nested))))
        for inner in nested:
            if depth < MAX_DEPTH:
                self._table(inner, depth + 8)


def _rows(table: LexborNode, nested: list[LexborNode]) -> Iterator[list[Piece]]:
    for part in table.iter():
        rows = part.iter() if part.tag in ("thead", "tbody", "tfoot") else (part,)
        for row in rows:
            if row.tag != "tr" or _is_hidden(row):
                continue
            cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
            for cell in cells:
                nested.extend(_top_tables(cell))
            yield [_cell(cell) for cell in cells]


def _top_tables(node: LexborNode, depth: int = 0) -> Iterator[LexborNode]:
    for child in node.iter() if depth < MAX_DEPTH else ():
        if child.tag == "table":
            yield child
        else:
            yield from _top_tables(child, depth + 1)


def _cell(cell: LexborNode) -> Piece:
    return Piece(
        text=_folded(inline(cell)),
        row_span=_span(cell, "rowspan"),
        col_span=_span(cell, "colspan"),
    )


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return min(int(value), MAX_SPAN) if value.isdigit() and int(value) else 1


def _spread(rows: Iterator[list[Piece]]) -> Iterator[list[Piece]]:
    """Give each cell its column: cells of a row fill the places that wider cells leave free."""
    taken: set[tuple[int, int]] = set()
    count = 0
    for number, row in enumerate(rows):
        col, placed = 0, []
        for piece in row:
            while (number, col) in taken:
                col += 1
            count += 1
            if count > MAX_CELLS or len(taken) > 4 * MAX_CELLS:
                return
            taken.update(
                (number + down, col + across)
                for down in range(piece.row_span)
                for across in range(piece.col_span)
            )
            placed.append(
                Piece(
                    text=piece.text,
                    row=number,
                    col=col,
                    row_span=piece.row_span,
                    col_span=piece.col_span,
                )
            )
            col += piece.col_span
        yield placed


def inline(node: LexborNode, depth: int = 0) -> str:
    """The words of an element, blocks inside it on lines of their own, tables left out."""
    out: list[str] = []
    for child in node.iter(include_text=True) if depth < MAX_DEPTH else ():
        name = child.tag or ""
        if name == "-text":
            out.append(child.text())
        elif name == "br":
            out.append("\x0b")
        elif name in _DROPPED or name == "table" or name.startswith(("-", "!")):
            continue
        elif not _is_hidden(child):
            text = inline(child, depth + 1)
            out.append(f"\x0b{text}\x0b" if name in _BLOCKS else text)
            if name == "img":
                out.append(child.attributes.get("alt") or "")
    return "".join(out)


def _folded(text: str) -> str:
    """White space as a browser folds it; a vertical tab is where a line must end."""
    lines = (" ".join(line.split()) for line in text.split("\x0b"))
    return "\n".join(line for line in lines if line)
