"""What an answer to the video page's script holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PANELS = ("reel", "line", "strip", "draft", "events", "found", "answers", "frames", "files")
"""Those of a clip; the camera has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmScreen:
    """New contents of the panels; None = as it was."""

    reel: str | None = None
    line: str | None = None
    strip: str | None = None
    draft: str | None = None
    events: str | None = None
    found: str | None = None
    answers: str | None = None
    frames: str | None = None
    files: str | None = None
    live: str | None = None
    command: Mapping[str, Any] | None = None
