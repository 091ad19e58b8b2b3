"""What the pages of the administration may send, checked at the door."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from demo.asks import Ask, Short
from demo.store.audit_book import AuditFilters
from pipelines.drafting.clock import midnight

Several = Annotated[tuple[Short, ...], Field(max_length=10)]


class ShowAccounts(Ask):
    """Everything on the page."""


class Placed(Ask):
    """Who somebody is; an empty department = none."""

    login: Short
    name: Short
    role: Short
    department: Short = ""


class Do(Ask):
    """Something with one account."""

    login: Short
    kind: Literal["reset", "lock", "unlock", "end_sessions"]


class AddKey(Ask):
    """A key for a program."""

    name: Short
    rights: Several = ()


class AddHook(Ask):
    """An address that wants to know."""

    url: Annotated[str, Field(max_length=2000)]
    topics: Several = ()


class EndKey(Ask):
    """It opens nothing any more."""

    name: Short


class EndHook(Ask):
    """It is told nothing any more."""

    hook: Annotated[int, Field(ge=1, le=2**53)]


class LookAtAudit(Ask):
    """Which rows of the audit; empty = whatever it is."""

    number: Short = ""
    actor: Short = ""
    action: Short = ""
    first: dt.date | Literal[""] = ""
    last: dt.date | Literal[""] = ""

    def filters(self) -> AuditFilters:
        """By whole days of Korea, both of them included."""
        first, last = self.first or None, self.last or None
        if first and last and first > last:
            first, last = last, first
        return AuditFilters(
            case_number=self.number.strip().upper() or None,
            actor=self.actor.strip() or None,
            action=self.action or None,
            since=midnight(first) if first else None,
            until=midnight(last + dt.timedelta(days=1)) if last and last < dt.date.max else None,
        )

    def told(self) -> dict[str, str]:
        """For the audit: which filters were set."""
        names = [name for name in LookAtAudit.model_fields if getattr(self, name)]
        return {"by": ", ".join(names)} if names else {}


class PageOfAudit(LookAtAudit):
    """`before`: older than that row; `fresh`: with the choices of the filters."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None
    fresh: bool = False


class LookAtChain(Ask):
    """How the chain stands; `again`: walk it once more."""

    again: bool = False
