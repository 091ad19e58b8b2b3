"""What the desk's page may send, checked at the door."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from demo.access import User, scope
from demo.asks import Ask, Short
from demo.store.desk_tables import DocketState
from demo.store.docket import OPEN, Filters, Sort
from pipelines.drafting.clock import SOON_DAYS, is_working_day

MOST_AT_ONCE = 200
Text = Annotated[str, StringConstraints(max_length=5000)]


class Listing(Ask):
    """Which cases to list; empty = whatever it is."""

    state: DocketState | Literal["open", "all"] = "open"
    department: Short = ""
    category: Short = ""
    district: Short = ""
    assignee: Short = ""
    """me, none, or somebody's id."""
    urgency: Short = ""
    due: Literal["", "overdue", "soon"] = ""
    filed_from: dt.date | Literal[""] = ""
    filed_to: dt.date | Literal[""] = ""
    sort: Sort = "due"
    text: Short = ""

    def filters(self, user: User, today: dt.date) -> Filters:
        """Only of what the user may read, whatever was asked for."""
        own = scope(user, "read") == "department"
        return Filters(
            states=OPEN if self.state == "open" else () if self.state == "all" else (self.state,),
            department=user.department or "" if own else self.department or None,
            category=self.category or None,
            district=self.district or None,
            assignee_id=self._assignee(user),
            unassigned=self.assignee == "none",
            urgency=self.urgency or None,
            due_before=today if self.due == "overdue" else None,
            due_until=_soon(today) if self.due == "soon" else None,
            filed_from=self.filed_from or None,
            filed_to=self.filed_to or None,
            text=self.text,
        )

    def _assignee(self, user: User) -> int | None:
        if self.assignee == "me":
            return user.id
        known = self.assignee.isascii() and self.assignee.isdecimal()
        return int(self.assignee[:18]) if known else None


class Look(Listing):
    """Show the list. `cursor`: after these; `fresh`: with the choices of the filters."""

    cursor: Short = ""
    fresh: bool = False


class Open(Ask):
    """Show a case; with `originals` unmasked."""

    number: Short
    originals: bool = False


class Step(Open):
    """Do something with a case."""

    version: int
    kind: Literal[
        "take", "assign", "transfer", "request", "note", "edit", "correct", "approve", "merge",
        "reopen",
    ]  # fmt: skip
    text: Text = ""
    to: Short = ""
    """An id, a department or a number, by the kind."""
    fields: dict[Short, Text] = Field(default_factory=dict, max_length=8)


class Chosen(Ask):
    """One case of several."""

    number: Short
    version: int


class Bulk(Ask):
    """The same with several cases."""

    kind: Literal["assign", "transfer"]
    to: Short
    cases: Annotated[list[Chosen], Field(min_length=1, max_length=MOST_AT_ONCE)]


def _soon(today: dt.date) -> dt.date:
    """The last day that is at most SOON_DAYS working days away."""
    day, left = today, SOON_DAYS
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day)
    return day
