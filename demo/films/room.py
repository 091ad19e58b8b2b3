"""What the video page does, without the page: a message comes in, panels go out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.asks import BadRequest
from demo.films import asks
from demo.films.clip import clip_of
from demo.films.desk import FilmDesk
from demo.films.handout import FilmHandout
from demo.films.live_room import LiveRoom
from demo.films.moments import Moments
from demo.films.panels import (
    events_panel,
    found_panel,
    frames_panel,
    line_panel,
    reel_panel,
    strip_panel,
)
from demo.films.samples import SampleClip, copy_of, samples
from demo.films.screen import PANELS, FilmScreen
from demo.films.takeaways import files_panel
from demo.papers.easel import Makers, RoomEasel, watched
from demo.papers.links import PaperLinks
from demo.papers.panels import answers_panel, draft_of
from demo.papers.session import Session
from demo.papers.shots import Shots
from demo.present import Words
from demo.screens import said
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.settings import Settings

PACE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    desk: FilmDesk
    shots: Shots
    links: PaperLinks
    handout: FilmHandout
    live: LiveRoom
    samples: tuple[SampleClip, ...] = field(default_factory=samples)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)

    def open(self, words: Words, ask: asks.Open, uploaded: Callable[[str], Path]) -> FilmScreen:
        """Take a video; a session begins.

        Raises BadRequest, RoomFull, and what `admit` raises of videos.
        """
        path, name = self._file(ask, uploaded)
        try:
            key, session = self.desk.open(path, name, words.language)
        finally:  # what was taken has moved; the rest is nobody's
            path.unlink(missing_ok=True)
        return FilmScreen(command={"do": "opened", "key": key, "out": self._out(session)})

    def _file(self, ask: asks.Open, uploaded: Callable[[str], Path]) -> tuple[Path, str]:
        if ask.path:
            return uploaded(ask.path), ask.name or Path(ask.path).name
        found = copy_of(ask.sample, self.desk.sessions.root)
        if found is None:
            raise BadRequest
        return found

    def follow(self, words: Words, ask: asks.Keyed) -> Iterator[FilmScreen]:
        """The session as it stands, then every change, until nothing more will come or the turn
        is over. Raises PapersNotFound.
        """
        session = self.desk.sessions.find(ask.key)
        easel = _Easel(self, words, session)
        return watched(
            self.desk.sessions,
            session,
            easel.draw,
            self._out(session),
            clock=self.clock,
            rest=lambda: self.sleep(PACE_S),
        )

    def ask(self, ask: asks.Question) -> FilmScreen:
        """A question to the video, once it is read. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read:
            self.desk.task(session, "ask", question=ask.question)
        return _go()

    def search(self, ask: asks.Search) -> FilmScreen:
        """Where something is said, written or shown. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read:
            self.desk.task(session, "search", question=ask.words)
        return _go()

    def draft(self, ask: asks.Draft) -> FilmScreen:
        """A new draft. Raises PapersNotFound."""
        session = self.desk.sessions.find(ask.key)
        if session.read:
            self.desk.task(session, "draft")
        return _go()

    def translate(self, ask: asks.Translate) -> FilmScreen:
        """The subtitles in another language. Raises PapersNotFound."""
        self.desk.translate(self.desk.sessions.find(ask.key), ask.language)
        return _go()

    def cut(self, ask: asks.Cut) -> FilmScreen:
        """A clip, blurred. Raises PapersNotFound, ClipInvalid."""
        session = self.desk.sessions.find(ask.key)
        self.desk.cut(session, ask.start_s, ask.end_s)
        return _go()

    def stop(self, ask: asks.Stop) -> FilmScreen:
        """Cancel the reading or a task. Raises PapersNotFound."""
        self.desk.cancel(self.desk.sessions.find(ask.key), ask.kind, ask.number)
        return _go()

    def end(self, ask: asks.Keyed) -> FilmScreen:
        """Forget everything at once. Raises PapersNotFound."""
        self.desk.end(self.desk.sessions.find(ask.key))
        return FilmScreen(command={"do": "closed"}, **dict.fromkeys(PANELS, ""))

    def _out(self, session: Session) -> str:
        return self.links.of(session, "out")


class _Easel(RoomEasel[FilmRoom]):
    """Which panels a session has, and what each of them shows."""

    def draw(self, command: Mapping[str, Any] | None) -> FilmScreen:
        words, session, room = self.words, self.session, self.room
        if session.ended:
            return FilmScreen(command=command)
        clip, of = clip_of(session), session.latest
        moments = Moments(clip)
        asked = tuple(task for task in session.all_tasks if task.kind == "ask")
        made = tuple(task for task in session.all_tasks if task.kind in ("clip", "translate"))
        found = (clip.footage, clip.shots, clip.pieces, clip.early)
        makers: Makers = {
            "reel": ((clip,), lambda: reel_panel(words, clip, self._sign)),
            "line": (found, lambda: line_panel(words, clip)),
            "strip": ((clip.footage, clip.early), lambda: strip_panel(words, clip, self._sign)),
            "draft": (
                (of("draft"), clip.footage),
                lambda: draft_of(words, session, room.policy, moments.chip),
            ),
            "events": (found, lambda: events_panel(words, clip)),
            "found": (
                (of("search"), clip.footage),
                lambda: found_panel(words, session, moments.cited),
            ),
            "answers": (
                (*asked, clip.footage),
                lambda: answers_panel(words, session, moments.cited),
            ),
            "frames": ((clip.footage,), lambda: frames_panel(words, clip, self._sign)),
            "files": (
                (*made, of("draft"), clip.footage),
                lambda: files_panel(words, session, clip, self._sign),
            ),
        }
        return FilmScreen(command=command, **self.changed(makers))

    def _sign(self, what: str) -> str:
        return self.room.links.of(self.session, what)


def _go() -> FilmScreen:
    return FilmScreen(command={"do": "go"})


def trouble(words: Words, error: MinwonError) -> FilmScreen:
    """One sentence for the reader."""
    return FilmScreen(command=said(words, error))
