"""How a change of a filed case is written down: version, event, audit, and who follows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.audit import Audit, Facts
from demo.store.desk_tables import DocketRow
from demo.store.filing import Filing
from demo.store.tables import CaseRow, EventRow

CITIZEN = "citizen"
SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Works in the caller's transaction, which makes the change and holds the case's lock."""

    audit: Audit
    filing: Filing
    now: Callable[[], dt.datetime]

    def tell(
        self,
        session: Session,
        case: CaseRow,
        line: DocketRow,
        kind: str,
        facts: Facts,
        *,
        actor: str,
        who: str,
        user_id: int | None = None,
    ) -> None:
        """The change is true from now on.

        `actor` stands in the case's event, `who` in the audit; `user_id` is a fact of the event
        only, since the audit knows people by their login.
        """
        now = self.now()
        case.version, case.updated_at, line.changed_at = case.version + 1, now, now
        told = facts if user_id is None else {**facts, "user": user_id}
        session.add(EventRow(case_id=case.id, time=now, actor=actor, kind=kind, facts=dict(told)))
        self.audit.append(session, who, kind, case.number, facts)
        self.filing.tell(session, case.id)

    def merge(
        self,
        session: Session,
        case: CaseRow,
        line: DocketRow,
        into: CaseRow,
        *,
        actor: str,
        who: str,
        user_id: int | None = None,
    ) -> None:
        """Another case answers for this one from now on. The rest as in `tell`."""
        line.state, line.merged_into_id = "merged", into.id
        facts = {"into": into.number}
        self.tell(session, case, line, "merged", facts, actor=actor, who=who, user_id=user_id)
        self.audit.append(session, who, "joined", into.number, {"from": case.number})


def docketed(
    session: Session, number: str, *, lock: bool = False
) -> tuple[CaseRow, DocketRow] | None:
    """A filed case and its line; with `lock` nobody else changes them before the commit."""
    wanted = (
        sa.select(CaseRow, DocketRow)
        .join(DocketRow, DocketRow.case_id == CaseRow.id)
        .where(CaseRow.number == number)
    )
    found = session.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    return (found[0], found[1]) if found is not None else None
