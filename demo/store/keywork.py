"""What a program with the right "work" may change of a filed case: who is at it, nothing else.

An answer, a question to the citizen and a merge need a person who is signed in.
"""

from __future__ import annotations

from demo.store.database import Database
from demo.store.desk_tables import DocketState
from demo.store.docket import OPEN
from demo.store.journal import Journal, docketed
from demo.store.keys import Caller
from pipelines.errors import CaseConflict, CaseNotFound
from pipelines.interface_errors import ApiHumanNeeded

BY_PROGRAM: tuple[DocketState, ...] = ("received", "working")


class KeyWork:
    """Thread-safe. Changes and their audit are one transaction."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database, self._journal = database, journal

    def move(self, caller: Caller, number: str, version: int, state: DocketState) -> None:
        """To another state. Raises CaseNotFound, CaseConflict, ApiHumanNeeded."""
        with self._database.write() as session:
            found = docketed(session, number, lock=True)
            if found is None:
                raise CaseNotFound
            case, line = found
            if state not in BY_PROGRAM or line.state not in OPEN:
                raise ApiHumanNeeded(state=state)
            if case.version != version:
                raise CaseConflict
            if line.state == state:
                return
            facts = {"from": line.state, "to": state}
            line.state = state
            who = f"key:{caller.name}"
            self._journal.tell(session, case, line, "moved", facts, actor="office", who=who)

    def listed(self, caller: Caller, count: int) -> None:
        """A program looked at so many lines."""
        self._journal.audit.note(f"key:{caller.name}", "listed", None, {"cases": count})
