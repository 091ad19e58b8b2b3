"""A citizen joins an open case of the same matter: both are cases, and one answer serves both."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.desk_tables import DocketRow
from demo.store.docket import OPEN
from demo.store.journal import CITIZEN, SYSTEM, Journal, docketed
from demo.store.tables import CaseRow

ALONE = "emergency"
"""Of this urgency a case joins no other."""


def hand_in(
    session: Session, journal: Journal, case: CaseRow, line: DocketRow, join: str | None
) -> None:
    """The case is filed, and joined to the one of the number `join` while somebody works on that.

    One that is answered or gone meanwhile stops no filing: then this one stands by itself, as an
    emergency always does, since nobody lists what is joined.
    """
    facts = {"edited": len(case.edited)}
    journal.tell(session, case, line, "filed", facts, actor=CITIZEN, who=CITIZEN)
    if join is None or line.urgency == ALONE:
        return
    other = docketed(session, join, lock=True)
    if other is not None and other[0].id != case.id and other[1].state in OPEN:
        journal.merge(session, case, line, other[0], actor=CITIZEN, who=CITIZEN)


def pass_on(session: Session, journal: Journal, case_id: int) -> None:
    """A case is withdrawn: who joined it first takes its place, and the others join that one."""
    wanted = (
        sa.select(CaseRow, DocketRow)
        .join(DocketRow, DocketRow.case_id == CaseRow.id)
        .where(DocketRow.merged_into_id == case_id, DocketRow.state == "merged")
        .order_by(DocketRow.filed_at, DocketRow.case_id)
        .with_for_update()
    )
    heir: CaseRow | None = None
    for case, line in session.execute(wanted).tuples().all():
        if heir is not None:
            journal.merge(session, case, line, heir, actor=SYSTEM, who=SYSTEM)
            continue
        heir, line.state, line.merged_into_id = case, "received", None
        journal.tell(session, case, line, "reopened", {}, actor=SYSTEM, who=SYSTEM)
