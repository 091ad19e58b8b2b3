"""What the audit page does, without the page. Whoever reads the audit is in the audit."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from demo.access import User, check
from demo.admin import asks
from demo.admin import audit_panels as panels
from demo.admin.chain import ChainWatch
from demo.gate import Door
from demo.present import Words
from demo.refusals import SignedOut
from demo.screens import said
from demo.store.audit import Audit
from demo.store.audit_book import AT_ONCE, AuditBook
from demo.store.desk_tables import AuditRow
from pipelines.errors import MinwonError
from pipelines.exports import Sheet, Value, as_csv, csv_lines

PANELS = ("who", "chain", "filters", "rows")
LINES = 50
COLUMNS = ("id", "time", "actor", "action", "case_number", "facts", "before_hash", "hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditScreen:
    """New contents of the panels; None = as it was."""

    who: str | None = None
    chain: str | None = None
    filters: str | None = None
    rows: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    door: Door
    audit: Audit
    book: AuditBook
    chain: ChainWatch

    def user(self, token: str) -> User:
        """Who asks. Raises SignedOut, AccessDenied."""
        user = self.door.user(token)
        if user is None:
            raise SignedOut
        return check(user, "audit")

    def show(self, words: Words, ask: asks.PageOfAudit, token: str) -> AuditScreen:
        """A page of rows, the look itself among them. Raises SignedOut, AccessDenied."""
        user = self.user(token)
        self.audit.note(user.actor, "audit_read", facts=ask.told())
        page = self.book.page(ask.filters(), before=ask.before, most=LINES)
        return AuditScreen(
            who=panels.who(words, user, demo=self.door.demo) if ask.fresh else None,
            chain=panels.chain_panel(words, self.chain.state()) if ask.fresh else None,
            filters=panels.filters_panel(words, ask, self.book.actions()) if ask.fresh else None,
            rows=panels.rows_panel(words, page, first=ask.before is None),
            command={"do": "listed"},
        )

    def look_at_chain(self, words: Words, ask: asks.LookAtChain, token: str) -> AuditScreen:
        """How the chain stands now; never waits for a walk. Raises SignedOut, AccessDenied."""
        self.user(token)
        if ask.again:
            self.chain.ask()
        state = self.chain.state()
        return AuditScreen(
            chain=panels.chain_panel(words, state),
            command={"do": "chain", "walking": state.walking},
        )

    def export(self, user: User, ask: asks.LookAtAudit) -> Iterator[str]:
        """All rows as CSV, piece by piece, with the hashes by which others can check the chain.

        `user` may, which the caller has checked; the export is in the audit before it begins.
        """
        self.audit.note(user.actor, "audit_exported", facts=ask.told())
        return self._lines(ask)

    def _lines(self, ask: asks.LookAtAudit) -> Iterator[str]:
        yield as_csv(Sheet(name="audit", header=COLUMNS, rows=()))
        rows = (_values(row) for row in self.book.each(ask.filters()))
        while batch := tuple(islice(rows, AT_ONCE)):
            yield csv_lines(batch)


def _values(row: AuditRow) -> tuple[Value, ...]:
    """As `row_hash` covers them, so that whoever has the file can follow the chain."""
    time = row.time.astimezone(dt.UTC).isoformat(timespec="microseconds")
    facts = json.dumps(row.facts, ensure_ascii=False, sort_keys=True)
    number = row.case_number or ""
    return row.id, time, row.actor, row.action, number, facts, row.before_hash, row.hash


def trouble(words: Words, error: MinwonError) -> AuditScreen:
    """One sentence; who is signed out goes to sign in."""
    if isinstance(error, SignedOut):
        return AuditScreen(command={"do": "signed_out"})
    return AuditScreen(command=said(words, error))
