"""A foundation model for tests: it has its answers ready and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from pipelines.errors import ModelFailed, PromptTooLong
from pipelines.foundation.model import Modality
from pipelines.foundation.queued import Job, QueuedModel
from pipelines.types import Ask, Stop

TOKEN_CHARS = 3


class FakeModel(QueuedModel):
    """Gives its answers in order, each piecewise; an exception among them is raised instead.

    A token is TOKEN_CHARS characters. `delay_s` passes before each token. `.asks` holds every ask
    that it began to answer. With no answer left it raises ModelFailed.
    """

    def __init__(
        self,
        answers: Sequence[str | Exception],
        delay_s: float = 0.0,
        *,
        name: str = "fake",
        modalities: frozenset[Modality] = frozenset({"text"}),
        context_tokens: int = 20_000,
        queue_limit: int = 32,
    ) -> None:
        super().__init__(name, modalities=modalities, queue_limit=queue_limit)
        self.asks: list[Ask] = []
        self._answers = list(answers)
        self._delay_s = delay_s
        self._context_tokens = context_tokens
        self._taken = threading.Lock()

    def _answer(self, job: Job) -> Stop:
        job.prompt_tokens = _count(job.ask)
        limit = self._context_tokens - job.ask.max_new_tokens
        if job.prompt_tokens > limit:
            raise PromptTooLong(tokens=job.prompt_tokens, limit=limit)
        answer = self._next(job.ask)
        starts = range(0, len(answer), TOKEN_CHARS)
        for made, start in enumerate(starts):
            if job.stopped.wait(self._delay_s):
                return "cancelled"
            if made == job.ask.max_new_tokens:
                return "length"
            job.emit(answer[start : start + TOKEN_CHARS], made + 1)
        return "end"

    def _next(self, ask: Ask) -> str:
        with self._taken:
            self.asks.append(ask)
            if not self._answers:
                raise ModelFailed(reason="no answer left")
            answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _count(ask: Ask) -> int:
    turns = "".join(question + answer for question, answer in ask.turns)
    return -(-len(ask.system + turns + ask.user) // TOKEN_CHARS)
