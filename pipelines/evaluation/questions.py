"""Questions about our own documents: right answers, honest refusals, boxes that hit.

Each question is asked of ITS document among all of its split when `among` is set, else of it alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from pipelines.drafting.question import Answer, Answerer
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.evaluation.own_papers import Question, Source, pages_of, questions, sources
from pipelines.evaluation.stats import Figure, share
from pipelines.evaluation.table import Line
from pipelines.readers.boxes import overlap
from pipelines.readers.evidence import ReadDocument, read_document
from pipelines.readers.pages import PagedDocument
from pipelines.types import Box, PageSpot
from pipelines.writing import squeezed

HITS = 0.5
"""Intersection over union from which a box counts as right."""
Reader = Callable[[Source], PagedDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, its answer and what is true."""

    question: Question
    answer: Answer
    truth: tuple[str, int, Box] | None
    """(source, page, box) of the sentence that carries the answer."""

    @property
    def right(self) -> bool:
        """Every fact is in the answer, and the answer cites the file."""
        if not self.answer.answered or not self.question.answers:
            return False
        said = squeezed(self.answer.text)
        facts = all(any(squeezed(way) in said for way in ways) for ways in self.question.answers)
        assert self.truth is not None  # noqa: S101 - every question with answers has one
        return facts and self.answer.citations[0].source == self.truth[0]

    @property
    def box_hits(self) -> bool:
        """The citation lies on the sentence that carries the answer."""
        if self.truth is None or not self.answer.citations:
            return False
        cited = self.answer.citations[0]
        assert isinstance(cited.where, PageSpot)  # noqa: S101 - documents have pages
        same_page = (cited.source, cited.where.page_no) == self.truth[:2]
        return same_page and overlap(cited.where.box_pt, self.truth[2]) >= HITS


def ask_all(
    split: str,
    answerer: Answerer,
    vectorer: Vectorer,
    *,
    among: bool = False,
    read: Reader = pages_of,
    on_each: Callable[[Asked], None] = lambda asked: None,
) -> list[Asked]:
    """Ask every question of a split; `among`: of all its documents at once."""
    papers = [source for source in sources() if source.split == split]
    documents = {source.id: read_document(read(source), source.sha256) for source in papers}
    together = Index(list(documents.values()), vectorer)
    alone = {name: Index([document], vectorer) for name, document in documents.items()}
    for index in (together, *alone.values()):
        index.warm()  # as the page does in the background while a person types
    found = []
    for question in questions(split):
        index = together if among else alone[question.doc]
        truth = truth_of(question, documents[question.doc])
        asked = Asked(
            question=question, answer=answerer.answer(index, question.question), truth=truth
        )
        found.append(asked)
        on_each(asked)
    return found


def truth_of(question: Question, document: ReadDocument) -> tuple[str, int, Box] | None:
    """Where the sentence stands, from the source's own layout."""
    if not question.at:
        return None
    wanted = squeezed(question.at)
    for passage in document.passages:
        if wanted in squeezed(passage.evidence.text):
            return document.source, passage.spot.page_no, passage.spot.box_pt
    raise ValueError(f"{question.id}: {question.at!r} stands nowhere")


def lines_of(asked: Sequence[Asked], prefix: str = "") -> list[Line]:
    """The figures of one run."""
    answerable = [one for one in asked if one.question.answers]
    unanswerable = [one for one in asked if not one.question.answers]
    right = [one for one in answerable if one.right]
    refused = sum(not one.answer.answered for one in unanswerable)
    boxes = sum(one.box_hits for one in right)
    times = sorted(one.answer.elapsed_s for one in asked)
    figures = (
        ("answered right", share(len(right), len(answerable)), 0.80),
        ("refused where the documents don't say", share(refused, len(unanswerable)), 0.90),
        ("box of a right answer, IoU >= 0.5", share(boxes, len(right)), 0.95),
    )
    lines = [
        Line(name=prefix + name, figure=figure, goal=f">= {goal:.0%}", met=figure.value >= goal)
        for name, figure, goal in figures
    ]
    middle = median(times) if times else float("nan")
    timing = Figure(value=middle, low=times[0], high=times[-1], n=len(times))
    return [
        *lines,
        Line(name=prefix + "seconds an answer, median (least .. most)", figure=timing, unit="s"),
    ]


def measure(split: str) -> list[Line]:
    """Ask with the real model, each document alone."""
    from pipelines.build import build
    from pipelines.settings import load_settings

    parts = build(load_settings())
    try:
        parts.model.warm()
        parts.document.answerer.warm()
        asked = ask_all(split, parts.document.answerer, parts.document.vectorer, on_each=_show)
    finally:
        parts.close()
    return lines_of(asked)


def _show(asked: Asked) -> None:
    """One line a question, as it comes."""
    question, answer = asked.question, asked.answer
    if question.answers:
        verdict = "right" if asked.right else ("WRONG" if answer.answered else "REFUSED")
    else:
        verdict = "refused, rightly" if not answer.answered else "INVENTED"
    shown = f"{question.question} -> {answer.text}"
    print(
        f"{time.strftime('%H:%M:%S')} {question.id} {verdict}: {shown}",
        flush=True,
    )
