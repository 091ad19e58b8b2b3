"""A model behind any OpenAI-compatible server: vLLM, SGLang, llama.cpp, a maker's own service.

Sole owner of `httpx`. Nothing leaves this machine unless the operator names an address. An ask is
tried again only before its first word went out: what a person has seen can't be taken back, so a
server that dies in mid-answer is one clear error, and the draft is made by rules.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pipelines.engine_errors import (
    ServerBroke,
    ServerBusy,
    ServerRefused,
    ServerStalled,
    ServerStrange,
    ServerUnreachable,
)
from pipelines.errors import ModelError, SettingsInvalid
from pipelines.foundation.endpoint import Breaker, Endpoint
from pipelines.foundation.model import Modality
from pipelines.foundation.queued import Job, QueuedModel
from pipelines.foundation.wire import AnswerStream, prompt_too_long, request
from pipelines.types import Stop

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_S = 0.05
LARGEST_WHOLE_BYTES = 4_000_000
"""Of an answer that comes in one piece, and of a refusal."""
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
BUSY = frozenset({408, 425, 429, 503, 529})
AGAIN = (ServerUnreachable, ServerBroke, ServerStalled, ServerBusy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was asked of the server so far, for whoever pays for it."""

    asks: int = 0
    tries: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


class RemoteModel(QueuedModel):
    """A FoundationModel on a server. Connects with the first ask. Raises SettingsInvalid."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        modalities: frozenset[Modality] = frozenset({"text"}),
        queue_limit: int = 32,
        breaker: Breaker | None = None,
    ) -> None:
        super().__init__(
            name, modalities=modalities, queue_limit=queue_limit, workers=endpoint.concurrency
        )
        self._endpoint = endpoint
        self._breaker = breaker or Breaker()
        self._counting = threading.Lock()
        self._usage = Usage()
        self._client = _client(endpoint)
        self._loop = _Loop(name)

    @property
    def usage(self) -> Usage:
        """Counted over all asks, those that failed included."""
        with self._counting:
            return self._usage

    def _answer(self, job: Job) -> Stop:
        self._breaker.enter()
        body = request(job.ask, self._endpoint)
        try:
            stop = self._tries(job, body)
        except AGAIN:
            self._breaker.failed()
            self._count(job, asks=1, failures=1)
            raise
        except ModelError:
            self._breaker.worked()
            self._count(job, asks=1, failures=1)
            raise
        self._breaker.worked()
        self._count(job, asks=1)
        return stop

    def _tries(self, job: Job, body: dict[str, object]) -> Stop:
        tried = 0
        while True:
            tried += 1
            self._count(tries=1)
            stream = AnswerStream(job, self._endpoint)
            try:
                return self._loop.run(self._once(stream, body), job.stopped) or "cancelled"
            except AGAIN as exc:
                wait_s = _wait_s(exc, tried)
                hopeless = wait_s > job.ask.deadline_s
                if stream.spoke or tried >= self._endpoint.tries or hopeless:
                    raise
                log.warning("the model's server: %s; try %d", exc.code, tried + 1)
            if job.stopped.wait(wait_s):
                return "cancelled"

    async def _once(self, stream: AnswerStream, body: dict[str, object]) -> Stop:
        """One request, from connection to end. Raises ModelError."""
        import httpx

        try:
            async with self._sent(body) as response:
                if response.is_success and _type(response) == "text/event-stream":
                    await self._listen(response, stream)
                else:
                    stream.take(await self._whole(response, stream.limit))
            return stream.result()
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise ServerUnreachable from exc
        except (httpx.TransportError, httpx.StreamError) as exc:
            raise ServerBroke from exc
        except (httpx.InvalidURL, httpx.DecodingError, UnicodeError) as exc:
            raise ServerStrange(what="encoding") from exc

    @asynccontextmanager
    async def _sent(self, body: dict[str, object]) -> AsyncIterator[httpx.Response]:
        sending = self._client.build_request("POST", "chat/completions", json=body)
        async with _patience(self._endpoint.first_s):
            response = await self._client.send(sending, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _listen(self, response: httpx.Response, stream: AnswerStream) -> None:
        """Events to the stream; silence between two of them has its own limit."""
        from httpx_sse import EventSource

        async with aclosing(EventSource(response).aiter_sse()) as events:
            while True:
                quiet_s = self._endpoint.stall_s if stream.spoke else self._endpoint.first_s
                async with _patience(quiet_s):
                    event = await anext(events, None)
                if event is None or stream.take(event.data):
                    return

    async def _whole(self, response: httpx.Response, limit: int) -> str:
        """The body of an answer that is not streamed. Raises what a refusal means."""
        found = bytearray()
        async with _patience(self._endpoint.first_s):
            async for piece in response.aiter_bytes():
                found += piece
                if len(found) > LARGEST_WHOLE_BYTES:
                    raise ServerStrange(what="size")
        text = found.decode("utf-8", "replace")
        status = response.status_code
        if response.is_success:
            if _type(response) != "application/json":
                raise ServerStrange(what=_type(response) or "nothing")
            return text
        if status in BUSY:
            raise ServerBusy(status=status, wait_s=_retry_after_s(response))
        if status >= 500:
            raise ServerBroke
        if 300 <= status < 400:  # an address is what the operator wrote, nothing else
            raise ServerStrange(what="redirect")
        raise prompt_too_long(text, limit) or ServerRefused(status=status)

    def _count(
        self, job: Job | None = None, *, asks: int = 0, tries: int = 0, failures: int = 0
    ) -> None:
        with self._counting:
            old = self._usage
            self._usage = replace(
                old,
                asks=old.asks + asks,
                tries=old.tries + tries,
                failures=old.failures + failures,
                prompt_tokens=old.prompt_tokens + (job.prompt_tokens if job else 0),
                cached_tokens=old.cached_tokens + (job.cached_tokens if job else 0),
                output_tokens=old.output_tokens + (job.output_tokens if job else 0),
            )

    def _free(self) -> None:
        self._loop.run(self._client.aclose(), None)
        self._loop.close()


class _Loop:
    """One event loop in its own thread, so that a read that waits can be called off."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"server-{name}", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[object, object, T], stopped: threading.Event | None) -> T | None:
        """Its result; None where `stopped` was set first."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return future.result(timeout=POLL_S)
            except TimeoutError:
                if future.done():  # at that very moment
                    return future.result()
                if stopped is not None and stopped.is_set():
                    future.cancel()
                    return None

    def close(self) -> None:
        """End the thread."""
        self.run(self._loop.shutdown_asyncgens(), None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@asynccontextmanager
async def _patience(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as exc:
        raise ServerStalled(silent_s=seconds) from exc


def _client(endpoint: Endpoint) -> httpx.AsyncClient:
    """No proxies, no .netrc, no redirects: requests go to the named address and nowhere else."""
    import ssl

    import httpx

    headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    trusted: ssl.SSLContext | bool = endpoint.url.startswith("https:")
    try:
        if trusted:
            trusted = ssl.create_default_context(cafile=endpoint.ca_file)
        return httpx.AsyncClient(
            base_url=endpoint.url,
            headers=headers,
            verify=trusted,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=endpoint.connect_s),
            limits=httpx.Limits(max_connections=endpoint.concurrency),
        )
    except (OSError, UnicodeError, ValueError) as exc:
        name = "MINWON_REMOTE_CA" if isinstance(exc, OSError) else "MINWON_REMOTE_KEY"
        raise SettingsInvalid(name=name, problem="can't be used") from exc


def _wait_s(error: ModelError, tried: int) -> float:
    """As long as the server says; otherwise longer each time, and never two callers alike."""
    said = error.facts.get("wait_s", 0)
    if isinstance(said, int | float) and said > 0:
        return float(said)
    longest = min(FIRST_WAIT_S * 2 ** (tried - 1), LONGEST_WAIT_S)
    return random.uniform(longest / 4, longest)  # noqa: S311 - spreads callers, hides nothing


def _retry_after_s(response: httpx.Response) -> float:
    """Seconds of the Retry-After header, which may be a date; 0 where it says nothing."""
    from email.utils import parsedate_to_datetime

    said = response.headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _type(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind if kind.replace("/", "").replace("-", "").replace("+", "").isalnum() else ""
