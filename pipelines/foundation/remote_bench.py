"""What our way to a server costs a request, over the shortest bare one. On loopback.

`python -m pipelines.foundation.remote_bench` starts llama.cpp's own HTTP server in a process of its
own and asks it the same thing both ways in turn: an answer of a few tokens from a cached prompt.
"""

from __future__ import annotations

import json
import secrets
import statistics
import subprocess
import sys
import time
import urllib.request

from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.endpoint import Endpoint
from pipelines.foundation.remote import RemoteModel
from pipelines.foundation.wire import request
from pipelines.settings import load_settings
from pipelines.types import Ask
from pipelines.weights import assemble

ROUNDS = 60
ASK = Ask(system="You are brief.", user="Say hello.", max_new_tokens=4)
SERVER = """
import sys
from pathlib import Path
from pipelines.foundation.gguf import GgufOptions, load_server
name, path, key = sys.argv[1:]
server = load_server(name, Path(path), GgufOptions(context_tokens=1024, api_key=key))
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def main() -> None:
    """Measure and print."""
    settings = load_settings()
    row = load_catalog()[sys.argv[1] if len(sys.argv) > 1 else settings.model]
    path = assemble(row.weights(), settings.cache_dir)
    key = secrets.token_hex(16)
    command = [sys.executable, "-c", SERVER, row.id, str(path), key]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None  # noqa: S101 - asked for above
        url = server.stdout.readline().strip() + "/v1"
        endpoint = Endpoint(url=url, served=row.id, dialect="llama", key=key, context_tokens=1024)
        try:
            _measure(row.id, endpoint)
        finally:
            server.terminate()


def _measure(name: str, endpoint: Endpoint) -> None:
    model = RemoteModel(name, endpoint)
    _bare(endpoint)
    model.generate(ASK)
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        _bare(endpoint)
        between = time.perf_counter()
        model.generate(ASK)
        bare.append(between - started)
        ours.append(time.perf_counter() - between)
    model.close()
    apart = sorted(1000 * (mine - theirs) for mine, theirs in zip(ours, bare, strict=True))
    low, high = apart[int(0.025 * ROUNDS)], apart[int(0.975 * ROUNDS) - 1]
    say(f"{name}, {ROUNDS} requests each way in turn, milliseconds a request")
    say(f"bare request    {1000 * statistics.median(bare):7.1f}")
    say(f"remote.py       {1000 * statistics.median(ours):7.1f}")
    say(f"difference      {statistics.median(apart):7.1f} (95 % of them {low:.1f} to {high:.1f})")


def _bare(endpoint: Endpoint) -> None:
    """The same body, by Python's own client; its stream is read and thrown away."""
    body = json.dumps(request(ASK, endpoint)).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {endpoint.key}"}
    asked = urllib.request.Request(  # noqa: S310 - a loopback address of our own
        f"{endpoint.url}/chat/completions", body, headers
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        answer.read()


def say(line: str) -> None:
    """One line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
