"""What a person types over a transcript -> words that still know when they were spoken."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from difflib import SequenceMatcher

from pipelines.types import Word


def corrected(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """The words of the new text, each with the times of what it stands for.

    A word that stayed keeps all it had; one that changed takes the time of the words it replaces
    and keeps what was heard. Where recognition writes a space before each word, so do we.
    A person has read the whole passage: nothing in it is unsure now.
    """
    if not words:
        return ()
    old = [word.text.strip() for word in words]
    lead = " " if any(word.text.startswith(" ") for word in words) else ""
    new = text.split()
    made: list[Word] = []
    for change, i, j, m, n in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if change == "equal":
            made.extend(dataclasses.replace(word, unsure=False) for word in words[i:j])
        else:
            made.extend(_replacing(words, i, j, [lead + token for token in new[m:n]]))
    return tuple(made)


def _replacing(words: Sequence[Word], i: int, j: int, texts: Sequence[str]) -> list[Word]:
    """`texts` in place of words[i:j], which may be empty: then between its neighbours."""
    if not texts:
        return []
    start_s = words[i].start_s if i < len(words) else words[-1].end_s
    end_s = words[j - 1].end_s if j > i else start_s
    heard = " ".join(word.heard or word.text.strip() for word in words[i:j])
    step_s = (end_s - start_s) / len(texts)
    one_to_one = j - i == len(texts)
    return [
        Word(
            text=text,
            start_s=words[i + k].start_s if one_to_one else start_s + k * step_s,
            end_s=words[i + k].end_s if one_to_one else start_s + (k + 1) * step_s,
            confidence=1.0,
            heard=(words[i + k].heard or words[i + k].text.strip()) if one_to_one else heard,
        )
        for k, text in enumerate(texts)
    ]
