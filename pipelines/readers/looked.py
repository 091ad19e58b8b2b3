"""What a look through a video found -> evidence with its second and its place, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.readers.motion import Motion
from pipelines.readers.screen_texts import ScreenText, clock_text
from pipelines.readers.sights import Shot, Watched
from pipelines.types import Evidence, FrameSpot, MediaFile, Note, TimeSpan
from pipelines.wording import say

if TYPE_CHECKING:
    from pipelines.readers.tags import Tagger

TAGGED_FRAMES = 6
CUT_SHORT_S = 1.0
WIDE = 0.7
"""Of the picture's width: what moves over so much of it has no side."""
SIDES = ("left", "middle", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame that was kept. `path` is NOT blurred: show it through `readers.veil` only."""

    time_s: float
    path: Path
    width_px: int
    height_px: int
    scale: float
    """Times its pixels are those of the video, in which evidence counts."""
    opens_shot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """All that one look found."""

    media: MediaFile
    end: Watched
    shots: tuple[Shot, ...]
    frames: tuple[Frame, ...]
    texts: tuple[ScreenText, ...]
    motion: tuple[Motion, ...]

    def pieces(self, language: str, tagger: Tagger | None) -> list[tuple[str, Evidence]]:
        """(kind, evidence) of what is seen, in the order of its time."""
        found = [*self._words(language), *self._motions(language), *self._tags(language, tagger)]
        found.sort(key=lambda piece: _start(piece[1]))
        facts = say(
            "video.facts", language, {"seconds": round(self.end.end_s, 1), "shots": len(self.shots)}
        )
        whole = TimeSpan(start_s=0.0, end_s=round(self.end.end_s, 2))
        return [("about", self._piece(whole, facts, 1.0, language)), *found]

    def _words(self, code: str) -> list[tuple[str, Evidence]]:
        out = []
        for text in self.texts:
            where = FrameSpot(time_s=text.start_s, box_px=text.box_px, end_s=text.end_s)
            said, kind = text.text, "words"
            if text.clock_s is not None:
                kind = "clock"
                until = clock_text(text.clock_s + text.end_s - text.start_s, "")
                said = say("video.clock_runs", code, {"start": text.text, "end": until})
            out.append((kind, self._piece(where, said, text.confidence, text.language)))
        return out

    def _motions(self, code: str) -> list[tuple[str, Evidence]]:
        out = []
        for span in self.motion:
            if not span.moves:
                whole = TimeSpan(start_s=span.start_s, end_s=span.end_s)
                out.append(("motion", self._piece(whole, say("video.stands", code), 0.9, code)))
                continue
            said = moves(span, code)
            box = self._pixels(span)
            where = FrameSpot(time_s=span.start_s, box_px=box, end_s=span.end_s)
            out.append(("motion", self._piece(where, said, 0.9, code)))
        return out

    def _pixels(self, span: Motion) -> tuple[float, float, float, float]:
        wide, high = self.end.width_px, self.end.height_px
        left, top, right, bottom = span.box
        return (left * wide, top * high, right * wide, bottom * high)

    def _tags(self, code: str, tagger: Tagger | None) -> list[tuple[str, Evidence]]:
        """What the first frames of shots show, where the network is sure."""
        if tagger is None:
            return []
        from PIL import Image

        out: list[tuple[str, Evidence]] = []
        opening = [frame for frame in self.frames if frame.opens_shot] or self.frames
        step = max(1, -(-len(opening) // TAGGED_FRAMES))
        for frame in opening[::step]:
            with Image.open(frame.path) as picture:
                tags = tagger.tags(picture.convert("RGB"))
            shot = next((s for s in self.shots if s.start_s <= frame.time_s < s.end_s), None)
            where = FrameSpot(
                time_s=frame.time_s,
                box_px=(0.0, 0.0, float(self.end.width_px), float(self.end.height_px)),
                end_s=shot.end_s if shot else None,
            )
            for tag in tags:
                said, spoken = (tag.ko, "ko") if code == "ko" else (tag.en, "en")
                out.append(("shows", self._piece(where, said, tag.confidence, spoken)))
        return out

    def _piece(
        self, where: TimeSpan | FrameSpot, text: str, confidence: float, language: str
    ) -> Evidence:
        return Evidence(
            source=self.media.sha256,
            where=where,
            text=text,
            confidence=round(min(1.0, confidence), 3),
            language=language,
        )

    def notes(self) -> list[Note]:
        """What a person should know about this look."""
        end = self.end
        claimed_s = end.probe.length_s
        out = []
        if end.probe.times_broken:
            out.append(Note(code="video.times_broken"))
        elif claimed_s - end.end_s > CUT_SHORT_S:
            facts: dict[str, str | int | float] = {
                "seen_s": round(end.end_s, 1),
                "claimed_s": round(claimed_s, 1),
            }
            out.append(Note(code="video.cut_short", facts=facts))
        if end.rotated:
            out.append(Note(code="video.rotated"))
        if end.ocr_missing:
            out.append(Note(code="video.words_unread", facts={"missing": end.ocr_missing}))
        elif end.unread:
            out.append(Note(code="video.unread", facts={"count": end.unread}))
        kept: dict[str, str | int | float] = {"kept": len(self.frames), "seen": end.decoded}
        return [*out, Note(code="video.frames_kept", facts=kept)]


def _start(piece: Evidence) -> float:
    where = piece.where
    return where.start_s if isinstance(where, TimeSpan) else getattr(where, "time_s", 0.0)


def moves(span: Motion, code: str) -> str:
    """That something moves, and on which side of the picture."""
    if span.box[2] - span.box[0] > WIDE:
        return say("video.moves", code)
    side = SIDES[min(2, int(1.5 * (span.box[0] + span.box[2])))]
    return say("video.moves_at", code, {"side": say(f"video.{side}", code)})
