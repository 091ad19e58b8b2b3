"""Frozen values that every module shares. No I/O, no heavy imports.

Units are in the names: `_s` seconds, `_px` pixels, `_pt` PDF points, `_bytes` bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pipelines.drafting.case import CaseDraft

Kind = Literal["voice", "document", "image", "video"]
Language = Literal["ko", "en", "ja", "zh", "es"]
LANGUAGES: tuple[Language, ...] = ("ko", "en", "ja", "zh", "es")
Box = tuple[float, float, float, float]
"""(left, top, right, bottom), origin at the top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One admitted file. `kind` and `media_type` come from its content, never from its name."""

    path: Path
    kind: Kind
    media_type: str
    size_bytes: int
    sha256: str
    name: str = ""
    """The sender's file name, cleaned for showing; never used as a path."""
    duration_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """A stretch of a recording, in seconds from its start."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpot:
    """A box on a page; pages count from 1."""

    page_no: int
    box_pt: Box
    page_pt: tuple[float, float] | None = field(default=None, compare=False)
    """(width, height) of the page, where that is known: the box can be drawn on its picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSpot:
    """A box in one frame of a video or in a still picture (time 0)."""

    time_s: float
    box_px: Box
    end_s: float | None = None
    """Until when it is there, where that is known."""


Where = TimeSpan | PageSpot | FrameSpot
Origin = Literal["reader", "model:photo", "model:page", "model:frame"]
"""Who says so: a reader of ours, or the foundation model of a picture that it was shown."""
Media = Literal["cascade", "native", "both"]
"""What a draft may rest on of pictures: what readers found, what the model saw itself, or both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word. `confidence` in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    confidence: float
    heard: str | None = None
    """What recognition itself wrote, where a correction changed it; None where nothing changed."""
    unsure: bool = False
    """True where a person should look: low confidence, or a correction was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that a reader found, and where. Its index is its position in the tuple."""

    source: str
    """sha256 of the media file it comes from."""
    where: Where
    text: str
    confidence: float
    language: str
    words: tuple[Word, ...] = ()
    image: Path | None = None
    origin: Origin = "reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a person should know about a result: a stable code and its facts.

    The words for each code live in assets/text/, so notes read in the user's language.
    """

    code: str
    facts: dict[str, str | int | float] = field(default_factory=dict)


Stop = Literal["end", "length", "deadline", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to a foundation model.

    `system` is the fixed prefix: keep it byte-identical from call to call so that its
    tokens stay in the engine's prefix cache. `user` carries what changes. `turns` are earlier
    (user, assistant) turns after the system text and before `user`: worked examples, or a repair.
    `schema` is a JSON schema that the answer must satisfy.
    """

    system: str
    user: str
    turns: tuple[tuple[str, str], ...] = ()
    images: tuple[Path, ...] = ()
    schema: dict[str, object] | None = None
    max_new_tokens: int = 400
    temperature: float = 0.0
    deadline_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered, and what it took."""

    text: str
    stop: Stop
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    first_token_s: float
    elapsed_s: float


OnToken = Callable[[str], None]


def ignore(_: object) -> None:
    """The callback that does nothing."""


class Cancel:
    """A flag that one thread sets and the working thread looks at. Thread-safe."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the work to stop at its next safe point."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """True once somebody asked."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked to stop."""
        if self._event.is_set():
            from pipelines.errors import Cancelled

            raise Cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands. `fraction` in [0, 1], None while it is unknown."""

    stage: Literal["queued", "loading", "reading", "drafting", "checking", "done"]
    fraction: float | None = None
    ahead: int = 0
    """How many others are in front, while queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFound:
    """A reader found one more piece; pieces arrive in the order of their index."""

    index: int
    evidence: Evidence
    kind: str = ""
    """Of a video: what it is (see `readers.timeline.KINDS`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFound:
    """A frame of a video, told while the look goes on; what is kept in the end may be another.

    `size_px` is that of the video's upright picture, in which evidence counts. The file is NOT
    blurred.
    """

    index: int
    time_s: float
    path: Path
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFound:
    """A shot of a video is over; shots arrive in their order, seconds after the start."""

    index: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftToken:
    """A piece of the model's raw answer, as it is written."""

    text: str


Event = Progress | EvidenceFound | ShotFound | FrameFound | DraftToken
OnEvent = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds from the start of the run, measured once, shown everywhere."""

    read_s: float
    first_token_s: float
    draft_s: float
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """Everything that a pipeline hands back."""

    media: tuple[MediaFile, ...]
    draft: CaseDraft
    evidence: tuple[Evidence, ...]
    replies: tuple[Reply, ...]
    notes: tuple[Note, ...]
    timing: Timing
    model: str
