"""The audit: every read and every change, each row's hash over the one before.

A row that is changed, taken out or put in between breaks the chain at a row that `verify` names.
Who can rewrite the whole table could chain it anew, and who cuts off its end leaves a whole chain:
so `verify` tells the last row and its hash, to be noted elsewhere, and takes such a note back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import AuditRow
from demo.store.tables import Json
from pipelines.types import ignore

GENESIS = "0" * 64
"""What the first row stands on."""
LOCK = 0x4D415544
"""The number of PostgreSQL's advisory lock ("MAUD"): one row after the other."""
PAGE = 2_000
Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """One row, for showing."""

    id: int
    time: dt.datetime
    actor: str
    action: str
    case_number: str | None
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A row and its hash, as noted on paper or on another machine."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk along the chain found."""

    rows: int
    """How many hold."""
    last: Anchor | None
    broken_id: int | None
    """The first row that does not hold; None = all do."""

    @property
    def whole(self) -> bool:
        """True where every row holds."""
        return self.broken_id is None


class Audit:
    """Thread-safe. Rows are written in the caller's transaction: what is told has happened."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now

    def append(
        self,
        session: Session,
        actor: str,
        action: str,
        case_number: str | None = None,
        facts: Facts | None = None,
    ) -> None:
        """One more row, under a lock that ends with the transaction (SQLite's writers queue).

        `session` must be one of `Database.write`.
        """
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        session.flush()
        newest = sa.select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
        row = AuditRow(
            time=self._now().astimezone(dt.UTC),
            actor=actor,
            action=action,
            case_number=case_number,
            facts=dict(facts or {}),
            before_hash=session.scalars(newest).first() or GENESIS,
        )
        row.hash = row_hash(row)
        session.add(row)
        session.flush()

    def note(
        self, actor: str, action: str, case_number: str | None = None, facts: Facts | None = None
    ) -> None:
        """One row in a transaction of its own, for what only reads. Raises StoreUnavailable."""
        with self._database.write() as session:
            self.append(session, actor, action, case_number, facts)

    def of_case(self, number: str, most: int = 200) -> tuple[AuditView, ...]:
        """The newest rows about a case, oldest first."""
        wanted = (
            sa.select(AuditRow)
            .where(AuditRow.case_number == number)
            .order_by(AuditRow.id.desc())
            .limit(most)
        )
        with self._database.read() as session:
            return tuple(view_of(row) for row in reversed(session.scalars(wanted).all()))

    def newest(self, most: int = 200) -> tuple[AuditView, ...]:
        """The newest rows about anything, newest first."""
        wanted = sa.select(AuditRow).order_by(AuditRow.id.desc()).limit(most)
        with self._database.read() as session:
            return tuple(view_of(row) for row in session.scalars(wanted))

    def verify(
        self, expected: Anchor | None = None, on_row: Callable[[int], None] = ignore
    ) -> Verdict:
        """Walk the whole chain. `expected`: a note of before that must still be in it; `on_row` is
        told how many hold, now and then, and may rest or raise.
        """
        before, rows, last = GENESIS, 0, None
        met = expected is None
        with self._database.read() as session:
            for row in _rows(session):
                wrong = row.before_hash != before or row.hash != row_hash(row)
                if expected is not None and row.id == expected.id:
                    met = True
                    wrong = wrong or row.hash != expected.hash
                if wrong:
                    return Verdict(rows=rows, last=last, broken_id=row.id)
                before, rows, last = row.hash, rows + 1, Anchor(id=row.id, hash=row.hash)
                if rows % PAGE == 0:
                    on_row(rows)
        missing = expected.id if expected is not None and not met else None
        return Verdict(rows=rows, last=last, broken_id=missing)


class Linked(Protocol):
    """What a row says, and what it stands on: an AuditRow, or its columns alone."""

    @property
    def time(self) -> dt.datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def case_number(self) -> str | None: ...
    @property
    def facts(self) -> Json: ...
    @property
    def before_hash(self) -> str: ...


def row_hash(row: Linked) -> str:
    """SHA-256 over all that the row says and over the hash before it, written in one fixed way."""
    time = row.time.astimezone(dt.UTC).isoformat(timespec="microseconds")
    told = [row.before_hash, time, row.actor, row.action, row.case_number, row.facts]
    written = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def _rows(session: Session) -> Iterator[Any]:
    """Columns only: a walk along a hundred thousand rows makes no object of each."""
    columns = sa.select(*AuditRow.__table__.columns).order_by(AuditRow.id).limit(PAGE)
    after = 0
    while True:
        page = session.execute(columns.where(AuditRow.id > after)).all()
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def view_of(row: AuditRow) -> AuditView:
    """A row -> what is shown of it."""
    return AuditView(
        id=row.id,
        time=row.time,
        actor=row.actor,
        action=row.action,
        case_number=row.case_number,
        facts=row.facts,
    )
