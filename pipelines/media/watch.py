"""The parent's eye on a family of processes: memory, processor time, number."""

from __future__ import annotations

import contextlib
import time
from typing import Protocol

import psutil

from pipelines.refusals import DocumentTooManyProcesses, DocumentTooMuchMemory, DocumentTooMuchTime

_EVERY_S = 0.1


class Bounds(Protocol):
    """The limits that are watched from outside."""

    @property
    def cpu_s(self) -> float: ...
    @property
    def memory_mb(self) -> int: ...
    @property
    def processes(self) -> int: ...


class Watch:
    """Looks at one process and all that it started."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._spent_s = 0.0
        self._next_s = 0.0

    @property
    def is_due(self) -> bool:
        """True where the last look is long enough ago, so that a chatty child is watched too."""
        return time.monotonic() >= self._next_s

    def begin(self) -> None:
        """A new job: what was spent before doesn't count."""
        self._spent_s = sum(_cpu_s(process) for process in self._family())

    def check(self, bounds: Bounds) -> None:
        """Raises the error of the limit that is passed."""
        if not self.is_due:
            return
        self._next_s = time.monotonic() + _EVERY_S
        family = self._family()
        if len(family) > bounds.processes:
            raise DocumentTooManyProcesses(limit_processes=bounds.processes)
        if sum(_memory_bytes(process) for process in family) > bounds.memory_mb * 1_000_000:
            raise DocumentTooMuchMemory(limit_mb=bounds.memory_mb)
        if sum(_cpu_s(process) for process in family) - self._spent_s > bounds.cpu_s:
            raise DocumentTooMuchTime(limit_s=round(bounds.cpu_s))

    def kill(self) -> None:
        """Kill everything, also what has left the process group; repeated, as forks race."""
        for _ in range(20):
            family = self._family()
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            if len(family) <= 1:
                return

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    # What ended children took counts as well: starting many short programs is no way out.
    return float(times.user + times.system + times.children_user + times.children_system)


def _memory_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
