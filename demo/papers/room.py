"""What the documents page does, without the page: a message comes in, panels go out.

Every message proves itself with the key of its session, so a refresh makes no difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.papers import asks
from demo.papers.desk import PaperDesk
from demo.papers.easel import Makers, RoomEasel, watched
from demo.papers.handout import Handout
from demo.papers.links import PaperLinks
from demo.papers.panels import answers_panel, draft_of, sheets_panel
from demo.papers.samples import copies
from demo.papers.schema import Row, rows_of
from demo.papers.session import Session
from demo.papers.shots import Shots
from demo.papers.spots import Spots
from demo.papers.tables import changes_panel, digest_panel, fields_panel, versions_panel
from demo.present import Words
from demo.screens import said
from pipelines.drafting.fields import Plan
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.settings import Settings

PACE_S = 0.2
PANELS = ("sheets", "draft", "answers", "digest", "fields", "versions", "changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperScreen:
    """New contents of the panels; None = as it was."""

    sheets: str | None = None
    draft: str | None = None
    answers: str | None = None
    digest: str | None = None
    fields: str | None = None
    versions: str | None = None
    changes: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    plan: Plan
    desk: PaperDesk
    shots: Shots
    links: PaperLinks
    handout: Handout
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)

    def rows(self, language: str) -> tuple[Row, ...]:
        """The office's own list of fields, to begin with."""
        return rows_of(self.plan, language)

    def add(self, ask: asks.Add, uploaded: Callable[[str], Path]) -> PaperScreen:
        """Take files; without a key a session begins.

        Raises BadRequest, PapersNotFound, RoomFull.
        """
        paths = [(uploaded(file.path), file.name or Path(file.path).name) for file in ask.files]
        if ask.samples:
            paths += copies(self.desk.sessions.root)
        try:
            key, session = (
                (ask.key, self.desk.sessions.find(ask.key)) if ask.key else self.desk.open()
            )
            self.desk.add(session, paths, more=ask.more)
        finally:  # what was taken has moved; the rest is nobody's
            for path, _ in paths:
                path.unlink(missing_ok=True)
        return PaperScreen(command={"do": "opened", "key": key, "out": self._out(session)})

    def follow(self, words: Words, ask: asks.Watch) -> Iterator[PaperScreen]:
        """The session as it stands, then every change, until nothing more will come or the turn
        is over. Raises PapersNotFound.
        """
        session = self.desk.sessions.find(ask.key)
        if session.expecting and not ask.sending:
            self.desk.all_here(session)
        easel = _Easel(self, words, session)
        return watched(
            self.desk.sessions,
            session,
            easel.draw,
            self._out(session),
            clock=self.clock,
            rest=lambda: self.sleep(PACE_S),
        )

    def ask(self, ask: asks.Question) -> PaperScreen:
        """A question over everything that is read when its turn comes. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read or session.busy:
            self.desk.task(session, "ask", question=ask.question)
        return _go()

    def draft(self, ask: asks.Draft) -> PaperScreen:
        """A new draft. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read:
            self.desk.task(session, "draft")
        return _go()

    def digest(self, ask: asks.OneSheet) -> PaperScreen:
        """Summarise a file. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if self.desk.sheet(session, ask.sheet).paper is not None:
            self.desk.task(session, "digest", about=(ask.sheet,))
        return _go()

    def fields(self, ask: asks.Fields) -> PaperScreen:
        """Look for the fields in every file that is read. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read:
            self.desk.task(session, "fields", extra=ask.rows)
        return _go()

    def compare(self, ask: asks.Compare) -> PaperScreen:
        """Compare two files. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        pair = (ask.old, ask.new)
        if all(self.desk.sheet(session, number).paper is not None for number in pair):
            self.desk.task(session, "compare", about=pair)
        return _go()

    def unlock(self, words: Words, ask: asks.Unlock) -> PaperScreen:
        """Open a locked file. Raises PapersNotFound, DocumentPasswordWrong and as `unlock`."""
        session = self.desk.sessions.find(ask.key)
        self.desk.unlock(session, ask.sheet, ask.password)
        return _go()

    def stop(self, ask: asks.Stop) -> PaperScreen:
        """Cancel a file, a task, or everything. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if ask.kind == "all":
            self.desk.cancel_all(session)
        else:
            self.desk.cancel(session, ask.kind, ask.number)
        return _go()

    def end(self, ask: asks.Keyed) -> PaperScreen:
        """Forget everything at once. Raises PapersNotFound."""
        self.desk.end(self.desk.sessions.find(ask.key))
        return PaperScreen(
            sheets="", draft="", answers="", digest="", fields="", versions="", changes="",
            command={"do": "closed"},
        )  # fmt: skip

    def _out(self, session: Session) -> str:
        return self.links.of(session, "out")


class _Easel(RoomEasel[PaperRoom]):
    """Which panels a session has, and what each of them shows."""

    def draw(self, command: Mapping[str, Any] | None) -> PaperScreen:
        words, session, room = self.words, self.session, self.room
        sheets = session.all_sheets
        read = session.read
        of = session.latest
        asked = tuple(task for task in session.all_tasks if task.kind == "ask")
        digests = tuple(task for task in session.all_tasks if task.kind == "digest")
        outlines = tuple(sheet.chapters for sheet in sheets)
        makers: Makers = {
            "sheets": (sheets, lambda: sheets_panel(words, sheets, self._sign)),
            "draft": (
                (of("draft"), *read),
                lambda: draft_of(words, session, room.policy, Spots(session).chip),
            ),
            "answers": (
                (*asked, *read),
                lambda: answers_panel(words, session, Spots(session).cited),
            ),
            "digest": ((*digests, *outlines, *read), lambda: digest_panel(words, session)),
            "fields": ((of("fields"), len(read)), lambda: fields_panel(words, session)),
            "versions": (read, lambda: versions_panel(words, session)),
            "changes": ((of("compare"), len(read)), lambda: changes_panel(words, session)),
        }
        return PaperScreen(command=command, **self.changed(makers))

    def _sign(self, number: int) -> str:
        return self.room.links.of(self.session, str(number))


def _go() -> PaperScreen:
    return PaperScreen(command={"do": "go"})


def trouble(words: Words, error: MinwonError) -> PaperScreen:
    """One sentence for the reader."""
    return PaperScreen(command=said(words, error))
