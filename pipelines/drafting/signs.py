"""Whether a line answers a question, apart from what the model says: words, meaning, kind."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.drafting.retrieve import Hit, Index, tokens, words_of
from pipelines.drafting.wanted import wanted_by
from pipelines.writing import language_of

ENOUGH_WORDS = 0.5
"""Of what a question is about, weighted by rarity, a line with its headings must hold so much..."""
SOME_WORDS, ENOUGH_MEANING = 0.35, 0.90
"""...or so much, and be so alike in meaning."""
FOREIGN_MEANING = 0.78
"""The same across languages, where words can't tell."""

KIND_WORDS = frozenset(
    "요일 시간 기간 전화 번호 전화번호 연락처 전자우편 이메일 주소 퍼센트 금액 "
    "phone number telephone email address time date days day name".split()
)
"""What they ask for is looked at by its looks, not by the word: a line says 031-555-0142."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What speaks for and against a line."""

    words: float
    meaning: float
    kind: bool
    foreign: bool

    @property
    def enough(self) -> bool:
        if not self.kind:
            return False
        if self.foreign:
            return self.meaning >= FOREIGN_MEANING
        alike = self.words >= SOME_WORDS and self.meaning >= ENOUGH_MEANING
        return self.words >= ENOUGH_WORDS or alike


def signs_of(index: Index, question: str, hit: Hit) -> Signs:
    """What speaks for a line, apart from the model's choice."""
    passage = index.passages[hit.index]
    document = index.documents[index.owner[hit.index]]
    kind = wanted_by(question)
    around = " ".join((document.title, passage.heading, passage.told))
    return Signs(
        words=covered(index, question, around, document.frame_words),
        meaning=hit.meaning,
        kind=kind is None or kind.held.search(passage.told) is not None,
        foreign=language_of(question) != document.language,
    )


def covered(
    index: Index, question: str, text: str, frame_words: frozenset[str] = frozenset()
) -> float:
    """How much of what the question is about a text holds, 0 to 1, rare words counting more.

    `frame_words` count only where the question has no others.
    """
    held = set(tokens(text))
    total = found = 0.0
    words = words_of(question, verbs=False)
    if all(len(word) < 2 or word.lower() in frame_words for word in words):
        # All that it names is what it does: endings are left out on both sides.
        words = words_of(question)
        held |= {token for word in words_of(text) for token in tokens(word)}
    for word in [word for word in words if word.lower() not in frame_words] or words:
        pairs = [pair for pair in tokens(word) if len(pair) > 1 or pair.isdigit()]
        if not pairs or word in KIND_WORDS:
            continue
        weight = max(index.rarity(pair) for pair in pairs)
        total += weight
        found += weight * (sum(pair in held for pair in pairs) / len(pairs) >= 0.5)
    return found / total if total else 0.0
