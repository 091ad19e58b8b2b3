"""CaseResult -> one JSON-ready dict, or lines for a terminal."""

from __future__ import annotations

from typing import Any

from pipelines.types import CaseResult, Evidence, FrameSpot, Note, PageSpot, TimeSpan, Where, Word
from pipelines.wording import say, tell


def where_json(where: Where) -> dict[str, Any]:
    """{start_s, end_s} for sound, {page, box} for a page (points), {time_s, box} for a frame."""
    match where:
        case TimeSpan():
            return {"start_s": round(where.start_s, 2), "end_s": round(where.end_s, 2)}
        case PageSpot():
            return {"page": where.page_no, "box": [round(edge, 1) for edge in where.box_pt]}
        case FrameSpot():
            shown = {
                "time_s": round(where.time_s, 2),
                "box": [round(edge) for edge in where.box_px],
            }
            return shown if where.end_s is None else {**shown, "end_s": round(where.end_s, 2)}


def word_json(word: Word) -> dict[str, Any]:
    """One recognised word; `heard` is there only where a correction changed it."""
    shown: dict[str, Any] = {
        "text": word.text,
        "start_s": round(word.start_s, 2),
        "end_s": round(word.end_s, 2),
        "confidence": round(word.confidence, 3),
        "unsure": word.unsure,
    }
    if word.heard is not None:
        shown["heard"] = word.heard
    return shown


def evidence_json(index: int, piece: Evidence) -> dict[str, Any]:
    """One piece of evidence under the index that the citations use."""
    return {
        "index": index,
        "source": piece.source,
        "where": where_json(piece.where),
        "text": piece.text,
        "confidence": round(piece.confidence, 3),
        "language": piece.language,
        "origin": piece.origin,
        "words": [word_json(word) for word in piece.words],
    }


def note_json(note: Note, ui_language: str) -> dict[str, Any]:
    """A note with its sentence in the reader's language."""
    sentence = tell(note, ui_language)
    return {"code": note.code, "sentence": sentence, "facts": dict(note.facts)}


def as_json(result: CaseResult, ui_language: str) -> dict[str, Any]:
    """The whole result; the same shape for every kind of media."""
    timing = result.timing
    return {
        "kind": result.media[0].kind,
        "draft": result.draft.model_dump(mode="json"),
        "evidence": [evidence_json(i, piece) for i, piece in enumerate(result.evidence)],
        "timing": {
            "read_s": round(timing.read_s, 3),
            "first_token_s": round(timing.first_token_s, 3),
            "draft_s": round(timing.draft_s, 3),
            "total_s": round(timing.total_s, 3),
        },
        "model": result.model,
        "notes": [note_json(note, ui_language) for note in result.notes],
    }


def as_text(result: CaseResult, ui_language: str) -> str:
    """What a person reads in a terminal."""
    draft = result.draft
    candidates = ", ".join(f"{c.category} {c.confidence:.0%}" for c in draft.category_candidates)
    rows = [
        ("title", draft.title),
        ("category", candidates),
        ("department", draft.department),
        ("place", draft.place or "-"),
        ("urgency", say(f"urgency.{draft.urgency}", ui_language)),
        ("due_date", draft.due_date.isoformat()),
        ("summary", draft.summary),
        ("request", draft.request),
    ]
    lines = [f"{say(f'field.{name}', ui_language)}: {value}" for name, value in rows]
    spoken = any(isinstance(piece.where, TimeSpan) for piece in result.evidence)
    lines += ["", say("field.transcript" if spoken else "field.read", ui_language)]
    lines += [
        f"[{i}] {_span(piece.where)} {piece.text}{_mark(piece, ui_language)}"
        for i, piece in enumerate(result.evidence)
    ]
    lines += ["", say("field.reply", ui_language), draft.reply]
    notes = [note_json(note, ui_language)["sentence"] for note in result.notes]
    if notes:
        lines += ["", *(f"- {sentence}" for sentence in notes)]
    lines += ["", f"{result.model} · {result.timing.total_s:.1f} s"]
    return "\n".join(lines)


def _mark(piece: Evidence, ui_language: str) -> str:
    return "" if piece.origin == "reader" else f" [{say('view.mark', ui_language)}]"


def _span(where: Where) -> str:
    match where:
        case TimeSpan():
            return f"{where.start_s:.1f}-{where.end_s:.1f}s"
        case PageSpot():
            return f"p.{where.page_no}"
        case FrameSpot():
            return f"{where.time_s:.1f}s"
