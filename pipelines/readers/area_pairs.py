"""Two words that name an area within an area: "관악구 신림동". Each says what the other can be.

A district has some twenty quarters, so a word behind its name that ends like a quarter and is none
of them was misheard, however sure recognition was: "정능동" behind "성북구" can only be 정릉동.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipelines.readers.sounds import distance, jamo
from pipelines.types import Word

ABOVE = ("시", "군", "구")
BELOW = ("구", "동", "읍", "면", "가")
REACH = 0.25
"""The farthest that one of the two names may be from what was heard, by its length in sounds."""
REACH_TOGETHER = 0.36
CLEAR = 0.06
"""The second-best pair must be this much farther, or nothing is changed."""
SHORTEST = 3
"""Syllables of a name that may be changed: 운동 and 활동 end like quarters, too."""


class Pair(NamedTuple):
    """What two words should be, and how far that is from what was heard (0 = the same)."""

    above: str
    below: str
    far: float


class AreaPairs:
    """Immutable; thread-safe."""

    def __init__(self, children: Mapping[str, frozenset[str]]) -> None:
        """`children`: a name ("관악구") -> the names of everything inside it."""
        self._children = {
            name: tuple(sorted(child for child in inside if child.endswith(BELOW)))
            for name, inside in children.items()
            if name.endswith(ABOVE)
        }
        self._sounds = {name: jamo(name) for name in self._children}
        for inside in self._children.values():
            for child in inside:
                self._sounds.setdefault(child, jamo(child))

    def find(self, above: str, below: str) -> Pair | None:
        """The pair that was meant; None where it is right already, unclear, or no pair at all."""
        if not above.endswith(ABOVE) or not below.endswith(BELOW):
            return None
        if self.knows(above, below):
            return None
        found = sorted(self._pairs(above, below), key=lambda pair: (pair.far, pair))
        if not found or found[0].far > REACH_TOGETHER:
            return None
        if len(found) > 1 and found[1].far - found[0].far < CLEAR:
            return None
        return found[0]

    def knows(self, above: str, below: str) -> bool:
        """True where the one lies in the other."""
        return below in self._children.get(above, ())

    def _pairs(self, above: str, below: str) -> Iterator[Pair]:
        parents = [above] if above in self._children else list(self._children)
        heard = jamo(below)
        for parent in parents:
            first = self._far(above, parent)
            if first > REACH:
                continue
            for child in self._children[parent]:
                second = self._far(below, child, heard)
                if second <= REACH and first + second > 0:
                    yield Pair(parent, child, first + second)

    def _far(self, heard: str, name: str, sounds: str = "") -> float:
        if heard == name:
            return 0.0
        if len(heard) < SHORTEST or len(name) < SHORTEST or heard[-1] != name[-1]:
            return 1.0
        mine, other = sounds or jamo(heard), self._sounds[name]
        return distance(mine, other) / max(len(mine), len(other))


def corrected(
    words: Sequence[Word], pairs: AreaPairs, cut: Mapping[int, tuple[str, str, str]]
) -> list[Word]:
    """The words with misheard neighbours put right; what was heard stays in `heard`.

    `cut`: place of a word -> (stem, particle, punctuation); words that can be no name are left out.
    """
    out = list(words)
    for at in range(len(out) - 1):
        if at not in cut or at + 1 not in cut or cut[at][1]:
            continue  # a particle between them: they are no pair
        above, below = cut[at][0], cut[at + 1][0]
        found = pairs.find(above, below)
        if found is None and not pairs.knows(above, below):
            continue
        found = found or Pair(above, below, 0.0)
        # Recognition likes a comma here; nobody writes one, and a place is one phrase.
        cut = {**cut, at: (above, "", "")}
        if found.above == above:
            out[at] = replace(out[at], text=out[at].text.rstrip(" ,"))
        for place, name in ((at, found.above), (at + 1, found.below)):
            stem, particle, marks = cut[place]
            if name != stem:
                word = out[place]
                heard = word.heard or word.text
                text = name + particle + marks
                out[place] = replace(word, text=text, heard=heard, unsure=True)
    return out
