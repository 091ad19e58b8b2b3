"""The sessions of the reading room: who has the key has the papers; what is too old goes."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demo.papers import folders
from demo.papers.session import Session, Sheet, Task
from pipelines.errors import MinwonError
from pipelines.settings import Settings
from pipelines.types import Cancel

KEY_BYTES = 24
MOST_SESSIONS = 200


class PapersNotFound(MinwonError):
    """No session for this key: it ended, or its time was up."""

    code = "papers.not_found"


class RoomFull(MinwonError):
    """More people at work than the program has room for."""

    code = "papers.room_full"


def id_of(key: str) -> str:
    """The name of a session: its key can't be had from it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Thread-safe; every change of a session goes through here and wakes who watches."""

    settings: Settings
    place: str = "previews"
    """Folder in the data folder; each room has its own."""
    clock: Callable[[], float] = time.time
    on_end: list[Callable[[str], object]] = field(default_factory=list)
    """Told the id of a session that ended."""
    _held: dict[str, Session] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def root(self) -> Path:
        """Where the sessions have their folders."""
        return self.settings.data_dir / self.place

    def left_over(self) -> Iterator[tuple[Session, folders.LeftOver]]:
        """Take up what a killed program left; what is too old is removed."""
        for found in folders.left_over(self.root, self._oldest()):
            session = Session(id=found.id, folder=found.folder, touched=found.touched)
            session.serial = max((number for number, _, _ in found.files), default=0)
            with self._changed:
                known = self._held.setdefault(session.id, session)
            if known is session:
                yield session, found

    def open(self) -> tuple[str, Session]:
        """(key, a new session). Whoever has the key has the papers. Raises RoomFull, OSError."""
        key = secrets.token_urlsafe(KEY_BYTES)
        name = id_of(key)
        with self._changed:
            if len(self._held) >= MOST_SESSIONS:
                raise RoomFull
            session = Session(id=name, folder=self.root / name, touched=self.clock())
            self._held[name] = session
        session.folder.mkdir(parents=True, mode=0o700)
        return key, session

    def find(self, key: str) -> Session:
        """The session of a key. Raises PapersNotFound."""
        return self.by_id(id_of(key))

    def by_id(self, name: str) -> Session:
        """For a link that we signed. Raises PapersNotFound."""
        with self._changed:
            session = self._held.get(name)
            if session is None:
                raise PapersNotFound
            session.touched = self.clock()
            return session

    def end(self, session: Session) -> None:
        """Forget it, files included; work for it stops at its next safe point."""
        with self._changed:
            self._held.pop(session.id, None)
            session.ended = True
            for cancel in session.cancels.values():
                cancel.set()
            self._changed.notify_all()
        for tell in self.on_end:
            tell(session.id)
        shutil.rmtree(session.folder, ignore_errors=True)

    def clear_old(self) -> None:
        """End what nobody has looked at for too long."""
        with self._changed:
            held = list(self._held.values())
        old = [session for session in held if session.touched < self._oldest()]
        for session in held:
            folders.touch(session)
        for session in old:
            self.end(session)

    def cancel_all(self) -> None:
        """Stop what is under way; the files stay."""
        with self._changed:
            for session in self._held.values():
                for cancel in session.cancels.values():
                    cancel.set()

    def wait(self, session: Session, after: int, timeout_s: float) -> int:
        """The revision now, once it is another one than `after` or time is up."""
        with self._changed:
            self._changed.wait_for(lambda: session.ended or session.revision != after, timeout_s)
            session.touched = self.clock()
            return session.revision

    @contextmanager
    def change(self, session: Session) -> Iterator[Session]:
        """Hold the lock while the session is changed; then wake who watches it."""
        with self._changed:
            yield session
            session.revision += 1
            self._changed.notify_all()

    def change_sheet(self, session: Session, number: int, make: Callable[[Sheet], Sheet]) -> None:
        """Replace a file's state."""
        with self.change(session):
            session.sheets[number] = make(session.sheets[number])

    def change_task(self, session: Session, number: int, make: Callable[[Task], Task]) -> None:
        """Replace a task's state."""
        with self.change(session):
            session.tasks[number] = make(session.tasks[number])

    def cancel_for(self, session: Session, kind: str, number: int) -> Cancel:
        """A fresh flag for a piece of work."""
        with self._changed:
            cancel = session.cancels[kind, number] = Cancel()
            return cancel

    def _oldest(self) -> float:
        return self.clock() - self.settings.keep_papers_h * 3600
