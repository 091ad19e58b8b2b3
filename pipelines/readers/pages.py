"""What every document reader hands over: pages of blocks, each block with its box on its page.

A page format (PDF, a scan, a photo of paper) yields `Page`s at once. A flow format (HWP, DOCX, a
table of numbers, a mail) has no pages of its own: its reader yields `Item`s, and
`readers.layout` sets them on preview pages, so that every statement has a page and a box to open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.types import Box, Note, Origin

BlockKind = Literal[
    "heading",
    "text",
    "table",
    "field",  # a form field: "name: value"
    "annotation",
    "header",
    "footer",
    "note",  # foot- and endnotes, speaker notes, memos
    "picture",  # text read inside a picture
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell; rows and columns count from 0."""

    row: int
    col: int
    text: str
    row_span: int = 1
    col_span: int = 1
    box_pt: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; a merged cell stands once, at its upper left corner."""

    rows: int
    cols: int
    cells: tuple[Cell, ...]
    continued: bool = False
    """It goes on from the table at the end of the page before; its rows count from 0 again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of a flow document, in reading order."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    """Of a heading, from 1."""
    table: Table | None = None
    part: str = ""
    """The sheet, slide or chapter it stands in; a new part starts a new preview page."""
    image: bytes = b""
    """Of a picture: the file that the document holds, as it is; set on the preview page, so that
    what reads print can look at it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One printed line. `confidence` in [0, 1], 1.0 where the file itself holds the text."""

    text: str
    box_pt: Box
    confidence: float = 1.0
    letters: tuple[Box, ...] = ()
    """The box of each letter of `text`, blanks too, where the reader knows them; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, table, ... of a page."""

    kind: BlockKind
    text: str
    """The whole text, lines joined as they are read; of a table, rows by newline, cells by tab."""
    box_pt: Box
    lines: tuple[Line, ...] = ()
    level: int = 0
    table: Table | None = None
    confidence: float = 1.0
    hidden: bool = False
    """A person doesn't see it: white on white, off the page, under a picture, tiny."""
    origin: Origin = "reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Origin at the top left, in points, as a person sees the page (rotation applied)."""

    page_no: int
    """From 1."""
    width_pt: float
    height_pt: float
    blocks: tuple[Block, ...]
    by_ocr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedDocument:
    """One document, read."""

    pages: tuple[Page, ...]
    preview: Path
    """A PDF or a picture that shows these pages with the same geometry: the file itself where it
    is one, or the preview that was set for a flow document."""
    title: str = ""
    notes: tuple[Note, ...] = ()
