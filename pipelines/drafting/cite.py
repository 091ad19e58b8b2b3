"""Claims -> the evidence that carries them; and the check that no citation is made up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.drafting.case import CaseDraft, Citation
from pipelines.drafting.facts import squeezed
from pipelines.types import Evidence

ENOUGH = 0.3
"""A piece that carries a third of what the best one carries is cited beside it."""
MOST = 4
_QUOTED = re.compile(r"[\"“「『]([^\"”」』]{2,})[\"”」』]")


def carriers(claim: str, evidence: Sequence[Evidence]) -> list[int]:
    """Indices of the pieces that carry a claim, in their order; [] where none does.

    By shared pairs of letters, weighted by their rarity among the pieces: works in every language
    and does not trust the model to count lines.
    """
    wanted = _pairs(claim)
    held = [_pairs(piece.text) for piece in evidence]
    spread = {pair: sum(pair in pairs for pairs in held) for pair in wanted}
    scores = [sum(1 / spread[pair] for pair in wanted & pairs) for pairs in held]
    best = max(scores, default=0.0)
    if best == 0:
        return []
    strong = [i for i, score in enumerate(scores) if score >= ENOUGH * best]
    return sorted(sorted(strong, key=lambda i: -scores[i])[:MOST])


def place_carriers(place: str, evidence: Sequence[Evidence]) -> list[int]:
    """Indices of the pieces in which the place itself stands."""
    wanted = squeezed(place)
    return [i for i, piece in enumerate(evidence) if wanted and wanted in squeezed(piece.text)]


def problems(draft: CaseDraft, evidence: Sequence[Evidence]) -> list[str]:
    """What is wrong with a draft's citations, one short line each; [] where all are real.

    Finds an index that does not exist, a cited place that does not stand in its evidence, and a
    quote ("...") that nobody said.
    """
    found: list[str] = []
    for citation in draft.citations:
        if any(not 0 <= index < len(evidence) for index in citation.evidence):
            found.append(f"{citation.field}: no such evidence")
            continue
        carried = squeezed(" ".join(evidence[index].text for index in citation.evidence))
        if citation.field == "place" and squeezed(citation.claim) not in carried:
            found.append("place: not in its evidence")
    everything = squeezed(" ".join(piece.text for piece in evidence))
    for name in ("title", "summary", "request"):
        for quote in quotes(getattr(draft, name)):
            if squeezed(quote) not in everything:
                found.append(f"{name}: a quote that nobody said")
    return found


def quotes(text: str) -> list[str]:
    """What a text puts in quotation marks."""
    return _QUOTED.findall(text)


def cite(field: str, claim: str, evidence: Sequence[Evidence]) -> Citation | None:
    """The citation of one claim; None for an empty claim or one that nothing carries."""
    if not claim:
        return None
    found = place_carriers(claim, evidence) if field == "place" else carriers(claim, evidence)
    return (
        Citation.model_validate({"field": field, "claim": claim, "evidence": found})
        if found
        else None
    )


def _pairs(text: str) -> set[str]:
    packed = re.sub(r"[\W_]+", "", text.lower())
    return {packed[i : i + 2] for i in range(len(packed) - 1)}
