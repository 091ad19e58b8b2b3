"""One video on the table, from the moment it came; grows while it is looked through."""

from __future__ import annotations

from dataclasses import dataclass, replace

from demo.papers.session import Session, Sheet
from demo.papers.sessions import PapersNotFound
from pipelines.readers.timeline import VideoEvent, time_of
from pipelines.types import Event, Evidence, EvidenceFound, FrameFound, Progress, ShotFound
from pipelines.video import Footage
from pipelines.wording import say

PLAYED = frozenset({"video/mp4", "video/webm", "video/ogg"})
"""Containers that browsers play, if they know what is inside; the page sees whether they do."""
LOOK_SHARE = 0.6
"""Of the progress bar: the rest is for the sound."""
FINAL = 1000
"""Numbers of the frames that are kept in the end begin above; below are early ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A frame that can be shown. `number` is how links call it."""

    number: int
    time_s: float
    by_model: bool = False
    """The foundation model itself looked at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip(Sheet):
    """`shown` is the folder of its frames, which are NOT blurred: only `Stills` draws from it."""

    language: str = "ko"
    """Of the words of ours in its timeline."""
    listening: bool = False
    """True once the pictures are through."""
    shots: tuple[tuple[float, float], ...] = ()
    early: tuple[FrameFound, ...] = ()
    pieces: tuple[tuple[str, Evidence], ...] = ()
    """(kind, evidence), while it is read."""
    footage: Footage | None = None

    @property
    def length_s(self) -> float:
        """As it was seen; until then as the file says. 0 where nobody knows."""
        if self.footage is not None:
            return self.footage.video.watched.end_s
        said = self.media.duration_s if self.media is not None else None
        seen = max((end_s for _, end_s in self.shots), default=0.0)
        return max(said or 0.0, seen)

    @property
    def size_px(self) -> tuple[int, int]:
        """Of the upright picture; (0, 0) while it is unknown."""
        if self.footage is not None:
            watched = self.footage.video.watched
            return watched.width_px, watched.height_px
        return self.early[0].size_px if self.early else (0, 0)

    @property
    def stills(self) -> tuple[Still, ...]:
        """What can be shown now, by time."""
        if self.footage is not None:
            video = self.footage.video
            return tuple(
                Still(number=FINAL + 1 + n, time_s=frame.time_s, by_model=n in video.by_model)
                for n, frame in enumerate(video.frames)
            )
        return tuple(Still(number=f.index + 1, time_s=f.time_s) for f in self.early)

    @property
    def plays(self) -> bool:
        """May a browser be asked to play it?"""
        return self.media is not None and self.media.media_type in PLAYED

    def events(self) -> tuple[VideoEvent, ...]:
        """What happened, by time; while it is read what was found so far."""
        if self.footage is not None:
            return self.footage.timeline.events
        found = [
            _event("scene", span, say("video.scene", self.language, {"number": number}))
            for number, span in enumerate(self.shots, start=1)
        ]
        found += [
            _event(kind, time_of(piece), piece.text, (index,))
            for index, (kind, piece) in enumerate(self.pieces)
            if kind not in ("", "about")
        ]
        return tuple(sorted(found, key=lambda event: (event.start_s, event.kind != "scene")))

    def piece(self, index: int) -> Evidence | None:
        """Evidence by its index."""
        if self.footage is not None:
            return self.footage.evidence[index] if index < len(self.footage.evidence) else None
        return self.pieces[index][1] if index < len(self.pieces) else None


def clip_of(session: Session) -> Clip:
    """The video of a session. Raises PapersNotFound."""
    for sheet in session.all_sheets:
        if isinstance(sheet, Clip):
            return sheet
    raise PapersNotFound


def with_event(clip: Clip, event: Event) -> Clip:
    """The clip once the reader has told something."""
    match event:
        case Progress() if event.fraction is not None:
            part = LOOK_SHARE * event.fraction
            if clip.listening:
                part = LOOK_SHARE + (1 - LOOK_SHARE) * event.fraction
            return replace(clip, fraction=part)
        case ShotFound():
            return replace(clip, shots=(*clip.shots, (event.start_s, event.end_s)))
        case FrameFound():
            return replace(clip, early=(*clip.early, event))
        case EvidenceFound():
            pieces = [*clip.pieces]
            pieces[event.index : event.index + 1] = [(event.kind, event.evidence)]
            return replace(clip, pieces=tuple(pieces), listening=True)
    return clip


def _event(
    kind: str, span: tuple[float, float], text: str, evidence: tuple[int, ...] = ()
) -> VideoEvent:
    return VideoEvent(
        kind=kind, start_s=span[0], end_s=span[1], text=text, evidence=evidence, frames=()
    )
