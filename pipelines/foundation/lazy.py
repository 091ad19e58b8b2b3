"""A model that loads when somebody needs it, once, however many need it at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from pipelines.errors import MinwonError, ModelFailed, ModelTimeout
from pipelines.foundation.model import FoundationModel, Modality
from pipelines.types import Ask, Cancel, OnToken, Reply, ignore

State = Literal["cold", "loading", "ready", "failed"]
POLL_S = 0.05


class LazyModel:
    """A FoundationModel around a factory. The factory may be slow and may raise MinwonError.

    A load that failed is tried again by the next ask, but not sooner than `retry_after_s`: a full
    disk or a missing package can be mended while the process runs.
    """

    def __init__(
        self,
        factory: Callable[[], FoundationModel],
        *,
        name: str,
        modalities: frozenset[Modality] = frozenset({"text"}),
        retry_after_s: float = 10.0,
    ) -> None:
        self._factory = factory
        self._name = name
        self._modalities = modalities
        self._retry_after_s = retry_after_s
        self._lock = threading.Lock()
        self._loaded = threading.Event()
        self._state: State = "cold"
        self._error: MinwonError | None = None
        self._failed_at_s = 0.0
        self._model: FoundationModel | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """The catalog's name of the model, known before it is loaded."""
        return self._name

    @property
    def modalities(self) -> frozenset[Modality]:
        """What an ask may hold, known before the model is loaded."""
        return self._modalities

    @property
    def state(self) -> State:
        """Where it stands; "failed" until a later load goes well."""
        return self._state

    @property
    def error(self) -> MinwonError | None:
        """Why the last load failed; None where it didn't."""
        return self._error

    def warm(self) -> None:
        """Load now, in the calling thread, or wait for the thread that is loading already.

        Raises what the factory raised, and ModelFailed once closed.
        """
        self._get(deadline_s=None, cancel=None)

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """See FoundationModel.generate. Loading counts against the deadline and the times.

        Waiting for another thread's loading stops at the deadline and at `cancel`; a load in the
        calling thread itself can't be stopped half-way.
        """
        started = time.monotonic()
        model = self._get(deadline_s=ask.deadline_s, cancel=cancel)
        waited_s = time.monotonic() - started
        left_s = ask.deadline_s - waited_s
        if left_s <= 0:
            raise ModelTimeout(deadline_s=ask.deadline_s)
        try:
            reply = model.generate(replace(ask, deadline_s=left_s), on_token, cancel)
        except ModelTimeout as exc:
            raise ModelTimeout(deadline_s=ask.deadline_s) from exc
        return replace(
            reply,
            first_token_s=reply.first_token_s + waited_s,
            elapsed_s=reply.elapsed_s + waited_s,
        )

    def close(self) -> None:
        """Free the model. Waits for a load that is under way. May be called twice."""
        with self._lock:
            self._closed = True
            loading = self._state == "loading"
        if loading:
            self._loaded.wait()
        with self._lock:
            model, self._model = self._model, None
            self._state = "cold"
        if model is not None:
            model.close()

    def _get(self, *, deadline_s: float | None, cancel: Cancel | None) -> FoundationModel:
        until = None if deadline_s is None else time.monotonic() + deadline_s
        while True:
            with self._lock:
                if self._closed:
                    raise ModelFailed(reason="closed")
                if self._model is not None:
                    return self._model
                mine = self._state != "loading"
                if mine:
                    self._refuse_too_soon()
                    self._state = "loading"
                    self._loaded.clear()
            if mine:
                self._load()
                continue
            self._wait(until, deadline_s, cancel)

    def _refuse_too_soon(self) -> None:
        if self._error is None or self._state != "failed":
            return
        if time.monotonic() - self._failed_at_s < self._retry_after_s:
            raise type(self._error)(**self._error.facts) from self._error

    def _load(self) -> None:
        model: FoundationModel | None = None
        error: MinwonError = ModelFailed(reason="loading broke off")
        try:
            model = self._factory()
        except MinwonError as exc:
            error = exc
            raise
        finally:
            with self._lock:
                self._model = model
                self._state = "failed" if model is None else "ready"
                self._error = error if model is None else None
                self._failed_at_s = time.monotonic()
            self._loaded.set()

    def _wait(self, until: float | None, deadline_s: float | None, cancel: Cancel | None) -> None:
        """Until the loading thread is done."""
        while not self._loaded.wait(POLL_S):
            if cancel is not None:
                cancel.check()
            if until is not None and time.monotonic() >= until:
                raise ModelTimeout(deadline_s=deadline_s or 0.0)
        if (error := self._error) is not None:
            raise type(error)(**error.facts) from error
