"""Text -> the tokens that words are found by: pairs of syllables, whole Latin words, numbers.

Most Korean nouns have two syllables, so indexes of three symbols miss them, and people space words
as they like (불법주차, 불법 주차), so blanks between syllables don't count. The same tokens serve
both databases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

CJK = "가-힣ㄱ-ㅎㅏ-ㅣぁ-ヿ一-鿿"
_RUN = re.compile(rf"[{CJK}](?:[ \t]?[{CJK}])*|\d+|[^\W\d_{CJK}]+")
_SYLLABLES = re.compile(rf"[{CJK}]")
LONGEST = 40
"""Symbols of one Latin word or number; more is no word."""


def plain(text: str) -> str:
    """One way to write the same symbols, in small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def runs(text: str) -> Iterator[str]:
    """Stretches of syllables (blanks taken out), Latin words, numbers, in order."""
    for match in _RUN.finditer(plain(text)):
        yield re.sub(r"\s", "", match.group())


def is_syllables(run: str) -> bool:
    """A stretch of syllables, not a Latin word or a number."""
    return bool(_SYLLABLES.match(run))


def pairs(run: str) -> list[str]:
    """가로등 -> 가로, 로등; a single symbol is itself; a Latin word or number stays whole."""
    if not is_syllables(run):
        return [run[:LONGEST]]
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def tokens(text: str) -> list[str]:
    """All tokens of a text, for the index.

    The last syllable of a stretch stands once more by itself: one syllable is looked up as the
    beginning of a token.
    """
    found: list[str] = []
    for run in runs(text):
        found += pairs(run)
        if len(run) > 1 and is_syllables(run):
            found.append(run[-1])
    return found


def terms(query: str, content: Sequence[str]) -> list[tuple[str, ...]]:
    """What a query asks for: each term as the tokens that must stand side by side.

    `content`: the query's nouns and numbers, as an analyser of Korean sees them. The words as they
    are typed stand beside them, and each two neighbours as one: an analyser takes 바른약국 for an
    adjective and a noun. What nobody ever wrote has no hits and counts nothing.
    """
    words = query.split()
    together = [before + after for before, after in pairwise(words)]
    asked = [run for word in (*together, *words, *content) for run in runs(word)]
    return list(dict.fromkeys(tuple(pairs(run)) for run in asked))
