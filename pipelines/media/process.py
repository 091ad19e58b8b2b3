"""One child process of `worker`: its start, its pipes, its watching and its end."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.errors import Cancelled, MinwonError
from pipelines.media import child, wire
from pipelines.media.fences import Fences
from pipelines.media.watch import Watch
from pipelines.refusals import DocumentTooMuchTime, DocumentWorkerDied, WorkerUnavailable
from pipelines.settings import ROOT
from pipelines.types import Cancel

Look = Callable[[], None]
_START_S = 60.0
_READ_S = 1.0
"""To read what a child has said already."""
_LOOK_S = 0.05
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TESSDATA_PREFIX", "PYTHONPATH", "TZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one file may take; the whole family of processes together."""

    wall_s: float = 300.0
    cpu_s: float = 600.0
    memory_mb: int = 2500
    file_mb: int = 600
    """Of one written file; pixels of a 120-megapixel picture fit."""
    processes: int = 16
    files_per_child: int = 40
    """Then the child is replaced: parsers leak."""


class Child:
    """One process (and its family), its two pipes, and what it has done so far."""

    def __init__(self, folder: Path, limits: Limits, preload: tuple[str, ...]) -> None:
        self.jobs = 0
        self.idle = True
        """False from the start of a job until the child says that it ended."""
        self._fences: Fences | None = None
        self._deadline = time.monotonic() + _START_S
        answers, write_end = os.pipe()
        self._answers = os.fdopen(answers, "rb", buffering=0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "pipelines.media.child", str(write_end)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(write_end,),
                cwd=ROOT,
                env=_environment(folder),
                start_new_session=True,
            )
        except OSError as exc:
            self._answers.close()
            raise WorkerUnavailable(reason=type(exc).__name__) from exc
        finally:
            os.close(write_end)
        self._watch = Watch(self._process.pid)
        start = child.Start(
            folder=folder,
            preload=preload,
            memory_mb=limits.memory_mb,
            file_mb=limits.file_mb,
            cpu_s=int(limits.cpu_s * limits.files_per_child),
        )
        self._tell(start)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def fences(self) -> Fences:
        """Wait until the child is ready. Raises WorkerUnavailable."""
        if self._fences is None:
            try:
                # A child that started ahead may have been ready, unread, for longer than that.
                until = max(self._deadline, time.monotonic() + _READ_S)
                kind, body = self._frame(lambda: None, until)
                if kind != child.READY:
                    raise DocumentWorkerDied(how="answer")
                self._fences = wire.decode(body, (Fences,))
            except MinwonError as exc:
                self.kill()
                raise WorkerUnavailable(reason=str(exc)) from exc
        return self._fences

    def run(self, job: child.Job, limits: Limits, cancel: Cancel | None) -> Iterator[bytes]:
        """The frames of one job's values. Raises what the job raised, or how the child ended."""
        self.fences()
        self.jobs += 1
        self.idle = False
        self._tell(job)
        self._watch.begin()
        deadline = time.monotonic() + limits.wall_s

        def look() -> None:
            if cancel is not None and cancel.is_set:
                raise Cancelled
            self._watch.check(limits)

        while True:
            kind, body = self._frame(look, deadline, limits.wall_s)
            if kind == child.ITEM:
                yield body
            elif kind == child.DONE:
                self.idle = True
                return
            else:
                self.idle = kind == child.FAILED
                raise wire.decode_error(body)

    def kill(self) -> None:
        """End the whole family and wait for it: no zombie stays."""
        self._watch.kill()
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for handle in (self._process.stdin, self._answers):
            with contextlib.suppress(OSError):
                if handle:
                    handle.close()
        self._process.wait()

    def _tell(self, message: object) -> None:
        body = pickle.dumps(message)
        pipe: IO[bytes] | None = self._process.stdin
        with contextlib.suppress(OSError, ValueError):  # its death is met while reading
            if pipe:
                pipe.write(len(body).to_bytes(4, "big") + body)
                pipe.flush()

    def _frame(self, look: Look, deadline: float, limit_s: float = _START_S) -> tuple[bytes, bytes]:
        read = functools.partial(self._exactly, look=look, deadline=deadline, limit_s=limit_s)
        head = read(5)
        size = int.from_bytes(head[1:], "big")
        if head[:1] not in b"RIDFB" or size > wire.FRAME_BYTES:
            raise DocumentWorkerDied(how="answer")
        return head[:1], read(size)

    def _exactly(self, count: int, *, look: Look, deadline: float, limit_s: float) -> bytes:
        got = bytearray()
        while len(got) < count:
            ready, _, _ = select.select([self._answers], [], [], _LOOK_S)
            if not ready or self._watch.is_due:
                look()
                if time.monotonic() > deadline:
                    raise DocumentTooMuchTime(limit_s=round(limit_s))
            if ready:
                block = self._answers.read(min(count - len(got), 1 << 20))
                if not block:
                    raise self._death()
                got += block
        return bytes(got)

    def _death(self) -> MinwonError:
        code = self._process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return DocumentWorkerDied(how=how)


def _environment(folder: Path) -> Mapping[str, str]:
    """Nothing of ours that could be a secret: no database address, no tokens."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_THREAD_LIMIT": "1",
    }
