"""Looking through the audit: by case, actor, action and day, newest first, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from demo.store.audit import AuditView, view_of
from demo.store.database import Database
from demo.store.desk_tables import AuditRow

AT_ONCE = 1_000
PREFIXES = ("", "user:", "key:")
"""Of an actor, who may be looked for by login or name alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilters:
    """Which rows; None = whatever it is."""

    case_number: str | None = None
    actor: str | None = None
    """As the audit calls them, or a login, or the name of a key."""
    action: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    """Not that moment any more."""

    def chosen(self) -> list[sa.ColumnElement[bool]]:
        """As conditions."""
        made: list[sa.ColumnElement[bool]] = []
        if self.case_number is not None:
            made.append(AuditRow.case_number == self.case_number)
        if self.actor is not None:
            made.append(AuditRow.actor.in_([prefix + self.actor for prefix in PREFIXES]))
        if self.action is not None:
            made.append(AuditRow.action == self.action)
        if self.since is not None:
            made.append(AuditRow.time >= self.since)
        if self.until is not None:
            made.append(AuditRow.time < self.until)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Rows, newest first, and where the next page begins; None = there is none."""

    rows: tuple[AuditView, ...]
    before: int | None


class AuditBook:
    """Thread-safe; it only reads. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, filters: AuditFilters, *, before: int | None = None, most: int) -> AuditPage:
        """The newest `most` rows that are older than the row `before`."""
        wanted = self._wanted(filters, before, most + 1)
        with self._database.read() as session:
            rows = tuple(view_of(row) for row in session.scalars(wanted))
        shown = rows[:most]
        return AuditPage(rows=shown, before=shown[-1].id if len(rows) > most else None)

    def each(self, filters: AuditFilters) -> Iterator[AuditRow]:
        """Every row, newest first, with its hashes; short transactions, so that writers go on."""
        before: int | None = None
        while True:
            wanted = self._wanted(filters, before, AT_ONCE)
            with self._database.read() as session:
                rows = session.scalars(wanted).all()
            yield from rows
            if len(rows) < AT_ONCE:
                return
            before = rows[-1].id

    def actions(self) -> tuple[str, ...]:
        """What has ever happened, by its code."""
        wanted = sa.select(AuditRow.action).distinct().order_by(AuditRow.action)
        with self._database.read() as session:
            return tuple(session.scalars(wanted))

    def _wanted(self, filters: AuditFilters, before: int | None, most: int) -> sa.Select[AuditRow]:
        older = [AuditRow.id < before] if before is not None else []
        chosen = [*filters.chosen(), *older]
        return sa.select(AuditRow).where(*chosen).order_by(AuditRow.id.desc()).limit(most)
