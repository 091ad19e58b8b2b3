"""One comparison on the table: what was given, who answers where, and the vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from demo.papers.session import Session, Sheet, Task
from demo.papers.sessions import PapersNotFound
from demo.store.votes import CompareKind
from pipelines.bundle_reader import Bundle
from pipelines.drafting.question import Answer
from pipelines.evaluation.ratings import Verdict
from pipelines.types import CaseResult, MediaFile, Reply

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Sheet):
    """The input as one sheet. Which model stands on which side is nobody's to know before the
    vote: no panel shows it."""

    kind: CompareKind
    text: str
    files: tuple[MediaFile, ...]
    rivals: tuple[str, str]
    """Names of the left model and the right one."""
    bundle: Bundle | None = None
    vote: Verdict | Literal[""] = ""

    def rival(self, side: Side) -> str:
        """Who answers there."""
        return self.rivals[SIDES.index(side)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast an answer came."""

    first_token_s: float
    tokens: int
    tokens_a_second: float
    total_s: float


def match_of(session: Session) -> Match:
    """The comparison of a session. Raises PapersNotFound."""
    for sheet in session.all_sheets:
        if isinstance(sheet, Match):
            return sheet
    raise PapersNotFound


def votable(session: Session) -> bool:
    """True once both sides have answered."""
    tasks = [session.latest(side) for side in SIDES]
    return all(task is not None and has_result(task) for task in tasks)


def has_result(task: Task) -> bool:
    """True where there is something to read."""
    return isinstance(task.result, CaseResult | Answer)


def pace_of(replies: Sequence[Reply]) -> Pace:
    """Over all asks of one answer; tokens a second while words came."""
    writing_s = sum(reply.elapsed_s - reply.first_token_s for reply in replies)
    tokens = sum(reply.output_tokens for reply in replies)
    return Pace(
        first_token_s=replies[0].first_token_s if replies else 0.0,
        tokens=tokens,
        tokens_a_second=tokens / writing_s if writing_s > 0 else 0.0,
        total_s=sum(reply.elapsed_s for reply in replies),
    )
