"""What a look through a video is asked for, and the plain values that it yields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.media.clips import ClipProbe
from pipelines.types import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A stretch without a cut."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the caller wants of one look."""

    demuxer: str
    limit_s: float
    limit_mp: float
    frames: int = 40
    """Pictures that are kept at most."""
    languages: tuple[Language, ...] = ("ko", "en")
    words: bool = True
    all_frames: bool = False
    early: int = 0
    """So many frames are told of while the look goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """A frame that is kept so far. Its file may be gone by the time that somebody asks for it."""

    time_s: float
    path: Path
    size_px: tuple[int, int]
    """Of the video's upright picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The end of a look."""

    probe: ClipProbe
    width_px: int
    height_px: int
    """Upright."""
    end_s: float
    decoded: int
    skipped: int
    """Stretches between keyframes that were not decoded."""
    held_bytes: int
    patches: int
    unread: int
    """Patches that look like print and were not read: too many, or no time."""
    ocr_missing: str = ""
    rotated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """So far the look has come."""

    at_s: float
