"""One piece of work while it is in memory, and the frozen picture of it that pages get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from demo.store.views import CaseView
from pipelines.types import Cancel, DraftToken, Event, Evidence, EvidenceFound, Note, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Where the work on a case stands. A page shows it whole; it needs no earlier one."""

    number: str
    stage: str
    """queued, loading, reading, drafting, checking or done."""
    fraction: float | None
    """In [0, 1]; None while it is unknown."""
    ahead: int
    """How many others are in front, while queued."""
    evidence: tuple[Evidence, ...]
    draft_text: str
    """The model's raw answer so far."""
    view: CaseView | None
    """The case, when the work has ended (well or not)."""
    error: Note | None
    revision: int
    """Another number whenever anything here changed."""

    @property
    def ended(self) -> bool:
        """True where nothing more will come."""
        return self.stage == "done"


class Live:
    """Changed under the lock of its `Jobs` only."""

    def __init__(self, number: str, evidence: Sequence[Evidence], revision: int) -> None:
        self.number = number
        self.evidence = list(evidence)
        self.revision = revision
        self.cancel = Cancel()
        self.cancelled = False
        """True where a person asked, not a program that closes."""
        self.running = False
        self.ended_at: float | None = None
        self.stage = "queued"
        self.fraction: float | None = None
        self.ahead = 0
        self._tokens: list[str] = []
        self._view: CaseView | None = None
        self._error: Note | None = None
        self._mirrored: tuple[str, float] = ("queued", float("-inf"))

    def take(self, event: Event) -> None:
        """An event of the pipeline. "done" is not believed before the store has the result."""
        match event:
            case Progress() if event.stage != "done":
                self.stage, self.fraction, self.ahead = event.stage, event.fraction, event.ahead
            case EvidenceFound():
                self.evidence[event.index : event.index + 1] = [event.evidence]
            case DraftToken():
                self._tokens.append(event.text)
            case _:
                return
        self.revision += 1

    def wants_mirror(self, now: float, every_s: float) -> bool:
        """True where the row should learn of it: another stage, or some time has passed."""
        stage, at = self._mirrored
        if stage == self.stage and now - at < every_s:
            return False
        self._mirrored = (self.stage, now)
        return True

    def end(self, view: CaseView | None, error: Note | None, now: float) -> None:
        """Nothing comes after this."""
        self.stage, self.ahead, self.ended_at = "done", 0, now
        self.fraction = 1.0
        self._view, self._error = view, error
        self._tokens = ["".join(self._tokens)]
        if view is not None:
            self.evidence = list(view.evidence)
        self.revision += 1

    def snapshot(self, ahead: int) -> Snapshot:
        """The picture now."""
        return Snapshot(
            number=self.number,
            stage=self.stage,
            fraction=self.fraction,
            ahead=ahead,
            evidence=tuple(self.evidence),
            draft_text="".join(self._tokens),
            view=self._view,
            error=self._error,
            revision=self.revision,
        )
