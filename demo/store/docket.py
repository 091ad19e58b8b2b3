"""The docket: filed cases filtered, sorted, counted and turned page by page, quick at any number.

A page is found by the last line of the page before (keyset), never by counting lines: the
thousandth page costs what the first one costs, and a case that comes in meanwhile shifts nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from demo.receipts import read_number
from demo.store.cursors import cursor_of, moment_of, read_cursor
from demo.store.database import Database
from demo.store.desk_tables import DocketRow, DocketState, UserRow
from demo.store.tables import CaseRow
from pipelines.drafting.case import Urgency
from pipelines.drafting.clock import midnight
from pipelines.errors import CaseNotFound

Lines = sa.Select[*tuple[Any, ...]]
Sort = Literal["due", "newest", "oldest"]
STATES: tuple[DocketState, ...] = (
    "received", "working", "waiting", "answered", "merged", "withdrawn",
)  # fmt: skip
OPEN: tuple[DocketState, ...] = ("received", "working", "waiting")
"""Somebody still has to do something."""
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which cases; empty and None = whatever it is."""

    states: tuple[DocketState, ...] = ()
    department: str | None = None
    category: str | None = None
    district: str | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    urgency: str | None = None
    due_before: dt.date | None = None
    """Due before this day: today = overdue."""
    due_until: dt.date | None = None
    """Due on this day at the latest."""
    filed_from: dt.date | None = None
    """First and last day of filing, in Korea's days."""
    filed_to: dt.date | None = None
    text: str = ""
    """A number, or a piece of the title."""
    numbers: tuple[str, ...] | None = None
    """Only these: what a search by words or meaning found."""

    def among(self, numbers: tuple[str, ...]) -> Filters:
        """The same, of these cases only."""
        return replace(self, numbers=numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketItem:
    """One line, without the case's words but for a masked title. Times are UTC."""

    number: str
    version: int
    state: DocketState
    title: str
    category: str
    department: str
    urgency: Urgency
    place: str
    district: str | None
    dong: str | None
    channel: str
    filed_at: dt.datetime
    due_on: dt.date
    changed_at: dt.datetime
    assignee_id: int | None
    assignee: str | None
    """The name of who works on it."""
    merged_into: str | None
    """The number of the case that answers for this one."""
    joined: int
    """How many cases this one answers for beside itself."""
    answer: str | None
    answered_at: dt.datetime | None
    answered_by: str | None
    """The name of who approved the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some lines, and where the next ones begin; None = these are the last."""

    items: tuple[DocketItem, ...]
    next: str | None


class Docket:
    """Thread-safe, reads only. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, filters: Filters, *, sort: Sort = "due", cursor: str | None = None, size: int = PAGE
    ) -> Page:
        """The lines after `cursor`. A cursor that is none of ours begins at the start."""
        order = _order(sort)
        after = read_cursor(cursor)
        # One short walk along an index for each state, then the best of them: a walk over several
        # states at once would have to sort all their cases first.
        walks = [
            _walk(filters, (state,), sort, order, after, size) for state in filters.states or STATES
        ]
        best = sa.union_all(*(sa.select(walk.subquery()) for walk in walks)).subquery()
        keys = (best.c.value, best.c.case_id)
        down = sort == "newest"
        chosen = (
            sa.select(best.c.case_id, best.c.value)
            .order_by(*(key.desc() if down else key.asc() for key in keys))
            .limit(size + 1)
        )
        with self._database.read() as session:
            found = session.execute(chosen).all()
            ids = [row.case_id for row in found[:size]]
            lines = {row.DocketRow.case_id: _item(row) for row in session.execute(_full(ids))}
        more = cursor_of(found[size - 1].value, ids[-1]) if len(found) > size else None
        return Page(items=tuple(lines[key] for key in ids), next=more)

    def counts(self, filters: Filters) -> dict[DocketState, int]:
        """How many cases there are in each state; the filter's own states don't count here."""
        wanted = (
            sa.select(DocketRow.state, sa.func.count())
            .where(*_conditions(filters))
            .group_by(DocketRow.state)
        )
        with self._database.read() as session:
            found = {state: count for state, count in session.execute(wanted)}
        return {state: found.get(state, 0) for state in STATES}

    def overdue(self, filters: Filters, today: dt.date) -> int:
        """How many open cases are past their day."""
        wanted = sa.select(sa.func.count()).where(
            *_conditions(filters), DocketRow.state.in_(OPEN), DocketRow.due_on < today
        )
        with self._database.read() as session:
            return session.scalars(wanted).one()

    def districts(self) -> tuple[str, ...]:
        """Every district that has a case, by name."""
        column = DocketRow.district
        wanted = sa.select(column).where(column.is_not(None)).distinct().order_by(column)
        with self._database.read() as session:
            return tuple(name for name in session.scalars(wanted) if name)

    def get(self, number: str) -> DocketItem:
        """One line. Raises CaseNotFound."""
        with self._database.read() as session:
            row = session.execute(_lines().where(CaseRow.number == number)).one_or_none()
            if row is None:
                raise CaseNotFound
            return _item(row)

    def joined(self, number: str) -> tuple[DocketItem, ...]:
        """The cases that this one answers for beside itself, the first first, PAGE at most."""
        wanted = _lines().where(TARGET.number == number, DocketRow.state == "merged")
        with self._database.read() as session:
            rows = session.execute(wanted.order_by(DocketRow.case_id).limit(PAGE))
            return tuple(_item(row) for row in rows)

    def many(self, numbers: Sequence[str]) -> tuple[DocketItem, ...]:
        """The lines of those numbers, in their order; what is not there is left out."""
        with self._database.read() as session:
            rows = session.execute(_lines().where(CaseRow.number.in_(numbers)))
            found = {row.number: _item(row) for row in rows}
        return tuple(found[number] for number in numbers if number in found)


def _order(sort: Sort) -> InstrumentedAttribute[Any]:
    return DocketRow.due_on if sort == "due" else DocketRow.filed_at


def _walk(
    filters: Filters,
    states: tuple[DocketState, ...],
    sort: Sort,
    order: InstrumentedAttribute[Any],
    after: tuple[str, int] | None,
    size: int,
) -> Lines:
    down = sort == "newest"
    key = DocketRow.case_id
    wanted: Lines = sa.select(order.label("value"), key).where(
        DocketRow.state.in_(states), *_conditions(filters)
    )
    if after is not None:
        value = moment_of(after[0]).date() if sort == "due" else moment_of(after[0])
        here = sa.tuple_(order, key)
        last = sa.tuple_(sa.literal(value, order.type), sa.literal(after[1]))
        wanted = wanted.where(here < last if down else here > last)
    by = (order.desc(), key.desc()) if down else (order, key)
    return wanted.order_by(*by).limit(size + 1)


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    row = DocketRow
    equal = {
        row.department: filters.department,
        row.category: filters.category,
        row.district: filters.district,
        row.assignee_id: filters.assignee_id,
        row.urgency: filters.urgency,
    }
    made: list[sa.ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if filters.unassigned:
        made.append(row.assignee_id.is_(None))
    if filters.due_before is not None:
        made.append(row.due_on < filters.due_before)
    if filters.due_until is not None:
        made.append(row.due_on <= filters.due_until)
    if filters.filed_from is not None:
        made.append(row.filed_at >= midnight(filters.filed_from))
    if filters.filed_to is not None:
        made.append(row.filed_at < midnight(filters.filed_to + dt.timedelta(days=1)))
    if filters.text.strip():
        made.append(_with_text(filters.text.strip()))
    if filters.numbers is not None:
        own = sa.select(CaseRow.id).where(CaseRow.number.in_(filters.numbers))
        made.append(row.case_id.in_(own))
    return made


def _with_text(text: str) -> sa.ColumnElement[bool]:
    number = read_number(text)
    if number is not None:
        return DocketRow.case_id.in_(sa.select(CaseRow.id).where(CaseRow.number == number))
    return sa.and_(*(DocketRow.title.icontains(word, autoescape=True) for word in text.split()))


ASSIGNEE = aliased(UserRow, name="assignee")
APPROVER = aliased(UserRow, name="approver")
TARGET = aliased(CaseRow, name="target")
JOINED = aliased(DocketRow, name="joined")


def joined_to_it() -> sa.ScalarSelect[int]:
    """Beside a DocketRow: how many cases it answers for."""
    many = sa.select(sa.func.count(JOINED.case_id)).where(
        JOINED.merged_into_id == DocketRow.case_id, JOINED.state == "merged"
    )
    return many.correlate(DocketRow).scalar_subquery()


def _lines() -> Lines:
    row = DocketRow
    return (
        sa.select(
            row,
            CaseRow.number,
            CaseRow.version,
            ASSIGNEE.name.label("assignee"),
            APPROVER.name.label("approver"),
            TARGET.number.label("target"),
            joined_to_it().label("joined"),
        )
        .join(CaseRow, CaseRow.id == row.case_id)
        .outerjoin(ASSIGNEE, ASSIGNEE.id == row.assignee_id)
        .outerjoin(APPROVER, APPROVER.id == row.answered_by_id)
        .outerjoin(TARGET, TARGET.id == row.merged_into_id)
    )


def _full(ids: Sequence[int]) -> Lines:
    return _lines().where(DocketRow.case_id.in_(ids))


def _item(found: sa.Row[Any]) -> DocketItem:
    row: DocketRow = found.DocketRow
    return DocketItem(
        number=found.number,
        version=found.version,
        state=cast("DocketState", row.state),
        title=row.title,
        category=row.category,
        department=row.department,
        urgency=cast("Urgency", row.urgency),
        place=row.place,
        district=row.district,
        dong=row.dong,
        channel=row.channel,
        filed_at=row.filed_at,
        due_on=row.due_on,
        changed_at=row.changed_at,
        assignee_id=row.assignee_id,
        assignee=found.assignee,
        merged_into=found.target,
        joined=found.joined,
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by=found.approver,
    )
