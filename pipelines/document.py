"""The document pipeline: files -> pages -> evidence -> draft, answers. Orchestration only."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.draft import Drafter
from pipelines.drafting.question import Answer, Answerer
from pipelines.drafting.result import case_of, resting
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.drafting.written import Written, shortlist
from pipelines.errors import MediaRejected
from pipelines.readers.documents import DocumentReader
from pipelines.readers.evidence import ReadDocument, read_document
from pipelines.readers.pages import PagedDocument
from pipelines.refusals import DocumentNoText
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    EvidenceFound,
    Language,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    ignore,
)

DRAFTED_FROM = 60
"""A draft rests on so many passages at most: the head of each paper, its wishes and complaints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One file, read."""

    media: MediaFile
    pages: PagedDocument
    document: ReadDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """One or several files, read; ask and draft as often as you like."""

    media: tuple[MediaFile, ...]
    """Those that could be read, in their order."""
    pages: tuple[PagedDocument, ...]
    index: Index
    notes: tuple[Note, ...]
    read_s: float

    @property
    def documents(self) -> tuple[ReadDocument, ...]:
        """One a file."""
        return self.index.documents

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Of all files, in order: what every citation's index counts."""
        return tuple(passage.evidence for passage in self.index.passages)

    @property
    def language(self) -> Language:
        """That of the longest."""
        return max(self.documents, key=lambda document: len(document.passages)).language


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """The case, and the answer where something was asked."""

    case: CaseResult
    papers: Papers
    answer: Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPipeline:
    """Reader, drafter and answerer are handed in; they share one loaded model."""

    reader: DocumentReader
    drafter: Drafter
    answerer: Answerer
    vectorer: Vectorer
    today: Callable[[], dt.date] = day_in_korea
    """The day the papers are received, in Korea."""

    def warm(self) -> None:
        """Run the fixed prefixes of drafts and questions through the model. Raises ModelError."""
        self.drafter.warm(Written())
        self.answerer.warm()

    def run(
        self,
        media: Sequence[MediaFile],
        *,
        question: str = "",
        language: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> DocumentResult:
        """Read all files, draft ONE case from them, and answer the question if there is one.

        Raises MediaRejected where no file can be read (the first refusal), and Cancelled.
        """
        papers = self.read(media, language=language, on_event=on_event, cancel=cancel)
        answer = self.ask(papers, question, on_event=on_event, cancel=cancel) if question else None
        case = self.draft(papers, on_event=on_event, cancel=cancel)
        on_event(Progress(stage="done", fraction=1.0))
        return DocumentResult(case=case, papers=papers, answer=answer)

    def read(
        self,
        media: Sequence[MediaFile],
        *,
        language: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Papers:
        """Read the files one by one; a file that is refused is named in a note.

        Raises ValueError without a file, MediaRejected where all are refused, Cancelled.
        """
        if not media:
            raise ValueError("no file to read")
        started = time.monotonic()
        kept: list[Paper] = []
        notes: list[Note] = []
        refusals: list[MediaRejected] = []
        count = 0
        for number, file in enumerate(media):
            if cancel is not None:
                cancel.check()
            on_event(Progress(stage="reading", fraction=number / len(media)))
            try:
                paper = self.read_one(file, language=language, on_event=on_event, cancel=cancel)
            except MediaRejected as refusal:
                refusal.file = file.name
                refusals.append(refusal)
                notes.append(refused_note(refusal, file.name))
                continue
            for evidence in paper.document.evidence:
                on_event(EvidenceFound(index=count, evidence=evidence))
                count += 1
            kept.append(paper)
        if not kept:
            raise refusals[0]
        read_s = time.monotonic() - started
        made = self.together(kept, read_s=read_s)
        return replace(made, notes=(*notes, *made.notes))

    def read_one(
        self,
        file: MediaFile,
        *,
        language: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Paper:
        """Read one file. Raises MediaRejected, DocumentNoText among them, and Cancelled."""
        pages = self.reader.read(file, on_event, cancel)
        document = read_document(pages, file.sha256, language)
        if not document.passages:
            raise DocumentNoText
        return Paper(media=file, pages=pages, document=document)

    def together(self, papers: Sequence[Paper], *, read_s: float = 0.0) -> Papers:
        """Read files as one set to ask and to draft from. Milliseconds to 2 s (300 pages)."""
        return Papers(
            media=tuple(paper.media for paper in papers),
            pages=tuple(paper.pages for paper in papers),
            index=Index([paper.document for paper in papers], self.vectorer),
            notes=tuple(note for paper in papers for note in paper.document.notes),
            read_s=read_s,
        )

    def ask(
        self,
        papers: Papers,
        question: str,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Answer:
        """Answer a question from the papers. Raises Cancelled."""
        return self.answerer.answer(papers.index, question, on_event=on_event, cancel=cancel)

    def lines(self, papers: Papers) -> tuple[str, ...]:
        """What the model may point at while it drafts: its answer so far is told in these."""
        evidence = papers.evidence
        few = [evidence[i] for i in resting(self.drafter.media, evidence, _few(papers))]
        return Written().choose(few, self.drafter.areas).texts

    def draft(
        self, papers: Papers, *, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> CaseResult:
        """Draft the case. A model that fails does not raise; raises Cancelled."""
        return case_of(
            self.drafter,
            papers.media,
            papers.evidence,
            few=_few(papers),
            language=papers.language,
            today=self.today(),
            form=Written(),
            notes=papers.notes,
            read_s=papers.read_s,
            on_event=on_event,
            cancel=cancel,
        )


def refused_note(refusal: MediaRejected, name: str) -> Note:
    """Names the file that was left out, and why."""
    return Note(
        code="document.refused", facts={**refusal.facts, "name": name, "reason": refusal.code}
    )


def _few(papers: Papers) -> list[int]:
    """The passages that the draft may rest on: from every file some."""
    share = max(6, DRAFTED_FROM // len(papers.documents))
    found: list[int] = []
    first = 0
    for document in papers.documents:
        texts = [passage.evidence.text for passage in document.passages]
        found += [first + index for index in shortlist(texts, share)]
        first += len(texts)
    return found[: 2 * DRAFTED_FROM]
