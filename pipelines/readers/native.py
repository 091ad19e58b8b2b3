"""HWP, HWPX, DOCX, PPTX and the old binary DOC, PPT, XLS, all read by one library (dochan).

It is pure Python, makes no connection, bounds what it inflates and refuses DTDs. What it adds to
the text for its own Markdown (authors, bookmarks, picture links) is taken out again here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from pipelines.errors import DocumentDamaged, DocumentEncrypted
from pipelines.readers.flow import Collector, FlowDocument, Piece, set_table, squeezed
from pipelines.readers.pages import BlockKind

Foreign: TypeAlias = Any
"""A value of the library, which states no types."""
MAX_DEPTH = 24
HEADING_LENGTH = 120
"""A longer "heading" is a paragraph in large print."""
_PICTURE_LINK = re.compile(r"!\[[^\]]*\]\((?:word|ppt|xl|BinData)/[^)\s]*\)")
_BOOKMARK = re.compile(r"\[bookmark: [^\]\n]{0,200}\] ?")
_AUTO_CAPTION = re.compile(
    r"^(그림입니다\.|This is Picture\.|Picture \d+$|그림 \d+$)", re.IGNORECASE
)
_SHOWN_LINKS = ("http://", "https://", "mailto:", "tel:", "ftp://")
_NO_FORMULA = "[데이터 부족]"
"""What the library writes where a formula's record is cut off."""
_PROPERTIES = ("docProps/core.xml", "\x05SummaryInformation")


@dataclass(slots=True, kw_only=True)
class _Walk:
    out: Collector
    comments: tuple[str, ...] = ()
    numbers: dict[int, int] = field(default_factory=dict)
    """The library counts foot- and endnotes together; the document prints them apart."""
    grows_down: bool = False
    """Merged cells are marked row by row, as DOCX does."""
    pictures: int = 0
    part: str = ""


def read_native(path: Path, *, final_text: bool = False) -> FlowDocument:
    """One document by its content, never by its name.

    `final_text`: of tracked changes only what stays (HWP and HWPX alone; DOCX always).
    Raises DocumentEncrypted, DocumentDamaged.
    """
    from dochan import Dochan

    document = Dochan(str(path), revision_mode="final" if final_text else "preserve").doc
    errors = [error for error in document.errors if error.startswith("ERR")]
    if any("암호" in error for error in errors):
        raise DocumentEncrypted
    walk = _Walk(
        out=Collector(),
        comments=_comment_marks(document),
        numbers=_note_numbers(document),
        grows_down=document.source_format == "docx",
    )
    _renumber(document, walk.numbers)
    for section in document.sections:
        source = getattr(section, "provenance", None)
        walk.part = _part_name(source)
        _walk(section.elements, walk, depth=0)
    if errors and not walk.out.items:
        raise DocumentDamaged
    if errors:
        walk.out.note("document.partly_read", count=len(errors))
    if walk.pictures:
        walk.out.note("document.pictures", count=walk.pictures)
    return walk.out.done()


def _part_name(source: Foreign) -> str:
    if source is None:
        return ""
    if source.sheet:
        return str(source.sheet)
    return str(source.slide) if source.slide else ""


def _comment_marks(document: Foreign) -> tuple[str, ...]:
    """What the library writes into the text where a comment is anchored."""
    marks: list[str] = []
    for comment in document.find_all("comment"):
        first = next((p.text.strip() for p in comment.paragraphs if p.text.strip()), "")
        marks += [f" [comment {comment.number}: {first}]", f"[comment {comment.number}: {first}]"]
        marks.append(f"[comment {comment.number}]")
    return tuple(marks)


def _note_numbers(document: Foreign) -> dict[int, int]:
    counts: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for note in sorted(document.find_all("note"), key=lambda note: note.number):
        if note.type in ("footnote", "endnote") and note.number not in numbers:
            counts[note.type] = counts.get(note.type, 0) + 1
            numbers[note.number] = counts[note.type]
    return numbers


def _renumber(document: Foreign, numbers: dict[int, int]) -> None:
    for paragraph in document.find_all("paragraph"):
        for run in paragraph.runs:
            if run.note_ref in numbers and run.text == f"[{run.note_ref}]":
                run.text = f"[{numbers[run.note_ref]}]"
            if run.link.startswith(_SHOWN_LINKS):
                _show_link(run)


def _show_link(run: Foreign) -> None:
    """A link says where it leads, where its words don't: that is what a reader must judge."""
    target = run.link.split("|", 1)[0].strip()
    bare = target.split(":", 1)[1].strip("/")
    if run.text.strip() and squeezed(bare) not in squeezed(run.text):
        run.text = f"{run.text} ({target})"


def _plain(text: str, walk: _Walk) -> str:
    if "[" not in text:
        return text
    for mark in walk.comments:
        text = text.replace(mark, "")
    return _BOOKMARK.sub("", _PICTURE_LINK.sub("", text))


def _walk(elements: Iterable[Foreign], walk: _Walk, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    for element in elements:
        name = type(element).__name__
        if name == "Paragraph":
            _paragraph(element, walk)
        elif name == "Table":
            _table(element, walk, depth)
        elif name == "Image":
            _image(element, walk)
        elif name == "HeaderFooter":
            kind: BlockKind = "header" if element.type == "header" else "footer"
            walk.out.add(kind, _plain(element.text, walk), part=walk.part)
            _walk(_beside_text(element.paragraphs), walk, depth=depth + 1)
        elif name in ("Footnote", "Comment"):
            _note(element, walk, depth)
        elif name == "Equation" and element.script != _NO_FORMULA:
            walk.out.add("text", element.latex or element.script, part=walk.part)


def _paragraph(element: Foreign, walk: _Walk) -> None:
    source = element.provenance
    path = str(getattr(source, "path", "") or "")
    if path in _PROPERTIES:
        if element.heading_level and not walk.out.title:
            walk.out.title = element.text
        return
    text = _plain(element.text, walk)
    if "notesSlide" in path or path.endswith("#notes") or "/comments" in path:
        walk.out.add("note", text, part=walk.part)
    elif element.heading_level and len(text) <= HEADING_LENGTH:
        walk.out.add("heading", text, part=walk.part, level=element.heading_level)
    else:
        walk.out.add("text", text, part=walk.part)


def _note(element: Foreign, walk: _Walk, depth: int) -> None:
    text = _plain(element.text, walk).strip()
    author = getattr(element, "author", "")
    if author:
        text = f"{author}: {text}"
    elif element.number and element.type != "comment":
        text = f"[{walk.numbers.get(element.number, element.number)}] {text}"
    walk.out.add("note", text, part=walk.part)
    _walk(_beside_text(element.paragraphs), walk, depth=depth + 1)


def _image(element: Foreign, walk: _Walk) -> None:
    caption = _plain(element.caption_text, walk)
    alt = (element.alt_text or "").strip()
    shown = caption or ("" if _AUTO_CAPTION.match(alt) else alt)
    data = bytes(element.image_data or b"")
    walk.pictures += bool(data)
    walk.out.add("picture", shown, part=walk.part, image=data)


def _table(element: Foreign, walk: _Walk, depth: int) -> None:
    captions = [_plain(text, walk) for text in element.caption_text.split("\n") if text.strip()]
    above = str(element.caption_side).upper() in ("TOP", "LEFT")
    for caption in captions if above else ():
        walk.out.add("text", caption, part=walk.part)
    walk.out.add_table(set_table(_rows(element, walk)), part=walk.part)
    for caption in () if above else captions:
        walk.out.add("text", caption, part=walk.part)
    for row in element.rows:
        for cell in row:
            _walk(_beside_text(cell.paragraphs), walk, depth=depth + 1)


def _rows(element: Foreign, walk: _Walk) -> Iterator[list[Piece]]:
    """The cells of a table with their places; the shadows of merged cells are left out."""
    if walk.grows_down:
        yield from _rows_by_marks(element, walk)
        return
    for row in element.rows:
        yield [
            _piece(cell, walk, col=position if cell.col is None else cell.col)
            for position, cell in enumerate(row)
            if not cell.is_merged_away
        ]


def _rows_by_marks(element: Foreign, walk: _Walk) -> list[list[Piece]]:
    """Of a DOCX the library keeps one mark for a cell that goes on downwards, however wide it is.

    So places are counted anew: the mark belongs to the cell above that begins in its column, and
    makes it longer by one row.
    """
    above: dict[int, tuple[int, int]] = {}
    rows: list[list[Piece]] = []
    for number, row in enumerate(element.rows):
        here: dict[int, tuple[int, int]] = {}
        placed: list[Piece] = []
        rows.append(placed)
        col = skip = 0
        for cell in row:
            if skip and cell.is_merged_away:  # the rest of the wide cell before
                skip -= 1
                continue
            if cell.is_merged_away and col in above:
                owner_row, at = above[col]
                owner = rows[owner_row][at]
                rows[owner_row][at] = replace(owner, row_span=number - owner_row + 1)
                here[col] = above[col]
                col += owner.col_span
                continue
            piece = replace(_piece(cell, walk, col=col), row=number, row_span=1)
            here[col] = (number, len(placed))
            placed.append(piece)
            col += max(cell.col_span, 1)
            skip = max(cell.col_span, 1) - 1
        above = here
    return rows


def _piece(cell: Foreign, walk: _Walk, *, col: int) -> Piece:
    return Piece(
        text=_plain(cell.text, walk),
        row=cell.row,
        col=col,
        row_span=cell.row_span,
        col_span=cell.col_span,
    )


def _beside_text(elements: Iterable[Foreign], depth: int = 0) -> Iterator[Foreign]:
    """What a cell's or a note's own text leaves out: notes, headers and pictures inside it."""
    for element in elements:
        name = type(element).__name__
        if name in ("Footnote", "Comment", "HeaderFooter", "Image"):
            yield element
        elif name == "Table" and depth < MAX_DEPTH:
            for row in element.rows:
                for cell in row:
                    yield from _beside_text(cell.paragraphs, depth + 1)
