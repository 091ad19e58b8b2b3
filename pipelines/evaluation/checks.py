"""What counts as right, one function a question; no model and no file is touched here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.drafting.case import URGENCIES, CaseDraft
from pipelines.types import Evidence

_SPACE = re.compile(r"[\s,.·]+")


def squeezed(text: str) -> str:
    """Without spaces and light punctuation: spacing is no matter of truth in Korean."""
    return _SPACE.sub("", text).lower()


def place_exact(drafted: str, true: str) -> bool:
    """The same place, letter by letter, spacing aside."""
    return squeezed(drafted) == squeezed(true)


def place_right(drafted: str, true: str) -> bool:
    """The same place: one holds the other, and the shorter is at least half of the longer.

    "마포구 성산동" for "성산동" leads an official to the same spot; "서울" for "서울 성동구
    왕십리로" does not. No place must be drafted where none was named.
    """
    a, b = squeezed(drafted), squeezed(true)
    if not a or not b:
        return a == b
    shorter, longer = sorted((a, b), key=len)
    return shorter in longer and 2 * len(shorter) >= len(longer)


def urgency_steps(drafted: str, true: str) -> int:
    """How many steps of the scale lie between."""
    scale = list(URGENCIES)
    return abs(scale.index(drafted) - scale.index(true))  # type: ignore[arg-type]


def schema_valid(draft: CaseDraft) -> bool:
    """The draft survives its own schema after a trip through JSON."""
    return CaseDraft.model_validate_json(draft.model_dump_json()) == draft


def citations_real(draft: CaseDraft, evidence: tuple[Evidence, ...]) -> bool:
    """Every index exists, every filled claim is cited, and a cited place stands in its evidence."""
    for citation in draft.citations:
        if any(not 0 <= index < len(evidence) for index in citation.evidence):
            return False
        if citation.field == "place":
            carried = " ".join(evidence[index].text for index in citation.evidence)
            if squeezed(citation.claim) not in squeezed(carried):
                return False
    cited = {citation.field for citation in draft.citations}
    needed = {name for name in ("title", "summary", "request", "place") if getattr(draft, name)}
    return needed <= cited


def invented(
    draft: CaseDraft,
    evidence: tuple[Evidence, ...],
    *,
    nouns: Iterable[str],
    frame: frozenset[str],
) -> list[str]:
    """Facts of title, summary, request and place that the evidence does not hold.

    `nouns` are the draft's nouns by the analyser, `frame` the words that the task itself brings
    ("요청", "민원"). Digits and Latin words are looked for here, apart from the drafter's filter.
    """
    heard = squeezed(" ".join(piece.text for piece in evidence))
    text = " ".join((draft.title, draft.summary, draft.request, draft.place))
    found = [noun for noun in nouns if squeezed(noun) not in heard and noun not in frame]
    found += [digits for digits in re.findall(r"\d+", text) if digits not in heard]
    if draft.place and squeezed(draft.place) not in heard:
        found.append(draft.place)
    return sorted(set(found))
