"""Hostile files are parsed in a child process with nothing to lose.

The parent hands it a copy of the file in a folder that is the only place the child may write,
takes back JSON of known values (`wire`), watches the clock, the memory and the processes of the
whole family, and kills all of it at a limit or when a person cancels. Whatever happens in there
is ONE error of ours out here. docs/decisions/worker.md says which fences hold where.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pipelines.errors import MinwonError
from pipelines.media import child, wire
from pipelines.media.fences import Fences
from pipelines.media.process import Child, Limits
from pipelines.refusals import DocumentWorkerDied, WorkerUnavailable
from pipelines.types import Cancel, MediaFile

__all__ = ["JOB_FOLDER", "Limits", "Worker", "keep"]

log = logging.getLogger(__name__)
T = TypeVar("T")

JOB_FOLDER = Path("/minwon-job-folder")
"""Stands in a call's arguments for the folder in which the job may write."""


class Worker:
    """One child; jobs wait for each other. Thread-safe. Use as a context manager, or `close` it."""

    def __init__(self, *, limits: Limits | None = None, preload: tuple[str, ...] = ()) -> None:
        """`preload` names modules that the child imports before its first job."""
        self._limits = limits or Limits()
        self._preload = preload
        self._lock = threading.Lock()
        self._folder: Path | None = None
        """Made with the first child: a worker that has no job leaves nothing behind."""
        self._child: Child | None = None
        self._closed = False

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start a child ahead of the first job; returns at once."""
        with self._lock:
            self._ready_child()

    @property
    def fences(self) -> Fences:
        """Which fences hold in the child. Raises WorkerUnavailable."""
        with self._lock:
            return self._ready_child().fences()

    def call(self, target: str, *args: object, of: type[T], cancel: Cancel | None = None) -> T:
        """The one value that `target` returns. Raises what `stream` raises."""
        values = list(self.stream(target, *args, of=(of,), cancel=cancel))
        if len(values) != 1:
            raise DocumentWorkerDied(how="answer")
        return values[0]

    def stream(
        self,
        target: str,
        *args: object,
        of: tuple[type[T], ...],
        cancel: Cancel | None = None,
        limits: Limits | None = None,
    ) -> Iterator[T]:
        """Call "module:function" in the child and yield what it yields, or its one result.

        Files among `args` (paths, MediaFile.path) are handed over as copies; JOB_FOLDER becomes
        the job's own folder, which is emptied when the stream ends, so move what you keep with
        `keep` while you hold the stream. Values must be of the types `of`. Paths in them lead to
        the job's folder or are the paths you handed in.

        Errors of ours that `target` raises come out as they are. Beside them: DocumentWorkerDied,
        DocumentTooMuchMemory, DocumentTooMuchTime, DocumentTooMuchOutput,
        DocumentTooManyProcesses, WorkerUnavailable, Cancelled.
        """
        with self._lock:
            runner = self._ready_child()
            folder = Path(tempfile.mkdtemp(prefix="job-", dir=self._own_folder()))
            try:
                copies = _Copies(folder)
                job = child.Job(
                    target=target, args=tuple(copies.local(arg) for arg in args), folder=folder
                )
                for frame in runner.run(job, limits or self._limits, cancel):
                    yield wire.map_paths(wire.decode(frame, of), copies.outside)
            except MinwonError as error:
                log.info("worker: %s in %s", error.code, target)
                raise
            finally:
                if not runner.idle or runner.jobs >= self._limits.files_per_child:
                    self._replace()
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Kill the child and remove its folder. Waits for a job that is under way."""
        with self._lock:
            self._closed = True
            if self._child:
                self._child.kill()
                self._child = None
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="minwon-worker-")).resolve()
        return self._folder

    def _ready_child(self) -> Child:
        if self._closed:
            raise WorkerUnavailable(reason="closed")
        if self._child is None or not self._child.alive:
            if self._child:
                self._child.kill()
            self._child = Child(self._own_folder(), self._limits, self._preload)
        return self._child

    def _replace(self) -> None:
        """The next child starts while nobody waits for it."""
        if self._child:
            self._child.kill()
            self._child = None
        with contextlib.suppress(WorkerUnavailable):
            self._ready_child()


def keep(path: Path, target: Path) -> Path:
    """Copy a file that a job wrote to `target`; never through a link. Raises DocumentWorkerDied."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as exc:
        raise DocumentWorkerDied(how="answer") from exc
    with os.fdopen(handle, "rb") as source:
        if not _is_plain(handle):
            raise DocumentWorkerDied(how="answer")
        with target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    return target


def _is_plain(handle: int) -> bool:
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


class _Copies:
    """Paths on both sides: the caller's files, and their copies in the job's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._outside: dict[Path, Path] = {}

    def local(self, value: Any) -> Any:  # noqa: ANN401 - any argument
        if isinstance(value, Path):
            return self._folder if value == JOB_FOLDER else self._copy(value)
        if isinstance(value, MediaFile):
            return replace(value, path=self._copy(value.path))
        return value

    def _copy(self, path: Path) -> Path:
        if not path.is_file():
            return path
        # A name of ours: the sender's may mislead a parser that believes endings.
        copy = self._folder / f"input-{len(self._outside)}{path.suffix[:10]}"
        shutil.copyfile(path, copy)
        self._outside[copy] = path
        return copy

    def outside(self, path: Path) -> Path:
        """What a path in an answer means out here. Raises DocumentWorkerDied where it may not."""
        if path in self._outside:
            return self._outside[path]
        if ".." in path.parts or not path.is_relative_to(self._folder):
            raise DocumentWorkerDied(how="answer")
        for part in (path, *path.parents):
            if part == self._folder:
                break
            if part.is_symlink():
                raise DocumentWorkerDied(how="answer")
        return path
