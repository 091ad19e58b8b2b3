"""Our own documents: their source in assets/samples/documents/ -> pages with known boxes."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.readers.pages import Block, BlockKind, Cell, Line, Page, PagedDocument, Table
from pipelines.settings import ASSETS
from pipelines.types import Box, Language

FOLDER = ASSETS / "samples" / "documents"
WIDTH_PT, HEIGHT_PT = 595.0, 842.0
MARGIN_PT = 60.0
SIZE_PT = 11.0
LEADING_PT = 18.0

Split = Literal["dev", "test"]


class Source(BaseModel):
    """One document as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    split: Split
    language: Language
    kind: str
    title: str
    body: str

    @property
    def sha256(self) -> str:
        """Stands for a file's."""
        return hashlib.sha256(self.body.encode()).hexdigest()


class Question(BaseModel):
    """One question and what is true of it; see assets/samples/documents/README.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    doc: str
    language: Language
    question: str
    answers: list[list[str]]
    at: str


@functools.cache
def sources() -> tuple[Source, ...]:
    """All documents, by id."""
    files = sorted(FOLDER.glob("*.toml"))
    return tuple(Source.model_validate(tomllib.loads(f.read_text("utf-8"))) for f in files)


def questions(split: str) -> list[Question]:
    """The questions about the documents of a split."""
    lines = (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()
    held = {source.id for source in sources() if source.split == split}
    rows = [Question.model_validate(json.loads(line)) for line in lines if line.strip()]
    return [row for row in rows if row.doc in held]


def pages_of(source: Source, preview: Path = Path("preview.pdf")) -> PagedDocument:
    """The document as a perfect reader would hand it over."""
    pages = [_page(number, part) for number, part in enumerate(source.body.split("\n---\n"), 1)]
    return PagedDocument(pages=tuple(pages), preview=preview, title=source.title)


def _page(number: int, text: str) -> Page:
    setter = _Setter()
    for paragraph in paragraphs(text):
        setter.add(paragraph)
    return Page(
        page_no=number, width_pt=WIDTH_PT, height_pt=setter.bottom_pt, blocks=tuple(setter.blocks)
    )


def paragraphs(text: str) -> Iterator[list[str]]:
    """Runs of lines between empty ones; list items stand alone."""
    run: list[str] = []
    for line in [*text.strip().splitlines(), ""]:
        if run and (not line.strip() or line.startswith(("#", "- "))):
            yield run
            run = []
        if line.strip():
            run.append(line.strip())


class _Setter:
    """Sets paragraphs one under the other, in the widths of a plain typeface."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._top_pt = MARGIN_PT

    @property
    def bottom_pt(self) -> float:
        return max(HEIGHT_PT, self._top_pt + MARGIN_PT)

    def add(self, lines: list[str]) -> None:
        if lines[0].startswith("|"):
            self._add_table([_cells(line) for line in lines])
        elif lines[0].startswith("#"):
            level = len(lines[0]) - len(lines[0].lstrip("#"))
            self._add_text("heading", lines[0].lstrip("# "), level)
        else:
            self._add_text("text", " ".join(lines), 0)

    def _add_text(self, kind: BlockKind, text: str, level: int) -> None:
        lines = []
        for row in _broken(text, WIDTH_PT - 2 * MARGIN_PT):
            right = MARGIN_PT + width_of(row)
            box = (MARGIN_PT, self._top_pt, right, self._top_pt + SIZE_PT + 2)
            lines.append(Line(text=row, box_pt=box))
            self._top_pt += LEADING_PT
        box = (MARGIN_PT, lines[0].box_pt[1], max(x.box_pt[2] for x in lines), lines[-1].box_pt[3])
        self.blocks.append(Block(kind=kind, text=text, box_pt=box, lines=tuple(lines), level=level))
        self._top_pt += LEADING_PT / 2

    def _add_table(self, rows: list[list[str]]) -> None:
        top, cols = self._top_pt, max(map(len, rows))
        wide = (WIDTH_PT - 2 * MARGIN_PT) / cols
        cells = []
        for number, row in enumerate(rows):
            for col, text in enumerate(row):
                left = MARGIN_PT + col * wide
                box: Box = (left, self._top_pt, left + wide, self._top_pt + LEADING_PT)
                cells.append(Cell(row=number, col=col, text=text, box_pt=box))
            self._top_pt += LEADING_PT
        self.blocks.append(
            Block(
                kind="table",
                text="\n".join("\t".join(row) for row in rows),
                box_pt=(MARGIN_PT, top, WIDTH_PT - MARGIN_PT, self._top_pt),
                table=Table(rows=len(rows), cols=cols, cells=tuple(cells)),
            )
        )
        self._top_pt += LEADING_PT / 2


def width_of(text: str, size_pt: float = SIZE_PT) -> float:
    """In points, as a plain typeface sets it."""
    wide = sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.55 for sign in text)
    return wide * size_pt


def _broken(text: str, room_pt: float) -> list[str]:
    """Lines that fit, broken between words; a text without blanks between signs."""
    lines = [""]
    words = text.split(" ") if " " in text else list(text)
    blank = " " if " " in text else ""
    for word in words:
        longer = f"{lines[-1]}{blank}{word}" if lines[-1] else word
        if lines[-1] and width_of(longer) > room_pt:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
