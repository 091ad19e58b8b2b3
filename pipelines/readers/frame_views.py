"""What the model sees in the frames of a video: a few of those that were kept, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.readers.looked import Frame
from pipelines.readers.model_view import SURE, ModelView, Shot, Sight, placed
from pipelines.types import Cancel, Evidence, EvidenceFound, FrameSpot, Note, OnEvent, TimeSpan

if TYPE_CHECKING:
    from pipelines.readers.videos import SeenVideo

NEAR_S = 0.5
"""What readers found so near to a frame's time stands beside it."""


def viewed(
    seen: SeenVideo, view: ModelView | None, on_event: OnEvent, cancel: Cancel | None
) -> SeenVideo:
    """The same, with what the model sees in some of its frames behind everything else.

    Each view stands at the time of its frame, its box in the video's pixels. Sends EvidenceFound.
    Raises Cancelled.
    """
    if view is None or not seen.frames:
        return seen
    shown = chosen(seen.frames, view.frames)
    shots = [
        Shot(
            path=seen.frames[number].path,
            blurred=False,
            told=_told_at(seen.evidence, seen.frames[number].time_s),
        )
        for number in shown
    ]
    views = view.look(shots, language=seen.language, cancel=cancel)
    by_frame = {shown[place]: sights for place, sights in views.seen.items()}
    made = [
        _evidence(seen, seen.frames[number], sight)
        for number, sights in by_frame.items()
        for sight in sights
    ]
    for index, evidence in enumerate(made, start=len(seen.evidence)):
        on_event(EvidenceFound(index=index, evidence=evidence, kind="seen"))
    count = {"seen": len(by_frame), "kept": len(seen.frames)}
    facts = {**count, "model": view.model.name, **views.cost}
    told = [Note(code="view.frames", facts=facts)] if by_frame else []
    return replace(
        seen,
        evidence=(*seen.evidence, *made),
        kinds=(*seen.kinds, *("seen" for _ in made)),
        notes=(*seen.notes, *told, *views.notes),
        by_model=tuple(by_frame),
    )


def chosen(frames: Sequence[Frame], most: int) -> list[int]:
    """Indices of at most `most` frames: the first of each shot before those inside shots, and
    spread over the whole video where there are too many of a kind.
    """
    opening = [n for n, frame in enumerate(frames) if frame.opens_shot]
    inside = [n for n, frame in enumerate(frames) if not frame.opens_shot]
    first = _spread(opening, most)
    return sorted([*first, *_spread(inside, most - len(first))])


def _spread(numbers: Sequence[int], most: int) -> list[int]:
    """`most` of the numbers, evenly over all of them, the first among them."""
    count = min(len(numbers), most)
    return [numbers[place * len(numbers) // count] for place in range(count)]


def _evidence(seen: SeenVideo, frame: Frame, sight: Sight) -> Evidence:
    size_px = frame.width_px * frame.scale, frame.height_px * frame.scale
    return Evidence(
        source=seen.media.sha256,
        where=FrameSpot(time_s=frame.time_s, box_px=placed(sight.box, *size_px)),
        text=sight.text,
        confidence=SURE,
        language=seen.language,
        origin="model:frame",
    )


def _told_at(found: Sequence[Evidence], time_s: float) -> tuple[str, ...]:
    """What readers found in a frame, or heard while it is shown."""
    told = []
    for piece in found:
        where = piece.where
        if isinstance(where, FrameSpot):
            start_s, end_s = where.time_s, where.end_s or where.time_s
        elif isinstance(where, TimeSpan) and piece.words:
            start_s, end_s = where.start_s, where.end_s
        else:
            continue
        if start_s - NEAR_S <= time_s <= end_s + NEAR_S:
            told.append(piece.text)
    return tuple(told)
