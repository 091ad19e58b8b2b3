"""A video -> what is seen, read and heard in it, each piece with its second and its place.

Pictures are decoded and read in the worker; what crosses over are plain values and JPEG files.
Speech is read by `readers.speech`, with the same words and times as a recording's.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import MediaHasNoSound, MediaUndecodable, NoSpeech
from pipelines.media.admit import demuxer_of
from pipelines.media.worker import JOB_FOLDER, Limits, Worker, keep
from pipelines.readers.captions import ScreenText, clock_text
from pipelines.readers.frames import Shot, Tick, Watched, Wishes
from pipelines.readers.keeping import Kept
from pipelines.readers.motion import Motion
from pipelines.readers.speech import Heard, SpeechReader
from pipelines.types import (
    Cancel,
    Evidence,
    EvidenceFound,
    FrameSpot,
    Language,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    ShotFound,
    TimeSpan,
    ignore,
)
from pipelines.wording import say

if TYPE_CHECKING:
    from pipelines.readers.tags import Tagger

LEAST_WALL_S, WALL_SHARE = 120.0, 0.5
"""A look may take this, and this share of the video's length more."""
TAGGED_FRAMES = 6
CUT_SHORT_S = 1.0
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
class SeenVideo:
    """A whole video, read. `kinds` says of each piece of evidence what it is, by index."""

    media: MediaFile
    watched: Watched
    shots: tuple[Shot, ...]
    frames: tuple[Frame, ...]
    texts: tuple[ScreenText, ...]
    motion: tuple[Motion, ...]
    evidence: tuple[Evidence, ...]
    kinds: tuple[str, ...]
    language: Language
    notes: tuple[Note, ...]
    seen_s: float
    """What the pictures took."""
    heard_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoReader:
    """The parts are handed in; holds no state of its own."""

    worker: Worker
    speech: SpeechReader
    tagger: Tagger | None = None
    limit_s: float = 7200.0
    limit_mp: float = 36.0
    frames: int = 40
    ui_language: str = "ko"

    def read(
        self,
        media: MediaFile,
        folder: Path,
        *,
        language: Language | None = None,
        with_speech: bool = True,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> SeenVideo:
        """Look at it, then listen. Kept frames go to `folder`.

        `language` None = of the speech, detected. Sends Progress, ShotFound and EvidenceFound as
        things are found. Raises MediaUndecodable, VideoHasNoPicture, VideoFrameTooLarge,
        MediaTooLong, the worker's errors, Cancelled, and what loading the recogniser raises.
        """
        on_event(Progress(stage="reading", fraction=0.0))
        started = time.monotonic()
        run = _Look(self, media, folder, on_event, cancel)
        run.watch()
        pieces = run.pieces(language or self.ui_language)
        for index, (_, evidence) in enumerate(pieces):
            on_event(EvidenceFound(index=index, evidence=evidence))
        seen_s = time.monotonic() - started
        heard: Heard | None = None
        notes = list(run.notes())
        if with_speech:
            heard, told = self._listen(media, run.end, len(pieces), language, on_event, cancel)
            notes += told
        spoken = heard.evidence if heard else ()
        return SeenVideo(
            media=media,
            watched=run.end,
            shots=tuple(run.shots),
            frames=tuple(run.frames),
            texts=tuple(run.texts),
            motion=tuple(run.motion),
            evidence=(*(evidence for _, evidence in pieces), *spoken),
            kinds=(*(kind for kind, _ in pieces), *("speech" for _ in spoken)),
            language=language or _language(heard, run.texts, self.ui_language),
            notes=tuple(notes),
            seen_s=seen_s,
            heard_s=time.monotonic() - started - seen_s,
        )

    def _listen(
        self,
        media: MediaFile,
        end: Watched,
        first: int,
        language: Language | None,
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> tuple[Heard | None, list[Note]]:
        """What is said, with the times of the player; and why nothing is, where nothing is."""
        if not end.probe.has_sound:
            return None, [Note(code="video.no_sound")]
        delay = end.probe.sound_delay_s

        def shifted(event: object) -> None:
            if isinstance(event, EvidenceFound):
                event = EvidenceFound(
                    index=first + event.index, evidence=_later(event.evidence, delay)
                )
            on_event(event)  # type: ignore[arg-type]

        try:
            heard = self.speech.read(media, language=language, on_event=shifted, cancel=cancel)
        except NoSpeech as exc:
            return None, _silence(float(exc.facts.get("length_s", 0.0)), end)
        except (MediaHasNoSound, MediaUndecodable):
            facts: dict[str, str | int | float] = {
                "heard_s": 0,
                "claimed_s": round(end.probe.sound_end_s, 1),
            }
            return None, [Note(code="video.sound_damaged", facts=facts)]
        evidence = tuple(_later(piece, delay) for piece in heard.evidence)
        return replace(heard, evidence=evidence), list(heard.notes)


def _silence(heard_s: float, end: Watched) -> list[Note]:
    claimed_s = end.probe.sound_end_s - end.probe.sound_delay_s
    if claimed_s - heard_s > CUT_SHORT_S:
        return [
            Note(
                code="video.sound_damaged",
                facts={"heard_s": round(heard_s, 1), "claimed_s": round(claimed_s, 1)},
            )
        ]
    return [Note(code="video.no_speech")]


def _later(piece: Evidence, delay_s: float) -> Evidence:
    """Times that count from the first picture, not from the first sound."""
    if abs(delay_s) < 0.02 or not isinstance(piece.where, TimeSpan):
        return piece
    where = TimeSpan(
        start_s=round(max(0.0, piece.where.start_s + delay_s), 2),
        end_s=round(max(0.0, piece.where.end_s + delay_s), 2),
    )
    words = tuple(
        replace(word, start_s=word.start_s + delay_s, end_s=word.end_s + delay_s)
        for word in piece.words
    )
    return replace(piece, where=where, words=words)


def _language(heard: Heard | None, texts: Sequence[ScreenText], fallback: str) -> Language:
    from pipelines.types import LANGUAGES

    spoken = heard.language if heard else ""
    written = max(
        (text.language for text in texts if text.clock_s is None),
        key=lambda code: sum(len(t.text) for t in texts if t.language == code),
        default="",
    )
    for code in (spoken, written, fallback):
        if code in LANGUAGES:
            return code
    return "ko"


class _Look:
    """One look, with what it gathers."""

    end: Watched

    def __init__(
        self,
        reader: VideoReader,
        media: MediaFile,
        folder: Path,
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> None:
        self._reader, self._media, self._folder = reader, media, folder
        self._on_event, self._cancel = on_event, cancel
        self.shots: list[Shot] = []
        self.frames: list[Frame] = []
        self.texts: list[ScreenText] = []
        self.motion: list[Motion] = []

    def watch(self) -> None:
        """Run it in the worker and take what comes."""
        reader, length_s = self._reader, self._media.duration_s or 0.0
        wishes = Wishes(
            demuxer=demuxer_of(self._media),
            limit_s=reader.limit_s,
            limit_mp=reader.limit_mp,
            frames=reader.frames,
        )
        wall_s = LEAST_WALL_S + WALL_SHARE * length_s
        stream = reader.worker.stream(
            "pipelines.readers.frames:watch",
            self._media.path,
            JOB_FOLDER,
            wishes,
            of=(Tick, Shot, Kept, ScreenText, Motion, Watched),
            cancel=self._cancel,
            limits=Limits(wall_s=wall_s, cpu_s=4 * wall_s),
        )
        found = False
        with contextlib.closing(stream):  # type: ignore[type-var]
            for value in stream:
                found = found or isinstance(value, Watched)
                self._take(value, length_s)
        if not found:
            raise MediaUndecodable

    def _take(self, value: object, length_s: float) -> None:
        match value:
            case Tick():
                share = min(1.0, value.at_s / length_s) if length_s else None
                self._on_event(Progress(stage="reading", fraction=share))
            case Shot():
                self._on_event(
                    ShotFound(index=len(self.shots), start_s=value.start_s, end_s=value.end_s)
                )
                self.shots.append(value)
            case Kept():
                path = keep(value.path, self._folder / f"frame-{len(self.frames):03d}.jpg")
                self.frames.append(
                    Frame(
                        time_s=value.time_s,
                        path=path,
                        width_px=value.width_px,
                        height_px=value.height_px,
                        scale=value.scale,
                        opens_shot=value.opens_shot,
                    )
                )
            case ScreenText():
                self.texts.append(value)
            case Motion():
                self.motion.append(value)
            case Watched():
                self.end = value

    def pieces(self, language: str) -> list[tuple[str, Evidence]]:
        """(kind, evidence) of what is seen, in the order of its time."""
        code = "ko" if language == "ko" else "en"
        found = [*self._words(code), *self._motions(code), *self._tags(code)]
        found.sort(key=lambda piece: _start(piece[1]))
        facts = say(
            "video.facts", code, {"seconds": round(self.end.end_s, 1), "shots": len(self.shots)}
        )
        whole = TimeSpan(start_s=0.0, end_s=round(self.end.end_s, 2))
        return [("about", self._piece(whole, facts, 1.0, code)), *found]

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
            side = SIDES[min(2, int(1.5 * (span.box[0] + span.box[2])))]
            wide = span.box[2] - span.box[0] > 0.7
            said = say("video.moves", code)
            if not wide:
                said = say("video.moves_at", code, {"side": say(f"video.{side}", code)})
            box = self._pixels(span)
            where = FrameSpot(time_s=span.start_s, box_px=box, end_s=span.end_s)
            out.append(("motion", self._piece(where, said, 0.9, code)))
        return out

    def _pixels(self, span: Motion) -> tuple[float, float, float, float]:
        wide, high = self.end.width_px, self.end.height_px
        left, top, right, bottom = span.box
        return (left * wide, top * high, right * wide, bottom * high)

    def _tags(self, code: str) -> list[tuple[str, Evidence]]:
        """What the first frames of shots show, where the network is sure."""
        if self._reader.tagger is None:
            return []
        from PIL import Image

        out: list[tuple[str, Evidence]] = []
        opening = [frame for frame in self.frames if frame.opens_shot] or self.frames
        step = max(1, -(-len(opening) // TAGGED_FRAMES))
        for frame in opening[::step]:
            with Image.open(frame.path) as picture:
                tags = self._reader.tagger.tags(picture.convert("RGB"))
            shot = next((s for s in self.shots if s.start_s <= frame.time_s < s.end_s), None)
            where = FrameSpot(
                time_s=frame.time_s,
                box_px=(0.0, 0.0, float(self.end.width_px), float(self.end.height_px)),
                end_s=shot.end_s if shot else None,
            )
            for tag in tags:
                said = tag.ko if code == "ko" else tag.en
                out.append(("shows", self._piece(where, said, tag.confidence, code)))
        return out

    def _piece(
        self, where: TimeSpan | FrameSpot, text: str, confidence: float, language: str
    ) -> Evidence:
        return Evidence(
            source=self._media.sha256,
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
