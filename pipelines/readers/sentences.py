"""Recognised words -> sentences short enough to cite, without loops and without inventions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.readers.pieces import Span
from pipelines.types import Word

SPACELESS = frozenset({"ja", "zh", "yue", "th", "lo", "my"})
PAUSE_S = 0.9
"""A pause that ends a sentence whatever was said."""
SHORT_PAUSE_S = 0.3
"""A pause that ends a sentence behind a Korean or Japanese final ending."""
LONG_S = 14.0
"""A sentence longer than this is cut at its next comma or short pause."""
ENDS = tuple(".?!。？！…")
COMMAS = tuple(",、，;")
FINAL = (
    "니다",
    "니까",
    "세요",
    "어요",
    "아요",
    "해요",
    "네요",
    "데요",
    "지요",
    "죠",
    "군요",
    "です",
    "ます",
    "した",
    "ません",
)
MOST_REPEATS = 2
LONGEST_LOOP = 12
HOLE_S = 2.0
"""A voice for this long without a word was skipped by the decoder."""
LONGEST_WORD_S = 1.5
"""Alignment stretches a word over what it can't explain; no word counts for more than this."""
INSIDE = 0.15
"""A sentence must lie at least this much within voiced spans to have been said."""


def joined(words: Sequence[Word], language: str) -> str:
    """The words as one text; without spaces where the language writes none."""
    if language not in SPACELESS:
        return " ".join(word.text for word in words)
    text = ""
    for word in words:
        latin = text[-1:].isascii() and text[-1:].isalnum() and word.text[:1].isascii()
        text += (" " if latin and word.text[:1].isalnum() else "") + word.text
    return text


def split(words: Sequence[Word]) -> list[list[Word]]:
    """Cut at sentence ends and pauses; no sentence is empty, no word is lost."""
    sentences: list[list[Word]] = []
    current: list[Word] = []
    for i, word in enumerate(words):
        current.append(word)
        following = words[i + 1] if i + 1 < len(words) else None
        if following is None or _ends(current, following):
            sentences.append(current)
            current = []
    return sentences


def _ends(current: Sequence[Word], following: Word) -> bool:
    word = current[-1]
    pause_s = following.start_s - word.end_s
    if word.text.endswith(ENDS) or pause_s >= PAUSE_S:
        return True
    if pause_s >= SHORT_PAUSE_S and word.text.endswith(FINAL):
        return True
    long = word.end_s - current[0].start_s >= LONG_S
    return long and (word.text.endswith(COMMAS) or pause_s >= SHORT_PAUSE_S or len(current) > 80)


def without_loops(words: Sequence[Word]) -> list[Word]:
    """A run of words that comes more than twice in a row is kept once: nobody says that."""
    kept = list(words)
    for size in range(1, LONGEST_LOOP + 1):
        at = 0
        while at + size * (MOST_REPEATS + 1) <= len(kept):
            unit = [word.text for word in kept[at : at + size]]
            end = at + size
            while [word.text for word in kept[end : end + size]] == unit:
                end += size
            if (end - at) // size > MOST_REPEATS and not _is_counting(unit):
                del kept[at + size : end]
            at += 1
    return kept


def _is_counting(unit: Sequence[str]) -> bool:
    """Digits repeat in telephone numbers."""
    return all(text.strip(".,-").isdigit() for text in unit)


def timed(words: Sequence[Word], start_s: float, voiced: Sequence[Span]) -> list[Word]:
    """Words of a piece with times of the recording; a first word never begins in the silence."""
    moved = [
        replace(
            word, text=word.text.strip(), start_s=word.start_s + start_s, end_s=word.end_s + start_s
        )
        for word in words
    ]
    for i, word in enumerate(moved):
        ahead = [span for span in voiced if word.start_s < span[0] < word.end_s]
        before = moved[i - 1].end_s if i else start_s
        if ahead and not any(span[0] <= word.start_s < span[1] for span in voiced):
            moved[i] = replace(word, start_s=max(before, ahead[0][0] - 0.05))
    return moved


def was_said(words: Sequence[Word], voiced: Sequence[Span]) -> bool:
    """False for a sentence that lies in silence or noise: decoders invent polite phrases there."""
    start_s, end_s = words[0].start_s, max(words[-1].end_s, words[0].start_s + 0.1)
    inside = sum(max(0.0, min(end_s, b) - max(start_s, a)) for a, b in voiced)
    return inside >= INSIDE * (end_s - start_s)


def holes(words: Sequence[Word], voiced: Sequence[Span]) -> list[Span]:
    """Stretches with a voice and without a word, HOLE_S or longer; times as in both arguments."""
    end_s = max((b for _, b in voiced), default=0.0)
    edges = [0.0]
    for word in words:
        edges += [word.start_s, min(word.end_s, word.start_s + LONGEST_WORD_S)]
    edges.append(max(end_s, edges[-1]))
    found = []
    for before, after in zip(edges[::2], edges[1::2], strict=True):
        inside = [(max(a, before), min(b, after)) for a, b in voiced if a < after and b > before]
        if sum(b - a for a, b in inside) >= HOLE_S:
            found.append((inside[0][0], inside[-1][1]))
    return found
