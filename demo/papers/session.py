"""What one official has on the table: papers, and what was asked of them. Frozen values.

A `Session` itself is changed under the lock of its `PaperDesk` only; what stands in it is replaced
whole, so that whoever draws a page may read it without the lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from demo.papers.schema import FoundFields
from pipelines.document import Paper, Papers
from pipelines.drafting.compare import Change
from pipelines.drafting.digest import Digest
from pipelines.drafting.question import Answer
from pipelines.errors import Cancelled, MinwonError
from pipelines.readers.pdf import Chapter
from pipelines.types import Cancel, CaseResult, MediaFile, Note

SheetState = Literal["waiting", "reading", "read", "locked", "refused", "cancelled"]
TaskState = Literal["waiting", "running", "done", "failed", "cancelled"]
TaskKind = Literal[
    "draft",
    "ask",
    "digest",
    "fields",
    "compare",
    "search",
    "clip",
    "translate",
    "left",
    "right",
]
UNDER_WAY = ("waiting", "running", "reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file, from the moment it came."""

    number: int
    """From 1, in the order they came; how the page calls it."""
    name: str
    media: MediaFile | None = None
    """None where the door refused it."""
    state: SheetState = "waiting"
    fraction: float | None = None
    error: Note | None = None
    pages: int = 0
    """0 while it is unknown."""
    chapters: tuple[Chapter, ...] = ()
    """What the file itself has as its table of contents."""
    paper: Paper | None = None
    read_s: float = 0.0
    """What reading it took."""
    shown: Path | None = None
    """What the viewer draws from; None while there is nothing to see yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two files compared."""

    old: int
    new: int
    changes: tuple[Change, ...]


Result = CaseResult | Answer | Digest | FoundFields | Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that was asked of the papers."""

    number: int
    kind: TaskKind
    state: TaskState = "waiting"
    stage: str = ""
    fraction: float | None = None
    text: str = ""
    """What the model wrote so far, raw."""
    lines: tuple[str, ...] = ()
    """What it may point at."""
    question: str = ""
    about: tuple[int, ...] = ()
    """Numbers of the files."""
    result: object = None
    error: Note | None = None

    @property
    def under_way(self) -> bool:
        """True where more will come."""
        return self.state in UNDER_WAY


@dataclass(slots=True, kw_only=True)
class Session:
    """The papers of one official."""

    id: str
    folder: Path
    touched: float
    sheets: dict[int, Sheet] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    cancels: dict[tuple[str, int], Cancel] = field(default_factory=dict)
    revision: int = 0
    serial: int = 0
    ended: bool = False
    expecting: bool = False
    """More files are on their way."""
    signed: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Tokens of its links, and when they were made."""
    together: Papers | None = None
    """The read files as one set; the thinking lane's own."""

    def next(self) -> int:
        """A number that nothing in the session has."""
        self.serial += 1
        return self.serial

    def file_hash(self, number: int) -> str:
        """As the audit and the logs call a file; "" where there is none of that number."""
        sheet = self.sheets.get(number)
        return sheet.media.sha256[:12] if sheet is not None and sheet.media is not None else ""

    @property
    def busy(self) -> bool:
        """True where something more will come by itself."""
        return any(sheet.state in UNDER_WAY for sheet in self.all_sheets) or any(
            task.under_way for task in self.all_tasks
        )

    @property
    def all_sheets(self) -> tuple[Sheet, ...]:
        """Every file, in order; safe while others come in."""
        return tuple(self.sheets.values())

    @property
    def all_tasks(self) -> tuple[Task, ...]:
        """Everything that was asked, in order."""
        return tuple(self.tasks.values())

    @property
    def read(self) -> tuple[Sheet, ...]:
        """The files that can be asked, in order."""
        return tuple(sheet for sheet in self.all_sheets if sheet.state == "read")

    def latest(self, kind: TaskKind, about: tuple[int, ...] | None = None) -> Task | None:
        """The newest task of a kind; of certain files, where they are named."""
        found = (
            task
            for task in reversed(self.all_tasks)
            if task.kind == kind and about in (None, task.about)
        )
        return next(found, None)


def ended_by(error: MinwonError) -> tuple[TaskState, Note | None]:
    """How a task ends that raised."""
    if isinstance(error, Cancelled):
        return "cancelled", None
    return "failed", Note(code=error.code, facts=dict(error.facts))


def refused(sheet: Sheet, error: MinwonError) -> Sheet:
    """The file as it is shown once reading it has failed."""
    if isinstance(error, Cancelled):
        return replace(sheet, state="cancelled", fraction=None)
    locked = error.code in ("document.encrypted", "document.password_wrong")
    can_open = locked and sheet.media is not None and sheet.media.media_type == "application/pdf"
    note = Note(code=error.code, facts=dict(error.facts))
    return replace(
        sheet, state="locked" if can_open else "refused", fraction=None, error=note, shown=None
    )
