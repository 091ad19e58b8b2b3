"""Files that come to a case, at its start and later: rows only, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from demo.store import codec
from demo.store.desk_tables import DocketRow
from demo.store.docket import OPEN
from demo.store.tables import CaseMediaRow, CaseRow, JobRow, Json, MediaRow
from pipelines.errors import CaseFiled, CaseNotReady
from pipelines.types import MediaFile, Note

REFUSED = "document.refused"
ABOUT_FILES = ("document.", "photo.", "video.", "speech.")
"""How the codes of notes begin that a reader wrote, not the one who drafted."""


def new_case(
    number: str, secret_hash: str, language: str | None, now: dt.datetime, refused: Sequence[Note]
) -> CaseRow:
    """A case with a queued job and no files yet."""
    case = CaseRow(
        number=number,
        secret_hash=secret_hash,
        status="queued",
        language=language,
        created_at=now,
        updated_at=now,
        notes=[codec.pack_note(note) for note in refused],
    )
    case.jobs = [JobRow(kind="run", state="queued", stage="queued", created_at=now)]
    return case


def link(session: Session, case: CaseRow, files: Sequence[MediaFile], now: dt.datetime) -> int:
    """Hand the files to the case, after those that it has; returns how many it did not have."""
    before = len(case.media)
    known = {media.sha256 for media in case.media}
    for file in files:
        if file.sha256 in known:
            continue
        known.add(file.sha256)
        if session.get(MediaRow, file.sha256) is None:
            session.add(_media_row(file, now))
            session.flush()
        position = len(case.media)
        case.media.append(CaseMediaRow(sha256=file.sha256, position=position, name=file.name))
    return len(case.media) - before


def check_open(session: Session, case: CaseRow) -> None:
    """Raises CaseFiled where the office is done with it, CaseNotReady while files are read.

    A case that waits for its citizen waits no more.
    """
    if case.status == "filed":
        line = session.get(DocketRow, case.id)
        if line is None or line.state not in OPEN:
            raise CaseFiled
        line.state = "working" if line.state == "waiting" else line.state
    if case.status in {"queued", "reading"}:
        raise CaseNotReady(status=case.status)


def queue(case: CaseRow, refused: Sequence[Note], now: dt.datetime) -> None:
    """The job for the new files: what a draft rests on already is not read again."""
    kind = "add" if case.draft is not None else "run"
    case.jobs.append(JobRow(kind=kind, state="queued", stage="queued", created_at=now))
    case.notes = [*case.notes, *(codec.pack_note(note) for note in refused)]
    case.status, case.error = "queued", None


def notes_after(case: CaseRow, kind: str, notes: Sequence[Note]) -> list[Json]:
    """The case's notes after a job: what it told, and of before what still holds.

    A file that came in but could not be read is tried again by `add`, and told of again.
    """
    told = [codec.pack_note(note) for note in notes]
    own = {media.name for media in case.media}
    kept = []
    for note in case.notes:
        refused = note["code"] == REFUSED
        if kind == "add":
            holds = note["code"].startswith(ABOUT_FILES)
            holds = holds and not (refused and note["facts"].get("name") in own)
        else:
            holds = refused or (kind == "redraft" and _about_papers(note["code"]))
        if holds and note not in told:
            kept.append(note)
    return [*kept, *told]


def _about_papers(code: str) -> bool:
    """Of speech nothing is doubtful any more where a person has gone through it."""
    return code.startswith(ABOUT_FILES) and not code.startswith("speech.")


def _media_row(file: MediaFile, now: dt.datetime) -> MediaRow:
    return MediaRow(
        sha256=file.sha256,
        media_type=file.media_type,
        kind=file.kind,
        size_bytes=file.size_bytes,
        duration_s=file.duration_s,
        created_at=now,
    )
