"""Our frozen values <-> JSON that a database keeps; what was written is read back equal."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.errors import MinwonError
from pipelines.types import (
    Evidence,
    FrameSpot,
    Note,
    Origin,
    PageSpot,
    TimeSpan,
    Timing,
    Where,
    Word,
)

Json = dict[str, Any]


def pack_where(where: Where) -> Json:
    """The kind of place stands beside its numbers."""
    match where:
        case TimeSpan():
            return {"kind": "time", "start_s": where.start_s, "end_s": where.end_s}
        case PageSpot():
            return {
                "kind": "page",
                "page_no": where.page_no,
                "box_pt": list(where.box_pt),
                "page_pt": list(where.page_pt) if where.page_pt is not None else None,
            }
        case FrameSpot():
            return {
                "kind": "frame",
                "time_s": where.time_s,
                "box_px": list(where.box_px),
                "end_s": where.end_s,
            }


def unpack_where(data: Mapping[str, Any]) -> Where:
    """Raises ValueError for a kind that this version does not know.

    Pages have had a size, and frames an end, since one case takes several files.
    """
    match data["kind"]:
        case "time":
            return TimeSpan(start_s=data["start_s"], end_s=data["end_s"])
        case "page":
            left, top, right, bottom = data["box_pt"]
            size = data.get("page_pt")
            return PageSpot(
                page_no=data["page_no"],
                box_pt=(left, top, right, bottom),
                page_pt=(size[0], size[1]) if size else None,
            )
        case "frame":
            left, top, right, bottom = data["box_px"]
            return FrameSpot(
                time_s=data["time_s"],
                box_px=(left, top, right, bottom),
                end_s=data.get("end_s"),
            )
        case other:
            raise ValueError(f"unknown kind of place: {other}")


def pack_place(piece: Evidence) -> Json:
    """Where it is, and who says so where that is no reader of ours: one object, one column."""
    place = pack_where(piece.where)
    return place if piece.origin == "reader" else {**place, "origin": piece.origin}


def origin_in(place: Mapping[str, Any]) -> Origin:
    """Who says so, of what `pack_place` made."""
    said: Origin = place.get("origin", "reader")
    return said


def pack_word(word: Word) -> Json:
    """All fields by name."""
    return dataclasses.asdict(word)


def unpack_word(data: Mapping[str, Any]) -> Word:
    """The word again."""
    return Word(**data)


def pack_evidence(evidence: Evidence) -> Json:
    """One flat object; `where` and `words` are objects inside."""
    return {
        "source": evidence.source,
        "where": pack_place(evidence),
        "text": evidence.text,
        "confidence": evidence.confidence,
        "language": evidence.language,
        "words": [pack_word(word) for word in evidence.words],
        "image": str(evidence.image) if evidence.image is not None else None,
    }


def unpack_evidence(data: Mapping[str, Any]) -> Evidence:
    """The evidence again."""
    return Evidence(
        source=data["source"],
        where=unpack_where(data["where"]),
        text=data["text"],
        confidence=data["confidence"],
        language=data["language"],
        words=tuple(unpack_word(word) for word in data["words"]),
        image=Path(data["image"]) if data["image"] is not None else None,
        origin=origin_in(data["where"]),
    )


def pack_note(note: Note) -> Json:
    """Code and facts."""
    return {"code": note.code, "facts": dict(note.facts)}


def unpack_note(data: Mapping[str, Any]) -> Note:
    """The note again."""
    return Note(code=data["code"], facts=dict(data["facts"]))


def pack_timing(timing: Timing) -> Json:
    """Seconds by name."""
    return dataclasses.asdict(timing)


def unpack_timing(data: Mapping[str, Any]) -> Timing:
    """The timing again."""
    return Timing(**data)


def note_of(error: MinwonError) -> Note:
    """An error of ours as a note: the same code, the same facts."""
    return Note(code=error.code, facts=dict(error.facts))
