"""`./run bench video`: one look through a clip beside decoding every frame, in the same run.

The peer decodes every frame for PySceneDetect's ContentDetector and reads one whole frame a second
with the same Tesseract. Both may use both cores: the peer reads its frames side by side.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from pipelines.evaluation import bare_tesseract
from pipelines.evaluation.clips import LONG, Clip, long_clip
from pipelines.evaluation.stats import Figure
from pipelines.evaluation.table import Line, as_json, render, write_json
from pipelines.media.clips import probe
from pipelines.media.worker import JOB_FOLDER, Limits, Worker
from pipelines.readers.frames import watch
from pipelines.readers.keeping import Kept
from pipelines.readers.motion import Motion
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.sights import Shot, Tick, Watched, Wishes
from pipelines.readers.tesseract import SPARSE
from pipelines.settings import load_settings
from pipelines.writing import squeezed

ROUNDS = 3
CUT_S, EVENT_S, ALIKE = 0.2, 1.0, 75.0
HOUR = LONG.with_name("video-hour.mp4")
HOURS = 59


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one way through a clip found, and what it took."""

    cuts: tuple[float, ...]
    texts: tuple[tuple[str, float], ...]
    """(words, when first seen)."""
    took_s: float
    cpu_s: float = 0.0
    """Of all cores: on a busy machine it says more than the clock."""

    def true_events(self, clip: Clip) -> int:
        """Cuts, and texts with the right words at about the right time."""
        cuts = sum(any(abs(at - cut) <= CUT_S for at in self.cuts) for cut in clip.cuts)
        words = sum(
            any(
                abs(at - shown.start_s) <= EVENT_S
                and fuzz.partial_ratio(squeezed(shown.text), squeezed(text)) >= ALIKE
                for text, at in self.texts
            )
            for shown in clip.texts
        )
        return cuts + words


def ours(path: Path) -> Found:
    """As the application does it: everything but speech, tags and the model."""
    wishes = Wishes(demuxer="mov", limit_s=7200.0, limit_mp=36.0)
    started, spent = time.perf_counter(), _spent_s()
    with tempfile.TemporaryDirectory(prefix="minwon-bench-") as folder:
        seen = list(watch(path, Path(folder), wishes))
    took_s = time.perf_counter() - started
    return Found(
        cuts=tuple(shot.end_s for shot in seen if isinstance(shot, Shot))[:-1],
        texts=tuple((t.text, t.start_s) for t in seen if isinstance(t, ScreenText)),
        took_s=took_s,
        cpu_s=_spent_s() - spent,
    )


def peer(path: Path) -> Found:
    """ContentDetector over every frame, then one frame a second through Tesseract."""
    import cv2
    from PIL import Image
    from scenedetect import ContentDetector, detect

    started, spent = time.perf_counter(), _spent_s()
    cuts = [scene[0].seconds for scene in detect(str(path), ContentDetector())][1:]
    source = cv2.VideoCapture(str(path))
    fps = source.get(cv2.CAP_PROP_FPS)
    pictures: list[tuple[float, Any]] = []
    number = 0
    while source.grab():
        if number % round(fps) == 0:
            pictures.append((number / fps, Image.fromarray(source.retrieve()[1]).convert("L")))
        number += 1

    def read(entry: tuple[float, Any]) -> tuple[str, float]:
        return bare_tesseract.read(entry[1], mode=SPARSE), entry[0]

    with ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(read, pictures))
    return Found(
        cuts=tuple(cuts),
        texts=tuple(texts),
        took_s=time.perf_counter() - started,
        cpu_s=_spent_s() - spent,
    )


def hour_file() -> Path:
    """The clip of a minute sixty times over, packets copied."""
    if not HOUR.is_file():
        command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", str(HOURS), "-i", str(LONG)]
        subprocess.run([*command, "-c", "copy", str(HOUR)], check=True)  # noqa: S603
    return HOUR


def hour(path: Path) -> dict[str, float]:
    """A look through an hour in the worker: first shot, whole time, largest memory in MB."""
    import psutil

    length_s = probe(path, "mov", limit_s=1e5, limit_mp=36).length_s
    wishes = Wishes(demuxer="mov", limit_s=7200.0, limit_mp=36.0)
    peak = 0.0
    first_s = 0.0
    with Worker(preload=("pipelines.readers.frames",)) as worker:
        _ = worker.fences
        me = psutil.Process()
        started = time.perf_counter()
        for value in worker.stream(
            "pipelines.readers.frames:watch",
            path,
            JOB_FOLDER,
            wishes,
            of=(Tick, Shot, Kept, ScreenText, Motion, Watched),
            limits=Limits(wall_s=3600, cpu_s=7200),
        ):
            if isinstance(value, Shot) and not first_s:
                first_s = time.perf_counter() - started
            peak = max(peak, _family_mb(me))
        took_s = time.perf_counter() - started
    return {"length_s": length_s, "first_shot_s": first_s, "took_s": took_s, "peak_mb": peak}


def _family_mb(me: Any) -> float:  # noqa: ANN401 - psutil.Process
    """Of all processes that this one started; Tesseract's come and go while they are counted."""
    import psutil

    total = 0.0
    for child in me.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += child.memory_info().rss / 1e6
    return total


def _spent_s() -> float:
    """Processor seconds of this process and of those that ended under it."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def run(out: Path, *, with_hour: bool = True) -> bool:
    """Measure, print, write JSON; True where every goal is met."""
    load_settings()
    clip, path = long_clip()
    mine = [ours(path) for _ in range(ROUNDS)]
    theirs = peer(path)
    best = min(found.took_s for found in mine)
    cpu = min(found.cpu_s for found in mine)
    ratio = theirs.took_s / best
    true_mine, true_theirs = mine[0].true_events(clip), theirs.true_events(clip)
    every = len(clip.cuts) + len(clip.texts)
    lines = [
        _line(f"seconds for {clip.seconds:.0f} s (best of {ROUNDS})", best, "s", "<= 3", best <= 3),
        _line("the peer's seconds", theirs.took_s, "s"),
        _line("times faster", ratio, "", ">= 8", ratio >= 8),
        _line("processor seconds, both cores", cpu, "s"),
        _line("the peer's processor seconds", theirs.cpu_s, "s"),
        _line(f"true events of {every}", true_mine, "", "no fewer", true_mine >= true_theirs),
        _line("the peer's true events", true_theirs, ""),
        _line("the peer's cuts beside truth", len(theirs.cuts) - len(clip.cuts), ""),
    ]
    print(render("\nvideo, one look beside every frame", lines), flush=True)
    if with_hour:
        long = hour(hour_file())
        first = long["first_shot_s"]
        lines += [
            _line("an hour: first shot", first, "s", "< 5", first < 5),
            _line("an hour: whole look", long["took_s"], "s"),
            _line(
                "an hour: largest memory", long["peak_mb"], "MB", "<= 2500", long["peak_mb"] <= 2500
            ),
        ]
        print(render("\nvideo, an hour", lines[-3:]))
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    write_json(out / "video-bench.json", {"figures": as_json(lines), "own_peak_mb": spent})
    return all(line.met is not False for line in lines)


def _line(name: str, value: float, unit: str, goal: str = "", met: bool | None = None) -> Line:
    figure = Figure(value=float(value), low=float(value), high=float(value), n=1)
    return Line(name=name, figure=figure, unit=unit, goal=goal, met=met)
