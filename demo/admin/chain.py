"""Whether the audit's chain holds: walked in a thread of its own, a little at a time."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from demo.store.audit import Audit, Verdict
from demo.store.database import utc_now
from pipelines.errors import Cancelled, MinwonError

log = logging.getLogger(__name__)

EVERY_S = 24 * 3600.0
FRESH = dt.timedelta(minutes=10)
"""Who looks at the audit within that time sees the walk of before."""
REST_S = 0.02
"""After every some thousand rows: pages are answered meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """What is known now."""

    verdict: Verdict | None = None
    """Of the last walk that came to its end; None = there was none yet."""
    at: dt.datetime | None = None
    walking: bool = False
    rows: int = 0
    """So many hold, as far as the walk of now has come."""


@dataclass(slots=True, kw_only=True)
class ChainWatch:
    """Thread-safe. Nobody waits for a walk: whoever asks is told what is known."""

    audit: Audit
    now: Callable[[], dt.datetime] = utc_now
    _state: ChainState = field(default_factory=ChainState)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wanted: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Walk whenever somebody asks, and once a day."""
        threading.Thread(target=self._run, name="audit-chain", daemon=True).start()

    def close(self) -> None:
        """A walk that is under way breaks off."""
        self._ended.set()
        self._wanted.set()

    def state(self) -> ChainState:
        """What is known; begins another walk where that is old."""
        known = self._state
        if known.at is None or self.now() - known.at > FRESH:
            self.ask()
        return self._state

    def ask(self) -> None:
        """Begin a walk, unless one is under way."""
        with self._lock:
            if not self._state.walking:
                self._state = replace(self._state, walking=True, rows=0)
                self._wanted.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wanted.wait(EVERY_S)
            self._wanted.clear()
            if not self._ended.is_set():
                self.walk()

    def walk(self) -> None:
        """Once along the chain; what it found is the state then."""
        self._change(walking=True, rows=0)
        try:
            verdict = self.audit.verify(on_row=self._step)
        except Cancelled:
            return
        except MinwonError as exc:
            log.warning("the audit's chain was not walked: %s", exc.code)
            self._change(walking=False)
            return
        if not verdict.whole:
            log.error("the audit's chain is BROKEN at row %d", verdict.broken_id)
        self._change(walking=False, verdict=verdict, at=self.now(), rows=verdict.rows)

    def _step(self, rows: int) -> None:
        if self._ended.is_set():
            raise Cancelled
        self._change(rows=rows)
        time.sleep(REST_S)

    def _change(self, **values: object) -> None:
        with self._lock:
            self._state = replace(self._state, **values)  # type: ignore[arg-type]
