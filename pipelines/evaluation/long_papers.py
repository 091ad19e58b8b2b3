"""How long a person waits: a letter drafted, 300 pages opened and asked. Real model, warm."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines.document import Papers
from pipelines.drafting.digest import contents_of
from pipelines.drafting.retrieve import Index
from pipelines.evaluation.own_papers import Source, pages_of
from pipelines.evaluation.stats import Figure
from pipelines.evaluation.table import Line
from pipelines.readers.evidence import read_document
from pipelines.types import MediaFile, Reply

T = TypeVar("T")
BOOK_PAGES, LETTER_PAGES = 300, 5
PARAGRAPHS = 8
_SUBJECTS = "도로 하수관 가로등 공원 경로당 도서관 주차장 어린이집 체육관 시장 농로 하천".split()
_DEEDS = "정비 점검 보수 신설 위탁 감독 청소 평가 조사 교육 홍보 정산".split()


def book(pages: int) -> Source:
    """Plain office prose from chance, with one fact on a late page that a question is about."""
    chance = random.Random(7)  # noqa: S311 - prose, not secrets
    parts = []
    for page in range(1, pages + 1):
        rows = [f"## {page}. {chance.choice(_SUBJECTS)} {chance.choice(_DEEDS)} 업무"]
        for _ in range(PARAGRAPHS):
            what, deed = chance.choice(_SUBJECTS), chance.choice(_DEEDS)
            rows.append(
                f"{what} {deed} 업무는 담당 부서가 {chance.randrange(2, 60)}일 안에 처리한다. "
                f"필요한 경비는 {chance.randrange(10, 900)}만 원의 범위에서 집행하며, "
                f"결과는 {chance.choice(_DEEDS)} 담당자에게 알린다."
            )
        if page == pages - 17:
            rows.append("천문대 망원경의 정기 점검은 해마다 11월 둘째 주에 한다.")
        parts.append("\n\n".join(rows))
    body = "\n---\n".join(parts)
    return Source(id="book", split="dev", language="ko", kind="guide", title="업무 편람", body=body)


def letter() -> Source:
    """Five pages that come to one request."""
    middle = book(LETTER_PAGES - 1).body
    head = (
        "# 나래길 보도 정비 요청\n\n수신: 새벌시장\n\n제목: 나래길 보도 정비 요청\n\n"
        "나래길 12번지 앞 보도블록이 지난달 비에 내려앉아 주민 두 명이 넘어져 다쳤습니다.\n\n"
        "내려앉은 곳을 하루빨리 고쳐 주시기 바랍니다."
    )
    body = f"{head}\n---\n{middle}"
    return Source(id="letter", split="dev", language="ko", kind="letter", title="", body=body)


def measure() -> list[Line]:
    """Each once, after a warm-up of the fixed prefixes; the model is the one of the settings."""
    from pipelines.build import build
    from pipelines.settings import load_settings

    parts = build(load_settings())
    pipeline = parts.document
    try:
        pipeline.warm()
        source = book(BOOK_PAGES)
        pages = pages_of(source)
        read_s, document = _timed(lambda: read_document(pages, source.sha256))
        contents_s, _ = _timed(lambda: contents_of(document))
        index_s, index = _timed(lambda: Index([document], pipeline.vectorer))
        question = "천문대 망원경은 언제 점검합니까?"
        answer = pipeline.answerer.answer(index, question)
        paper = letter()
        media = MediaFile(
            path=pages.preview,
            kind="document",
            media_type="text/plain",
            size_bytes=1,
            sha256="a" * 64,
        )
        read = read_document(pages_of(paper), media.sha256)
        papers = Papers(
            media=(media,),
            pages=(pages_of(paper),),
            index=Index([read], pipeline.vectorer),
            notes=(),
            read_s=0.0,
        )
        pipeline.drafter.warm()  # somebody else's call went through the model meanwhile
        draft_s, case = _timed(lambda: pipeline.draft(papers))
    finally:
        parts.close()
    right = float("둘째 주" in answer.text)
    return [
        _line(f"passages of {BOOK_PAGES} pages made", read_s),
        _line("table of contents", contents_s, 3.0),
        _line(f"index of {BOOK_PAGES} pages", index_s),
        _line(f"answer over {BOOK_PAGES} pages", answer.elapsed_s, 6.0),
        Line(name="  and it is right", figure=Figure(value=right, low=right, high=right, n=1)),
        _line(f"draft of a {LETTER_PAGES}-page letter", draft_s, 8.0),
        *_tokens("answer", answer.replies),
        *_tokens("draft", case.replies),
    ]


def _tokens(name: str, replies: tuple[Reply, ...]) -> list[Line]:
    """What the model had to read anew and to write: seconds on another machine follow from it."""
    read = sum(reply.prompt_tokens - reply.cached_tokens for reply in replies)
    written = sum(reply.output_tokens for reply in replies)
    return [
        Line(name=f"  {name}: tokens {what}", figure=Figure(value=n, low=n, high=n, n=1), unit="")
        for what, n in (("read anew", float(read)), ("written", float(written)))
    ]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.monotonic()
    made = work()
    return time.monotonic() - started, made


def _line(name: str, seconds: float, goal_s: float | None = None) -> Line:
    figure = Figure(value=seconds, low=seconds, high=seconds, n=1)
    if goal_s is None:
        return Line(name=name, figure=figure, unit="s")
    return Line(
        name=name, figure=figure, unit="s", goal=f"<= {goal_s:.0f} s", met=seconds <= goal_s
    )
