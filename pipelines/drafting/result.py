"""Evidence -> the CaseResult that every pipeline hands back: the draft, counted over all of it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence

from pipelines.drafting.draft import SPOKEN, Drafter, Form
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
    Note,
    OnEvent,
    Timing,
    ignore,
)


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
    indices = range(len(everything)) if few is None else few
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
