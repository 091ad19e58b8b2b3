"""`./run eval video`: drawn clips, questions, and real files, each against its truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from pipelines.build import Parts, build
from pipelines.evaluation import translations, video_manifest, video_questions
from pipelines.evaluation.clips import Clip, made_clips
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.evaluation.table import Line, as_json, render, write_json
from pipelines.evaluation.video_peers import counts, f1
from pipelines.media.admit import VIDEOS, admit
from pipelines.readers.timeline import timeline_of
from pipelines.readers.videos import SeenVideo
from pipelines.settings import load_settings
from pipelines.types import FrameSpot, TimeSpan
from pipelines.writing import squeezed

PARTS = ("clips", "questions", "subtitles", "manifest")
EVENT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clip: what came out, held against what is true."""

    id: str
    cuts: tuple[int, int, int]
    """(found, false, missed)."""
    letters: int
    wrong: int
    ranges: tuple[bool, ...]
    """Of each text that was read: its start and end within EVENT_S."""
    events: tuple[bool, ...]
    """Of each start and end of a true event: an event of ours begins or ends there."""
    extra: int
    """Texts of ours that nobody wrote."""
    clock: bool | None
    citations: tuple[bool, ...]
    seconds: float
    took_s: float


def run_one(clip: Clip, path: Path, parts: Parts) -> Row:
    """One clip through the reader, without its speech: that is measured as voice."""
    media = admit(path, settings=parts.settings, accept=VIDEOS)
    with tempfile.TemporaryDirectory(prefix="minwon-eval-") as folder:
        video = parts.video.reader.read(media, Path(folder), with_speech=False)
        citations = _citations(video)
    found = [shot.end_s for shot in video.shots[:-1]]
    letters, wrong, ranges, used = _words(clip, video)
    extra = len([t for n, t in enumerate(video.texts) if n not in used and t.clock_s is None])
    clock = next((text for text in video.texts if text.clock_s is not None), None)
    return Row(
        id=clip.id,
        cuts=counts(clip.cuts, found),
        letters=letters,
        wrong=wrong,
        ranges=ranges,
        events=_events(clip, video),
        extra=extra,
        clock=None if not clip.clock else _clock_right(clip.clock, clock.text if clock else ""),
        citations=citations,
        seconds=clip.seconds,
        took_s=video.seen_s,
    )


def _words(clip: Clip, video: SeenVideo) -> tuple[int, int, tuple[bool, ...], set[int]]:
    letters = wrong = 0
    ranges: list[bool] = []
    used: set[int] = set()
    for shown in clip.texts:
        true = squeezed(shown.text)
        best, best_at = len(true), -1
        for at, text in enumerate(video.texts):
            overlaps = text.start_s < shown.end_s and text.end_s > shown.start_s
            if not overlaps or at in used:
                continue
            if (steps := Levenshtein.distance(true, squeezed(text.text))) < best:
                best, best_at = steps, at
        letters += len(true)
        wrong += min(best, len(true))
        if best_at < 0:
            ranges.append(False)
            continue
        used.add(best_at)
        text = video.texts[best_at]
        apart = max(abs(text.start_s - shown.start_s), abs(text.end_s - shown.end_s))
        ranges.append(apart <= EVENT_S)
    return letters, wrong, tuple(ranges), used


def _events(clip: Clip, video: SeenVideo) -> tuple[bool, ...]:
    """A cut, words that come or go, motion that begins or ends: is one of ours within a second?"""
    moving = [span for span in video.motion if span.moves]
    edges: list[tuple[float, list[float]]] = [
        (cut, [shot.start_s for shot in video.shots[1:]]) for cut in clip.cuts
    ]
    for shown in clip.texts:
        mine = [t for t in video.texts if _alike(t.text, shown.text)]
        edges.append((shown.start_s, [text.start_s for text in mine]))
        edges.append((shown.end_s, [text.end_s for text in mine]))
    for start_s, end_s in _joined(clip.motion):
        edges.append((start_s, [span.start_s for span in moving]))
        edges.append((end_s, [span.end_s for span in moving]))
    return tuple(any(abs(at - true) <= EVENT_S for at in mine) for true, mine in edges)


def _alike(a: str, b: str) -> bool:
    return Levenshtein.normalized_similarity(squeezed(a), squeezed(b)) >= 0.6


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Motion that overlaps, or that a second does not part, is one."""
    done: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if done and start - done[-1][1] < EVENT_S:
            done[-1] = (done[-1][0], max(done[-1][1], end))
        else:
            done.append((start, end))
    return done


def _clock_right(true: str, read: str) -> bool:
    """The time to a second; the date is not held against it (reported by the texts)."""
    shown = read[:19][-8:] if len(read) >= 19 else read[:8]
    try:
        a, b = (
            sum(int(part) * unit for part, unit in zip(text.split(":"), (3600, 60, 1), strict=True))
            for text in (true[-8:], shown)
        )
    except ValueError:
        return False
    return abs(a - b) <= 1


def _citations(video: SeenVideo) -> tuple[bool, ...]:
    """Of each event: its evidence and frames exist, lie in its time and in the picture."""
    checked = []
    for event in timeline_of(video, "ko").events:
        right = all(
            0 <= n < len(video.frames) and video.frames[n].path.is_file() for n in event.frames
        )
        for index in event.evidence:
            right &= 0 <= index < len(video.evidence) and _inside(video, index)
        checked.append(right and 0 <= event.start_s <= event.end_s <= video.watched.end_s + 0.1)
    return tuple(checked)


def _inside(video: SeenVideo, index: int) -> bool:
    where = video.evidence[index].where
    if isinstance(where, TimeSpan):
        return 0 <= where.start_s <= where.end_s <= video.watched.end_s + 0.1
    if not isinstance(where, FrameSpot):
        return False
    left, top, right, bottom = where.box_px
    wide, high = video.watched.width_px, video.watched.height_px
    slack = 16  # a patch is counted in cells
    return 0 <= left < right <= wide + slack and 0 <= top < bottom <= high + slack


def summarise(rows: Sequence[Row]) -> list[Line]:
    """The figures of the issue, each with its interval; intervals are over clips."""
    clusters = [[row] for row in rows]

    def rate(of: Callable[[Row], tuple[bool, ...]]) -> Figure:
        return bootstrap(clusters, lambda some: _mean([hit for row in some for hit in of(row)]))

    cuts = bootstrap(clusters, lambda some: f1([row.cuts for row in some]))
    words = bootstrap(
        clusters, lambda some: 1 - _sum(some, "wrong") / max(1, _sum(some, "letters"))
    )
    ranges, events = rate(lambda row: row.ranges), rate(lambda row: row.events)
    checked = [hit for row in rows for hit in row.citations]
    cited = share(sum(checked), len(checked))
    clocks = [row.clock for row in rows if row.clock is not None]
    extra = sum(row.extra for row in rows)
    return [
        Line(name="cuts, F1 within 0.2 s", figure=cuts, goal=">= 95 %", met=cuts.value >= 0.95),
        Line(name="letters on the picture", figure=words, goal=">= 90 %", met=words.value >= 0.90),
        Line(name="their times within 1 s", figure=ranges, goal=">= 90 %", met=ranges.value >= 0.9),
        Line(name="event times within 1 s", figure=events, goal=">= 90 %", met=events.value >= 0.9),
        Line(name="citations real", figure=cited, goal="100 %", met=cited.value == 1),
        Line(name="clock right to a second", figure=share(sum(clocks), len(clocks))),
        Line(
            name="texts that nobody wrote (count)",
            figure=Figure(value=extra, low=extra, high=extra, n=len(rows)),
            unit="",
        ),
    ]


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def _mean(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 1.0


def run(
    out: Path, *, split: str = "test", limit: int | None = None, only: Sequence[str] = ()
) -> bool:
    """Measure, print the tables, write JSON; True where every goal is met."""
    wanted = only or PARTS
    parts = build(load_settings())
    report: dict[str, Any] = {"split": split}
    lines: list[Line] = []
    try:
        if "clips" in wanted:
            rows = [run_one(clip, path, parts) for clip, path in made_clips(split)[:limit]]
            lines += summarise(rows)
            print(render(f"\nvideo, {len(rows)} drawn clips, {split} split", lines))
            report["clips"] = {"figures": as_json(lines), "rows": [repr(row) for row in rows]}
        if "questions" in wanted:
            asked, told = video_questions.run(parts, split=split, limit=limit)
            print(render(f"\nvideo, questions, model {parts.model.name}", asked))
            lines += asked
            report["questions"] = {"figures": as_json(asked), "rows": told}
        if "subtitles" in wanted:
            figures, told = translations.run(parts, split=split, limit=limit)
            print(render(f"\nsubtitles, from Korean, model {parts.model.name}", figures))
            report["subtitles"] = {"figures": as_json(figures), "rows": told}
        if "manifest" in wanted:
            found = video_manifest.run(parts)
            report["manifest"] = found
    finally:
        parts.close()
    path = out / f"video-{split}.json"
    write_json(path, report)
    print(f"\nwritten: {path}")
    return all(line.met is not False for line in lines)
