"""A drafter with a fake model and without weights, and evidence as speech recognition gives it."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.drafting.case import CategoryCandidate
from pipelines.drafting.draft import Drafted, Drafter
from pipelines.drafting.policy import Policy, load_policy
from pipelines.foundation.fake import FakeModel
from pipelines.places import Areas
from pipelines.settings import ASSETS
from pipelines.types import Cancel, Evidence, OnEvent, TimeSpan, Word, ignore

TODAY = dt.date(2026, 11, 24)
STREET_LAMP = (
    "마포구 성산동 놀이터 앞 가로등이 꺼졌어요.",
    "벌써 세 번이나 전화했습니다.",
    "빨리 고쳐 주세요.",
)
GOOD = {
    "place": "마포구 성산동 놀이터 앞",
    "urgency": "normal",
    "title": "꺼진 가로등",
    "summary": "마포구 성산동 놀이터 앞 가로등이 꺼져서 세 번 전화했습니다.",
    "request": "가로등을 고쳐 주시기 바랍니다.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRanker:
    """A Ranker of ours that knows its answer."""

    first: str = "안전건설"
    confidence: float = 0.9
    sent_to: str = ""

    def warm(self) -> None:
        """Nothing to load."""

    def rank(self, text: str) -> tuple[CategoryCandidate, ...]:
        """Three candidates, whatever the text."""
        rest = (1 - self.confidence) / 2
        shares = {self.first: self.confidence, "교통": rest, "환경미화": rest}
        return tuple(CategoryCandidate(category=c, confidence=s) for c, s in shares.items())

    def department(self, text: str, category: str) -> str:
        """The policy's, unless told otherwise."""
        return self.sent_to or policy().category(category).department


@functools.cache
def policy() -> Policy:
    return load_policy(ASSETS / "policy" / "policy.toml")


@functools.cache
def areas() -> Areas:
    return Areas.load()


def heard(*texts: str, language: str = "ko", unsure: Sequence[str] = ()) -> tuple[Evidence, ...]:
    """Each text as a piece of 4 s; the words in `unsure` were not heard clearly."""
    return tuple(
        Evidence(
            source="a" * 64,
            where=TimeSpan(start_s=4.0 * i, end_s=4.0 * i + 3.5),
            text=text,
            confidence=0.9,
            language=language,
            words=tuple(
                Word(text=w, start_s=4.0 * i, end_s=4.0 * i + 1, confidence=0.9, unsure=w in unsure)
                for w in text.split()
            ),
        )
        for i, text in enumerate(texts)
    )


def answer(**changed: str) -> str:
    return json.dumps({**GOOD, **changed}, ensure_ascii=False)


def draft(
    answers: Sequence[str | Exception],
    evidence: tuple[Evidence, ...] = heard(*STREET_LAMP),
    *,
    language: str = "ko",
    ranker: FixedRanker | None = None,
    on_event: OnEvent = ignore,
    cancel: Cancel | None = None,
) -> tuple[Drafted, FakeModel]:
    """(what was drafted, the model with the asks it got)."""
    model = FakeModel(answers)
    drafter = Drafter(
        model=model, policy=policy(), classifier=ranker or FixedRanker(), areas=areas()
    )
    made = drafter.draft(evidence, language=language, today=TODAY, on_event=on_event, cancel=cancel)
    model.close()
    return made, model
