"""What every room does where files are read for one visitor: lanes of work, tasks, the end.

Sessions live in memory and their files in a folder each. A page that was reloaded finds its
session by its key; a program that was killed reads the files of the folder again.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from demo.papers.lanes import Lane
from demo.papers.session import Session, Sheet, Task, TaskKind, ended_by, refused
from demo.papers.sessions import PapersNotFound, Sessions
from demo.work import incident
from pipelines.errors import Cancelled, MediaRejected, MinwonError
from pipelines.types import Cancel

SWEEP_S = 60.0
MakeSheet = Callable[[Sheet], Sheet]
Change = Callable[[Callable[[Task], Task]], None]
MOST_TASKS = 100
"""Answers that one session keeps; older ones go."""


@dataclass(slots=True, kw_only=True)
class RoomDesk(ABC):
    """Thread-safe. One process owns the folder of the sessions."""

    sessions: Sessions
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    @abstractmethod
    def lanes(self) -> tuple[Lane, ...]:
        """All of them."""

    @abstractmethod
    def lane_of(self, kind: TaskKind) -> Lane:
        """Where tasks of a kind are done."""

    @abstractmethod
    def take(self, session: Session, path: Path, name: str, number: int) -> None:
        """Look at a file that lies in the session, and have it read."""

    @abstractmethod
    def think(
        self, session: Session, task: Task, extra: object, change: Change, cancel: Cancel
    ) -> object:
        """The result of a task. Raises MinwonError."""

    def start(self) -> None:
        """Take up what a killed program left, clear what is too old, serve."""
        for session, found in self.sessions.left_over():
            for number, path, name in found.files:
                self.take(session, path, name, number)
        for lane in self.lanes:
            lane.start()
        threading.Thread(target=self._sweep, name="sweep", daemon=True).start()

    def close(self) -> None:
        """End the lanes; the files stay for the next start."""
        self._stop.set()
        self.sessions.cancel_all()
        for lane in self.lanes:
            lane.close()

    def _sweep(self) -> None:
        while not self._stop.wait(SWEEP_S):
            self.sessions.clear_old()

    def end(self, session: Session) -> None:
        """Forget everything, files included."""
        self.sessions.end(session)
        for lane in self.lanes:
            lane.drop(session.id)

    def sheet(self, session: Session, number: int) -> Sheet:
        """Raises PapersNotFound."""
        found = session.sheets.get(number)
        if found is None:
            raise PapersNotFound
        return found

    def read_sheet(
        self, session: Session, number: int, cancel: Cancel, read: Callable[[], MakeSheet]
    ) -> None:
        """Have a file read that waits for it; whatever happens, it is done with then."""
        sheet = session.sheets[number]
        if sheet.media is None or sheet.state != "waiting" or session.ended:
            return
        begun = partial(replace, state="reading", fraction=0.0)
        self.sessions.change_sheet(session, number, begun)
        try:
            cancel.check()
            make = read()
        except (MediaRejected, Cancelled) as refusal:
            make = partial(refused, error=refusal)
        except Exception as exc:  # noqa: BLE001 - the file's edge: the next one must be read
            if session.ended:  # its folder went while it was read
                make = partial(refused, error=Cancelled())
            else:
                mistake = exc if isinstance(exc, MinwonError) else incident(session.id[:8], exc)
                make = partial(refused, error=mistake)
        self.finish(session, number, make)

    def finish(self, session: Session, number: int, make: MakeSheet) -> None:
        """A file is done with, and the draft begins in the same moment where it was the last:
        who watches the session never sees it idle in between.
        """
        with self.sessions.change(session):
            session.sheets[number] = make(session.sheets[number])
            self.draft_when_read(session)

    def draft_when_read(self, session: Session) -> None:
        """The first draft makes itself once all files are here and read. The lock is held."""
        waits = any(s.state in ("waiting", "reading") for s in session.all_sheets)
        if waits or session.expecting or session.ended or session.latest("draft"):
            return
        if session.read:
            self.task(session, "draft")

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
        """Have something made of the files that are read by then; returns its number."""
        with self.sessions.change(session):
            number = session.next()
            session.tasks[number] = Task(number=number, kind=kind, question=question, about=about)
            for old in list(session.tasks)[:-MOST_TASKS]:
                if not session.tasks[old].under_way:
                    del session.tasks[old]
        cancel = self.sessions.cancel_for(session, "task", number)
        job = partial(self._do_task, session, number, extra, cancel)
        self.lane_of(kind).put(session.id, job)
        return number

    def _do_task(self, session: Session, number: int, extra: object, cancel: Cancel) -> None:
        """Do a task; whatever happens, it ends."""
        if session.ended or not session.tasks[number].under_way:
            return
        change = partial(self.sessions.change_task, session, number)
        change(lambda now: replace(now, state="running" if now.under_way else now.state))
        try:
            cancel.check()
            result = self.think(session, session.tasks[number], extra, change, cancel)
            cancel.check()
        except MinwonError as exc:
            state, error = ended_by(exc)
            change(lambda now: replace(now, state=state, error=error))
        except Exception as exc:  # noqa: BLE001 - the task's edge: a sentence, no traceback
            state, error = ended_by(incident(session.id[:8], exc))
            change(lambda now: replace(now, state=state, error=error))
        else:
            change(lambda now: replace(now, state="done", fraction=1.0, result=result))

    def cancel(self, session: Session, kind: str, number: int) -> None:
        """Stop reading a file, or a task; what waits stops at once. Nothing for what has ended."""
        with self.sessions.change(session):
            cancel = session.cancels.get((kind, number))
            if cancel is not None:
                cancel.set()
            with contextlib.suppress(KeyError):
                if kind == "sheet" and session.sheets[number].state == "waiting":
                    self.finish(session, number, partial(replace, state="cancelled"))
                if kind == "task" and session.tasks[number].state == "waiting":
                    session.tasks[number] = replace(session.tasks[number], state="cancelled")

    def cancel_all(self, session: Session) -> None:
        """Stop everything that is under way; what is read stays read."""
        for kind, number in sorted(session.cancels.copy(), reverse=True):
            self.cancel(session, kind, number)
