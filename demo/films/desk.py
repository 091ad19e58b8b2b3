"""The video page's desk: one clip comes in, is looked through, listened to, and asked.

Four lanes work side by side: reading, thinking, translating, and cutting clips.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from demo.films.clip import Clip, clip_of, with_event
from demo.films.work import FilmWork
from demo.papers import folders
from demo.papers.base import Change, MakeSheet, RoomDesk
from demo.papers.lanes import Lane
from demo.papers.session import Session, Sheet, Task, TaskKind, refused
from demo.work import incident
from pipelines.errors import Cancelled, MediaRejected, MinwonError
from pipelines.media.admit import VIDEOS, admit, clean_name
from pipelines.readers.veil import MOST_S
from pipelines.refusals import ClipInvalid
from pipelines.types import LANGUAGES, Cancel, Event, Language
from pipelines.video import Footage

MOST_CUTS = 5
"""Clips that one session may wait for at a time."""
AROUND_S = 1.0
"""A clip around an event begins so much before it, and ends so much after."""


@dataclass(slots=True, kw_only=True)
class FilmDesk(RoomDesk):
    """Thread-safe. One process owns the folder of videos."""

    work: FilmWork
    _read: Lane = field(default_factory=lambda: Lane("films-read"))
    _think: Lane = field(default_factory=lambda: Lane("films-think"))
    _cut: Lane = field(default_factory=lambda: Lane("films-cut"))
    _translate: Lane = field(default_factory=lambda: Lane("films-translate"))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Reading, thinking, cutting, translating."""
        return (self._read, self._think, self._cut, self._translate)

    def lane_of(self, kind: TaskKind) -> Lane:
        """A clip takes long, and so do subtitles: they keep no question waiting."""
        slow = {"clip": self._cut, "translate": self._translate}
        return slow.get(kind, self._think)

    def think(
        self, session: Session, task: Task, extra: object, change: Change, cancel: Cancel
    ) -> object:
        """See `FilmWork.result`."""
        _ = extra
        return self.work.result(session, task, change, cancel)

    def open(self, path: Path, name: str, language: str) -> tuple[str, Session]:
        """(key, a session with this file, which is moved into it).

        Raises RoomFull, OSError, and what `admit` raises of videos: then there is no session.
        """
        key, session = self.sessions.open()
        try:
            number = session.next()
            target = session.folder / f"file-{number}"
            shutil.move(path, target)
            clip = self._admitted(session, target, name, number, language)
        except BaseException:
            self.end(session)
            raise
        self._think.put(session.id, self.work.warm)
        self._begin(session, clip)
        folders.write_list(session)
        return key, session

    def take(self, session: Session, path: Path, name: str, number: int) -> None:
        """What a killed program left."""
        language = self.sessions.settings.ui_language
        try:
            clip = self._admitted(session, path, name, number, language)
        except MediaRejected:
            self.end(session)
        else:
            self._begin(session, clip)

    def _admitted(
        self, session: Session, path: Path, name: str, number: int, language: str
    ) -> Clip:
        name = clean_name(name) or "?"
        media = admit(path, settings=self.sessions.settings, name=name, accept=VIDEOS)
        frames = session.folder / f"frames-{number}"
        frames.mkdir(exist_ok=True, mode=0o700)
        return Clip(number=number, name=name, media=media, shown=frames, language=language)

    def _begin(self, session: Session, clip: Clip) -> None:
        with self.sessions.change(session):
            session.sheets[clip.number] = clip
        cancel = self.sessions.cancel_for(session, "sheet", clip.number)
        self._read.put(session.id, partial(self._do_read, session, clip.number, cancel))

    def _do_read(self, session: Session, number: int, cancel: Cancel) -> None:
        clip = session.sheets[number]
        if isinstance(clip, Clip) and clip.state == "waiting" and not session.ended:
            self.finish(session, number, self._read_clip(session, clip, cancel))

    def _read_clip(self, session: Session, clip: Clip, cancel: Cancel) -> MakeSheet:
        """Read it; what becomes of it."""
        change = partial(self.sessions.change_sheet, session, clip.number)
        change(lambda now: replace(now, state="reading", fraction=0.0))

        def on_event(event: Event) -> None:
            change(lambda now: with_event(now, event) if isinstance(now, Clip) else now)

        try:
            cancel.check()
            footage = self.work.read(clip, on_event, cancel)
        except (MediaRejected, Cancelled) as refusal:
            return partial(refused, error=refusal)
        except Exception as exc:  # noqa: BLE001 - the file's edge: the next one must be read
            if session.ended:  # its folder went while frames were written
                return partial(refused, error=Cancelled())
            mistake = exc if isinstance(exc, MinwonError) else incident(session.id[:8], exc)
            return partial(refused, error=mistake)
        return partial(_as_read, footage=footage)

    def translate(self, session: Session, language: Language) -> None:
        """Have the subtitles translated, once for each language. Raises PapersNotFound."""
        footage = clip_of(session).footage
        about = (LANGUAGES.index(language),)
        before = session.latest("translate", about)
        if footage is None or not footage.cues or language == footage.video.language:
            return
        if before is None or before.state in ("failed", "cancelled"):
            self.task(session, "translate", about=about)

    def cut(self, session: Session, start_s: float, end_s: float) -> None:
        """Have a clip made around this. Raises PapersNotFound, ClipInvalid."""
        clip = clip_of(session)
        start_s, end_s = max(0.0, start_s - AROUND_S), min(clip.length_s, end_s + AROUND_S)
        end_s = min(end_s, start_s + MOST_S)
        waiting = [t for t in session.all_tasks if t.kind == "clip" and t.under_way]
        if clip.footage is None or len(waiting) >= MOST_CUTS:
            return
        if end_s <= start_s:
            raise ClipInvalid(start_s=start_s, end_s=end_s, limit_s=MOST_S)
        about = (round(1000 * start_s), round(1000 * end_s))
        if not any(t.about == about for t in waiting):
            self.task(session, "clip", about=about)


def _as_read(sheet: Sheet, footage: Footage) -> Sheet:
    return replace(sheet, state="read", fraction=1.0, error=None, footage=footage)  # type: ignore[call-arg]
