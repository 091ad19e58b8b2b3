"""Syllables that Tesseract's Korean data can't write, or often mistakes, put right by the language.

Its alphabet holds some 1,076 of the 2,350 syllables of everyday Korean print: "앱", "홉", "뭇" are
not in it and come out as a neighbour that differs in one letter. Where a syllable was not read for
sure, each neighbour is tried in its phrase, and one is taken only where the phrase becomes far
likelier (a word instead of no word); a name, a number or a rare word that is read for sure stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from pipelines.readers.tesseract import Glyph, PrintLine

DOUBT = 0.985
"""Only syllables that were read less surely than this are looked at."""
VERY_UNSURE = 0.95
MARGIN, MARGIN_UNSURE = 12.0, 8.0
"""How much likelier (natural logarithm) the phrase must become."""
WORDS_AROUND = 1
LIKELY = -3.75
"""A phrase that is likelier than this a syllable has nothing to gain: of 375 doubtful syllables on
dev pages every one that was replaced stood in a phrase below -4.1."""
TRIED = 6
"""So many of the neighbours that make the likeliest word are tried in the whole phrase."""
_FIRST, _MIDDLE, _LAST = 19, 21, 28
_BASE = 0xAC00

Likelihood = Callable[[str], float]


def repaired(line: PrintLine, likelihood: Likelihood) -> PrintLine:
    """The line with its doubtful syllables replaced where the language demands it."""
    glyphs = list(line.glyphs)
    for at, glyph in enumerate(glyphs):
        if not _is_syllable(glyph.text) or glyph.confidence >= DOUBT:
            continue
        before, after = _phrase(glyphs, at)
        margin = MARGIN_UNSURE if glyph.confidence < VERY_UNSURE else MARGIN
        as_read = likelihood(before + glyph.text + after)
        if as_read > LIKELY * len((before + glyph.text + after).replace(" ", "")):
            continue
        best, chosen = as_read + margin, ""
        for other in _likeliest(glyph.text, before, after, likelihood):
            likely = likelihood(before + other + after)
            if likely > best:
                best, chosen = likely, other
        if chosen:
            glyphs[at] = replace(glyph, text=chosen)
    return replace(line, glyphs=tuple(glyphs))


def _likeliest(syllable: str, before: str, after: str, likelihood: Likelihood) -> Sequence[str]:
    """Its neighbours that fit best into its own word: a word is read in half a phrase's time."""
    head, tail = before.rpartition(" ")[2], after.partition(" ")[0]
    others = neighbours(syllable)
    if not head and not tail:
        return others
    return sorted(others, key=lambda other: -likelihood(head + other + tail))[:TRIED]


@cache
def neighbours(syllable: str) -> tuple[str, ...]:
    """The syllables of everyday print that differ from this one in one letter."""
    return tuple(other for other in _one_letter_off(syllable) if _is_everyday(other))


def _one_letter_off(syllable: str) -> Iterator[str]:
    code = ord(syllable) - _BASE
    first, rest = divmod(code, _MIDDLE * _LAST)
    middle, last = divmod(rest, _LAST)
    for other in range(_FIRST):
        if other != first:
            yield _join(other, middle, last)
    for other in range(_MIDDLE):
        if other != middle:
            yield _join(first, other, last)
    for other in range(_LAST):
        if other != last:
            yield _join(first, middle, other)


def _join(first: int, middle: int, last: int) -> str:
    return chr(_BASE + (first * _MIDDLE + middle) * _LAST + last)


def _is_everyday(syllable: str) -> bool:
    """In KS X 1001, the 2,350 syllables of Korean print."""
    try:
        return len(syllable.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _is_syllable(text: str) -> bool:
    return len(text) == 1 and "가" <= text <= "힣"


def _phrase(glyphs: Sequence[Glyph], at: int) -> tuple[str, str]:
    """What stands before and after a glyph: its own word and WORDS_AROUND words on each side."""
    start, spaces = at, 0
    while start > 0:
        spaces += glyphs[start].after_space
        if spaces > WORDS_AROUND:
            break
        start -= 1
    end, spaces = at + 1, 0
    while end < len(glyphs):
        spaces += glyphs[end].after_space
        if spaces > WORDS_AROUND:
            break
        end += 1
    return _joined(glyphs[start:at], glyphs[at]), _joined(glyphs[at + 1 : end])


def _joined(glyphs: Sequence[Glyph], following: Glyph | None = None) -> str:
    text = "".join((" " if glyph.after_space else "") + glyph.text for glyph in glyphs)
    return text + (" " if following is not None and following.after_space and text else "")
