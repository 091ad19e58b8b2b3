"""`./run bench engine`: the embedded engine on real case drafts, against the engine alone.

Cold against cached prompts, guessing on against off, our layer against the engine's own call. The
asks are those of the drafter for spoken complaints of the dev half. Compared ways take turns, ask
by ask, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.drafting import ask
from pipelines.evaluation.injected import heard
from pipelines.evaluation.samples import load_samples
from pipelines.evaluation.stats import Figure, bootstrap
from pipelines.evaluation.table import Line, as_json, render, write_json
from pipelines.foundation.choice import row_of
from pipelines.foundation.gguf import (
    ChatServer,
    GgufModel,
    GgufOptions,
    load_server,
    request_body,
)
from pipelines.places import Areas
from pipelines.settings import Settings, load_settings
from pipelines.types import Ask
from pipelines.weights import assemble

DRAFTS = 4
ROUNDS = 2
PREFILL_GOAL, GUESSING_GOAL, LAYER_GOAL = 8.0, 1.25, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One draft, written by one way, its prompt cached whole: only writing is left."""

    way: str
    draft: int
    seconds: float
    tokens: int
    text: str


def run(out: Path) -> bool:
    """Measure, print, write JSON; True where the goals are met."""
    settings = load_settings()
    path = settings.model_path or assemble(row_of(settings).weights(), settings.cache_dir)
    asks = drafts(DRAFTS)
    ours = GgufModel(settings.model, path, _options(settings))
    try:
        prefill = _prefill(ours, asks)
        runs = _runs(settings, path, ours, asks)
    finally:
        ours.close()
    lines = [prefill, *summarise(runs)]
    print(render(f"\nengine, {settings.model}, {settings.threads} threads", lines))
    report = {
        "model": settings.model,
        "figures": as_json(lines),
        "runs": [
            {"way": one.way, "draft": one.draft, "seconds": one.seconds, "tokens": one.tokens}
            for one in runs
        ],
    }
    write_json(out / "bench-engine.json", report)
    print(f"\nwritten: {out / 'bench-engine.json'}")
    return all(line.met is not False for line in lines)


def drafts(count: int) -> list[Ask]:
    """What the drafter asks for the first Korean complaints of the dev half, as they were said."""
    texts = dict.fromkeys(sample.text for sample in load_samples(language="ko", split="dev"))
    areas = Areas.load()
    made = []
    for text in list(texts)[:count]:
        chosen = ask.choose(heard(ask.sentences(text), "", "ko"), areas)
        made.append(ask.make_ask(chosen, ask.places_in(chosen, areas), deadline_s=300.0))
    return made


def _options(settings: Settings, *, speculate: bool = True) -> GgufOptions:
    return GgufOptions(
        context_tokens=settings.context_tokens, threads=settings.threads, speculate=speculate
    )


def _prefill(model: GgufModel, asks: Sequence[Ask]) -> Line:
    """Until the first token: of the first ask of all, and of each other case after it."""
    replies = [model.generate(replace(one, max_new_tokens=1, schema=None)) for one in asks]
    cold, others = replies[0], replies[1:]
    for number, reply in enumerate(replies, start=1):
        told = f"{reply.prompt_tokens} tokens, {reply.cached_tokens} cached"
        print(f"prompt {number}: first token after {reply.first_token_s:.2f} s, {told}", flush=True)
    times = [cold.first_token_s / reply.first_token_s for reply in others]
    figure = Figure(value=times[0], low=min(times), high=max(times), n=len(times))
    return Line(
        name="second prompt's prefill, times as fast (least .. most of the next)",
        figure=figure,
        unit="x",
        goal=f">= {PREFILL_GOAL:g}",
        met=figure.value >= PREFILL_GOAL,
    )


def _runs(settings: Settings, path: Path, ours: GgufModel, asks: Sequence[Ask]) -> list[Run]:
    bare = load_server(settings.model, path, _options(settings))
    plain = load_server(settings.model, path, _options(settings, speculate=False))
    ways: dict[str, Callable[[Ask], tuple[str, int]]] = {
        "ours": lambda one: _ask(ours, one),
        "bare": lambda one: _ask_bare(bare, one),
        "plain": lambda one: _ask_bare(plain, one),
    }
    found = []
    for number, one in enumerate(asks, start=1):
        for work in ways.values():
            work(one)  # reads the prompt
        for _ in range(ROUNDS):
            found += [_timed(way, number, work, one) for way, work in ways.items()]
        told = "  ".join(f"{run.way} {run.seconds:.2f} s" for run in found[-len(ways) :])
        print(f"draft {number} of {len(asks)}: {told}", file=sys.stderr, flush=True)
    return found


def _timed(way: str, draft: int, work: Callable[[Ask], tuple[str, int]], one: Ask) -> Run:
    started = time.perf_counter()
    text, tokens = work(one)
    taken = time.perf_counter() - started
    return Run(way=way, draft=draft, seconds=taken, tokens=tokens, text=text)


def summarise(runs: Sequence[Run]) -> list[Line]:
    """Guessing against plain, ours against bare, draft by draft."""
    clusters = [
        [one for one in runs if one.draft == draft]
        for draft in dict.fromkeys(one.draft for one in runs)
    ]

    def middle(found: Sequence[Run], way: str) -> float:
        """Seconds a token of the middle run."""
        return statistics.median(one.seconds / one.tokens for one in found if one.way == way)

    gain = bootstrap(clusters, lambda found: middle(found, "plain") / middle(found, "ours"))
    cost = bootstrap(clusters, lambda found: middle(found, "ours") / middle(found, "bare") - 1)
    same = sum(len({one.text for one in cluster}) == 1 for cluster in clusters)
    return [
        *(_speed(way, clusters, middle) for way in ("plain", "bare", "ours")),
        Line(
            name="ours over plain llama.cpp, tokens a second",
            figure=gain,
            unit="x",
            goal=f">= {GUESSING_GOAL:g}",
            met=gain.value >= GUESSING_GOAL,
        ),
        Line(
            name="our layer over the engine's own call",
            figure=cost,
            goal=f"<= {LAYER_GOAL:.0%}",
            met=cost.value <= LAYER_GOAL,
        ),
        Line(
            name="drafts with the same words by every way",
            figure=Figure(value=same, low=same, high=same, n=len(clusters)),
            unit="",
        ),
    ]


def _speed(
    way: str,
    clusters: Sequence[Sequence[Run]],
    middle: Callable[[Sequence[Run], str], float],
) -> Line:
    figure = bootstrap(clusters, lambda found: 1 / middle(found, way))
    return Line(name=f"tokens a second, {way}", figure=figure, unit="")


def _ask(model: GgufModel, one: Ask) -> tuple[str, int]:
    reply = model.generate(one)
    return reply.text, reply.output_tokens


def _ask_bare(server: ChatServer, one: Ask) -> tuple[str, int]:
    """The engine's own call, streamed, with nothing of ours but the joining of the pieces."""
    pieces: list[str] = []
    usage: dict[str, int] = {}

    def take(chunk: Mapping[str, Any]) -> bool:
        usage.update(chunk.get("usage") or {})
        for choice in chunk.get("choices", ()):
            pieces.append(choice["delta"].get("content") or "")
        return False

    server.handle_chat_completions(request_body(one), take)
    return "".join(pieces), usage["completion_tokens"]
