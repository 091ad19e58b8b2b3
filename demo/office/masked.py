"""A case as it is shown before somebody opens its originals: without personal data."""

from __future__ import annotations

import dataclasses

from demo.store.masking import masked
from demo.store.views import CaseView, StoredMedia
from pipelines.drafting.case import CaseDraft
from pipelines.types import Evidence

FIELDS = ("title", "summary", "request", "reply")


def masked_view(view: CaseView) -> CaseView:
    """Draft, evidence and names of files without personal data; the place of it stays."""
    return dataclasses.replace(
        view,
        draft=_draft(view.draft) if view.draft is not None else None,
        drafted=_draft(view.drafted) if view.drafted is not None else None,
        evidence=tuple(_piece(piece) for piece in view.evidence),
        heard=tuple(masked(text) for text in view.heard),
        media=tuple(_media(entry) for entry in view.media),
    )


def _draft(draft: CaseDraft) -> CaseDraft:
    own = {name: masked(getattr(draft, name)) for name in FIELDS}
    cited = [
        citation.model_copy(update={"claim": masked(citation.claim)})
        for citation in draft.citations
    ]
    return draft.model_copy(update={**own, "citations": cited})


def _piece(piece: Evidence) -> Evidence:
    """Its words go where something in it was masked: each of them holds a part of the text."""
    text = masked(piece.text)
    return piece if text == piece.text else dataclasses.replace(piece, text=text, words=())


def _media(entry: StoredMedia) -> StoredMedia:
    return dataclasses.replace(entry, name=masked(entry.name))
