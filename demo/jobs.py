"""The job machine: a job is a row, worker threads do it, pages come and go.

Progress lives in memory and, coarsely, in the row; the result lives in the store. A page that was
reloaded finds its job by the receipt number, a program that was killed finds it in the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from demo.live import Live, Snapshot
from demo.store.cases import CaseStore
from demo.store.codec import note_of
from demo.store.ledger import Claim
from demo.work import OnWorked, Several, Work, Works, incident, nobody
from pipelines.errors import Cancelled as WorkCancelled
from pipelines.errors import CaseNotFound, JobGaveUp, MinwonError
from pipelines.types import (
    CaseResult,
    Event,
    Evidence,
    Note,
)

__all__ = ["Jobs", "Snapshot", "Work"]

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""A file that ends the whole program must not do so for ever."""
KEEP_ENDED_S = 600.0
KEEP_ENDED = 200
"""Snapshots of ended jobs held in memory; older ones are made again from the store."""
MIRROR_EVERY_S = 2.0
CLOSE_TIMEOUT_S = 30.0


class Jobs:
    """Thread-safe. One process owns the jobs of a database."""

    def __init__(
        self,
        store: CaseStore,
        work: Work,
        workers: int = 1,
        *,
        several: Several | None = None,
        on_worked: OnWorked = nobody,
        keep_ended_s: float = KEEP_ENDED_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._works = Works(voice=work, several=several)
        self._on_worked = on_worked
        self._keep_ended_s = keep_ended_s
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[Live] = deque()
        self._live: dict[str, Live] = {}
        self._closing = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"job-{index}", daemon=True)
            for index in range(workers)
        ]

    def start(self) -> None:
        """Take up what an earlier process left unfinished, then serve. Raises StoreUnavailable."""
        for number in self._store.ledger.unfinished():
            self._queue(number, ())
        for thread in self._threads:
            thread.start()

    def submit(self, number: str) -> None:
        """Have the first draft made. Does nothing for a case that has one or is in the queue.

        After a failure or a cancellation it tries again.
        Raises CaseNotFound, CaseFiled, StoreUnavailable, DiskFull.
        """
        if self._store.ledger.enqueue(number, "run"):
            self._queue(number, ())

    def redraft(self, number: str) -> None:
        """Draft again from the evidence as it stands, corrections included.

        Raises CaseNotFound, CaseFiled, CaseNotReady (no evidence), StoreUnavailable, DiskFull.
        """
        if self._store.ledger.enqueue(number, "redraft"):
            self._queue(number, self._store.view(number).evidence)

    def added(self, number: str) -> None:
        """Do the job that `CaseStore.add` wrote down. Raises CaseNotFound, StoreUnavailable."""
        self._queue(number, self._store.view(number).evidence)

    def snapshot(self, number: str) -> Snapshot:
        """Where the case stands now. Raises CaseNotFound, StoreUnavailable.

        Ended work is looked up in the store: the case may have been changed or filed since.
        """
        with self._changed:
            live = self._live.get(number)
            if live is not None and live.ended_at is None:
                return live.snapshot(self._ahead(live))
        return self._remembered(number)

    def wait(self, number: str, after_revision: int, timeout_s: float) -> Snapshot:
        """The next snapshot with another revision; the present one when time runs out.

        Returns at once where the work has ended. Raises CaseNotFound, StoreUnavailable.
        """
        with self._changed:
            live = self._live.get(number)
            if live is not None:
                self._changed.wait_for(
                    lambda: live.ended_at is not None or live.revision != after_revision,
                    timeout_s,
                )
                return live.snapshot(self._ahead(live))
        now = self._remembered(number)
        if now.ended or now.revision != after_revision:
            return now
        with self._changed:  # another process does the work: look again a little later
            self._changed.wait(timeout_s)
        return self._remembered(number)

    def cancel(self, number: str) -> None:
        """Stop the work on this case: in the queue at once, otherwise at its next safe point.

        Does nothing where it has ended. Raises StoreUnavailable, DiskFull.
        """
        with self._changed:
            live = self._live.get(number)
            if live is None or live.ended_at is not None:
                return
            live.cancelled = True
            live.cancel.set()
            queued = live in self._waiting
            if queued:
                self._waiting.remove(live)
                self._touch_all()
        if queued:
            self._ended(live, "cancelled", None)

    @property
    def waiting(self) -> int:
        """How many are in the queue: ask before opening one more case than a page can serve."""
        with self._changed:
            return len(self._waiting)

    @property
    def held(self) -> int:
        """How many pieces of work, waiting, running or ended, are in memory."""
        with self._changed:
            return len(self._live)

    def close(self) -> None:
        """End the threads. Work in progress is given back, uncounted, to the next start."""
        with self._changed:
            self._closing = True
            for live in self._live.values():
                live.cancel.set()
            self._changed.notify_all()
        until = self._clock() + CLOSE_TIMEOUT_S
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - self._clock()))
                if thread.is_alive():
                    log.warning("thread %s did not stop in time", thread.name)

    # --- the queue ---------------------------------------------------------------------------

    def _queue(self, number: str, evidence: Sequence[Evidence]) -> None:
        with self._changed:
            known = self._live.get(number)
            if known is not None and known.ended_at is None:
                return
            self._forget_old()
            revision = known.revision + 1 if known is not None else 0
            live = Live(number, evidence, revision)
            self._live[number] = live
            self._waiting.append(live)
            self._changed.notify_all()

    def _ahead(self, live: Live) -> int:
        """How many are in front. The lock is held."""
        if live not in self._waiting:
            return live.ahead
        running = sum(1 for other in self._live.values() if other.running)
        return self._waiting.index(live) + running

    def _touch_all(self) -> None:
        """The queue moved: everybody who waits has another place. The lock is held."""
        for live in self._waiting:
            live.revision += 1
        self._changed.notify_all()

    def _forget_old(self) -> None:
        """Let go of ended work that nobody needs in memory. The lock is held."""
        ended = [live for live in self._live.values() if live.ended_at is not None]
        ended.sort(key=lambda live: live.ended_at or 0.0)
        oldest = self._clock() - self._keep_ended_s
        for index, live in enumerate(ended):
            if len(ended) - index > KEEP_ENDED or (live.ended_at or 0.0) < oldest:
                del self._live[live.number]

    def _remembered(self, number: str) -> Snapshot:
        """From the store alone: the work ended long ago, or another process does it."""
        view = self._store.view(number)
        job = self._store.ledger.newest(number)
        ended = view.status not in {"queued", "reading"}
        return Snapshot(
            number=number,
            stage="done" if ended else job.stage,
            fraction=1.0 if ended else job.fraction,
            ahead=0,
            evidence=view.evidence,
            draft_text="",
            view=view if ended else None,
            error=view.error,
            revision=view.version,
        )

    # --- the workers -------------------------------------------------------------------------

    def _serve(self) -> None:
        while (live := self._next()) is not None:
            try:
                self._do(live)
            except Exception as exc:  # noqa: BLE001 - the thread's edge: the next job must run
                self._ended(live, "failed", note_of(incident(live.number, exc)))
            finally:
                with self._changed:
                    live.running = False
                    self._touch_all()

    def _next(self) -> Live | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or bool(self._waiting))
            if self._closing:
                return None
            live = self._waiting.popleft()
            live.running = True
            self._touch_all()
            return live

    def _do(self, live: Live) -> None:
        try:
            claim = self._store.ledger.claim(live.number)
            if claim is None:
                self._ended_elsewhere(live)
                return
            if claim.attempts > MAX_ATTEMPTS:
                raise JobGaveUp(attempts=MAX_ATTEMPTS)
            live.cancel.check()
            self._store.ledger.record_result(live.number, self._call(live, claim))
            self._show_end(live, None)
        except WorkCancelled:
            if live.cancelled:
                self._ended(live, "cancelled", None)
            else:
                self._store.ledger.give_back(live.number)
        except MinwonError as exc:
            log.warning("job of case %s failed: %s", live.number, exc.code)
            self._ended(live, "failed", note_of(exc))

    def _call(self, live: Live, claim: Claim) -> CaseResult:
        view = self._store.view(live.number)
        media = self._store.media_files(live.number)

        def on_event(event: Event) -> None:
            self._take(live, event)

        if claim.kind != "run":
            with self._changed:
                live.evidence[:] = view.evidence
        try:
            result = self._works.do(claim.kind, view, media, on_event=on_event, cancel=live.cancel)
        except Exception as exc:
            self._on_worked(claim.kind, exc)
            raise
        self._on_worked(claim.kind, result)
        return result

    def _take(self, live: Live, event: Event) -> None:
        with self._changed:
            live.take(event)
            self._changed.notify_all()
        if live.wants_mirror(self._clock(), MIRROR_EVERY_S):
            self._store.ledger.progress(live.number, live.stage, live.fraction)

    # --- the end -----------------------------------------------------------------------------

    def _ended(self, live: Live, state: str, error: Note | None) -> None:
        """Write it down, then show it. What can't be written is shown and taken up next start."""
        try:
            self._store.ledger.record_end(live.number, state, error, tuple(live.evidence))
        except MinwonError as exc:
            log.error("the end of case %s is not written: %s", live.number, exc.code)
            self._show_end(live, error or note_of(exc))
            return
        self._show_end(live, error)

    def _ended_elsewhere(self, live: Live) -> None:
        self._show_end(live, self._store.view(live.number).error)

    def _show_end(self, live: Live, error: Note | None) -> None:
        try:
            view = self._store.view(live.number)
        except (CaseNotFound, MinwonError) as exc:
            view, error = None, error or note_of(exc)
        with self._changed:
            live.end(view, error, self._clock())
            self._changed.notify_all()
