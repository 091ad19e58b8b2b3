"""The compare page's desk: one input is read once, two models answer at the same time."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from demo.compare.match import SIDES, Match, match_of, votable
from demo.compare.rivals import Rival
from demo.papers.base import Change, MakeSheet, RoomDesk
from demo.papers.lanes import Lane
from demo.papers.session import Session, Sheet, Task, TaskKind
from demo.store.votes import CompareKind, VoteStore
from pipelines.bundle_reader import Bundle, BundleReader
from pipelines.drafting.question import Answer
from pipelines.errors import MediaMissing
from pipelines.evaluation.ratings import Verdict
from pipelines.media.admit import admit_any
from pipelines.types import Cancel, CaseResult, DraftToken, Event, MediaFile, Progress

NOTE = "note.txt"


@dataclass(slots=True, kw_only=True)
class CompareDesk(RoomDesk):
    """Thread-safe. At least two rivals."""

    reader: BundleReader
    rivals: Sequence[Rival]
    votes: VoteStore
    previews: Path
    """Where readers put what they make for showing."""
    _read: Lane = field(default_factory=lambda: Lane("compare-read"))
    _left: Lane = field(default_factory=lambda: Lane("compare-left"))
    _right: Lane = field(default_factory=lambda: Lane("compare-right"))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Reading, and one lane a side: both sides answer at the same time."""
        return (self._read, self._left, self._right)

    def lane_of(self, kind: TaskKind) -> Lane:
        """The side's own."""
        return self._left if kind == "left" else self._right

    def take(self, session: Session, path: Path, name: str, number: int) -> None:
        """A comparison that a killed program left is over."""
        del path, name, number
        self.end(session)

    def close(self) -> None:
        """End the lanes, then free the models that nobody else uses."""
        super(CompareDesk, self).close()
        for rival in self.rivals:
            rival.close()

    def open(
        self, kind: CompareKind, text: str, files: Sequence[tuple[Path, str]], note_name: str
    ) -> tuple[str, Session]:
        """(key, a session with the words and the files, which are moved into it).

        Raises RoomFull, OSError, MediaRejected: then there is no session.
        """
        key, session = self.sessions.open()
        try:
            admitted = self._admitted(session, kind, text, files, note_name)
            number = session.next()
            pair = secrets.SystemRandom().sample([rival.name for rival in self.rivals], 2)
            match = Match(
                number=number,
                name=", ".join(file.name for file in admitted),
                media=admitted[0],
                kind=kind,
                text=text,
                files=tuple(admitted),
                rivals=(pair[0], pair[1]),
            )
        except BaseException:
            self.end(session)
            raise
        with self.sessions.change(session):
            session.sheets[number] = match
        cancel = self.sessions.cancel_for(session, "sheet", number)
        self._read.put(session.id, partial(self._do_read, session, number, cancel))
        return key, session

    def _admitted(
        self,
        session: Session,
        kind: CompareKind,
        text: str,
        files: Sequence[tuple[Path, str]],
        note_name: str,
    ) -> list[MediaFile]:
        """A complaint that was typed is a file like any other; a question is none."""
        sent = []
        if text and kind == "draft":
            note = session.folder / NOTE
            note.write_text(text + "\n", encoding="utf-8")
            sent.append((note, note_name))
        for number, (path, name) in enumerate(files, start=1):
            target = session.folder / f"file-{number}{path.suffix[:10]}"
            shutil.move(path, target)
            sent.append((target, name))
        settings = self.sessions.settings
        return [admit_any(path, settings=settings, name=name) for path, name in sent]

    def _do_read(self, session: Session, number: int, cancel: Cancel) -> None:
        self.read_sheet(session, number, cancel, partial(self._bundle, session, cancel))

    def _bundle(self, session: Session, cancel: Cancel) -> MakeSheet:
        """Read all of it once, for both; what becomes of it."""
        match = match_of(session)

        def on_event(event: Event) -> None:
            if isinstance(event, Progress) and event.fraction is not None:
                share = partial(replace, fraction=event.fraction)
                self.sessions.change_sheet(session, match.number, share)

        frames = session.folder / "frames"
        frames.mkdir(exist_ok=True, mode=0o700)
        try:
            bundle = self.reader.read(match.files, frames, on_event=on_event, cancel=cancel)
        finally:
            self._forget_previews(match)
        return partial(_as_read, bundle=bundle)

    def _forget_previews(self, match: Match) -> None:
        """No page is shown here: what readers set for showing goes at once."""
        for file in match.files:
            for ending in ("pdf", "jpg"):
                (self.previews / f"{file.sha256}.{ending}").unlink(missing_ok=True)

    def draft_when_read(self, session: Session) -> None:
        """Both sides begin in the same moment. The lock is held."""
        if session.ended or not session.read or session.latest("left"):
            return
        for side in SIDES:
            self.task(session, side)

    def think(
        self, session: Session, task: Task, extra: object, change: Change, cancel: Cancel
    ) -> CaseResult | Answer:
        """One side's answer. Raises MinwonError, ModelTooLarge among them."""
        del extra
        match = match_of(session)
        if match.bundle is None:
            raise MediaMissing
        name = match.rival("left" if task.kind == "left" else "right")
        rival = next(rival for rival in self.rivals if rival.name == name)

        def on_event(event: Event) -> None:
            if isinstance(event, DraftToken):
                change(lambda now: replace(now, text=now.text + event.text))

        rival.ready(match.kind, match.bundle)
        cancel.check()
        if match.kind == "ask":
            return rival.pipeline.ask(match.bundle, match.text, on_event=on_event, cancel=cancel)
        lines = rival.pipeline.lines(match.bundle)
        change(lambda now: replace(now, lines=lines))
        return rival.pipeline.draft(match.bundle, on_event=on_event, cancel=cancel)

    def vote(self, session: Session, verdict: Verdict) -> None:
        """Keep it, once, and only where both sides can be read. Raises StoreUnavailable."""
        match = match_of(session)
        if match.vote or not votable(session):
            return
        left, right = match.rivals
        self.votes.add(session.id, match.kind, left, right, verdict)
        self.sessions.change_sheet(session, match.number, partial(_voted, verdict=verdict))


def _as_read(sheet: Sheet, bundle: Bundle) -> Sheet:
    return replace(sheet, state="read", fraction=1.0, error=None, bundle=bundle)  # type: ignore[call-arg]


def _voted(sheet: Sheet, verdict: Verdict) -> Sheet:
    return replace(sheet, vote=verdict)  # type: ignore[call-arg]
