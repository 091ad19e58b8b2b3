"""What a browser may send to the compare page, checked at the door."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from demo.asks import Ask, Files
from demo.papers.asks import Keyed, Number
from demo.store.votes import CompareKind
from pipelines.evaluation.ratings import Verdict

__all__ = ["Keyed", "Open", "Stop", "Vote"]

MOST_LETTERS = 4000


class Open(Ask):
    """Words, files, or both; a comparison begins. `kind`: a case is drafted, or the words are a
    question to the files."""

    kind: CompareKind = "draft"
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LETTERS)] = ""
    files: Files = Field(default_factory=list)


class Vote(Keyed):
    """Which side wrote the better answer."""

    verdict: Verdict


class Stop(Keyed):
    """Cancel the reading or a side."""

    kind: Literal["sheet", "task"]
    number: Number = 0
