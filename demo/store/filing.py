"""A case is handed in: the line that the office's docket keeps of it, in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.masking import masked
from demo.store.tables import CaseRow
from demo.store.views import merged
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.clock import KOREA, due_date
from pipelines.errors import WeightsMissing
from pipelines.places.resolve import Resolved, locate, resolve

WEB = "web"
Position = tuple[float, float]
"""Latitude and longitude in degrees (WGS84)."""
Resolve = Callable[[str], Resolved | None]


Follow = Callable[[Session, int], object]
"""(session, id of a case): told in the transaction that changes its line in the docket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What the line needs to know beside the case."""

    working_days: Mapping[str, int] = field(default_factory=dict)
    """Category -> the legal period; of one that is not known the draft's date holds."""
    resolve: Resolve = resolve
    """Words -> the district and dong that they name."""
    locate: Callable[[float, float], Resolved | None] = locate
    """Latitude and longitude -> the district and dong around them."""

    followers: list[Follow] = field(default_factory=list)
    """Who wants to know, the search's index for one; they are added once they exist."""

    def tell(self, session: Session, case_id: int) -> None:
        """The line is new or another one now."""
        session.flush()
        for follow in self.followers:
            follow(session, case_id)

    def due_on(self, category: str, filed_at: dt.datetime, otherwise: dt.date) -> dt.date:
        """The legal deadline: the clock starts on the day of receipt, in Korea's days."""
        days = self.working_days.get(category)
        return due_date(filed_at.astimezone(KOREA).date(), days) if days else otherwise

    def where(self, place: str, at: Position | None = None) -> tuple[str | None, str | None]:
        """(district, dong) of a place, of a photo's position where its words say too little.

        Of an area list that is not installed, nothing.
        """
        try:
            found = self.resolve(place) if place else None
            if found is None and at is not None:
                found = self.locate(*at)
        except WeightsMissing:
            return None, None
        return (found.district, found.dong) if found is not None else (None, None)

    def row(
        self,
        case: CaseRow,
        filed_at: dt.datetime,
        channel: str = WEB,
        *,
        at: Position | None = None,
    ) -> DocketRow:
        """The line of a case that is filed now. Raises pydantic's ValidationError."""
        draft = merged(CaseDraft.model_validate(case.draft), case.edited)
        district, dong = self.where(draft.place, at)
        return DocketRow(
            case_id=case.id,
            state="received",
            channel=channel,
            title=masked(draft.title),
            category=draft.category,
            department=draft.department,
            urgency=draft.urgency,
            place=draft.place,
            district=district,
            dong=dong,
            latitude=at[0] if at is not None else None,
            longitude=at[1] if at is not None else None,
            filed_at=filed_at,
            due_on=self.due_on(draft.category, filed_at, draft.due_date),
            changed_at=filed_at,
        )


def catch_up(database: Database, filing: Filing) -> int:
    """Put cases into the docket that were filed before there was one; how many there were."""
    with database.write() as session:
        rows = [filing.row(case, filed_at) for case, filed_at in _unlisted(session)]
        session.add_all(rows)
        for row in rows:
            filing.tell(session, row.case_id)
        return len(rows)


def _unlisted(session: Session) -> Iterator[tuple[CaseRow, dt.datetime]]:
    """Filed cases that the docket doesn't have, and when they were filed."""
    wanted = (
        sa.select(CaseRow)
        .outerjoin(DocketRow, DocketRow.case_id == CaseRow.id)
        .where(CaseRow.status == "filed", CaseRow.draft.is_not(None), DocketRow.case_id.is_(None))
    )
    for case in session.scalars(wanted):
        yield case, case.filed_at or case.updated_at
