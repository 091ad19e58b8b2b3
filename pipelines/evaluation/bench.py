"""`./run bench voice`: our pipeline beside the plain stack, both in this run, turn by turn."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from pipelines.build import Parts, build
from pipelines.evaluation.plain_stack import PlainStack
from pipelines.evaluation.samples import FOLDER, Sample, load_samples
from pipelines.evaluation.table import write_json
from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.model import FoundationModel, Modality
from pipelines.media.admit import admit
from pipelines.readers import bench as reading
from pipelines.readers.recognise import WHISPER_BASE
from pipelines.settings import Settings, load_settings
from pipelines.types import Ask, Cancel, Event, EvidenceFound, OnEvent, OnToken, Reply, ignore
from pipelines.weights import assemble

RUNS = 3
SHORT_S = 15.0
RATIO = 0.25
THIRD = 1 / 3
FASTER = 3.0
NO_WORSE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recording, read and drafted both ways."""

    sample: str
    audio_s: float
    ours_s: float
    ours_read_s: float
    first_words_s: float
    first_token_s: float
    plain_s: float
    plain_read_s: float
    plain_tokens: int

    @property
    def ratio(self) -> float:
        """Our time by theirs."""
        return self.ours_s / self.plain_s


class Listener:
    """A FoundationModel that remembers what it was asked, to ask the peer the same."""

    def __init__(self, model: FoundationModel) -> None:
        self._model = model
        self.asks: list[Ask] = []

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def modalities(self) -> frozenset[Modality]:
        return self._model.modalities

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """Hand the ask on, and keep it."""
        self.asks.append(ask)
        return self._model.generate(ask, on_token, cancel)

    def close(self) -> None:
        """Close the model behind."""
        self._model.close()


def run(out: Path) -> bool:
    """Measure, print, write JSON; True where every goal is met."""
    settings = load_settings()
    parts = build(settings)
    parts.warm()
    memory = _memory_after_use(parts)
    long = reading.compare(
        reading.korean_clips(FOLDER), reading.LONG_S, reader=parts.voice.reader, settings=settings
    )
    print(_long_lines(long), flush=True)
    runs = _short_runs(parts, settings)
    print(_short_lines(runs), flush=True)
    print(memory["line"])
    ratio = median(each.ratio for each in runs)
    first = median(each.first_token_s / each.ours_s for each in runs)
    met = {
        "long audio >= 3x": long.speedup >= FASTER,
        "long audio error <= +0.5 points": long.ours.error - long.plain.error <= NO_WORSE,
        "complaint <= 0.25x": ratio <= RATIO,
        "first token under a third": first < THIRD,
        "one copy of each model": memory["grown_mb"] < memory["limit_mb"],
    }
    for name, good in met.items():
        print(f"{'met   ' if good else 'MISSED'}  {name}")
    write_json(
        out / "voice-bench.json",
        {
            "model": parts.model.name,
            "long": {k: v for k, v in asdict(long).items()},
            "short": [{**asdict(each), "ratio": each.ratio} for each in runs],
            "memory": memory,
            "met": met,
        },
    )
    parts.close()
    return all(met.values())


def _nearest(samples: Sequence[Sample], length_s: float, count: int) -> list[Sample]:
    return sorted(samples, key=lambda sample: abs(sample.seconds - length_s))[:count]


def _short_runs(parts: Parts, settings: Settings) -> list[Run]:
    """Warm runs of the recordings nearest to 15 s, ours and theirs in turn."""
    listener = Listener(parts.model)
    pipeline = replace(parts.voice, drafter=replace(parts.voice.drafter, model=listener))
    weights = load_catalog()[settings.model].weights()
    plain = PlainStack(
        assemble(WHISPER_BASE, settings.cache_dir),
        assemble(weights, settings.cache_dir),
        settings.threads,
    )
    chosen = _nearest(load_samples(language="ko", split="test"), SHORT_S, RUNS + 1)
    found: list[Run] = []
    for number, sample in enumerate(chosen):
        listener.asks.clear()
        first_words: list[float] = []
        started = time.monotonic()
        media = admit(sample.path, settings=settings)
        result = pipeline.run(media, on_event=_when_found(first_words, started))
        ours_s = time.monotonic() - started
        peer = plain.run(sample.path, listener.asks[0])
        if number == 0:  # both sides' first call pays for things that later calls don't
            continue
        print(f"\r{number}/{RUNS}", end="", file=sys.stderr, flush=True)
        found.append(
            Run(
                sample=sample.id,
                audio_s=sample.seconds,
                ours_s=ours_s,
                ours_read_s=result.timing.read_s,
                first_words_s=first_words[0],
                first_token_s=result.timing.first_token_s,
                plain_s=peer.total_s,
                plain_read_s=peer.read_s,
                plain_tokens=peer.output_tokens,
            )
        )
    print(file=sys.stderr)
    return found


def _when_found(seen: list[float], started: float) -> OnEvent:
    def note(event: Event) -> None:
        if isinstance(event, EvidenceFound):
            seen.append(time.monotonic() - started)

    return note


def _memory_after_use(parts: Parts) -> dict[str, Any]:
    """How much the process grows while several sessions work at once: no second copy of a model."""
    process = psutil.Process()
    sample = _nearest(load_samples(language="ko", split="dev"), 8.0, 1)[0]
    media = admit(sample.path, settings=parts.settings)
    parts.voice.run(media)
    before = process.memory_info().rss
    sessions = [threading.Thread(target=parts.voice.run, args=(media,)) for _ in range(4)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    after = process.memory_info().rss
    start, grown, limit = before / 2**20, (after - before) / 2**20, 400.0
    return {
        "before_mb": start,
        "grown_mb": grown,
        "limit_mb": limit,
        "line": f"memory: {start:.0f} MB after one session, {grown:+.0f} MB with 4 at once",
    }


def _long_lines(long: reading.Comparison) -> str:
    return (
        f"\nlong audio, {long.audio_s:.0f} s, same weights, one run\n"
        f"  faster-whisper's default  {long.plain.seconds:7.1f} s  error {long.plain.error:.2%}\n"
        f"  ours                      {long.ours.seconds:7.1f} s  error {long.ours.error:.2%}\n"
        f"  faster by {long.speedup:.2f}x (goal >= 3x); "
        f"first words after {long.first_words_s:.1f} s"
    )


def _short_lines(runs: Sequence[Run]) -> str:
    head = "recording               length    ours  first words  first token   plain   ratio"
    rows = [
        f"{r.sample:22}  {r.audio_s:5.1f} s  {r.ours_s:5.1f} s  {r.first_words_s:9.1f} s"
        f"  {r.first_token_s:9.1f} s  {r.plain_s:5.0f} s  {r.ratio:6.3f}"
        for r in runs
    ]
    middle = median(r.ratio for r in runs)
    title = "\none complaint, warm, from file to checked draft, beside the plain stack"
    return "\n".join(
        [title, head, *rows, f"median ratio {middle:.3f} (goal <= 0.25), n = {len(runs)}"]
    )
