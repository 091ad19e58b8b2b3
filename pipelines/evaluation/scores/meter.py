"""What a sample takes: counted at the seam to the model, and at the processes of this program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.evaluation.scores.outcome import Spent
from pipelines.foundation.model import FoundationModel
from pipelines.types import Ask, Cancel, OnToken, Reply, ignore


class Metered:
    """A FoundationModel that adds up what it is asked."""

    def __init__(self, model: FoundationModel) -> None:
        self._model = model
        self.name, self.modalities = model.name, model.modalities
        self.replies: list[Reply] = []

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """See FoundationModel.generate."""
        reply = self._model.generate(ask, on_token, cancel)
        self.replies.append(reply)
        return reply

    def close(self) -> None:
        """The model belongs to whoever made it."""


class Stretch:
    """One stretch of work; `spent` holds once it is over."""

    spent = Spent()


@contextmanager
def metered(model: Metered) -> Iterator[Stretch]:
    """Measure what is done meanwhile, whether it ends well or not."""
    stretch = Stretch()
    model.replies.clear()
    before, started = _processor_s(), time.perf_counter()
    try:
        yield stretch
    finally:
        replies = model.replies
        stretch.spent = Spent(
            seconds=time.perf_counter() - started,
            model_s=sum(reply.elapsed_s for reply in replies),
            first_token_s=replies[0].first_token_s if replies else 0.0,
            processor_s=max(0.0, _processor_s() - before),
            asks=len(replies),
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            cached_tokens=sum(reply.cached_tokens for reply in replies),
            output_tokens=sum(reply.output_tokens for reply in replies),
            memory_mb=_memory_mb(),
        )


def _processor_s() -> float:
    """Of this process and its children, dead ones included."""
    import psutil

    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    ended = own.cpu_times()
    return float(total + ended.children_user + ended.children_system)


def _memory_mb() -> int:
    import psutil

    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return int(total / 1e6)
