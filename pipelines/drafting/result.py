"""Evidence -> the CaseResult that every pipeline hands back: the draft, counted over all of it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Sequence

from pipelines.drafting.draft import SPOKEN, Drafter, Form
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    FrameSpot,
    Media,
    MediaFile,
    Note,
    OnEvent,
    PageSpot,
    Timing,
    ignore,
)


def resting(media: Media, evidence: Sequence[Evidence], indices: Iterable[int]) -> list[int]:
    """Of the pieces that a draft may rest on, those that it does rest on.

    cascade: not what the model saw itself. native: of a photo or video that the model saw, only
    that, and what is said. Where nothing of them is left, all evidence of which this holds; all of
    them where there is none.
    """
    offered = list(indices)
    seen = {_picture(p) for p in evidence if p.origin in ("model:photo", "model:frame")}

    def counts(index: int) -> bool:
        piece = evidence[index]
        if media == "cascade":
            return piece.origin == "reader"
        return media == "both" or piece.origin != "reader" or _picture(piece) not in seen

    kept = [index for index in offered if counts(index)]
    return kept or [index for index in range(len(evidence)) if counts(index)] or offered


def _picture(piece: Evidence) -> tuple[str, int] | None:
    """Page of a file, or the film as a whole; None for what is said."""
    match piece.where:
        case PageSpot():
            return piece.source, piece.where.page_no
        case FrameSpot():
            return piece.source, 0
        case _:
            return None


def case_of(
    drafter: Drafter,
    media: Sequence[MediaFile],
    evidence: Sequence[Evidence],
    *,
    language: str,
    today: dt.date,
    few: Sequence[int] | None = None,
    form: Form = SPOKEN,
    notes: Sequence[Note] = (),
    read_s: float = 0.0,
    on_event: OnEvent = ignore,
    cancel: Cancel | None = None,
) -> CaseResult:
    """Draft from the pieces of `evidence` that `few` names (None = all); citations count over all.

    `notes` are those of reading, which took `read_s`. Raises what `Drafter.draft` raises.
    """
    started = time.monotonic()
    everything = tuple(evidence)
    indices = resting(drafter.media, everything, range(len(everything)) if few is None else few)
    drafted = drafter.draft(
        [everything[index] for index in indices],
        language=language,
        today=today,
        form=form,
        on_event=on_event,
        cancel=cancel,
    )
    draft_s = time.monotonic() - started
    return CaseResult(
        media=tuple(media),
        draft=drafted.draft.renumbered(indices),
        evidence=everything,
        replies=drafted.replies,
        notes=(*notes, *drafted.notes),
        timing=Timing(
            read_s=read_s,
            first_token_s=read_s + drafted.first_token_s,
            draft_s=draft_s,
            total_s=read_s + draft_s,
        ),
        model=drafter.model.name,
    )
