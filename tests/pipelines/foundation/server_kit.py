"""Real HTTP servers on loopback: one that answers by script, and llama.cpp's own in a child."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipelines.foundation.endpoint import Endpoint

KEY = "for-tests-only"
FAST = Endpoint(
    url="", served="m", key=KEY, connect_s=2, first_s=2, stall_s=0.4, tries=3, concurrency=2
)
Step = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Plays the server's next step for each request; the last one is played again and again."""

    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.requests.append(json.loads(self.rfile.read(size)))
        self.server.seen.append({"path": self.path, **dict(self.headers.items())})
        steps = self.server.steps
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            (steps.pop(0) if len(steps) > 1 else steps[0])(self)

    def do_GET(self) -> None:
        self.server.seen.append({"path": self.path})
        self.send_error(404)

    def start(self, kind: str, status: int = 200, **headers: str) -> None:
        """Head of an answer whose length is not known."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def drop(self) -> None:
        """As a killed server does: the connection ends in the middle."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(2)

    def log_message(self, format: str, *args: Any) -> None:
        """No noise."""


class Scripted(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps = list(steps)
        self.requests: list[dict[str, Any]] = []
        self.seen: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextlib.contextmanager
def serving(*steps: Step) -> Iterator[Scripted]:
    server = Scripted(steps)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def chunk(text: str | None, finish: str | None = None, **more: object) -> str:
    """One event as vLLM and its like send it."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice], **more})


def event(tree: object) -> str:
    return f"data: {json.dumps(tree, ensure_ascii=False)}\n\n"


def says(*pieces: str, finish: str = "stop", usage: bool = True) -> Step:
    """A whole, orderly answer."""

    def step(handler: Handler) -> None:
        handler.start("text/event-stream; charset=utf-8")
        handler.send(event({"choices": [{"delta": {"role": "assistant", "content": ""}}]}))
        for piece in pieces:
            handler.send(chunk(piece))
        handler.send(chunk(None, finish))
        if usage:
            counts = {
                "prompt_tokens": 40,
                "completion_tokens": len(pieces),
                "prompt_tokens_details": {"cached_tokens": 30},
            }
            handler.send(event({"choices": [], "usage": counts}))
        handler.send("data: [DONE]\n\n")
        handler.end()

    return step


def refuses(status: int, body: str = "{}", kind: str = "application/json", **headers: str) -> Step:
    def step(handler: Handler) -> None:
        handler.start(kind, status, **headers)
        handler.send(body)
        handler.end()

    return step


def breaks_after(*pieces: str) -> Step:
    def step(handler: Handler) -> None:
        handler.start("text/event-stream")
        for piece in pieces:
            handler.send(chunk(piece))
        handler.drop()

    return step


def stalls_after(*pieces: str, s: float = 3.0) -> Step:
    def step(handler: Handler) -> None:
        handler.start("text/event-stream")
        for piece in pieces:
            handler.send(chunk(piece))
        until = time.monotonic() + s
        while time.monotonic() < until:  # alive, but saying nothing of use
            handler.send(": still here\n\n")
            time.sleep(0.05)
        handler.drop()

    return step


def sends(*events: str, kind: str = "text/event-stream") -> Step:
    def step(handler: Handler) -> None:
        handler.start(kind)
        for text in events:
            handler.send(text)
        handler.end()

    return step


def at(server: Scripted, **changed: Any) -> Endpoint:
    return replace(FAST, url=server.url, **changed)


CHILD = """
import sys
from pathlib import Path
from pipelines.foundation.gguf import GgufOptions, load_server
name, path, context, key = sys.argv[1:]
server = load_server(
    name, Path(path), GgufOptions(context_tokens=int(context), api_key=key)
)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


class LlamaServer:
    """llama.cpp's own HTTP server in a process of its own, as an operator would run it."""

    def __init__(self, name: str, weights: Path, context_tokens: int = 2048) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, name, str(weights), str(context_tokens), KEY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip() + "/v1"
        self.endpoint = Endpoint(
            url=self.url,
            served=name,
            dialect="llama",
            key=KEY,
            concurrency=1,
            context_tokens=context_tokens,
        )

    def kill(self) -> None:
        """kill -9; may be called twice."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
