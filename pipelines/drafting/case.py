"""CaseDraft: the one shape that every pipeline drafts and every page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Urgency = Literal["low", "normal", "high", "emergency"]
URGENCIES: tuple[Urgency, ...] = ("low", "normal", "high", "emergency")
ClaimField = Literal["title", "summary", "request", "place", "urgency", "category", "reply"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CategoryCandidate(_Strict):
    """One of the three best categories. The confidences of all categories sum to 1."""

    category: str
    confidence: float = Field(ge=0, le=1)


class Citation(_Strict):
    """One claim of the draft and the indices of the evidence that carries it."""

    field: ClaimField
    claim: str
    evidence: list[int] = Field(min_length=1)


class CaseDraft(_Strict):
    """A draft for a person to check: unverified until somebody approves it."""

    category: str
    """The best candidate; a suggestion only while `category_unsure` is true."""
    category_unsure: bool
    category_candidates: list[CategoryCandidate] = Field(min_length=1, max_length=3)
    department: str
    title: str = Field(max_length=120)
    summary: str = Field(max_length=1200)
    request: str = Field(max_length=600)
    place: str = Field(max_length=200)
    """Empty where the evidence names none."""
    urgency: Urgency
    due_date: dt.date
    language: str
    reply: str = Field(max_length=4000)
    citations: list[Citation]
    drafted_by: Literal["model", "rules"]
    """"rules" where the model could not draft; title, summary and request are then the speaker's
    own sentences."""

    def renumbered(self, indices: Sequence[int]) -> CaseDraft:
        """The draft with citations that count over all evidence, where it was made from some:
        `indices` says of each piece that it was made from which one of all it is."""
        cited = [
            citation.model_copy(update={"evidence": [indices[at] for at in citation.evidence]})
            for citation in self.citations
        ]
        return self.model_copy(update={"citations": cited})
