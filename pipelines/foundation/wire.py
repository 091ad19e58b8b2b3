"""What goes over the wire to an OpenAI-compatible server and what comes back. No I/O here.

The servers agree on the chat request and on streamed chunks, and differ in how an answer is held
to a schema and how a template is told not to think aloud: the dialect says which way to go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, Field, ValidationError

from pipelines.engine_errors import ServerBroke, ServerStrange
from pipelines.errors import MinwonError, ModelFailed, PromptTooLong
from pipelines.foundation.chat import messages
from pipelines.foundation.endpoint import Endpoint
from pipelines.foundation.queued import Job
from pipelines.types import Ask, Stop

STOPS: Mapping[str, Stop] = {"stop": "end", "eos": "end", "length": "length"}


def request(ask: Ask, endpoint: Endpoint) -> dict[str, object]:
    """The JSON body of one ask. Raises ModelCannotTake."""
    body: dict[str, object] = {
        "model": endpoint.served,
        "messages": messages(ask),
        "max_tokens": ask.max_new_tokens,
        "temperature": ask.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        **endpoint.extra,
    }
    if endpoint.dialect == "llama":
        body |= {"cache_prompt": True, "return_progress": True, "timings_per_token": True}
    if endpoint.template and endpoint.dialect != "openai":
        body["chat_template_kwargs"] = dict(endpoint.template)
    if ask.schema is not None:
        body |= _held_to(ask.schema, endpoint)
    return body


def _held_to(schema: Mapping[str, object], endpoint: Endpoint) -> dict[str, object]:
    match endpoint.dialect:
        case "vllm":
            return {"structured_outputs": {"json": schema}}
        case "llama":
            return {"json_schema": schema}
        case _:
            named = {"name": "answer", "schema": schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": named}}


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    prompt_tokens_details: _Details | None = None


class _Words(BaseModel):
    """Of a delta (streamed) or of a message (whole)."""

    content: str | None = None


class _Choice(BaseModel):
    delta: _Words | None = None
    message: _Words | None = None
    finish_reason: str | None = None


class _Progress(BaseModel):
    total: int
    cache: int = 0


class _Timings(BaseModel):
    predicted_n: int = 0


class _Chunk(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None
    prompt_progress: _Progress | None = None
    timings: _Timings | None = None


class AnswerStream:
    """The chunks of one answer -> pieces and counts of its job."""

    def __init__(self, job: Job, endpoint: Endpoint) -> None:
        self._job = job
        self._most = job.ask.max_new_tokens
        self.limit = endpoint.context_tokens - self._most
        """Tokens that a prompt may have."""
        self._chunks = 0
        self._finish: Stop | None = None

    @property
    def spoke(self) -> bool:
        """True once a piece went out: it can't be taken back, so the ask can't be tried again."""
        return self._chunks > 0

    def take(self, data: str) -> bool:
        """One chunk as JSON; True where there is nothing more to wait for.

        Raises ServerStrange, ServerBroke, PromptTooLong, ModelFailed.
        """
        if data.strip() == "[DONE]":
            return True
        try:
            chunk = _Chunk.model_validate_json(data)
        except ValidationError as exc:
            raise _error_in(data, self.limit) or ServerStrange(what="chunk") from exc
        if chunk.prompt_progress is not None:
            self._read(chunk.prompt_progress)
        for choice in chunk.choices:
            self._choice(choice, chunk)
        if chunk.usage is not None:
            self._count(chunk.usage)
        return self._job.stopped.is_set() or self._chunks > self._most

    def result(self) -> Stop:
        """How the answer ended. Raises ServerBroke where it has no end."""
        if self._finish is not None:
            return self._finish
        if self._chunks > self._most:  # the server does not hold to the cap: we do
            self._job.output_tokens = self._most
            return "length"
        if self._job.stopped.is_set():
            return "cancelled"
        raise ServerBroke

    def _read(self, progress: _Progress) -> None:
        self._job.prompt_tokens = progress.total
        self._job.cached_tokens = progress.cache
        if progress.total > self.limit:
            raise PromptTooLong(tokens=progress.total, limit=self.limit)

    def _choice(self, choice: _Choice, chunk: _Chunk) -> None:
        words = choice.delta or choice.message
        if words is not None and words.content:
            self._chunks += 1
            if self._chunks <= self._most:
                made = chunk.timings.predicted_n if chunk.timings else 0
                self._job.emit(words.content, max(made, self._chunks))
        if choice.finish_reason:
            if choice.finish_reason not in STOPS:
                raise ModelFailed(reason="the server withheld the answer")
            self._finish = STOPS[choice.finish_reason]

    def _count(self, usage: _Usage) -> None:
        self._job.prompt_tokens = usage.prompt_tokens or self._job.prompt_tokens
        self._job.output_tokens = usage.completion_tokens or self._job.output_tokens
        details = usage.prompt_tokens_details
        if details is not None and details.cached_tokens is not None:
            self._job.cached_tokens = details.cached_tokens


class _Trouble(BaseModel):
    message: str = ""
    type: str | None = None
    code: str | int | None = None
    n_prompt_tokens: int | None = None


class _Refusal(BaseModel):
    error: _Trouble


_TOO_LONG = re.compile(
    r"exceed_context|context_length_exceeded|context (length|size|window)", re.IGNORECASE
)


def prompt_too_long(body: str, limit: int) -> PromptTooLong | None:
    """The error where a refusal's body says that the prompt is too long; its words stay there."""
    try:
        trouble = _Refusal.model_validate_json(body).error
    except ValidationError:
        return None
    if not _TOO_LONG.search(f"{trouble.type} {trouble.code} {trouble.message}"):
        return None
    counts = [int(number) for number in re.findall(r"\d{1,9}", trouble.message)]
    tokens = trouble.n_prompt_tokens or max((n for n in counts if n > limit), default=limit + 1)
    return PromptTooLong(tokens=tokens, limit=limit)


def _error_in(data: str, limit: int) -> MinwonError | None:
    """What an error object in the middle of a stream means; None where it is none."""
    too_long = prompt_too_long(data, limit)
    if too_long is not None:
        return too_long
    try:
        _Refusal.model_validate_json(data)
    except ValidationError:
        return None
    return ServerBroke()
