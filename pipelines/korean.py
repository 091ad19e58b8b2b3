"""Korean nouns, and how likely a text is, by the analyser Kiwi. Sole owner of `kiwipiepy`."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

NOUN_TAGS = frozenset({"NNG", "NNP", "SL", "SH"})
"""Common and proper nouns, Latin words, Chinese characters."""
CONTENT_TAGS = NOUN_TAGS | {"XR", "VV", "VA", "SN", "NNB", "W_EMAIL", "W_URL", "W_SERIAL"}
"""What carries the matter of a question: nouns, roots, stems of verbs and adjectives, numbers."""
_lock = threading.Lock()
_kiwi: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """A noun, or several that are written as one word; `text` is exactly the text's [start:end]."""

    text: str
    start: int
    end: int
    parts: tuple[str, ...]
    """The nouns that it is made of: ("마포", "구청")."""


def nouns(text: str) -> tuple[Noun, ...]:
    """The nouns of a text, in order; neighbours without a space between are one compound.

    Thread-safe. The first call loads the analyser (about 2 s): call `warm` before.
    """
    with _lock:
        tokens = [
            (token.form, token.start, token.start + token.len)
            for token in _analyser().tokenize(text)
            if token.tag in NOUN_TAGS
        ]
    found: list[Noun] = []
    for form, start, end in tokens:
        if found and found[-1].end == start:
            before = found.pop()
            start, parts = before.start, (*before.parts, form)
        else:
            parts = (form,)
        found.append(Noun(text=text[start:end], start=start, end=end, parts=parts))
    return tuple(found)


def likelihood(text: str) -> float:
    """Log probability of a text as Korean, by the analyser's model of morphemes.

    Only differences between texts of about the same length mean anything. Thread-safe.
    """
    with _lock:
        return float(_analyser().analyze(text, top_n=1)[0][1])


def content(text: str, *, verbs: bool = True) -> tuple[str, ...]:
    """The words that carry the matter of a text, endings and particles left out. Thread-safe.

    `verbs` False leaves out verbs and adjectives: their stems change with endings (다치, 다쳤).
    """
    wanted = CONTENT_TAGS if verbs else CONTENT_TAGS - {"VV", "VA"}
    with _lock:
        tokens = [
            (token.form, token.tag.partition("-")[0], token.start, token.start + token.len)
            for token in _analyser().tokenize(text)
        ]
    found: list[tuple[str, int]] = []
    for form, tag, start, end in tokens:
        noun = tag in NOUN_TAGS or tag in ("XSN", "NNB", "SN")
        if noun and found and found[-1][1] == start:  # 물놀이 + 장
            found[-1] = (found[-1][0] + form, end)
        elif tag in wanted:
            found.append((form, end if noun else -1))
    return tuple(form for form, _ in found)


def unknown(text: str) -> frozenset[tuple[int, int]]:
    """Where nouns stand, as (start, end), that the analyser has no entry for. Thread-safe.

    Names of people mostly; also rare compounds, brands and what recognition misheard.
    """
    with _lock:
        tokens = _analyser().tokenize(text)
        return frozenset(
            (token.start, token.end)
            for token in tokens
            if token.oov
            and token.tag in ("NNG", "NNP")
            and token.form == text[token.start : token.end]
        )


def morphemes(text: str) -> tuple[str, ...]:
    """The same one by one, compounds taken apart: what an index of morphemes holds. Thread-safe."""
    with _lock:
        found = [(token.form, token.tag) for token in _analyser().tokenize(text)]
    return tuple(form for form, tag in found if tag.partition("-")[0] in CONTENT_TAGS)


def warm() -> None:
    """Load the analyser now."""
    with _lock:
        _analyser()


def _analyser() -> Any:  # noqa: ANN401 - kiwipiepy has no types
    global _kiwi  # one dictionary of 100 MB a process; whoever asks first loads it
    if _kiwi is None:
        from kiwipiepy import Kiwi

        _kiwi = Kiwi(num_workers=1)
    return _kiwi
