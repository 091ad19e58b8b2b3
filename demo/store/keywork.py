"""What a program with the right "work" may change of a filed case: who is at it, nothing else.

An answer, a question to the citizen and a merge need a person who is signed in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa

from demo.store.audit import Audit
from demo.store.database import Database
from demo.store.desk_tables import DocketRow, DocketState
from demo.store.docket import OPEN
from demo.store.keys import Caller
from demo.store.tables import CaseRow, EventRow
from pipelines.errors import CaseConflict, CaseNotFound
from pipelines.interface_errors import ApiHumanNeeded

BY_PROGRAM: tuple[DocketState, ...] = ("received", "working")


class KeyWork:
    """Thread-safe. Changes and their audit are one transaction."""

    def __init__(self, database: Database, audit: Audit, now: Callable[[], dt.datetime]) -> None:
        self._database, self._audit, self._now = database, audit, now

    def move(self, caller: Caller, number: str, version: int, state: DocketState) -> None:
        """To another state. Raises CaseNotFound, CaseConflict, ApiHumanNeeded."""
        wanted = (
            sa.select(CaseRow, DocketRow)
            .join(DocketRow, DocketRow.case_id == CaseRow.id)
            .where(CaseRow.number == number)
            .with_for_update()
        )
        with self._database.write() as session:
            found = session.execute(wanted).one_or_none()
            if found is None:
                raise CaseNotFound
            case, line = found
            if state not in BY_PROGRAM or line.state not in OPEN:
                raise ApiHumanNeeded(state=state)
            if case.version != version:
                raise CaseConflict
            if line.state == state:
                return
            now = self._now()
            facts = {"from": line.state, "to": state}
            case.version, case.updated_at = case.version + 1, now
            line.state, line.changed_at = state, now
            session.add(
                EventRow(case_id=case.id, time=now, actor="office", kind="moved", facts=facts)
            )
            self._audit.append(session, f"key:{caller.name}", "moved", number, facts)

    def listed(self, caller: Caller, count: int) -> None:
        """A program looked at so many lines."""
        self._audit.note(f"key:{caller.name}", "listed", None, {"cases": count})
