"""The embedded engine: llama.cpp inside this process. Sole owner of `xllamacpp`.

One slot: on a CPU, asks in parallel are slower in all than one after the other. The fixed front
part of a prompt stays in the slot's cache from ask to ask, and stretches that an answer copies
from its prompt are guessed from n-grams and only verified (docs/decisions/0001).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.errors import MinwonError, ModelFailed, PromptTooLong
from pipelines.foundation.chat import messages
from pipelines.foundation.model import Modality
from pipelines.foundation.queued import Job, QueuedModel
from pipelines.types import Ask, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFILL_TOKENS = 256
"""The prompt is read in steps of so many tokens; an ask can be stopped between two steps."""
SPARE_CACHE_MB = 256
"""Room for the cached prompts of other kinds of asks, which take turns in the one slot."""
NGRAM_TOKENS, DRAFT_TOKENS = 3, 3
"""What stood before looks up what comes next. A guess costs 0.2 to 0.7 of a token, by what else the
machine does: long ones lose on a busy machine what they win on a quiet one."""

BLIND: frozenset[Modality] = frozenset({"text"})
SEES: frozenset[Modality] = frozenset({"text", "image"})

Chunk = Mapping[str, Any]


class ChatServer(Protocol):
    """The part of llama.cpp's in-process server that we use."""

    def handle_chat_completions(
        self, body: Mapping[str, object], on_chunk: Callable[[Chunk], bool], /
    ) -> object:
        """Answer in the calling thread; `on_chunk` returns True to stop."""
        ...

    def handle_completions(self, body: Mapping[str, object], /) -> object:
        """Go on from a bare prompt."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufOptions:
    """How a GGUF is run."""

    context_tokens: int = 6144
    threads: int = 2
    speculate: bool = True
    repack: bool = False
    """Rearranged weights give 10 % faster output and 10 % slower prompts, cost a second copy of
    them in memory and seconds of start-up in which no other Python thread runs: off."""
    mmproj: Path | None = None
    """The file that turns pictures into tokens of this model; None = it sees nothing."""
    template: Mapping[str, object] = field(default_factory=dict)
    """What the chat template is told: its reasoning switch."""
    api_key: str = field(default="", repr=False)
    """Opens its loopback port to whoever knows the key; empty = to nobody."""


class GgufModel(QueuedModel):
    """A FoundationModel on one GGUF file. Loads in the constructor; raises ModelFailed."""

    def __init__(
        self, name: str, path: Path, options: GgufOptions, *, queue_limit: int = 32
    ) -> None:
        super().__init__(
            name, modalities=SEES if options.mmproj else BLIND, queue_limit=queue_limit
        )
        self._context_tokens = options.context_tokens
        self._template = options.template
        self._server: ChatServer | None = load_server(name, path, options)

    def _answer(self, job: Job) -> Stop:
        if self._server is None:
            raise ModelFailed(reason="closed")
        stream = _Stream(job, self._context_tokens)
        try:
            self._server.handle_chat_completions(request_body(job.ask, self._template), stream.take)
        except (ValueError, RuntimeError) as exc:
            # The engine's own words may quote the prompt: they stay in the chain, not in the facts.
            raise ModelFailed(reason="the engine refused the request") from exc
        return stream.result()

    def _free(self) -> None:
        self._server = None


class _Stream:
    """The engine's chunks of one answer -> pieces and counts of its job."""

    def __init__(self, job: Job, context_tokens: int) -> None:
        self._job = job
        self._limit = context_tokens - job.ask.max_new_tokens
        self._finish: str | None = None
        self._error: MinwonError | None = None

    def take(self, chunk: Chunk) -> bool:
        """True where the engine should stop."""
        if "error" in chunk:
            self._error = self._translate(chunk["error"])
        elif "prompt_progress" in chunk:
            self._read(chunk["prompt_progress"])
        elif "usage" in chunk:
            self._job.output_tokens = chunk["usage"]["completion_tokens"]
        for choice in chunk.get("choices", ()):
            self._finish = choice.get("finish_reason") or self._finish
            if text := choice.get("delta", {}).get("content"):
                self._job.emit(text, chunk["timings"]["predicted_n"])
        return self._error is not None or self._job.stopped.is_set()

    def result(self) -> Stop:
        """How the answer ended."""
        if self._error is not None:
            raise self._error
        if self._finish is not None:
            return "length" if self._finish == "length" else "end"
        if self._job.stopped.is_set():
            return "cancelled"
        raise ModelFailed(reason="the engine stopped without an end")

    def _read(self, progress: Mapping[str, int]) -> None:
        """Called before the prompt is read, then after each step of reading it."""
        self._job.prompt_tokens = progress["total"]
        self._job.cached_tokens = progress["cache"]
        if progress["total"] > self._limit:
            self._error = PromptTooLong(tokens=progress["total"], limit=self._limit)

    def _translate(self, error: Mapping[str, Any]) -> MinwonError:
        if error.get("type") == "exceed_context_size_error":
            return PromptTooLong(tokens=int(error["n_prompt_tokens"]), limit=self._limit)
        return ModelFailed(reason=f"the engine says error {error.get('code', '?')}")


def request_body(ask: Ask, template: Mapping[str, object] | None = None) -> dict[str, object]:
    """An ask in llama.cpp's words: OpenAI's chat request with its own additions."""
    body: dict[str, object] = {
        "messages": messages(ask),
        "max_tokens": ask.max_new_tokens,
        "temperature": ask.temperature,
        "cache_prompt": True,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "timings_per_token": True,
    }
    if template:
        body["chat_template_kwargs"] = dict(template)
    if ask.schema is not None:
        answer_schema = {"name": "answer", "schema": ask.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": answer_schema}
    return body


def load_server(name: str, path: Path, options: GgufOptions) -> ChatServer:
    """Load a GGUF, silently, mapped into memory. Raises ModelFailed where it can't be read."""
    if not path.is_file():  # it may have been deleted after it was assembled
        raise ModelFailed(reason="the weights are gone")
    with _resting_threads():
        import xllamacpp
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = name
    if options.mmproj is not None:
        if not options.mmproj.is_file():
            raise ModelFailed(reason="the file for pictures is gone")
        params.mmproj.path = str(options.mmproj)
        params.mmproj_use_gpu = False
    params.verbosity = -1  # its log would carry prompts
    params.n_ctx = options.context_tokens
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = PREFILL_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_MMAP
    params.no_extra_bufts = not options.repack
    params.warmup = False  # the fixed prompt prefix is the warm-up, and is of use later
    params.fit_params = False
    params.cache_ram_mib = SPARE_CACHE_MB
    if options.speculate:
        params.speculative.types = [
            xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE
        ]
        params.speculative.ngram_simple.size_n = NGRAM_TOKENS
        params.speculative.ngram_simple.size_m = DRAFT_TOKENS
    # It listens on a loopback port of its own accord: nobody else on the machine gets answers.
    params.api_keys = [options.api_key or secrets.token_hex(32)]
    params.endpoint_slots = False
    params.ui = False
    params.n_threads_http = 1
    try:
        server: ChatServer = xllamacpp.Server(params)
        # Freed before its own thread has begun to serve, it would wait for that thread for ever.
        server.handle_completions({"prompt": ".", "max_tokens": 1})
    except (RuntimeError, ValueError) as exc:
        raise ModelFailed(reason="the weights can't be loaded") from exc
    return server


@contextmanager
def _resting_threads() -> Iterator[None]:
    """Let the engine's threads sleep while they wait for each other.

    By default they spin; where anything else computes at the same time (speech recognition of the
    next caller) that makes answers up to four times slower. OpenMP reads this once, when the
    library is loaded; children and other libraries shall not inherit it.
    """
    name = "OMP_WAIT_POLICY"
    if name in os.environ:
        yield
        return
    os.environ[name] = "passive"
    try:
        yield
    finally:
        del os.environ[name]
