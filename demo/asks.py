"""What a browser may send to the page, checked at the door: sizes, names, nothing extra."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipelines.errors import MinwonError
from pipelines.types import Language

MOST_FILES = 100
"""Whatever the settings say, a message has no more."""
Short = Annotated[str, StringConstraints(max_length=200)]


class BadRequest(MinwonError):
    """A message that our own page would never send."""

    code = "page.bad_request"


class Ask(BaseModel):
    """Frozen, nothing extra."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sent(Ask):
    """A file that the browser uploaded a moment ago, and its sender's name for it."""

    path: Annotated[str, StringConstraints(max_length=4096)]
    name: Annotated[str, StringConstraints(max_length=5000)] = ""


Files = Annotated[list[Sent], Field(max_length=MOST_FILES)]


class Submit(Ask):
    """A new complaint: uploaded files, or the id of a sample."""

    files: Files = []
    sample: Short = ""
    language: Language | Literal[""] = ""


class Keyed(Ask):
    """Anything about a case: the receipt proves that it is yours."""

    number: Short
    secret: Short


class Follow(Keyed):
    """Show the case, and go on showing it while it is worked on."""

    fresh: bool = False
    """True where the secret was just made and may be shown."""


class Add(Keyed):
    """More files; what was typed into the form is saved before they are read."""

    version: int
    files: Files
    fields: dict[Short, Annotated[str, StringConstraints(max_length=5000)]] = Field(
        default_factory=dict, max_length=20
    )


class Correct(Keyed):
    """A sentence of the transcript, typed over."""

    version: int
    index: int = Field(ge=0)
    text: Annotated[str, StringConstraints(max_length=20_000)]


class Change(Keyed):
    """Fields of the draft, changed; with `file`, handed in as well.

    `join`: the token of a case of others that is to answer for it too.
    """

    version: int
    fields: dict[Short, Annotated[str, StringConstraints(max_length=5000)]] = Field(max_length=20)
    file: bool = False
    join: Short = ""


class Say(Keyed):
    """What the citizen answers to the office."""

    text: Annotated[str, StringConstraints(max_length=5000)]


A = TypeVar("A", bound=Ask)


def read(kind: type[A], data: Any) -> A:  # noqa: ANN401 - whatever a browser sent
    """The message of that kind. Raises BadRequest."""
    try:
        return kind.model_validate(data)
    except ValidationError as exc:
        raise BadRequest from exc
