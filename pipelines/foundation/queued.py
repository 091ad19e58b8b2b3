"""What every engine shares: first come first served, deadline, cancellation, counting, loops.

An engine works in its own thread and hands pieces of text to the caller's thread. So a caller who
gives up gets his answer at once, even where the engine itself can only stop at its next step, and
an exception in a caller's `on_token` never passes through foreign code.
"""

from __future__ import annotations

import abc
import logging
import queue
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pipelines.errors import ModelBusy, ModelCannotTake, ModelFailed, ModelTimeout
from pipelines.foundation.model import Modality
from pipelines.types import Ask, Cancel, OnToken, Reply, Stop, ignore

log = logging.getLogger(__name__)

POLL_S = 0.05
"""How soon a waiting caller notices his `cancel`."""
LOOP_CHARS = 160
LOOP_TIMES = 4
LOOP_PERIOD_CHARS = 200


@dataclass(eq=False, slots=True)
class Job:
    """One ask on its way through an engine. The engine fills in what it knows, as it knows it."""

    ask: Ask
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    pieces: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    """Text as it is made; None = there is no more."""
    stopped: threading.Event = field(default_factory=threading.Event)
    """Set once nobody listens any more: the engine should stop at its next safe point."""

    def emit(self, text: str, output_tokens: int) -> None:
        """Hand on a piece of text; `output_tokens` made so far, this piece included."""
        self.output_tokens = output_tokens
        self.pieces.put(text)


class QueuedModel(abc.ABC):
    """A FoundationModel without the engine: subclasses say how one ask is answered."""

    def __init__(
        self,
        name: str,
        *,
        modalities: frozenset[Modality] = frozenset({"text"}),
        queue_limit: int = 32,
        workers: int = 1,
    ) -> None:
        self._name = name
        self._modalities = modalities
        self._room = queue_limit + workers
        self._workers = workers
        self._jobs: set[Job] = set()
        self._closed = False
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"model-{name}")

    @abc.abstractmethod
    def _answer(self, job: Job) -> Stop:
        """Answer one ask in a worker thread; look at `job.stopped` between pieces."""

    def _free(self) -> None:
        """Let go of what the engine holds. Nothing runs any more."""
        return

    @property
    def name(self) -> str:
        """The catalog's name of the model."""
        return self._name

    @property
    def modalities(self) -> frozenset[Modality]:
        """What an ask may hold."""
        return self._modalities

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """See FoundationModel.generate. `on_token` runs in the caller's own thread."""
        if ask.images and "image" not in self._modalities:
            raise ModelCannotTake(part="image")
        listener = _Listener(ask, on_token, cancel)
        job = Job(ask)
        future = self._submit(job)
        try:
            stop = listener.listen(job, future)
        except CancelledError as exc:  # close() emptied the line
            raise ModelFailed(reason="closed") from exc
        finally:
            job.stopped.set()
            if future.cancel():
                self._forget(job)
        if stop == "cancelled":  # only close() stops an ask that somebody still waits for
            raise ModelFailed(reason="closed")
        return listener.reply(job, stop)

    def close(self) -> None:
        """Stop what runs, refuse what waits, free the engine. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            jobs = list(self._jobs)
        for job in jobs:
            job.stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for job in jobs:
            job.pieces.put(None)
        self._free()

    def _submit(self, job: Job) -> Future[Stop]:
        with self._lock:
            if self._closed:
                raise ModelFailed(reason="closed")
            if len(self._jobs) >= self._room:
                raise ModelBusy(waiting=len(self._jobs) - self._workers)
            self._jobs.add(job)
            return self._pool.submit(self._run, job)

    def _run(self, job: Job) -> Stop:
        try:
            return "cancelled" if job.stopped.is_set() else self._answer(job)
        finally:
            self._forget(job)
            job.pieces.put(None)

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._jobs.discard(job)


class _Listener:
    """The caller's side of one job."""

    def __init__(self, ask: Ask, on_token: OnToken, cancel: Cancel | None) -> None:
        self._ask = ask
        self._on_token = on_token
        self._cancel = cancel
        self._started = time.monotonic()
        self._first_token_s: float | None = None
        self._pieces: list[str] = []

    def listen(self, job: Job, future: Future[Stop]) -> Stop:
        """Pass pieces on until the answer ends, or the deadline, the cancel flag or a loop."""
        tail = ""
        while True:
            if self._cancel is not None:
                self._cancel.check()
            left_s = self._started + self._ask.deadline_s - time.monotonic()
            if left_s <= 0:
                return self._too_late()
            try:
                piece = job.pieces.get(timeout=min(left_s, POLL_S))
            except queue.Empty:
                continue
            if piece is None:
                return future.result()
            self._take(piece)
            tail = (tail + piece)[-LOOP_TIMES * LOOP_PERIOD_CHARS :]
            if is_loop(tail):
                log.warning("an answer repeated itself and was stopped")
                return "length"

    def reply(self, job: Job, stop: Stop) -> Reply:
        """What was heard, with the engine's own counts."""
        elapsed_s = time.monotonic() - self._started
        return Reply(
            text="".join(self._pieces),
            stop=stop,
            prompt_tokens=job.prompt_tokens,
            cached_tokens=job.cached_tokens,
            output_tokens=job.output_tokens,
            first_token_s=elapsed_s if self._first_token_s is None else self._first_token_s,
            elapsed_s=elapsed_s,
        )

    def _take(self, piece: str) -> None:
        if self._first_token_s is None:
            self._first_token_s = time.monotonic() - self._started
        self._pieces.append(piece)
        self._on_token(piece)

    def _too_late(self) -> Stop:
        if not self._pieces:
            raise ModelTimeout(deadline_s=self._ask.deadline_s)
        return "deadline"


def is_loop(text: str) -> bool:
    """True where the end of a text is the same stretch over and over: it won't end by itself.

    At least LOOP_CHARS characters, at least LOOP_TIMES times, a stretch of at most
    LOOP_PERIOD_CHARS: no honest sentence, list or number of a case looks like that.
    """
    longest = min(len(text) // LOOP_TIMES, LOOP_PERIOD_CHARS)
    for period in range(1, longest + 1):
        span = max(LOOP_TIMES * period, LOOP_CHARS)
        if span > len(text):
            return False
        if text[-span:-period] == text[-span + period :]:
            return True
    return False
