"""PagedDocument -> passages: sentences and table rows, each with its exact box and its headings.

What a person doesn't see on the page (white on white, under a picture) is counted in a note and
goes no further: no prompt, no search and no draft reads it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.readers.boxes import Placed
from pipelines.readers.pages import Block, BlockKind, Line, Page, PagedDocument
from pipelines.readers.tables import rows_of
from pipelines.types import Box, Evidence, Language, Note, PageSpot
from pipelines.writing import language_of, sentence_spans, squeezed

HIDDEN = "document.hidden_text"
LONGEST_HEADING = 60
NEAR, COLUMN = 0.08, 0.3
"""Of a page's width: lines that begin so close to each other are one column; the narrowest one."""
SHORT = 40
"""A numbered line up to so many letters is a heading."""
ARROW = " › "
FRAME_WORDS = frozenset(
    "영상 동영상 비디오 녹화 녹화본 촬영 화면 장면 카메라 블랙박스 글자 글씨 글 글귀 문구 문장 "
    "자막 표지판 간판 현수막 안내판 팻말 사람 화자 목소리 말 용건 요지 처음 마지막 "
    "보이 나오 나타나 들리 쓰이 적히 "
    "video clip film footage recording camera screen picture frame scene sign caption text words "
    "word writing letters board banner subtitle speaker person voice say says said speak appear "
    "appears shown show shows see seen visible first last".split()
)
"""By which one speaks of a video as such."""
_MARK = r"(?:[-–—•·∙▪■□○●◦◇◆※*▶]|[①-⑳]|[가-하][.)]|\(?\d{1,2}[.)]|\([가-하]\))"
_NEW_ITEM = re.compile(rf"\s*(?:{_MARK}\s|제\s?\d+\s?[장절관조]|[^\s:：.]{{1,14}}\s?[:：]\s)")
_CLAUSE = re.compile(r"\s*(제\s?\d+\s?조(?:의\s?\d+)?\s*(?:[((][^))]{1,40}[))])?)")
_CHAPTER = re.compile(r"\s*제\s?\d+\s?(?P<rank>[편장절관])\s?\S")
_NUMBERED = re.compile(r"\s*(?:\d{1,2}|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+)\.\s+[^\n:：.]*[^\n:：.,다요]\s*$")
_RANKS = {"편": 1, "장": 2, "절": 3, "관": 4}
CLAUSE_LEVEL = 5
_REPEATED: frozenset[BlockKind] = frozenset({"header", "footer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One sentence, heading or table row: the smallest thing that is found and cited."""

    evidence: Evidence
    kind: BlockKind
    told: str
    """The text as it is told to a model: of a table row, with the names of its columns."""
    heading: str = ""
    """The headings that it stands under, without the document's title."""
    level: int = 0
    """Of a heading, from 1."""
    names_columns: bool = False
    """The first row of a table, where it only names the columns."""
    when: str = ""
    """Of a video: its time, for the answer. It is no part of what is searched and checked: it would
    pass for the figure that is asked for."""

    @property
    def spot(self) -> PageSpot:
        """Where it stands."""
        assert isinstance(self.evidence.where, PageSpot)  # noqa: S101 - made here
        return self.evidence.where


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """One document as passages. The index of a passage is that of its evidence."""

    source: str
    title: str
    language: Language
    passages: tuple[Passage, ...]
    notes: tuple[Note, ...] = ()
    frame_words: frozenset[str] = frozenset()
    """By which one speaks of a document of this kind as such: a line that answers need not hold
    them."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The evidence of every passage, in reading order."""
        return tuple(passage.evidence for passage in self.passages)


def evidence_of(document: PagedDocument, source: str) -> tuple[Evidence, ...]:
    """The evidence alone. `source` is the sha256 of the file."""
    return read_document(document, source).evidence


def read_document(
    document: PagedDocument, source: str, language: Language | None = None
) -> ReadDocument:
    """Every visible sentence, heading and table row, in reading order; `language` None = told by
    the letters.
    """
    shown = [(page, block) for page in document.pages for block in page.blocks if not block.hidden]
    spoken = language or language_of(" ".join(block.text for _, block in shown))
    title = document.title.strip() or _first_heading(shown)
    maker = _Maker(source=source, language=spoken, title=title)
    for page, block in shown:
        maker.take(page, block)
    return ReadDocument(
        source=source,
        title=title,
        language=spoken,
        passages=tuple(maker.passages),
        notes=(*document.notes, *_hidden_note(document)),
    )


def _hidden_note(document: PagedDocument) -> list[Note]:
    """The note about hidden text, unless the reader wrote one itself."""
    pages = sorted({page.page_no for page in document.pages for b in page.blocks if b.hidden})
    if not pages or any(note.code == HIDDEN for note in document.notes):
        return []
    return [Note(code=HIDDEN, facts={"count": len(pages), "page_no": pages[0]})]


def _first_heading(shown: Sequence[tuple[Page, Block]]) -> str:
    for page, block in shown:
        if block.kind == "heading" and page.page_no == 1:
            return " ".join(block.text.split())[:LONGEST_HEADING]
    return ""


class _Maker:
    """Walks the blocks in order and remembers the headings above."""

    def __init__(self, *, source: str, language: str, title: str) -> None:
        self.passages: list[Passage] = []
        self._source = source
        self._language = language
        self._title = squeezed(title)
        self._above: list[tuple[int, str]] = []
        self._repeated: set[str] = set()

    def take(self, page: Page, block: Block) -> None:
        if block.kind in _REPEATED:
            same = re.sub(r"[\d\W]+", "", squeezed(block.text))
            if not same or same in self._repeated:  # a page number, or what stands on every page
                return
            self._repeated.add(same)
        if block.table is not None:
            self._take_table(page, block)
            return
        placed = Placed(block.text, block.lines, block.box_pt)
        for start, end in _units(placed, _line_end(page, block)):
            self._take_unit(page, block, placed.part(start, end))

    def _take_unit(self, page: Page, block: Block, placed: Placed) -> None:
        text = " ".join(placed.text.split())
        if not text:
            return
        level = self._open_heading(block, text)
        self._add(page, block, text, text, placed.box, placed, level)

    def _take_table(self, page: Page, block: Block) -> None:
        assert block.table is not None  # noqa: S101 - the caller looked
        for row in rows_of(block.table, block.lines, block.box_pt):
            placed = Placed(row.text, (Line(text=row.text, box_pt=row.box_pt),), row.box_pt)
            self._add(page, block, row.text, row.told, row.box_pt, placed, 0, row.names_columns)

    def _add(
        self,
        page: Page,
        block: Block,
        text: str,
        told: str,
        box: Box,
        placed: Placed,
        level: int,
        names_columns: bool = False,
    ) -> None:
        found = Evidence(
            source=self._source,
            where=PageSpot(
                page_no=page.page_no, box_pt=box, page_pt=(page.width_pt, page.height_pt)
            ),
            text=text,
            confidence=placed.confidence(block.confidence),
            language=self._language,
            origin=block.origin,
        )
        above = [name for depth, name in self._above if not level or depth < level]
        heading = ARROW.join(name for name in above if squeezed(name) != self._title)
        self.passages.append(
            Passage(
                evidence=found,
                kind="heading" if level and level != CLAUSE_LEVEL else block.kind,
                told=told,
                heading=heading,
                level=level,
                names_columns=names_columns,
            )
        )

    def _open_heading(self, block: Block, text: str) -> int:
        """The level where a unit is a heading, or a clause begins with it; else 0."""
        clause = _CLAUSE.match(text)
        chapter = _CHAPTER.match(text)
        if clause and (block.kind == "heading" or clause.group(1).endswith((")", ")"))):
            level, name = CLAUSE_LEVEL, " ".join(clause.group(1).split())
        elif chapter and len(text) <= LONGEST_HEADING and (block.kind in ("heading", "text")):
            level, name = _RANKS[chapter["rank"]], text
        elif block.kind == "heading":
            level, name = min(max(block.level, 1), CLAUSE_LEVEL - 1), text[:LONGEST_HEADING]
        elif block.kind == "text" and len(block.text) < SHORT and _NUMBERED.match(block.text):
            level, name = 2, text  # a scan or a plain text doesn't say what is a heading
        else:
            return 0
        self._above = [(depth, above) for depth, above in self._above if depth < level]
        self._above.append((level, name))
        return level


def _line_end(page: Page, block: Block) -> float:
    """How far to the right lines go that begin where those of the block do; inf: no wrapped line.

    A block that is narrow for its page is a label or an address, whose lines end where they end.
    """
    if "\n" not in block.text:
        return math.inf
    near = NEAR * page.width_pt
    end = max(
        line.box_pt[2]
        for other in page.blocks
        if not other.hidden
        and other.table is None
        and abs(other.box_pt[0] - block.box_pt[0]) <= near
        for line in (*other.lines, Line(text="", box_pt=other.box_pt))
    )
    return end if end - block.box_pt[0] >= COLUMN * page.width_pt else math.inf


def _units(placed: Placed, line_end: float) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence or list item of a block."""
    text = placed.text
    breaks = [start for start in placed.line_starts() if start and _NEW_ITEM.match(text, start)]
    ends = [match.start() for match in re.finditer(r"\n", text)]
    breaks += [at for at in ends if not placed.wraps(at, line_end)]
    edges = sorted({0, *breaks, len(text)})
    for start, end in itertools.pairwise(edges):
        for left, right in sentence_spans(text[start:end]):
            yield start + left, start + right
