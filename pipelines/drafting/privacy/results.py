"""Evidence and cases without their personal data: for prompts, and for whatever is handed out."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence

from pipelines.drafting.privacy import KINDS, Kind, mask, mask_parts
from pipelines.types import CaseResult, Evidence, MediaFile, Note, Word

TOGETHER = 40
"""Pieces that are read as one text: a label may stand on one line and its value on the next."""
WRITTEN = ("title", "summary", "request", "place", "reply")


def masked_pieces(
    evidence: Sequence[Evidence], kinds: Collection[Kind] = KINDS
) -> tuple[Evidence, ...]:
    """The same pieces with their texts and words masked; places, times and indices stay."""
    return tuple(_masked(evidence, kinds))


def _masked(evidence: Sequence[Evidence], kinds: Collection[Kind]) -> Iterator[Evidence]:
    for start in range(0, len(evidence), TOGETHER):
        some = evidence[start : start + TOGETHER]
        texts = mask_parts([piece.text for piece in some], kinds, between="\n")
        for piece, text in zip(some, texts, strict=True):
            changed = text != piece.text
            yield dataclasses.replace(
                piece, text=text, words=_words(piece.words, kinds) if changed else piece.words
            )


def _words(words: Sequence[Word], kinds: Collection[Kind]) -> tuple[Word, ...]:
    """The words of a number are masked; what recognition had heard in this sentence goes."""
    glued = any(word.text.startswith(" ") for word in words)
    texts = mask_parts([word.text for word in words], kinds, between="" if glued else " ")
    return tuple(
        dataclasses.replace(word, text=text, heard=None)
        for word, text in zip(words, texts, strict=True)
    )


def masked_case(result: CaseResult, kinds: Collection[Kind] = KINDS) -> CaseResult:
    """The whole result as it may leave the office: draft, evidence, notes and names of files."""
    draft = result.draft
    citations = [
        one.model_copy(update={"claim": mask(one.claim, kinds)}) for one in draft.citations
    ]
    written = {name: mask(getattr(draft, name), kinds) for name in WRITTEN}
    return dataclasses.replace(
        result,
        draft=draft.model_copy(update={**written, "citations": citations}),
        evidence=masked_pieces(result.evidence, kinds),
        notes=tuple(masked_note(note, kinds) for note in result.notes),
        media=tuple(masked_media(media, kinds) for media in result.media),
    )


def masked_note(note: Note, kinds: Collection[Kind] = KINDS) -> Note:
    """Some notes quote words."""
    facts = {
        name: mask(value, kinds) if isinstance(value, str) else value
        for name, value in note.facts.items()
    }
    return Note(code=note.code, facts=facts)


def masked_media(media: MediaFile, kinds: Collection[Kind] = KINDS) -> MediaFile:
    """The sender's name of a file often holds their own."""
    return dataclasses.replace(media, name=mask(media.name, kinds))
