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
from pipelines.readers import film_sound
from pipelines.readers.frame_views import viewed
from pipelines.readers.keeping import Kept
from pipelines.readers.looked import Frame, Looked
from pipelines.readers.model_view import ModelView
from pipelines.readers.motion import Motion
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.sights import Early, Shot, Tick, Watched, Wishes
from pipelines.readers.speech import Heard, SpeechReader
from pipelines.refusals import DocumentWorkerDied
from pipelines.types import (
    LANGUAGES,
    Cancel,
    Evidence,
    EvidenceFound,
    FrameFound,
    Language,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    ShotFound,
    ignore,
)

if TYPE_CHECKING:
    from pipelines.readers.tags import Tagger

READ_AS: dict[str, tuple[Language, ...]] = {
    "en": ("en", "ko"),
    "ja": ("ja", "en"),
    "zh": ("zh", "en"),
    "es": ("es", "en"),
}
"""Where the language is given: what words on the picture are read as, the likeliest first."""
EARLY_FRAMES = 12
"""So many frames are shown while the look goes on."""
LEAST_WALL_S, WALL_SHARE = 120.0, 0.5
"""A look may take this, and this share of the video's length more."""


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
    by_model: tuple[int, ...] = ()
    """Frames that the foundation model itself saw, by index."""


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
    view: ModelView | None = None
    """A model that sees, and looks too; None where there is none."""

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

        `language` None = of the speech, detected. Sends Progress, ShotFound, FrameFound and
        EvidenceFound as things are found. Raises MediaUndecodable, VideoHasNoPicture,
        VideoFrameTooLarge, MediaTooLong, the worker's errors, Cancelled, and what loading the
        recogniser raises.
        """
        on_event(Progress(stage="reading", fraction=0.0))
        started = time.monotonic()
        look = _Look(self, media, folder, language, on_event, cancel).watch()
        pieces = look.pieces(language or self.ui_language, self.tagger)
        for index, (kind, evidence) in enumerate(pieces):
            on_event(EvidenceFound(index=index, evidence=evidence, kind=kind))
        seen_s = time.monotonic() - started
        heard: Heard | None = None
        notes = look.notes()
        if with_speech:
            heard, told = self._listen(media, look.end, len(pieces), language, on_event, cancel)
            notes += told
        spoken = heard.evidence if heard else ()
        seen = SeenVideo(
            media=media,
            watched=look.end,
            shots=look.shots,
            frames=look.frames,
            texts=look.texts,
            motion=look.motion,
            evidence=(*(evidence for _, evidence in pieces), *spoken),
            kinds=(*(kind for kind, _ in pieces), *("speech" for _ in spoken)),
            language=language or _language(heard, look.texts, self.ui_language),
            notes=tuple(notes),
            seen_s=seen_s,
            heard_s=time.monotonic() - started - seen_s,
        )
        return viewed(seen, self.view, on_event, cancel)

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
                    index=first + event.index,
                    evidence=film_sound.later(event.evidence, delay),
                    kind="speech",
                )
            on_event(event)  # type: ignore[arg-type]

        silent = film_sound.falls_silent(media, end)
        try:
            heard = self.speech.read(media, language=language, on_event=shifted, cancel=cancel)
        except NoSpeech as exc:
            return None, [*film_sound.silence(float(exc.facts.get("length_s", 0.0)), end), *silent]
        except (MediaHasNoSound, MediaUndecodable):
            facts: dict[str, str | int | float] = {
                "heard_s": 0,
                "claimed_s": round(end.probe.sound_end_s, 1),
            }
            return None, [Note(code="video.sound_damaged", facts=facts)]
        evidence = tuple(film_sound.later(piece, delay) for piece in heard.evidence)
        return replace(heard, evidence=evidence), [*heard.notes, *silent]


def _language(heard: Heard | None, texts: Sequence[ScreenText], fallback: str) -> Language:
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

    def __init__(
        self,
        reader: VideoReader,
        media: MediaFile,
        folder: Path,
        language: Language | None,
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> None:
        self._reader, self._media, self._folder = reader, media, folder
        self._language = language
        self._on_event, self._cancel = on_event, cancel
        self.end: Watched | None = None
        self.shots: list[Shot] = []
        self.frames: list[Frame] = []
        self.texts: list[ScreenText] = []
        self.motion: list[Motion] = []
        self._told = 0

    def watch(self) -> Looked:
        """Run it in the worker and take what comes."""
        reader, length_s = self._reader, self._media.duration_s or 0.0
        wishes = Wishes(
            demuxer=demuxer_of(self._media),
            limit_s=reader.limit_s,
            limit_mp=reader.limit_mp,
            frames=reader.frames,
            languages=READ_AS.get(self._language or "ko", ("ko", "en")),
            early=EARLY_FRAMES,
        )
        wall_s = LEAST_WALL_S + WALL_SHARE * length_s
        stream = reader.worker.stream(
            "pipelines.readers.frames:watch",
            self._media.path,
            JOB_FOLDER,
            wishes,
            of=(Tick, Shot, Early, Kept, ScreenText, Motion, Watched),
            cancel=self._cancel,
            limits=Limits(wall_s=wall_s, cpu_s=4 * wall_s),
        )
        with contextlib.closing(stream):  # type: ignore[type-var]
            for value in stream:
                self._take(value, length_s)
        if self.end is None:
            raise MediaUndecodable
        return Looked(
            media=self._media,
            end=self.end,
            shots=tuple(self.shots),
            frames=tuple(self.frames),
            texts=tuple(self.texts),
            motion=tuple(self.motion),
        )

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
            case Early():
                self._tell(value)
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

    def _tell(self, value: Early) -> None:
        """What it looks like so far. A better frame may have taken its place: then it is left."""
        path = self._folder / f"early-{self._told:03d}.jpg"
        with contextlib.suppress(DocumentWorkerDied):
            keep(value.path, path)
            size_px, number = value.size_px, self._told
            self._on_event(
                FrameFound(index=number, time_s=value.time_s, path=path, size_px=size_px)
            )
            self._told += 1
