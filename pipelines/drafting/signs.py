"""Whether a line answers a question, apart from what the model says: words, meaning, kind."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipelines.drafting.retrieve import Hit, Index, tokens, words_of
from pipelines.drafting.wanted import wanted_by
from pipelines.types import TimeSpan
from pipelines.writing import language_of

ENOUGH_WORDS = 0.5
"""Of what a question is about, weighted by rarity, a line with its headings must hold so much..."""
SOME_WORDS, ENOUGH_MEANING = 0.35, 0.90
"""...or so much, and be so alike in meaning."""
FOREIGN_MEANING = 0.78
"""The same across languages, where words can't tell."""

SOUNDS_ALIKE = 80.0
"""Of 100, letter by letter: one of five may be misheard."""
_SPEAKER = re.compile(
    r"(?:무엇|뭐|뭘|무슨).*(?:싶어|달라|요청|부탁|원하|원해|묻|물어|말하|말했|바라|알고)|용건|요지"
    r"|what (?:does|did|is) the (?:speaker|caller|person|man|woman).*(?:want|say|ask|request)",
    re.IGNORECASE,
)
"""Asks for what somebody says, and for nothing in it."""

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
    heard = isinstance(passage.evidence.where, TimeSpan)
    return Signs(
        words=covered(index, question, around, document.frame_words, heard=heard),
        meaning=hit.meaning,
        kind=kind is None or kind.held.search(passage.told) is not None,
        foreign=language_of(question) != document.language,
    )


def covered(
    index: Index,
    question: str,
    text: str,
    frame_words: frozenset[str] = frozenset(),
    *,
    heard: bool = False,
) -> float:
    """How much of what the question is about a text holds, 0 to 1, rare words counting more.

    `frame_words` count only where the question has no others. What was `heard` holds a word also
    where it sounds about like it; and all of a question that asks for nothing but what is said.
    """
    held = set(tokens(text))
    total = found = 0.0
    words = words_of(question, verbs=False)
    bare = all(word.lower() in frame_words for word in words)
    if heard and bare and _SPEAKER.search(question):
        return 1.0
    if bare or all(len(word) < 2 or word.lower() in frame_words for word in words):
        # All that it names is what it does: endings are left out on both sides.
        words = words_of(question)
        held |= {token for word in words_of(text) for token in tokens(word)}
    for word in [word for word in words if word.lower() not in frame_words] or words:
        pairs = [pair for pair in tokens(word) if len(pair) > 1 or pair.isdigit()]
        if not pairs or word in KIND_WORDS:
            continue
        weight = max(index.rarity(pair) for pair in pairs)
        total += weight
        there = sum(pair in held for pair in pairs) / len(pairs) >= 0.5
        found += weight * (there or (heard and _sounds_in(word, text)))
    return found / total if total else 0.0


def _sounds_in(word: str, text: str) -> bool:
    """A Korean word of two syllables or more is in a text but for a letter that was misheard."""
    if len(word) < 2 or not "가" <= word[0] <= "힣":
        return False
    letters, heard = (unicodedata.normalize("NFD", one) for one in (word, text))
    return fuzz.partial_ratio(letters, heard) >= SOUNDS_ALIKE
