"""What a file turned out to be: the value that every module of the gate speaks."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.types import Kind

HEAD_BYTES = 128 * 1024
"""How much of the start of a file is enough to name it (an mp3 may begin with a picture)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """A recognised type. `demuxer` is FFmpeg's name of the parser, empty for what has no sound."""

    media_type: str
    demuxer: str = ""
    kind: Kind | None = None
    """The pipeline that takes it; None for what no pipeline takes."""
    label: str = ""
    """What people call it, the same in every language: "PDF", "HWPX"."""
