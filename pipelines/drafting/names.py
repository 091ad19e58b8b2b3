"""Whether a translation kept the names of a line, as far as letters can tell."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from pipelines.places import Areas
from pipelines.types import Language

ALIKE = 66.0
"""Of 100: Jongno for jongro, Sillim for sinrim."""
SHORTEST = 2
"""Syllables of an area's name without its ending that can be told from chance."""
_LATIN_WRITTEN: tuple[Language, ...] = ("en", "es")
_ENDINGS = re.compile(r"(특별자치시|특별자치도|특별시|광역시|[시도군구읍면동리])$")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.@/_-]*[A-Za-z0-9]")
_FIRST, _SYLLABLES = 0xAC00, 11_172
_HEADS = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
_TAILS = "- k k k n n n t l k m p l l p l m p p t t ng t t k t p t".split()


def names_kept(source: str, language: Language, told: str, target: Language, areas: Areas) -> bool:
    """True where Latin words between other letters (CCTV, an address) stand in `told` as they
    stood, and Korean areas by their sound where Latin letters are written.

    What else is a name letters alone can't tell: it counts as kept.
    """
    plain = _squeezed(told)
    if language not in _LATIN_WRITTEN and any(
        _squeezed(word) not in plain for word in _LATIN.findall(source)
    ):
        return False
    if language != "ko" or target not in _LATIN_WRITTEN:
        return True
    return all(fuzz.partial_ratio(sound, plain) >= ALIKE for sound in _sounds(source, areas))


def _sounds(text: str, areas: Areas) -> list[str]:
    stems = [_ENDINGS.sub("", name) for hit in areas.find(text) for name in hit.text.split()]
    return [romanised(stem) for stem in stems if len(stem) >= SHORTEST]


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def romanised(text: str) -> str:
    """Hangul by the official rules, syllable by syllable: no sound changes its neighbour's."""
    out = []
    for sign in text:
        number = ord(sign) - _FIRST
        if not 0 <= number < _SYLLABLES:
            out.append(sign)
            continue
        head, rest = divmod(number, 588)
        vowel, tail = divmod(rest, 28)
        out.append((_HEADS[head] + _VOWELS[vowel] + _TAILS[tail]).replace("-", ""))
    return "".join(out).lower()
