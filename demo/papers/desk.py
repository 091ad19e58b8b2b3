"""The reading room: papers come in, are looked at, read and asked, and go when their time is up.

Sessions live in memory and their files in `data_dir/previews`, one folder each. A page that was
reloaded finds its session by its key; a program that was killed reads the files of the folder
again. Three lanes work side by side: looking (first page, contents), reading, and thinking.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from demo.papers import folders
from demo.papers.lanes import Lane
from demo.papers.session import Session, Sheet, Task, TaskKind, refused
from demo.papers.sessions import PapersNotFound, Sessions
from demo.papers.work import PaperWork
from demo.work import incident
from pipelines.document import Paper
from pipelines.errors import Cancelled, DocumentEncrypted, MediaRejected, MinwonError
from pipelines.media.admit import PAPERS, admit, clean_name
from pipelines.refusals import DocumentTwice
from pipelines.types import Cancel

SWEEP_S = 60.0
MakeSheet = Callable[[Sheet], Sheet]
MOST_TASKS = 100
"""Answers that one session keeps; older ones go."""


class TooManyPapers(MediaRejected):
    """Facts: limit."""

    code = "papers.too_many"


class TooMuchPaper(MediaRejected):
    """Facts: limit_mb (of all files together)."""

    code = "papers.too_much"


@dataclass(slots=True, kw_only=True)
class PaperDesk:
    """Thread-safe. One process owns the folder of previews."""

    sessions: Sessions
    work: PaperWork
    _stop: threading.Event = field(default_factory=threading.Event)
    _look: Lane = field(default_factory=lambda: Lane("papers-look"))
    _read: Lane = field(default_factory=lambda: Lane("papers-read"))
    _think: Lane = field(default_factory=lambda: Lane("papers-think"))

    def start(self) -> None:
        """Take up what a killed program left, clear what is too old, serve."""
        for session, found in self.sessions.left_over():
            for number, path, name in found.files:
                self._take(session, path, name, number)
        self.work.looker.start()
        for lane in self._lanes:
            lane.start()
        threading.Thread(target=self._sweep, name="papers-sweep", daemon=True).start()

    def close(self) -> None:
        """End the lanes; the files stay for the next start."""
        self._stop.set()
        self.sessions.cancel_all()
        for lane in self._lanes:
            lane.close()
        self.work.looker.close()

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return (self._look, self._read, self._think)

    def _sweep(self) -> None:
        while not self._stop.wait(SWEEP_S):
            self.sessions.clear_old()

    def open(self) -> tuple[str, Session]:
        """(key, a new session). Raises RoomFull, OSError."""
        key, session = self.sessions.open()
        self._think.put(session.id, self.work.warm)
        return key, session

    def end(self, session: Session) -> None:
        """Forget everything, files included."""
        self.sessions.end(session)
        for lane in self._lanes:
            lane.drop(session.id)

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
            self._take(session, target, name, number)
        folders.write_list(session)
        if not more:
            self.all_here(session)

    def all_here(self, session: Session) -> None:
        """No more files are on their way."""
        with self.sessions.change(session):
            session.expecting = False
            self._draft_when_read(session)

    def _take(self, session: Session, path: Path, name: str, number: int) -> None:
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
            self._finish(session, number, partial(refused, error=locked))
        except MediaRejected:
            return  # reading says it
        else:
            if about is not None:
                change(lambda now: replace(now, pages=about.pages, chapters=about.chapters))

    def _do_read(self, session: Session, number: int, cancel: Cancel) -> None:
        sheet = session.sheets[number]
        if sheet.media is not None and sheet.state == "waiting" and not session.ended:
            self._finish(session, number, self._read_sheet(session, sheet, cancel))

    def _read_sheet(self, session: Session, sheet: Sheet, cancel: Cancel) -> MakeSheet:
        """Read it; what becomes of it."""
        change = partial(self.sessions.change_sheet, session, sheet.number)
        assert sheet.media is not None  # noqa: S101 - the caller looked
        change(lambda now: replace(now, state="reading", fraction=0.0))

        def on_share(share: float) -> None:
            change(lambda now: replace(now, fraction=share))

        started = time.monotonic()
        try:
            cancel.check()
            paper, shown = self.work.read(
                sheet.media, session.folder, sheet.number, on_share, cancel
            )
        except (MediaRejected, Cancelled) as refusal:
            return partial(refused, error=refusal)
        except Exception as exc:  # noqa: BLE001 - the file's edge: the next one must be read
            mistake = exc if isinstance(exc, MinwonError) else incident(session.id[:8], exc)
            return partial(refused, error=mistake)
        read_s = time.monotonic() - started
        return partial(_as_read, paper=paper, shown=shown, read_s=read_s)

    def _finish(self, session: Session, number: int, make: MakeSheet) -> None:
        """A file is done with, and the draft begins in the same moment where it was the last:
        who watches the session never sees it idle in between.
        """
        with self.sessions.change(session):
            session.sheets[number] = make(session.sheets[number])
            self._draft_when_read(session)

    def _draft_when_read(self, session: Session) -> None:
        """The first draft makes itself once all files are here and read. The lock is held."""
        waits = any(s.state in ("waiting", "reading") for s in session.all_sheets)
        if waits or session.expecting or session.ended or session.latest("draft"):
            return
        if session.read:
            self.task(session, "draft")

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

    def sheet(self, session: Session, number: int) -> Sheet:
        """Raises PapersNotFound."""
        found = session.sheets.get(number)
        if found is None:
            raise PapersNotFound
        return found

    # --- tasks ---------------------------------------------------------------------------------

    def task(
        self,
        session: Session,
        kind: TaskKind,
        *,
        question: str = "",
        about: tuple[int, ...] = (),
        extra: object = None,
    ) -> int:
        """Have something made of the papers that are read by then; returns its number."""
        with self.sessions.change(session):
            number = session.next()
            session.tasks[number] = Task(number=number, kind=kind, question=question, about=about)
            for old in list(session.tasks)[:-MOST_TASKS]:
                if not session.tasks[old].under_way:
                    del session.tasks[old]
        cancel = self.sessions.cancel_for(session, "task", number)
        self._think.put(session.id, partial(self._do_task, session, number, extra, cancel))
        return number

    def _do_task(self, session: Session, number: int, extra: object, cancel: Cancel) -> None:
        if not session.ended and session.tasks[number].under_way:
            change = partial(self.sessions.change_task, session, number)
            self.work.think(session, session.tasks[number], extra, change, cancel)

    def cancel(self, session: Session, kind: str, number: int) -> None:
        """Stop reading a file, or a task; what waits stops at once. Nothing for what has ended."""
        with self.sessions.change(session):
            cancel = session.cancels.get((kind, number))
            if cancel is not None:
                cancel.set()
            with contextlib.suppress(KeyError):
                if kind == "sheet" and session.sheets[number].state == "waiting":
                    self._finish(session, number, partial(replace, state="cancelled"))
                if kind == "task" and session.tasks[number].state == "waiting":
                    session.tasks[number] = replace(session.tasks[number], state="cancelled")

    def cancel_all(self, session: Session) -> None:
        """Stop everything that is under way; what is read stays read."""
        for kind, number in sorted(session.cancels.copy(), reverse=True):
            self.cancel(session, kind, number)


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
