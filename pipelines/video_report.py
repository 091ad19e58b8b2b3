"""VideoResult -> one JSON-ready dict, or lines for a terminal."""

from __future__ import annotations

from typing import Any

from pipelines.drafting.question import Answer
from pipelines.drafting.translate import Translation
from pipelines.readers.timeline import VideoEvent, clock, event_text
from pipelines.report import as_json, as_text, where_json
from pipelines.video import Footage, VideoResult
from pipelines.wording import say, tell


def video_json(result: VideoResult, ui_language: str) -> dict[str, Any]:
    """The shape of every pipeline's result, and what only a video has."""
    shown = {**as_json(result.case, ui_language), **footage_json(result.footage), **_asked(result)}
    if result.subtitles is not None:
        shown["subtitles"] = subtitles_json(result.subtitles, ui_language)
    return shown


def footage_json(footage: Footage) -> dict[str, Any]:
    """Timeline, shots and kept frames; frames are named by their index, never by a path."""
    video, line = footage.video, footage.timeline
    shown: dict[str, Any] = {
        "video": {
            "name": video.media.name,
            "sha256": video.media.sha256,
            "media_type": video.media.media_type,
            "seconds": round(video.watched.end_s, 2),
            "width_px": video.watched.width_px,
            "height_px": video.watched.height_px,
            "fps": round(video.watched.probe.fps, 2),
            "has_sound": video.watched.probe.has_sound,
        },
        "shots": [
            {"start_s": round(shot.start_s, 2), "end_s": round(shot.end_s, 2)}
            for shot in video.shots
        ],
        "frames": [
            {"index": n, "time_s": round(frame.time_s, 2), "by_model": n in video.by_model}
            for n, frame in enumerate(video.frames)
        ],
        "events": [event_json(event) for event in line.events],
        "chapters": [
            {"start_s": round(c.start_s, 2), "end_s": round(c.end_s, 2), "title": c.title}
            for c in line.chapters
        ],
        "summary": line.summary,
    }
    if line.changes is not None:
        box = line.changes.box_px
        shown["changes"] = {
            "first_frame": line.changes.first,
            "last_frame": line.changes.last,
            "percent": line.changes.percent,
            "box": None if box is None else [round(edge) for edge in box],
            "sentences": list(line.changes.sentences),
        }
    return shown


def event_json(event: VideoEvent) -> dict[str, Any]:
    """One event with what it rests on."""
    return {
        "kind": event.kind,
        "start_s": round(event.start_s, 2),
        "end_s": round(event.end_s, 2),
        "text": event.text,
        "evidence": list(event.evidence),
        "frames": list(event.frames),
    }


def _asked(result: VideoResult) -> dict[str, Any]:
    return {} if result.answer is None else {"answer": answer_json(result.answer)}


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer with its citations (time or frame and box, quote)."""
    return {
        "question": answer.question,
        "text": answer.text,
        "answered": answer.answered,
        "language": answer.language,
        "citations": [
            {
                "evidence": cited.evidence,
                "source": cited.source,
                "where": where_json(cited.where),
                "quote": cited.quote,
                "origin": cited.origin,
            }
            for cited in answer.citations
        ],
        "elapsed_s": round(answer.elapsed_s, 3),
    }


def subtitles_json(made: Translation, ui_language: str) -> dict[str, Any]:
    """The cues with their times; those that are not translated say so."""
    return {
        "source": made.source,
        "language": made.target,
        "model": made.model,
        "cues": [
            {
                "start_s": round(cue.start_s, 3),
                "end_s": round(cue.end_s, 3),
                "text": "\n".join(cue.lines),
                "translated": number not in made.kept,
            }
            for number, cue in enumerate(made.cues)
        ],
        "notes": [{"code": n.code, "text": tell(n, ui_language)} for n in made.notes],
    }


def video_text(result: VideoResult, ui_language: str) -> str:
    """What a person reads in a terminal: the answer first, then the timeline, then the case."""
    lines: list[str] = []
    if result.answer is not None:
        lines += [f"? {result.answer.question}", f"= {result.answer.text}", ""]
    line = result.footage.timeline
    lines += [say("video.summary", ui_language), line.summary, "", say("video.events", ui_language)]
    lines += [
        f"{clock(e.start_s)}-{clock(e.end_s)} {event_text(e, ui_language)}" for e in line.events
    ]
    lines += ["", say("video.chapters", ui_language)]
    lines += [f"{clock(c.start_s)} {c.title}" for c in line.chapters]
    if line.changes is not None:
        lines += ["", say("video.changes", ui_language), *line.changes.sentences]
    if result.subtitles is not None:
        lines += ["", *(tell(note, ui_language) for note in result.subtitles.notes)]
        lines += [f"{clock(c.start_s)} {' '.join(c.lines)}" for c in result.subtitles.cues]
    return "\n".join([*lines, "", as_text(result.case, ui_language)])
