"""What a browser may send to the video page, checked at the door."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from demo.asks import Ask
from demo.papers.asks import Keyed, Name, Number, Path, Question
from pipelines.types import Language

__all__ = ["Cut", "Draft", "Keyed", "Open", "Question", "Search", "Stop", "Translate", "Watch"]

Second = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Open(Ask):
    """A video: an uploaded file, or the id of a sample. A session begins."""

    path: Path = ""
    name: Name = ""
    sample: Annotated[str, StringConstraints(max_length=40)] = ""


class Draft(Keyed):
    """Another draft."""


class Search(Keyed):
    """Where something is said, written or shown."""

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Translate(Keyed):
    """The subtitles in another language."""

    language: Language


class Watch(Ask):
    """A camera on the network."""

    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Cut(Keyed):
    """A clip around something, with faces and plates blurred."""

    start_s: Second
    end_s: Second


class Stop(Keyed):
    """Cancel the reading or a task."""

    kind: Literal["sheet", "task"]
    number: Number = 0
