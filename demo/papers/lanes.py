"""One thread for one kind of work; owners take turns, so two hundred files keep nobody waiting."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from demo.work import incident

log = logging.getLogger(__name__)
Job = Callable[[], None]
CLOSE_TIMEOUT_S = 20.0


class Lane:
    """Thread-safe. A job that raises is logged and forgotten: jobs keep their own errors."""

    def __init__(self, name: str) -> None:
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def start(self) -> None:
        """Begin with what is there already."""
        self._thread.start()

    def put(self, owner: str, job: Job) -> None:
        """Behind the other jobs of `owner`, who gets one job done a turn."""
        with self._changed:
            self._waiting.setdefault(owner, deque()).append(job)
            self._changed.notify_all()

    def drop(self, owner: str) -> None:
        """Forget what waits of `owner`."""
        with self._changed:
            self._waiting.pop(owner, None)

    def close(self) -> None:
        """End after the job that is under way; cancel that one first."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_TIMEOUT_S)
            if self._thread.is_alive():
                log.warning("thread %s did not stop in time", self._thread.name)

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception as exc:  # noqa: BLE001 - the thread's edge: the next job must run
                incident("", exc)

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or bool(self._waiting))
            if self._closing:
                return None
            owner, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self._waiting[owner] = jobs  # to the end of the line
            return job
