"""Unsure words against the words that an office knows: its vocabulary and the country's places.

Never silently: what was heard stays beside the correction, and a person is asked to look.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipelines.readers.area_pairs import AreaPairs, corrected
from pipelines.readers.sounds import distance, jamo
from pipelines.types import Word

CHECK_BELOW = 0.65
"""Words that recognition was surer of are left alone."""
NEAR_TERM = 0.22
NEAR_AREA = 0.16
"""The farthest a correction reaches, as distance by the length of the word in sounds."""
CLEAR = 0.08
"""The second-best term must be this much farther, or nothing is changed."""
SHORTEST_SOUNDS = 6
SHORTEST_SYLLABLES = 3
"""Shorter words are near to everything: 근처 and 군청, 도로가 and 도로과."""
AREA_ENDS = tuple("시군구읍면동리로길")
SHORTLIST = 24
PROMPT_WORDS = 25
"""More cost the decoder a quarter of its time and improved nothing."""
_PARTICLE_TEXT = """
은 는 이 가 을 를 에 의 로 와 과 도 만 나 랑 요 쪽 앞 뒤 옆 안 들
에서 에게 에는 에도 에서는 에서도 으로 으로는 로는 까지 까지는 부터 부터는 마다
이나 보다 처럼 인데 인데요 이고 이랑 하고 입니다 이에요 예요 에요 이요 이라
라고 이라고 쪽에 쪽에서 앞에 앞에서 뒤에 옆에 안에 밑에 위에 들이 들은 들을 들도 에만
"""
# Particles and copulas that hang on a noun, the longest first.
PARTICLES = tuple(
    sorted(
        {"", *_PARTICLE_TEXT.split()},
        key=lambda particle: (-len(particle), particle),
    )
)
_PUNCTUATION = ".,?!…。"


class Names(Protocol):
    """What a list of administrative areas must offer."""

    @property
    def names(self) -> frozenset[str]:
        """Every name of an area: 마포구, 성산동, ..."""
        ...

    @property
    def inside(self) -> Mapping[str, frozenset[str]]:
        """The name of an area -> the names of everything within it."""
        ...


class _Term(NamedTuple):
    text: str
    """Without spaces."""
    sounds: str
    reach: float


class _Hit(NamedTuple):
    text: str
    share: float
    """Distance by length in sounds; 0 is the same sound."""


class Corrector:
    """Built once from the policy's vocabulary and the areas; thread-safe."""

    def __init__(self, vocabulary: Sequence[str], areas: Names | None = None) -> None:
        self.vocabulary = tuple(vocabulary)
        self._written = {word.replace(" ", ""): word for word in vocabulary if word.strip()}
        self._areas = areas
        terms = dict.fromkeys(self._written, NEAR_TERM)
        for name in areas.names if areas else ():
            if name.endswith(AREA_ENDS) and len(name) >= 3:
                terms.setdefault(name, NEAR_AREA)
        self._known = frozenset(terms)
        self._terms = [
            _Term(text, sounds, reach)
            for text, reach in sorted(terms.items())
            if len(text) >= SHORTEST_SYLLABLES and len(sounds := jamo(text)) >= SHORTEST_SOUNDS
        ]
        self._sounds = [term.sounds for term in self._terms]

    @property
    def prompts(self) -> dict[str, str]:
        """Language -> the vocabulary as a text that recognition takes as said before."""
        if not self.vocabulary:
            return {}
        return {"ko": ", ".join(self.vocabulary[:PROMPT_WORDS]) + "."}

    def correct(self, words: Sequence[Word]) -> list[Word]:
        """The words, the unsure ones among them corrected where one term clearly sounds alike.

        A corrected word keeps what was heard in `heard` and is `unsure`; so is one that could be
        several terms, which is left as heard. Terms that recognition wrote in two or three words
        become one word again.
        """
        out: list[Word] = []
        at = 0
        while at < len(words):
            width, word = self._best_at(words, at)
            out.append(word)
            at += width
        return corrected(out, self._pairs, self._stems(out))

    @functools.cached_property
    def _pairs(self) -> AreaPairs:
        return AreaPairs(self._areas.inside if self._areas else {})  # 1 s: not at the start

    def _stems(self, words: Sequence[Word]) -> dict[int, tuple[str, str, str]]:
        """Place of a word that may name an area -> (stem, particle, punctuation)."""
        found = {}
        for at, word in enumerate(words):
            body = word.text.strip()
            bare = body.rstrip(_PUNCTUATION)
            for stem, particle in _cut(bare):
                if stem.endswith(AREA_ENDS) and _is_hangul(stem):
                    found[at] = (stem, particle, body[len(bare) :])
                    break
        return found

    def _best_at(self, words: Sequence[Word], at: int) -> tuple[int, Word]:
        """(how many words were used up, the word in their place)."""
        for width in (3, 2, 1):
            group = words[at : at + width]
            if len(group) == width and _may_join(group):
                fixed = self._fixed(group)
                if fixed is not None:
                    return width, fixed
        return 1, words[at]

    def _fixed(self, group: Sequence[Word]) -> Word | None:
        """The correction of one word, or of some that belong together; None for none."""
        heard = " ".join(word.text for word in group)
        body = "".join(word.text for word in group)
        stem = body.rstrip(_PUNCTUATION)
        marks = body[len(stem) :]
        if any(sign in stem[:-1] for sign in _PUNCTUATION) or not _is_hangul(stem):
            return None
        found = self._search(stem, head=len(stem) - len(group[-1].text.rstrip(_PUNCTUATION)))
        if found is None:
            return None
        term, particle = found
        if not term:
            return replace(group[0], unsure=True) if len(group) == 1 else None
        text = self._written.get(term, term)
        if text + particle + marks == heard:
            return None
        return Word(
            text=text + particle + marks,
            start_s=group[0].start_s,
            end_s=group[-1].end_s,
            confidence=min(word.confidence for word in group),
            heard=heard,
            unsure=True,
        )

    def _search(self, body: str, *, head: int) -> tuple[str, str] | None:
        """(term, particle) to write; ("", "") where it could be several; None where it is none.

        The first `head` syllables are words of their own: a term must reach beyond them.
        """
        hits: dict[str, tuple[float, str]] = {}
        for stem, particle in _cut(body):
            if len(stem) <= head:
                continue
            if stem in self._known:
                return stem, particle
            for hit in self._near(stem):
                if hit.text not in hits or hit.share < hits[hit.text][0]:
                    hits[hit.text] = (hit.share, particle)
        ranked = sorted((share, text, particle) for text, (share, particle) in hits.items())
        if not ranked or (head and ranked[0][0] > NEAR_AREA / 2):
            return None
        if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < CLEAR:
            return "", ""
        return ranked[0][1], ranked[0][2]

    def _near(self, stem: str) -> Iterator[_Hit]:
        sounds = jamo(stem)
        if len(sounds) < SHORTEST_SOUNDS or len(stem) < SHORTEST_SYLLABLES:
            return
        most = max(2, int(len(sounds) * 0.5))
        rough = process.extract(
            sounds, self._sounds, scorer=Levenshtein.distance, limit=SHORTLIST, score_cutoff=most
        )
        for _, _, index in rough:
            term = self._terms[index]
            share = distance(sounds, term.sounds) / max(len(sounds), len(term.sounds))
            same_end = term.reach != NEAR_AREA or stem[-1] == term.text[-1]
            # 도로가 is the road with a particle, not the road department (도로과).
            only_particle = stem[:-1] == term.text[:-1] and stem[-1] in PARTICLES
            if share <= term.reach and same_end and not only_particle:
                yield _Hit(term.text, share)


def _may_join(group: Sequence[Word]) -> bool:
    if any(word.heard is not None for word in group):
        return False
    if any(word.text.endswith(tuple(_PUNCTUATION)) for word in group[:-1]):
        return False
    return min(word.confidence for word in group) < CHECK_BELOW


def _cut(body: str) -> Iterator[tuple[str, str]]:
    """(stem, particle) in every way that leaves a stem of two syllables."""
    for particle in PARTICLES:
        if body.endswith(particle) and len(body) - len(particle) >= 2:
            yield (body[: len(body) - len(particle)], particle)


def _is_hangul(text: str) -> bool:
    return bool(text) and all("가" <= sign <= "힣" for sign in text)
