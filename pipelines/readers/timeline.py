"""What was seen and heard, in the order of its time: events, chapters, what changed, passages.

Every event is a piece of evidence or a cut, and says which frames show it. A model writes none of
them but what it sees in a frame itself, which is an event of its own kind ("seen").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.evidence import FRAME_WORDS, Passage, ReadDocument
from pipelines.readers.looked import Frame
from pipelines.readers.videos import SeenVideo
from pipelines.types import Box, Evidence, FrameSpot, TimeSpan
from pipelines.wording import say

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_CHAPTERS = 12
SHORTEST_CHAPTER_S = 8.0
TITLE_LETTERS = 40
SHOWN_BY = 2
"""Frames that an event cites at most."""
DIFFERS = 24
COMPARED_PX = 160
KINDS = ("scene", "words", "clock", "speech", "motion", "shows", "seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEvent:
    """Something that happened. `evidence` and `frames` are indices into those of the video."""

    kind: str
    start_s: float
    end_s: float
    text: str
    evidence: tuple[int, ...]
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Some shots that follow each other, with what they show first as the title."""

    start_s: float
    end_s: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The first frame against the last one. `box_px` in the video's pixels: where they differ."""

    first: int
    last: int
    percent: int
    box_px: Box | None
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All of it."""

    events: tuple[VideoEvent, ...]
    chapters: tuple[Chapter, ...]
    changes: Changes | None
    summary: str


def time_of(piece: Evidence) -> tuple[float, float]:
    """(start_s, end_s) of a piece of evidence of a video."""
    where = piece.where
    if isinstance(where, TimeSpan):
        return where.start_s, where.end_s
    assert isinstance(where, FrameSpot)  # noqa: S101 - a video has no pages
    return where.time_s, where.time_s if where.end_s is None else where.end_s


def clock(time_s: float) -> str:
    """Such as 1:05 or 1:02:05."""
    whole = int(time_s)
    minutes = f"{whole // 60 % 60}:{whole % 60:02d}"
    return minutes if whole < 3600 else f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def event_text(event: VideoEvent, ui_language: str) -> str:
    """What happened; and that the model says so, where it does."""
    return f"{event.text} [{say('view.mark', ui_language)}]" if event.kind == "seen" else event.text


def timeline_of(video: SeenVideo, ui_language: str) -> Timeline:
    """Events in the order of their starts; words of ours in `ui_language`."""
    events = [_shot_event(video, number, ui_language) for number in range(len(video.shots))]
    events += [
        _event(video, index, kind) for index, kind in enumerate(video.kinds) if kind != "about"
    ]
    events.sort(key=lambda event: (event.start_s, KINDS.index(event.kind)))
    chapters = _chapters(video, ui_language)
    return Timeline(
        events=tuple(events),
        chapters=chapters,
        changes=_changes(video, ui_language),
        summary=_summary(video, ui_language),
    )


def _shot_event(video: SeenVideo, number: int, code: str) -> VideoEvent:
    shot = video.shots[number]
    inside = tuple(
        index
        for index, piece in enumerate(video.evidence)
        if video.kinds[index] in ("words", "shows", "seen")
        and shot.start_s <= time_of(piece)[0] < shot.end_s
    )
    return VideoEvent(
        kind="scene",
        start_s=shot.start_s,
        end_s=shot.end_s,
        text=say("video.scene", code, {"number": number + 1}),
        evidence=inside,
        frames=_frames(video.frames, shot.start_s, shot.end_s),
    )


def _event(video: SeenVideo, index: int, kind: str) -> VideoEvent:
    piece = video.evidence[index]
    start_s, end_s = time_of(piece)
    return VideoEvent(
        kind=kind,
        start_s=start_s,
        end_s=end_s,
        text=piece.text,
        evidence=(index,),
        frames=_frames(video.frames, start_s, end_s),
    )


def _frames(frames: Sequence[Frame], start_s: float, end_s: float) -> tuple[int, ...]:
    """The frames of a stretch; where none was kept in it, the last one before."""
    inside = [n for n, frame in enumerate(frames) if start_s <= frame.time_s <= end_s]
    if not inside:
        inside = [n for n, frame in enumerate(frames) if frame.time_s <= end_s][-1:]
    return tuple(inside[:SHOWN_BY])


def _chapters(video: SeenVideo, code: str) -> tuple[Chapter, ...]:
    """Shots joined until they are worth a line in a list."""
    least = max(SHORTEST_CHAPTER_S, video.watched.end_s / MOST_CHAPTERS)
    spans: list[tuple[float, float]] = []
    for shot in video.shots:
        if spans and spans[-1][1] - spans[-1][0] < least:
            spans[-1] = (spans[-1][0], shot.end_s)
        else:
            spans.append((shot.start_s, shot.end_s))
    if len(spans) > 1 and spans[-1][1] - spans[-1][0] < least / 2:
        (start, _), (_, end) = spans[-2], spans[-1]
        spans[-2:] = [(start, end)]
    return tuple(
        Chapter(start_s=start, end_s=end, title=_title(video, start, end, number, code))
        for number, (start, end) in enumerate(spans, start=1)
    )


def _title(video: SeenVideo, start: float, end: float, number: int, code: str) -> str:
    for kind in ("words", "speech", "shows"):
        for index, piece in enumerate(video.evidence):
            if video.kinds[index] == kind and start - 0.3 <= time_of(piece)[0] < end:
                text = piece.text
                return text if len(text) <= TITLE_LETTERS else text[: TITLE_LETTERS - 1] + "…"
    return say("video.scene", code, {"number": number})


def _summary(video: SeenVideo, code: str) -> str:
    """Length, clock, words and what is said first: sentences of the evidence, none of ours."""
    parts = [video.evidence[0].text]
    for kind, most in (("clock", 1), ("words", 5), ("shows", 3), ("speech", 3), ("seen", 3)):
        texts = [p.text for p, k in zip(video.evidence, video.kinds, strict=True) if k == kind]
        unique = list(dict.fromkeys(texts))[:most]
        if unique:
            joined = (" " if kind in ("speech", "seen") else ", ").join(unique)
            parts.append(f"{say(f'video.{kind}', code)}: {joined}")
    moving = sum(span.end_s - span.start_s for span in video.motion if span.moves)
    if moving:
        parts.append(f"{say('video.motion', code)}: {moving:.0f} s")
    return "\n".join(parts)


def _changes(video: SeenVideo, code: str) -> Changes | None:
    if len(video.frames) < 2:
        return None
    first, last = video.frames[0], video.frames[-1]
    percent, box = _apart(first, last)
    words = [_words_at(video, frame.time_s) for frame in (first, last)]
    said = [
        say("video.area", code, {"percent": percent}) if percent else say("video.no_change", code)
    ]
    for key, texts in (
        ("text_first", words[0] - words[1]),
        ("text_last", words[1] - words[0]),
        ("text_both", words[0] & words[1]),
    ):
        said += [say(f"video.{key}", code, {"text": text}) for text in sorted(texts)]
    return Changes(
        first=0, last=len(video.frames) - 1, percent=percent, box_px=box, sentences=tuple(said)
    )


def _words_at(video: SeenVideo, time_s: float) -> set[str]:
    found = set()
    for piece, kind in zip(video.evidence, video.kinds, strict=True):
        start, end = time_of(piece)
        if kind == "words" and start - 0.3 <= time_s <= end + 0.3:
            found.add(piece.text)
    return found


def _apart(first: Frame, last: Frame) -> tuple[int, Box | None]:
    """(percent of the picture, box in the video's pixels)."""
    from PIL import Image as images

    def small(frame: Frame) -> Image:
        with images.open(frame.path) as picture:
            high = max(1, round(COMPARED_PX * frame.height_px / frame.width_px))
            return picture.convert("RGB").resize((COMPARED_PX, high), 4)

    a, b = (np.asarray(small(frame), dtype=np.int16) for frame in (first, last))
    if a.shape != b.shape:
        return 100, None
    apart = np.abs(a - b).max(axis=2) > DIFFERS
    percent = round(100 * float(apart.mean()))
    rows, columns = np.nonzero(apart.any(axis=1))[0], np.nonzero(apart.any(axis=0))[0]
    if not len(rows) or not percent:
        return 0, None
    factor = first.width_px * first.scale / a.shape[1]
    return percent, (
        float(columns[0] * factor),
        float(rows[0] * factor),
        float((columns[-1] + 1) * factor),
        float((rows[-1] + 1) * factor),
    )


def passages_of(video: SeenVideo, ui_language: str) -> ReadDocument:
    """The evidence as passages that questions are answered from, each with its time beside it.

    The index of a passage is that of its evidence.
    """
    made = []
    for piece, kind in zip(video.evidence, video.kinds, strict=True):
        start, end = time_of(piece)
        span = say("video.from_to", ui_language, {"start": clock(start), "end": clock(end)})
        made.append(
            Passage(
                evidence=piece,
                kind="text",
                told=piece.text,
                heading=say(f"video.{kind}", ui_language),
                when="" if kind == "about" else span,
            )
        )
    return ReadDocument(
        source=video.media.sha256,
        title="",
        language=video.language,
        passages=tuple(made),
        frame_words=FRAME_WORDS,
    )
