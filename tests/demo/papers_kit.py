"""The documents page with real readers and a model of our own behind it.

Admission, the process that parses, page drawing, search, queue and page are the real ones; the
foundation model points at the first line that it is offered.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.papers.room import PaperRoom
from demo.wiring import make_room
from pipelines.build import previews_of, readers_of
from pipelines.document import DocumentPipeline
from pipelines.drafting.case import CategoryCandidate
from pipelines.drafting.draft import Drafter
from pipelines.drafting.policy import load_policy
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Vectorer
from pipelines.foundation.fake import FakeModel
from pipelines.media.worker import Worker
from pipelines.places import Areas
from pipelines.settings import ASSETS, Settings
from pipelines.types import Ask
from tests.pipelines.drafting.paper_kit import PairsEmbedder
from tests.pipelines.readers import paper_kit

if TYPE_CHECKING:
    from PIL.Image import Image

NOTICE = (
    "나래길 보도 정비 안내",
    "지난달 비에 보도블록이 내려앉아 주민 두 명이 다쳤습니다.",
    "내려앉은 곳을 하루빨리 고쳐 주시기 바랍니다.",
)
DEADLINE = "공사 신청은 2026년 12월 4일까지 도로과에서 받습니다."
QUESTION = "공사 신청은 언제까지입니까?"
FORM = (("신청인", "한가온"), ("전화번호", "010-1234-5678"), ("신청 금액", "1,250,000원"))


class PointingModel(FakeModel):
    """Points at the line that shares most with the question, or at the first ones."""

    def __init__(self, pace_s: float = 0.0) -> None:
        super().__init__([], pace_s)

    def _next(self, ask: Ask) -> str:
        with self._taken:
            self.asks.append(ask)
        wanted: Any = (ask.schema or {}).get("properties", {})
        if "line" in wanted:
            return json.dumps(_pointed(ask.user), ensure_ascii=False)
        if "lines" in wanted:
            return json.dumps({"lines": [1, 2]})
        return json.dumps(
            {"place": "", "urgency": "high", "title": 0, "summary": [1], "request": 2}
        )


def _pointed(user: str) -> dict[str, object]:
    lines, _, question = user.rpartition("question:")
    numbered = [line for line in lines.splitlines() if line.startswith("[")]
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    scores = [sum(pair in line for pair in pairs) for line in numbered]
    best = max(range(len(scores)), key=scores.__getitem__, default=-1)
    if best < 0 or scores[best] < 4:
        return {"line": 0, "answer": ""}
    return {"line": best + 1, "answer": numbered[best].partition("] ")[2][:50]}


class OneCategory:
    def rank(self, text: str) -> tuple[CategoryCandidate, ...]:
        assert text
        return (CategoryCandidate(category="교통", confidence=0.8),)

    def department(self, text: str, category: str) -> str:
        assert text
        return "교통행정과"

    def warm(self) -> None:
        return


def blurred(picture: Image) -> Image:
    """Stands for the blurring of faces: everything that holds a picture turns plain blue."""
    from PIL import Image

    return Image.new("RGB", picture.size, (0, 0, 255))


@contextlib.contextmanager
def a_room(settings: Settings, pace_s: float = 0.0) -> Iterator[PaperRoom]:
    """A room whose lanes do not run yet; every process that it started ends with it."""
    model = PointingModel(pace_s)
    worker = Worker()
    policy = load_policy(ASSETS / "policy" / "policy.toml")
    pipeline = DocumentPipeline(
        reader=readers_of(settings, worker, previews_of(settings)),
        drafter=Drafter(model=model, policy=policy, classifier=OneCategory(), areas=Areas.load()),
        answerer=Answerer(model=model),
        vectorer=Vectorer(PairsEmbedder()),
    )
    room = make_room(settings, policy, pipeline, blurred)
    try:
        yield room
    finally:
        room.desk.close()
        worker.close()
        model.close()


def notice_pdf(path: Path, pages: int = 2, **saved: Any) -> Path:
    """A Korean notice; the deadline stands low on its second page."""

    def first(sheet: Any) -> None:
        for number, line in enumerate(NOTICE):
            sheet.insert_text((72, 100 + 40 * number), line, fontname="korea", fontsize=12)

    def second(sheet: Any) -> None:
        sheet.insert_text((72, 90), "신청 방법", fontname="korea", fontsize=15)
        sheet.insert_text((72, 700), DEADLINE, fontname="korea", fontsize=12)

    def other(sheet: Any) -> None:
        text = f"{sheet.number + 1}. 부속 규정은 따로 정하여 누리집에 올립니다."
        sheet.insert_text((72, 90), text, fontname="korea", fontsize=12)

    return paper_kit.pdf(path, first, second, *([other] * (pages - 2)), **saved)


def form_pdf(path: Path, rows: Sequence[tuple[str, str]] = FORM) -> Path:
    """A form with a ruled table of labels and values."""

    def draw(sheet: Any) -> None:
        sheet.insert_text((72, 80), "지원금 신청서", fontname="korea", fontsize=16)
        for number, (label, value) in enumerate(rows):
            top = 110 + 36 * number
            sheet.draw_rect((72, top, 200, top + 36))
            sheet.draw_rect((200, top, 520, top + 36))
            sheet.insert_text((80, top + 23), label, fontname="korea", fontsize=11)
            sheet.insert_text((210, top + 23), value, fontname="korea", fontsize=11)

    return paper_kit.pdf(path, draw)
