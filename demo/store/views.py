"""What the store shows of a case: frozen values, read once, true at that moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from demo.store import codec
from demo.store.tables import CaseMediaRow, CaseRow, EvidenceRow, Status
from pipelines.drafting.case import CaseDraft
from pipelines.types import Evidence, Kind, MediaFile, Note, Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """One file of a case. `name` is the sender's, for showing; `path` is ours."""

    sha256: str
    kind: Kind
    media_type: str
    size_bytes: int
    name: str
    path: Path
    duration_s: float | None

    @property
    def file(self) -> MediaFile:
        """As a pipeline takes it."""
        return MediaFile(
            path=self.path,
            kind=self.kind,
            media_type=self.media_type,
            size_bytes=self.size_bytes,
            sha256=self.sha256,
            name=self.name,
            duration_s=self.duration_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One thing that happened. `facts` hold counts, codes and names of fields, never words."""

    time: dt.datetime
    actor: str
    kind: str
    facts: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as it stands. Times are UTC."""

    number: str
    status: Status
    version: int
    """Hand it back with a change; it must still be the newest."""
    created_at: dt.datetime
    filed_at: dt.datetime | None
    language: str | None
    draft: CaseDraft | None
    """The model's draft with people's changes in it; a changed field keeps no citations."""
    drafted: CaseDraft | None
    """The draft as the model wrote it."""
    edited: tuple[str, ...]
    """The fields of `draft` that a person changed, sorted."""
    evidence: tuple[Evidence, ...]
    heard: tuple[str, ...]
    """For each piece of evidence the text before anybody corrected it."""
    notes: tuple[Note, ...]
    media: tuple[StoredMedia, ...]
    timing: Timing | None
    model: str | None
    error: Note | None
    events: tuple[EventView, ...]


def view_of(row: CaseRow, media_root: Path) -> CaseView:
    """A row with all that belongs to it -> what may be shown. The session is still open."""
    drafted = CaseDraft.model_validate(row.draft) if row.draft is not None else None
    return CaseView(
        number=row.number,
        status=cast("Status", row.status),
        version=row.version,
        created_at=row.created_at,
        filed_at=row.filed_at,
        language=row.language,
        draft=merged(drafted, row.edited) if drafted is not None else None,
        drafted=drafted,
        edited=tuple(sorted(row.edited)),
        evidence=tuple(evidence_of(piece) for piece in row.evidence),
        heard=tuple(piece.original_text for piece in row.evidence),
        notes=tuple(codec.unpack_note(note) for note in row.notes),
        media=tuple(media_of(link, media_root) for link in row.media),
        timing=codec.unpack_timing(row.timing) if row.timing is not None else None,
        model=row.model,
        error=codec.unpack_note(row.error) if row.error is not None else None,
        events=tuple(
            EventView(time=event.time, actor=event.actor, kind=event.kind, facts=event.facts)
            for event in row.events
        ),
    )


def merged(drafted: CaseDraft, edited: Mapping[str, str]) -> CaseDraft:
    """The draft with the changed fields in it. Raises pydantic's ValidationError.

    What a person wrote needs no evidence, so the citations of a changed field go.
    """
    if not edited:
        return drafted
    data = drafted.model_dump(mode="json") | dict(edited)
    data["citations"] = [entry for entry in data["citations"] if entry["field"] not in edited]
    if "category" in edited:
        data["category_unsure"] = False
    return CaseDraft.model_validate(data)


def media_file(root: Path, sha256: str) -> Path:
    """Where the file of that sum lies, whether it is there or not."""
    return root / sha256[:2] / sha256


def media_of(link: CaseMediaRow, root: Path) -> StoredMedia:
    """A case's link to a file, with the sender's name of it."""
    return StoredMedia(
        sha256=link.sha256,
        kind=cast("Kind", link.file.kind),
        media_type=link.file.media_type,
        size_bytes=link.file.size_bytes,
        name=link.name,
        path=media_file(root, link.sha256),
        duration_s=link.file.duration_s,
    )


def evidence_of(row: EvidenceRow) -> Evidence:
    """A row -> evidence, as it holds now."""
    return Evidence(
        source=row.source,
        where=codec.unpack_where(row.where),
        text=row.text,
        confidence=row.confidence,
        language=row.language,
        words=tuple(codec.unpack_word(word) for word in row.words),
        image=Path(row.image) if row.image is not None else None,
        origin=codec.origin_in(row.where),
    )


def evidence_row(position: int, piece: Evidence) -> EvidenceRow:
    """Evidence as a reader found it -> a row."""
    return EvidenceRow(
        position=position,
        source=piece.source,
        where=codec.pack_place(piece),
        text=piece.text,
        original_text=piece.text,
        confidence=piece.confidence,
        language=piece.language,
        words=[codec.pack_word(word) for word in piece.words],
        image=str(piece.image) if piece.image is not None else None,
    )
