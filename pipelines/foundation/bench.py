"""Cold against cached prompts, guessing on against off, our layer against the bare engine.

`python -m pipelines.foundation.bench [MODEL]` prints one table; some minutes on two idle cores.
Compared ways take turns, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.gguf import (
    ChatServer,
    GgufModel,
    GgufOptions,
    load_server,
    request_body,
)
from pipelines.settings import load_settings
from pipelines.types import Ask
from pipelines.weights import assemble

ROUNDS = 3
FIELDS = ("title", "place", "summary", "request", "quote")
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {name: {"type": "string", "maxLength": 120} for name in FIELDS},
    "required": list(FIELDS),
    "additionalProperties": False,
}
EXAMPLE = {
    "title": "놀이터 그네 줄 수리 요청",
    "place": "강릉시 교동 솔올공원 놀이터",
    "summary": "놀이터 그네의 줄이 끊어져서 아이가 넘어질 뻔했습니다.",
    "request": "그네 줄을 새것으로 바꿔 주세요.",
    "quote": "그네의 줄이 끊어져서 아이가 넘어질 뻔했습니다",
}
SYSTEM = (
    "You turn a spoken complaint into a case, as JSON. Copy places, numbers and quotes from the "
    "complaint letter by letter, write Korean, and leave out what the complaint does not say. "
) * 3
TURNS = (
    (
        "강릉시 교동 솔올공원 놀이터인데요, 그네의 줄이 끊어져서 아이가 넘어질 뻔했습니다.",
        json.dumps(EXAMPLE, ensure_ascii=False, indent=2),
    ),
)
COMPLAINT = (
    "여보세요, 목포시 상동 버스터미널 뒤쪽 골목에 사는데요. 하수구 뚜껑이 깨져서 비만 오면 물이 "
    "넘치고 냄새가 정말 심합니다. 지난주 화요일에도 할머니 한 분이 발이 빠져서 다치셨어요."
)
DRAFT = Ask(system=SYSTEM, turns=TURNS, user=COMPLAINT, schema=SCHEMA, max_new_tokens=220)


def main() -> None:
    """Measure and print."""
    settings = load_settings()
    row = load_catalog()[sys.argv[1] if len(sys.argv) > 1 else settings.model]
    path = assemble(row.weights(), settings.cache_dir)
    say(f"{row.id}, {settings.threads} threads, median of {ROUNDS}")
    _prefill(row.id, path, settings.threads)
    _ways(row.id, path, settings.threads)


def _prefill(name: str, path: Path, threads: int) -> None:
    model = GgufModel(name, path, GgufOptions(threads=threads))
    first = model.generate(DRAFT)
    again = model.generate(Ask(system=SYSTEM, turns=TURNS, user="다른 민원입니다.", schema=SCHEMA))
    same = model.generate(DRAFT)
    model.close()
    for label, reply in (("cold", first), ("other case", again), ("same case", same)):
        counts = f"{reply.prompt_tokens} tokens, {reply.cached_tokens} cached"
        say(f"first token, {label:<10} {reply.first_token_s:6.2f} s   {counts}")


def _ways(name: str, path: Path, threads: int) -> None:
    """Seconds for one draft whose prompt is cached whole: only writing is left."""
    ours = GgufModel(name, path, GgufOptions(threads=threads))
    bare = load_server(name, path, GgufOptions(threads=threads))
    slow = load_server(name, path, GgufOptions(threads=threads, speculate=False))
    ways: dict[str, Callable[[], tuple[str, int]]] = {
        "ours, guessing": lambda: _ask(ours),
        "bare, guessing": lambda: _ask_bare(bare),
        "bare, plain": lambda: _ask_bare(slow),
    }
    took: dict[str, list[float]] = {label: [] for label in ways}
    answers: dict[str, tuple[str, int]] = {label: work() for label, work in ways.items()}
    for _ in range(ROUNDS):
        for label, work in ways.items():
            started = time.perf_counter()
            answers[label] = work()
            took[label].append(time.perf_counter() - started)
    ours.close()
    middle = {label: statistics.median(times) for label, times in took.items()}
    for label, (_, tokens) in answers.items():
        speed = tokens / middle[label]
        say(
            f"one draft, {label:<15} {middle[label]:6.2f} s   {tokens} tokens, {speed:.1f} a second"
        )
    gain = middle["bare, plain"] / middle["bare, guessing"]
    cost = middle["ours, guessing"] / middle["bare, guessing"] - 1
    say(f"guessing {gain:.2f} x as fast; our layer {cost:+.1%}")
    say(f"same words with and without: {answers['bare, guessing'] == answers['bare, plain']}")


def _ask(model: GgufModel) -> tuple[str, int]:
    reply = model.generate(DRAFT)
    return reply.text, reply.output_tokens


def _ask_bare(server: ChatServer) -> tuple[str, int]:
    """The engine's own call, streamed, with nothing of ours but the joining of the pieces."""
    pieces: list[str] = []
    usage: dict[str, int] = {}

    def take(chunk: Mapping[str, Any]) -> bool:
        usage.update(chunk.get("usage") or {})
        for choice in chunk.get("choices", ()):
            pieces.append(choice["delta"].get("content") or "")
        return False

    server.handle_chat_completions(request_body(DRAFT), take)
    return "".join(pieces), usage["completion_tokens"]


def say(line: str) -> None:
    """One line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
