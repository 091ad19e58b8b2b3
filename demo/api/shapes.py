"""What the REST API takes and gives, as /api/v1/openapi.json describes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from demo.store.desk_tables import DocketState
from demo.store.tables import Status
from demo.store.tracking import MessageView
from demo.store.views import CaseView
from pipelines.drafting.case import CaseDraft
from pipelines.types import Evidence, FrameSpot, PageSpot, TimeSpan
from pipelines.wording import say, tell


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReceiptOut(BaseModel):
    """Keep the secret: it is told here only, and opens the case."""

    number: str
    secret: str
    similar: str
    """Where cases of others about the same are offered, once this one is drafted."""


class Edit(_Given):
    """Changed fields of the draft: title, summary, request, place, urgency, category."""

    version: int
    fields: dict[
        Annotated[str, StringConstraints(max_length=40)],
        Annotated[str, StringConstraints(max_length=5000)],
    ] = Field(max_length=20)


class Filing(_Given):
    """The version of the case that the citizen saw.

    `join`: of a case of others that was offered; its history then holds "merged". One that ended
    meanwhile stops no filing.
    """

    version: int
    join: Annotated[str, StringConstraints(max_length=200)] = ""


class Reply(_Given):
    """The citizen's words."""

    text: Annotated[str, StringConstraints(max_length=2000)]


class MessageOut(BaseModel):
    """What the office asked, or the citizen answered."""

    time: dt.datetime
    kind: Literal["request", "reply", "note"]
    by: str | None
    """The official; None = the citizen."""
    text: str


class Told(BaseModel):
    """A stable code, and its sentence in the caller's language."""

    code: str
    text: str


class FileOut(BaseModel):
    """One file of the case."""

    name: str
    kind: Literal["voice", "document", "image", "video"]
    media_type: str
    size_bytes: int
    sha256: str


class PieceOut(BaseModel):
    """One thing that was heard, read or seen; citations of the draft count these from 0."""

    source: str
    """sha256 of the file."""
    text: str
    confidence: float
    language: str
    start_s: float | None = None
    end_s: float | None = None
    page_no: int | None = None
    box: list[float] | None = None
    """Left, top, right, bottom: points on a page, pixels in a picture."""


class Happened(BaseModel):
    """One entry of the history."""

    time: dt.datetime
    kind: str
    by: str


class CaseOut(BaseModel):
    """A case as its citizen may see it."""

    number: str
    status: Status
    version: int
    language: str | None
    created_at: dt.datetime
    filed_at: dt.datetime | None
    draft: CaseDraft | None
    """Unverified until an official approves it."""
    edited: list[str]
    evidence: list[PieceOut]
    files: list[FileOut]
    notes: list[Told]
    error: Told | None
    messages: list[MessageOut]
    history: list[Happened]


class SimilarOut(BaseModel):
    """A case of somebody else, perhaps about the same: all that anybody may know of it."""

    join: str
    """For filing one's own case so that one answer serves both."""
    category: str
    dong: str | None
    week: dt.date
    """The Monday of the week in which it was filed."""
    state: DocketState
    joined: int


class AnswerOut(BaseModel):
    """What the office answered, by whom it was approved."""

    number: str
    text: str
    answered_at: dt.datetime
    answered_by: str
    department: str


class CategoryOut(BaseModel):
    """A category of complaints."""

    code: str
    name: str
    department: str
    working_days: int
    description: str


class EntryOut(BaseModel):
    """One line of the docket, with personal data masked."""

    number: str
    version: int
    state: DocketState
    channel: str
    title: str
    category: str
    department: str
    urgency: str
    place: str
    filed_at: dt.datetime
    due_on: dt.date
    changed_at: dt.datetime


class ListOut(BaseModel):
    """A page of the docket; `next` is the cursor of the page after it."""

    cases: list[EntryOut]
    next: str | None


class Transition(_Given):
    """To which state, from which version of the case."""

    version: int
    state: DocketState


def case_out(view: CaseView, language: str, messages: Sequence[MessageView] = ()) -> CaseOut:
    """What the citizen's page shows of it, without its pictures."""
    return CaseOut(
        number=view.number,
        status=view.status,
        version=view.version,
        language=view.language,
        created_at=view.created_at,
        filed_at=view.filed_at,
        draft=view.draft,
        edited=list(view.edited),
        evidence=[_piece(piece) for piece in view.evidence],
        files=[
            FileOut(
                name=media.name,
                kind=media.kind,
                media_type=media.media_type,
                size_bytes=media.size_bytes,
                sha256=media.sha256,
            )
            for media in view.media
        ],
        notes=[Told(code=note.code, text=tell(note, language)) for note in view.notes],
        error=Told(
            code=view.error.code,
            text=say(f"error.{view.error.code}", language, view.error.facts),
        )
        if view.error is not None
        else None,
        messages=[
            MessageOut(time=each.time, kind=each.kind, by=each.by, text=each.text)
            for each in messages
        ],
        history=[
            Happened(time=event.time, kind=event.kind, by=event.actor) for event in view.events
        ],
    )


def _piece(piece: Evidence) -> PieceOut:
    place: dict[str, object]
    match piece.where:
        case TimeSpan() as span:
            place = {"start_s": span.start_s, "end_s": span.end_s}
        case PageSpot() as spot:
            place = {"page_no": spot.page_no, "box": list(spot.box_pt)}
        case FrameSpot() as frame:
            box = list(frame.box_px)
            place = {"start_s": frame.time_s, "end_s": frame.end_s, "box": box}
    return PieceOut.model_validate(
        {
            "source": piece.source,
            "text": piece.text,
            "confidence": piece.confidence,
            "language": piece.language,
            **place,
        }
    )
