"""What the compare page does, without the page: a message comes in, panels go out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.asks import BadRequest
from demo.compare import asks
from demo.compare.desk import CompareDesk
from demo.compare.match import match_of
from demo.compare.panels import given_panel, side_panel, table_panel, vote_panel
from demo.papers.easel import Makers, RoomEasel, watched
from demo.present import Words
from demo.screens import said
from pipelines.drafting.policy import Policy
from pipelines.errors import CaseTooManyFiles, MinwonError
from pipelines.evaluation.ratings import ratings
from pipelines.foundation.catalog import Row
from pipelines.settings import Settings

PACE_S = 0.15
PANELS = ("given", "left", "right", "vote", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareScreen:
    """New contents of the panels; None = as it was."""

    given: str | None = None
    left: str | None = None
    right: str | None = None
    vote: str | None = None
    table: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    desk: CompareDesk
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)

    @property
    def rows(self) -> dict[str, Row]:
        """The offered models by name."""
        return {rival.name: rival.row for rival in self.desk.rivals}

    def open(self, words: Words, ask: asks.Open, uploaded: Callable[[str], Path]) -> CompareScreen:
        """Take words and files; both models begin once they are read.

        Raises BadRequest, RoomFull, CaseTooManyFiles, and what `admit_any` raises.
        """
        if not ask.files and (ask.kind == "ask" or not ask.text):
            raise BadRequest
        if ask.kind == "ask" and not ask.text:
            raise BadRequest
        if len(ask.files) > self.settings.max_case_files:
            raise CaseTooManyFiles(limit=self.settings.max_case_files)
        paths: list[tuple[Path, str]] = []
        try:
            for file in ask.files:
                path = uploaded(file.path)
                paths.append((path, file.name or path.name))
            key, _ = self.desk.open(ask.kind, ask.text, paths, words.plain("note_name"))
        finally:  # what was taken has moved; the rest is nobody's
            for path, _ in paths:
                path.unlink(missing_ok=True)
        return CompareScreen(command={"do": "opened", "key": key, "out": ""})

    def follow(self, words: Words, ask: asks.Keyed) -> Iterator[CompareScreen]:
        """The comparison as it stands, then every change, until nothing more will come or the turn
        is over. Raises PapersNotFound.
        """
        session = self.desk.sessions.find(ask.key)
        easel = _Easel(self, words, session)
        return watched(
            self.desk.sessions,
            session,
            easel.draw,
            "",
            clock=self.clock,
            rest=lambda: self.sleep(PACE_S),
        )

    def vote(self, ask: asks.Vote) -> CompareScreen:
        """A vote, kept; then the names are shown. Raises PapersNotFound, StoreUnavailable."""
        self.desk.vote(self.desk.sessions.find(ask.key), ask.verdict)
        return CompareScreen(command={"do": "go"})

    def stop(self, ask: asks.Stop) -> CompareScreen:
        """Cancel the reading or a side. Raises PapersNotFound."""
        self.desk.cancel(self.desk.sessions.find(ask.key), ask.kind, ask.number)
        return CompareScreen(command={"do": "go"})

    def end(self, words: Words, ask: asks.Keyed) -> CompareScreen:
        """Forget the input and both answers at once; votes stay. Raises PapersNotFound."""
        self.desk.end(self.desk.sessions.find(ask.key))
        cleared = dict.fromkeys(PANELS, "") | {"table": self.table(words)}
        return CompareScreen(command={"do": "closed"}, **cleared)

    def table(self, words: Words) -> str:
        """Where every model stands. Raises StoreUnavailable."""
        return table_panel(words, ratings(self.desk.votes.duels()), self.rows)


class _Easel(RoomEasel[CompareRoom]):
    """Which panels a comparison has, and what each of them shows."""

    def draw(self, command: Mapping[str, Any] | None) -> CompareScreen:
        words, session, room = self.words, self.session, self.room
        if session.ended:
            return CompareScreen(command=command)
        match = match_of(session)
        left, right = session.latest("left"), session.latest("right")
        makers: Makers = {
            "given": ((match,), lambda: given_panel(words, match)),
            "left": (
                (left, match),
                lambda: side_panel(words, match, "left", left, room.policy, room.rows),
            ),
            "right": (
                (right, match),
                lambda: side_panel(words, match, "right", right, room.policy, room.rows),
            ),
            "vote": ((match, left, right), lambda: vote_panel(words, session, match)),
            "table": (
                (match.vote,),
                lambda: room.table(words) if match.vote else "",
            ),
        }
        return CompareScreen(command=command, **self.changed(makers))


def trouble(words: Words, error: MinwonError) -> CompareScreen:
    """One sentence for the reader."""
    return CompareScreen(command=said(words, error))
