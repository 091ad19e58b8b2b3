"""Cuts by our finder beside PySceneDetect's two detectors, on the same drawn clips.

python -m pipelines.evaluation.video_peers [dev|test]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.evaluation.clips import Clip, made_clips
from pipelines.evaluation.stats import bootstrap
from pipelines.media.clips import probe
from pipelines.media.skim import Skim
from pipelines.readers.shots import CutFinder, Eye

CUT_S = 0.2
Way = Callable[[Path], list[float]]


def ours(path: Path, *, all_frames: bool = False) -> list[float]:
    """Our finder, over what a skim decodes or over every frame."""
    found = probe(path, "mov", limit_s=1e5, limit_mp=36)
    eye, finder = Eye(), CutFinder(found.fps)
    skim = Skim(path=path, demuxer="mov", probe=found, alike=eye.alike, all_frames=all_frames)
    cuts = [finder.take(eye.small(picture)) for picture in skim.pictures()]
    return [cut for cut in (*cuts, *finder.rest()) if cut is not None]


def content(path: Path) -> list[float]:
    """PySceneDetect, ContentDetector as it comes."""
    from scenedetect import ContentDetector, detect

    return [scene[0].seconds for scene in detect(str(path), ContentDetector())][1:]


def adaptive(path: Path) -> list[float]:
    """PySceneDetect, AdaptiveDetector as it comes."""
    from scenedetect import AdaptiveDetector, detect

    return [scene[0].seconds for scene in detect(str(path), AdaptiveDetector())][1:]


def counts(true: Sequence[float], found: Sequence[float]) -> tuple[int, int, int]:
    """(found, false, missed), each true cut met once."""
    left = list(found)
    hits = 0
    for cut in true:
        near = [at for at in left if abs(at - cut) <= CUT_S]
        if near:
            left.remove(min(near, key=lambda at: abs(at - cut)))
            hits += 1
    return hits, len(left), len(true) - hits


def f1(rows: Sequence[tuple[int, int, int]]) -> float:
    """Over all clips together; 1.0 where there was nothing to find and nothing was found."""
    hits, false, missed = (sum(row[n] for row in rows) for n in range(3))
    return 2 * hits / (2 * hits + false + missed) if hits + false + missed else 1.0


def main() -> int:
    """Print one line a way."""
    clips: list[tuple[Clip, Path]] = made_clips(sys.argv[1] if len(sys.argv) > 1 else "test")
    ways: tuple[tuple[str, Way], ...] = (
        ("ours", ours),
        ("ours, every frame", lambda path: ours(path, all_frames=True)),
        ("ContentDetector", content),
        ("AdaptiveDetector", adaptive),
    )
    print(f"{len(clips)} clips, {sum(len(clip.cuts) for clip, _ in clips)} cuts")
    for name, way in ways:
        started = time.perf_counter()
        rows = [counts(clip.cuts, way(path)) for clip, path in clips]
        took = time.perf_counter() - started
        figure = bootstrap([[row] for row in rows], f1)
        hits, false, missed = (sum(row[n] for row in rows) for n in range(3))
        print(
            f"{name:20} F1 {figure.value:.3f} ({figure.low:.3f} .. {figure.high:.3f}) "
            f"found {hits}, false {false}, missed {missed}, {took:.1f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
