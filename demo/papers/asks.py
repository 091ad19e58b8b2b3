"""What a browser may send to the documents page, checked at the door."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from demo.asks import Ask
from demo.papers.schema import Rows

MOST_AT_ONCE = 50
Key = Annotated[str, StringConstraints(max_length=100)]
Path = Annotated[str, StringConstraints(max_length=4096)]
Name = Annotated[str, StringConstraints(max_length=5000)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]


class Upload(Ask):
    """One uploaded file and the sender's name for it."""

    path: Path
    name: Name = ""


class Add(Ask):
    """More papers; without a key a session begins."""

    key: Key = ""
    files: Annotated[tuple[Upload, ...], Field(max_length=MOST_AT_ONCE)] = ()
    samples: bool = False
    more: bool = False
    """More files are on their way: the first draft waits for them."""


class Keyed(Ask):
    """The key is the session."""

    key: Key


class Watch(Keyed):
    """Show the session, and go on showing it while it is worked on."""

    sending: bool = False
    """This page still sends files; after a reload nobody does."""


class Question(Keyed):
    """Over everything that was read."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Draft(Keyed):
    """Another draft, now that there are more papers."""


class OneSheet(Keyed):
    """Something about one file."""

    sheet: Number


class Unlock(OneSheet):
    """A password goes no further than the call that opens the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    password: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(repr=False)


class Fields(Keyed):
    """Look for these fields in every file."""

    rows: Rows


class Compare(Keyed):
    """Two versions, clause by clause."""

    old: Number
    new: Number


class Stop(Keyed):
    """Cancel a file, a task, or everything that is under way."""

    kind: Literal["sheet", "task", "all"]
    number: Number = 0
