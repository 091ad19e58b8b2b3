"""What the job machine writes down: claims, progress, results. Each method is one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store import additions, codec
from demo.store.database import Database
from demo.store.filing import Filing
from demo.store.journal import SYSTEM
from demo.store.tables import CaseRow, EventRow, JobKind, JobRow
from demo.store.views import evidence_row
from pipelines.errors import CaseFiled, CaseNotFound, CaseNotReady
from pipelines.types import CaseResult, Evidence, Note

ACTIVE = ("queued", "running")
Facts = dict[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that a worker may do now, and how often it was begun, this time included."""

    kind: JobKind
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """The newest job of a case as it was last written down."""

    kind: JobKind
    state: str
    stage: str
    fraction: float | None


class Ledger:
    """Thread-safe. Every method raises CaseNotFound, StoreUnavailable and DiskFull."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime], filing: Filing) -> None:
        self._database, self._now, self._filing = database, now, filing

    def unfinished(self) -> tuple[str, ...]:
        """The numbers of the cases with a job that nobody has ended, oldest job first."""
        wanted = (
            sa.select(CaseRow.number)
            .join(JobRow, JobRow.case_id == CaseRow.id)
            .where(JobRow.state.in_(ACTIVE))
            .order_by(JobRow.id)
        )
        with self._database.read() as session:
            return tuple(dict.fromkeys(session.scalars(wanted)))

    def newest(self, number: str) -> JobView:
        """The last job of a case."""
        with self._database.read() as session:
            job = _job(session, _case(session, number))
            return JobView(
                kind=cast("JobKind", job.kind),
                state=job.state,
                stage=job.stage,
                fraction=job.fraction,
            )

    def enqueue(self, number: str, kind: JobKind) -> bool:
        """Queue a job. False where there is nothing to do: a first draft exists already.

        A job that is not ended yet is kept, whatever its kind. Raises CaseFiled, and CaseNotReady
        for a redraft without evidence.
        """
        with self._database.write() as session:
            case = _case(session, number, lock=True)
            if _job(session, case).state in ACTIVE:
                return True
            newest = _job(session, case)
            if kind == "run" and newest.kind == "add":
                kind = "add"  # once more: what the draft rests on stays
            if kind == "run" and case.draft is not None:
                return False
            if kind == "add" and newest.state == "done":
                return False
            if case.status == "filed" and kind != "add":
                raise CaseFiled
            if kind == "redraft" and not case.evidence:
                raise CaseNotReady(status=case.status)
            now = self._now()
            session.add(
                JobRow(case_id=case.id, kind=kind, state="queued", stage="queued", created_at=now)
            )
            self._change(case, "queued", "queued", {"job": kind})
            case.error = None
            return True

    def claim(self, number: str) -> Claim | None:
        """Begin the queued (after a crash: half-done) job; None where it was ended meanwhile."""
        with self._database.write() as session:
            case = _case(session, number, lock=True)
            job = _job(session, case)
            if job.state not in ACTIVE:
                return None
            job.state, job.attempts, job.started_at = "running", job.attempts + 1, self._now()
            self._change(case, "reading", "started", {"attempt": job.attempts})
            return Claim(kind=cast("JobKind", job.kind), attempts=job.attempts)

    def progress(self, number: str, stage: str, fraction: float | None) -> None:
        """A coarse mark for whoever looks after a restart. The case's version stays."""
        with self._database.write() as session:
            job = _job(session, _case(session, number))
            job.stage, job.fraction = stage, fraction

    def record_result(self, number: str, result: CaseResult) -> None:
        """The draft and what it rests on. After a redraft the kept evidence stays untouched.

        A job that was ended meanwhile (by another process) keeps its end.
        """
        with self._database.write() as session:
            case = _case(session, number, lock=True)
            job = _job(session, case)
            if job.state not in ACTIVE:
                return
            if job.kind == "run":
                _replace_evidence(session, case, result.evidence)
            elif job.kind == "add":
                _append_evidence(case, result.evidence)
            case.notes, case.error = additions.notes_after(case, job.kind, result.notes), None
            self._end(job, "done")
            found: Facts = {"evidence": len(result.evidence)}
            if case.filed_at is not None:
                # The office works on the draft: what came later stands beside it.
                self._change(case, "filed", "enriched", found)
                self._filing.tell(session, case.id)
                return
            case.draft = result.draft.model_dump(mode="json")
            case.timing, case.model = codec.pack_timing(result.timing), result.model
            case.language = case.language or result.draft.language
            self._change(case, "drafted", "drafted", found)

    def record_end(
        self, number: str, state: str, error: Note | None, evidence: Sequence[Evidence]
    ) -> None:
        """No draft came of it (`state` failed or cancelled): what was read so far is kept.

        A case that has an earlier draft goes back to it, one that is filed stays so; the error
        stands beside it.
        """
        with self._database.write() as session:
            case = _case(session, number, lock=True)
            job = _job(session, case)
            if job.state not in ACTIVE:
                return
            if job.kind == "run" and evidence:
                _replace_evidence(session, case, evidence)
            case.error = codec.pack_note(error) if error is not None else None
            self._end(job, state)
            facts: Facts = {"code": error.code} if error is not None else {}
            rests = "filed" if case.filed_at is not None else "drafted"
            self._change(case, rests if case.draft is not None else state, state, facts)

    def give_back(self, number: str) -> None:
        """The program closes in good order: the job waits for the next start, uncounted."""
        with self._database.write() as session:
            case = _case(session, number, lock=True)
            job = _job(session, case)
            if job.state == "running":
                job.state, job.stage, job.fraction = "queued", "queued", None
                job.attempts -= 1
                self._change(case, "queued", "queued", {"job": job.kind})

    def _end(self, job: JobRow, state: str) -> None:
        job.state, job.ended_at = state, self._now()
        job.stage, job.fraction = "done", 1.0 if state == "done" else job.fraction

    def _change(self, case: CaseRow, status: str, kind: str, facts: Facts) -> None:
        now = self._now()
        case.status, case.version, case.updated_at = status, case.version + 1, now
        case.events.append(EventRow(time=now, actor=SYSTEM, kind=kind, facts=facts))


def _case(session: Session, number: str, *, lock: bool = False) -> CaseRow:
    wanted = sa.select(CaseRow).where(CaseRow.number == number)
    row = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise CaseNotFound
    return row


def _job(session: Session, case: CaseRow) -> JobRow:
    """The newest one; a case has had one from its first moment."""
    wanted = sa.select(JobRow).where(JobRow.case_id == case.id).order_by(JobRow.id.desc()).limit(1)
    return session.scalars(wanted).one()


def _append_evidence(case: CaseRow, found: Sequence[Evidence]) -> None:
    """What was there keeps its rows: they know what was heard before it was corrected."""
    first = len(case.evidence)
    case.evidence.extend(
        evidence_row(position, piece) for position, piece in enumerate(found[first:], start=first)
    )


def _replace_evidence(session: Session, case: CaseRow, found: Sequence[Evidence]) -> None:
    case.evidence.clear()
    session.flush()  # the old rows go before new ones take their positions
    case.evidence.extend(evidence_row(position, piece) for position, piece in enumerate(found))
