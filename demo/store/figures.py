"""The docket in numbers: counted by the database, so that a hundred thousand cases take no time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from demo.store.database import Database
from demo.store.desk_tables import CorrectionRow, DocketRow
from pipelines.drafting.clock import midnight

MOST_PLACES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What is counted: cases filed from the first to the last day, in Korea's days."""

    first: dt.date
    last: dt.date
    department: str = ""
    """Empty = all of them."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """On DocketRow."""
        made = [
            DocketRow.filed_at >= midnight(self.first),
            DocketRow.filed_at < midnight(self.last + dt.timedelta(days=1)),
        ]
        if self.department:
            made.append(DocketRow.department == self.department)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Cases by what became of their legal deadline."""

    kept: int
    late: int
    running: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of filing."""

    day: dt.date
    cases: int
    corrected: int
    """Of those, cases whose category an official changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """All that the plots show of one range."""

    total: int
    days: tuple[Day, ...]
    categories: Mapping[str, int]
    """The most first, as in the other two."""
    departments: Mapping[str, int]
    places: Mapping[str, int]
    """District and dong -> cases; the first MOST_PLACES."""
    deadlines: Deadlines


def numbers(database: Database, asked: Range, today: dt.date) -> Numbers:
    """Count. Raises StoreUnavailable."""
    where = asked.conditions()
    with database.read() as session:
        days = _days(session, where)
        return Numbers(
            total=sum(day.cases for day in days),
            days=days,
            categories=_counted(session, DocketRow.category, where),
            departments=_counted(session, DocketRow.department, where),
            places=_places(session, where),
            deadlines=_deadlines(session, where, today),
        )


def known_departments(database: Database) -> tuple[str, ...]:
    """Every department that has a case, by name. Raises StoreUnavailable."""
    column = DocketRow.department
    with database.read() as session:
        return tuple(session.scalars(sa.select(column).distinct().order_by(column)))


def _days(session: Session, where: list[sa.ColumnElement[bool]]) -> tuple[Day, ...]:
    corrected = (
        sa.select(CorrectionRow.case_id).where(CorrectionRow.field == "category").distinct()
    ).subquery()
    day = _korean_day(session, DocketRow.filed_at).label("day")
    wanted = (
        sa.select(day, sa.func.count(), sa.func.count(corrected.c.case_id))
        .outerjoin(corrected, corrected.c.case_id == DocketRow.case_id)
        .where(*where)
        .group_by(day)
        .order_by(day)
    )
    return tuple(
        Day(day=_date(row[0]), cases=row[1], corrected=row[2]) for row in session.execute(wanted)
    )


def _counted(
    session: Session, column: InstrumentedAttribute[str], where: list[sa.ColumnElement[bool]]
) -> dict[str, int]:
    many = sa.func.count().label("many")
    wanted = sa.select(column, many).where(*where).group_by(column).order_by(many.desc(), column)
    return dict(session.execute(wanted).tuples().all())


def _places(session: Session, where: list[sa.ColumnElement[bool]]) -> dict[str, int]:
    many = sa.func.count().label("many")
    district, dong = DocketRow.district, DocketRow.dong
    wanted = (
        sa.select(district, dong, many)
        .where(*where, district.is_not(None))
        .group_by(district, dong)
        .order_by(many.desc(), district, dong)
        .limit(MOST_PLACES)
    )
    return {
        " ".join([(row[0] or "").split()[-1], row[1] or ""]).strip(): row[2]
        for row in session.execute(wanted)
    }


def _deadlines(session: Session, where: list[sa.ColumnElement[bool]], today: dt.date) -> Deadlines:
    answered = DocketRow.answered_at.is_not(None)
    open_ = DocketRow.state.in_(("received", "working", "waiting"))
    in_time = _korean_day(session, DocketRow.answered_at) <= DocketRow.due_on
    past = DocketRow.due_on < today

    def many(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

    wanted = sa.select(
        many(answered, in_time),
        many(answered, sa.not_(in_time)),
        many(open_, sa.not_(past)),
        many(open_, past),
    ).where(*where)
    kept, late, running, overdue = session.execute(wanted).one()
    return Deadlines(kept=int(kept), late=int(late), running=int(running), overdue=int(overdue))


def _korean_day(session: Session, moment: InstrumentedAttribute[Any]) -> sa.ColumnElement[Any]:
    """The day of a moment in Korea, whose clocks are 9 hours ahead all year."""
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.date(moment, "+9 hours")
    return sa.cast(sa.func.timezone("Asia/Seoul", moment), sa.Date)


def _date(value: str | dt.date) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
