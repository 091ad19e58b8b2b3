"""What came in through Open311: kept with its case, filed when it is drafted, shown as allowed."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import ContactRow, DocketRow
from demo.store.interface_tables import ReplayRow, SubmissionRow
from demo.store.tables import CaseRow, EvidenceRow

CLOSED = ("answered", "withdrawn", "merged")
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach the citizen, as far as they said."""

    name: str = ""
    phone: str = ""
    email: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything that was sent beside the words of the complaint."""

    key_name: str
    service_code: str
    place: str
    address_id: str
    latitude: float | None
    longitude: float | None
    link: str
    shown: tuple[str, ...]
    """description, address, media: what everybody may see."""
    contact: Contact
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def __call__(self, session: Session, case: CaseRow) -> None:
        """Written in the transaction that opens the case."""
        contact = self.contact
        session.add(
            SubmissionRow(
                case_id=case.id,
                token=self.token,
                key_name=self.key_name,
                service_code=self.service_code,
                place=self.place,
                address_id=self.address_id or None,
                latitude=self.latitude,
                longitude=self.longitude,
                link=self.link or None,
                shown=list(self.shown),
                contact={
                    "name": contact.name,
                    "phone": contact.phone,
                    "email": contact.email,
                    "account": contact.account,
                },
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A submission that is not filed yet."""

    number: str
    token: str
    key_name: str
    service_code: str
    place: str
    status: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRequest:
    """A filed case as everybody may see it; what the citizen did not allow is empty or None."""

    number: str
    state: str
    closed: bool
    service_code: str
    department: str
    description: str
    address: str
    address_id: str
    latitude: float | None
    longitude: float | None
    link: str
    requested_at: dt.datetime
    updated_at: dt.datetime
    due_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What GET requests asks for. `numbers` overrides everything else."""

    numbers: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    closed: bool | None = None


class Submissions:
    """Thread-safe. Every method raises StoreUnavailable and DiskFull."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def number_of(self, token: str) -> tuple[str, bool] | None:
        """(case number, whether it is filed) of a token; None for an unknown one."""
        wanted = sa.select(CaseRow.number, SubmissionRow.filed_at).join(SubmissionRow.case)
        with self._database.read() as session:
            row = session.execute(wanted.where(SubmissionRow.token == token)).one_or_none()
        return (row[0], row[1] is not None) if row is not None else None

    def pending(self) -> tuple[Pending, ...]:
        """Those whose job has ended, neither filed nor given up, oldest first, a hundred."""
        wanted = (
            sa.select(SubmissionRow, CaseRow.number, CaseRow.status)
            .join(SubmissionRow.case)
            .where(
                SubmissionRow.filed_at.is_(None),
                SubmissionRow.problem.is_(None),
                CaseRow.status.not_in(("queued", "reading")),
            )
            .order_by(SubmissionRow.case_id)
            .limit(100)
        )
        with self._database.read() as session:
            return tuple(
                Pending(
                    number=number,
                    token=row.token,
                    key_name=row.key_name,
                    service_code=row.service_code,
                    place=row.place,
                    status=status,
                    attempts=row.attempts,
                )
                for row, number, status in session.execute(wanted)
            )

    def tried(self, token: str, problem: str | None) -> None:
        """One more attempt failed; with a `problem` it was the last."""
        with self._database.write() as session:
            row = _row(session, token)
            row.attempts, row.problem = row.attempts + 1, problem

    def filed(self, token: str, now: dt.datetime) -> None:
        """The case is filed: the contact moves to where its right is asked for, the position to
        the docket. Doing it twice changes nothing.
        """
        with self._database.write() as session:
            row = _row(session, token)
            if row.filed_at is not None:
                return
            given = {name: value or None for name, value in row.contact.items()}
            if any(given.values()) and session.get(ContactRow, row.case_id) is None:
                session.add(ContactRow(case_id=row.case_id, **given))
            docket = session.get(DocketRow, row.case_id)
            if docket is not None and row.latitude is not None:
                docket.latitude, docket.longitude = row.latitude, row.longitude
            row.contact, row.filed_at = {}, now

    def public(self, wanted: Wanted) -> tuple[PublicRequest, ...]:
        """Filed cases that came in through Open311, newest first, MOST_ROWS at most. Texts are as
        they came: whoever shows them masks them.
        """
        chosen = (
            sa.select(SubmissionRow, DocketRow, CaseRow.number)
            .join(CaseRow, CaseRow.id == SubmissionRow.case_id)
            .join(DocketRow, DocketRow.case_id == SubmissionRow.case_id)
            .where(SubmissionRow.filed_at.is_not(None), *_conditions(wanted))
            .order_by(SubmissionRow.filed_at.desc(), SubmissionRow.case_id.desc())
            .limit(MOST_ROWS)
        )
        with self._database.read() as session:
            rows = session.execute(chosen).all()
            told = _told(session, [row.case_id for row, *_ in rows if "description" in row.shown])
            return tuple(_shown(row, docket, number, told) for row, docket, number in rows)


def _row(session: Session, token: str) -> SubmissionRow:
    wanted = sa.select(SubmissionRow).where(SubmissionRow.token == token).with_for_update()
    return session.scalars(wanted).one()


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    if wanted.numbers:
        return [CaseRow.number.in_(wanted.numbers)]
    made: list[sa.ColumnElement[bool]] = []
    if wanted.service_codes:
        made.append(DocketRow.category.in_(wanted.service_codes))
    if wanted.since is not None:
        made.append(SubmissionRow.filed_at >= wanted.since)
    if wanted.until is not None:
        made.append(SubmissionRow.filed_at <= wanted.until)
    if wanted.closed is not None:
        ended = DocketRow.state.in_(CLOSED)
        made.append(ended if wanted.closed else sa.not_(ended))
    return made


def _told(session: Session, cases: Sequence[int]) -> dict[int, str]:
    """The citizens' words of those cases."""
    wanted = (
        sa.select(EvidenceRow.case_id, EvidenceRow.text)
        .where(EvidenceRow.case_id.in_(cases))
        .order_by(EvidenceRow.case_id, EvidenceRow.position)
    )
    lines: dict[int, list[str]] = {}
    for case, text in session.execute(wanted):
        lines.setdefault(case, []).append(text)
    return {case: "\n".join(texts) for case, texts in lines.items()}


def _shown(
    row: SubmissionRow, docket: DocketRow, number: str, told: dict[int, str]
) -> PublicRequest:
    placed = "address" in row.shown
    if row.filed_at is None:
        raise ValueError("not filed")
    return PublicRequest(
        number=number,
        state=docket.state,
        closed=docket.state in CLOSED,
        service_code=docket.category,
        department=docket.department,
        description=told.get(row.case_id, "") if "description" in row.shown else "",
        address=row.place if placed else "",
        address_id=(row.address_id or "") if placed else "",
        latitude=row.latitude if placed else None,
        longitude=row.longitude if placed else None,
        link=(row.link or "") if "media" in row.shown else "",
        requested_at=row.filed_at,
        updated_at=docket.changed_at,
        due_on=docket.due_on,
    )


def forget(session: Session, cases: Sequence[int]) -> None:
    """What lies here about those cases goes with them, in the transaction that deletes them."""
    for row in (SubmissionRow, ReplayRow):
        session.execute(sa.delete(row).where(row.case_id.in_(cases)))
