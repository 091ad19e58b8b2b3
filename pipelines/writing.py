"""Written text: which language it is in, where its sentences end, what counts as the same words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from pipelines.types import Language

_LATIN_MARKS: dict[Language, frozenset[str]] = {
    "en": frozenset("the of and to in is for that with on by are you be at or this from".split()),
    "es": frozenset("el la de que los las en un una por para con del se es al qué cómo a".split()),
}
_SPANISH_SIGNS = re.compile("[¿¡ñáéíóú]")
_SPACES = re.compile(r"\s+")
# A stop behind a digit or a single letter belongs to a date, a number or an initial.
_STOPS = re.compile(
    r"(?<=[^\W\d_]{2}[.!?])(?<!\bDr\.)(?<!\bMr\.)(?<!\bNo\.)(?<!\bSt\.)(?<!\bMrs\.)[\"”’')\]]*\s+|(?<=\d[!?])\s+|(?<=[%)][.!?])\s+|(?<=[。！？])"
    r"|(?<=\d{3}\.)\s+(?=[A-Z¿¡])"
)
_SAMPLE_LETTERS = 20_000


def language_of(text: str, default: Language = "ko") -> Language:
    """The language that most of a text is written in; `default` where no letter tells."""
    counts = Counter(map(_script, text[:_SAMPLE_LETTERS]))
    hangul, kana, han, latin = (counts[name] for name in ("hangul", "kana", "han", "latin"))
    if not hangul + kana + han + latin:
        return default
    if 2 * hangul > han + kana and 6 * hangul > latin:  # a syllable says as much as three letters
        return "ko"
    if 6 * (han + kana) > latin:
        return "ja" if 20 * kana > han else "zh"
    return _latin_language(text[:_SAMPLE_LETTERS])


def _script(sign: str) -> str:
    if "가" <= sign <= "힣" or "ᄀ" <= sign <= "ᇿ":
        return "hangul"
    if "ぁ" <= sign <= "ヿ":
        return "kana"
    if "\u4e00" <= sign <= "\u9fff":
        return "han"
    return "latin" if sign.isalpha() else ""


def _latin_language(text: str) -> Language:
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    english, spanish = (sum(words[w] for w in _LATIN_MARKS[code]) for code in ("en", "es"))
    return "es" if spanish + 2 * len(_SPANISH_SIGNS.findall(text.lower())) > english else "en"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a written text; dates and numbers are not cut."""
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in [*(match.end() for match in _STOPS.finditer(text)), len(text)]:
        part = text[start:stop]
        if part.strip():
            left = start + len(part) - len(part.lstrip())
            spans.append((left, left + len(part.strip())))
        start = stop
    return spans


def sentences(text: str) -> list[str]:
    """A written text's sentences, in order."""
    return [text[start:end] for start, end in sentence_spans(text)]


def fenced(text: str) -> str:
    """Somebody's words as data in a prompt: no sign in them can end the fence or open a turn."""
    plain = text.replace("<", "‹").replace(">", "›").replace("[", "(").replace("]", ")")
    return " ".join(plain.split())


def squeezed(text: str) -> str:
    """Lower case, full-width signs made plain, no white space: the same words look the same."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).lower()
