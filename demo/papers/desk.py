"""The documents page's desk: papers come in, are looked at, read and asked.

Three lanes work side by side: looking (first page, contents), reading, and thinking.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from demo.papers import folders
from demo.papers.base import Change, MakeSheet, RoomDesk
from demo.papers.lanes import Lane
from demo.papers.session import Session, Sheet, Task, TaskKind, refused
from demo.papers.work import PaperWork
from pipelines.document import Paper
from pipelines.errors import DocumentEncrypted, MediaRejected
from pipelines.media.admit import PAPERS, admit, clean_name
from pipelines.refusals import DocumentTwice
from pipelines.types import Cancel


class TooManyPapers(MediaRejected):
    """Facts: limit."""

    code = "papers.too_many"


class TooMuchPaper(MediaRejected):
    """Facts: limit_mb (of all files together)."""

    code = "papers.too_much"


@dataclass(slots=True, kw_only=True)
class PaperDesk(RoomDesk):
    """Thread-safe. One process owns the folder of previews."""

    work: PaperWork
    _look: Lane = field(default_factory=lambda: Lane("papers-look"))
    _read: Lane = field(default_factory=lambda: Lane("papers-read"))
    _think: Lane = field(default_factory=lambda: Lane("papers-think"))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Looking, reading, thinking."""
        return (self._look, self._read, self._think)

    def lane_of(self, kind: TaskKind) -> Lane:
        """One for all."""
        _ = kind
        return self._think

    def think(
        self, session: Session, task: Task, extra: object, change: Change, cancel: Cancel
    ) -> object:
        """See `PaperWork.result`."""
        return self.work.result(session, task, extra, change, cancel)

    def start(self) -> None:
        """See `RoomDesk.start`."""
        self.work.looker.start()
        RoomDesk.start(self)

    def close(self) -> None:
        """See `RoomDesk.close`."""
        RoomDesk.close(self)
        self.work.looker.close()

    def open(self) -> tuple[str, Session]:
        """(key, a new session). Raises RoomFull, OSError."""
        key, session = self.sessions.open()
        self._think.put(session.id, self.work.warm)
        return key, session

    # --- papers --------------------------------------------------------------------------------

    def add(
        self, session: Session, files: Sequence[tuple[Path, str]], *, more: bool = False
    ) -> None:
        """Take uploaded files: each is moved into the session; one that is refused says why.

        With `more` on their way, the first draft waits for them.
        """
        with self.sessions.change(session):
            session.expecting = True
        for path, name in files:
            with self.sessions.change(session):
                number = session.next()
            target = session.folder / f"file-{number}"
            shutil.move(path, target)
            self.take(session, target, name, number)
        folders.write_list(session)
        if not more:
            self.all_here(session)

    def all_here(self, session: Session) -> None:
        """No more files are on their way."""
        with self.sessions.change(session):
            session.expecting = False
            self.draft_when_read(session)

    def take(self, session: Session, path: Path, name: str, number: int) -> None:
        """One that is refused says why."""
        sheet = Sheet(number=number, name=clean_name(name) or "?")
        try:
            sheet = self._admitted(session, sheet, path)
        except MediaRejected as refusal:
            path.unlink(missing_ok=True)
            sheet = refused(sheet, refusal)
        with self.sessions.change(session):
            session.sheets[number] = sheet
        if sheet.media is not None:
            self._start_reading(session, number)

    def _admitted(self, session: Session, sheet: Sheet, path: Path) -> Sheet:
        settings = self.sessions.settings
        held = [s.media for s in session.all_sheets if s.media is not None]
        if len(held) >= settings.max_papers:
            raise TooManyPapers(limit=settings.max_papers)
        bytes_held = sum(media.size_bytes for media in held) + path.stat().st_size
        if bytes_held > settings.max_papers_mb * 1_000_000:
            raise TooMuchPaper(limit_mb=settings.max_papers_mb)
        media = admit(path, settings=settings, name=sheet.name, accept=PAPERS)
        if media.sha256 in {other.sha256 for other in held}:
            raise DocumentTwice
        shown = path if self.work.shows_at_once(media) else None
        return replace(sheet, media=media, shown=shown)

    def _start_reading(self, session: Session, number: int) -> None:
        cancel = self.sessions.cancel_for(session, "sheet", number)
        self._look.put(session.id, partial(self._do_look, session, number))
        self._read.put(session.id, partial(self._do_read, session, number, cancel))

    def _do_look(self, session: Session, number: int) -> None:
        """Pages and contents before anything is read; what asks for a password is found here."""
        sheet = session.sheets[number]
        if sheet.media is None or session.ended:
            return
        change = partial(self.sessions.change_sheet, session, number)
        try:
            about = self.work.look(sheet.media)
        except DocumentEncrypted as locked:
            self.finish(session, number, partial(refused, error=locked))
        except MediaRejected:
            return  # reading says it
        else:
            if about is not None:
                change(lambda now: replace(now, pages=about.pages, chapters=about.chapters))

    def _do_read(self, session: Session, number: int, cancel: Cancel) -> None:
        self.read_sheet(session, number, cancel, partial(self._paper, session, number, cancel))

    def _paper(self, session: Session, number: int, cancel: Cancel) -> MakeSheet:
        """Read it; what becomes of it."""
        media = session.sheets[number].media
        assert media is not None  # noqa: S101 - the caller looked

        def on_share(share: float) -> None:
            self.sessions.change_sheet(session, number, partial(replace, fraction=share))

        started = time.monotonic()
        paper, shown = self.work.read(media, session.folder, number, on_share, cancel)
        return partial(_as_read, paper=paper, shown=shown, read_s=time.monotonic() - started)

    def unlock(self, session: Session, number: int, password: str) -> None:
        """Open a locked file. Raises PapersNotFound (no such file), DocumentPasswordWrong, ..."""
        sheet = self.sheet(session, number)
        if sheet.state != "locked" or sheet.media is None:
            return
        opened = self.work.unlock(sheet.media, password, session.folder, number)
        fresh = replace(sheet, state="waiting", error=None, media=opened, shown=opened.path)
        with self.sessions.change(session):
            session.sheets[number] = fresh
        self._start_reading(session, number)


def _as_read(sheet: Sheet, paper: Paper, shown: Path, read_s: float) -> Sheet:
    return replace(
        sheet,
        state="read",
        fraction=1.0,
        error=None,
        paper=paper,
        shown=shown,
        read_s=read_s,
        pages=len(paper.pages.pages),
    )
