"""What a citizen sees and says after filing: messages, and the answer that a named human sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import DocketRow, DocketState, MessageKind, MessageRow
from demo.store.deskwork import MOST_MESSAGE, checked_text
from demo.store.docket import OPEN
from demo.store.joining import pass_on
from demo.store.journal import CITIZEN, Journal, docketed
from demo.store.masking import masked
from demo.store.tables import CaseRow, EventRow
from pipelines.errors import CaseNotFound, CaseNotReady

MOST_HOPS = 8
"""A case is joined to one that was joined to one ...: longer chains are nobody's."""
STEPS = (
    "filed",
    "assigned",
    "transferred",
    "requested",
    "replied",
    "added",
    "answered",
    "reopened",
    "merged",
    "withdrawn",
)
"""Kinds of events that concern the citizen."""
Prove = Callable[[str, str], str]
"""(number, secret) -> the number as we write it. Raises CaseNotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the office answered, and who stands for it."""

    text: str
    by: str
    """Name of the official."""
    department: str
    at: dt.datetime
    of_another: bool
    """It answers the case that this one was joined to: personal data in it is masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message. `by`: the official's name; None = the citizen."""

    time: dt.datetime
    kind: MessageKind
    by: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a filed case stands, in the citizen's eyes. Times are UTC."""

    state: DocketState
    department: str
    filed_at: dt.datetime
    due_on: dt.date
    steps: tuple[tuple[dt.datetime, str], ...]
    """(time, kind of event) of what concerns the citizen, oldest first: see STEPS."""
    messages: tuple[MessageView, ...]
    answer: Answer | None


class Tracking:
    """Thread-safe. Every method raises CaseNotFound, the same for a wrong number and secret."""

    def __init__(self, database: Database, journal: Journal, prove: Prove) -> None:
        self._database, self._journal, self._prove = database, journal, prove
        self._audit = journal.audit

    def standing(self, number: str, secret: str) -> Standing | None:
        """Where it stands; None for a case that is not filed. An answer that is seen is audited."""
        number = self._prove(number, secret)
        with self._database.read() as session:
            found = docketed(session, number)
            if found is None:
                return None
            _, line = found
            answer = _answer(session, line)
            stands = Standing(
                state=cast("DocketState", line.state),
                department=line.department,
                filed_at=line.filed_at,
                due_on=line.due_on,
                steps=_steps(session, line.case_id),
                messages=messages_of(session, number, notes=False),
                answer=answer,
            )
        if answer is not None:
            self._audit.note(CITIZEN, "answer_read", number)
        return stands

    def withdraw(self, number: str, secret: str) -> None:
        """The citizen takes the complaint back; nobody works on it any more.

        Raises CaseNotReady where it is not filed or answered already, be it with another.
        """
        number = self._prove(number, secret)
        with self._changing(number, (*OPEN, "merged")) as (session, case, line):
            if _answer(session, line) is not None:
                raise CaseNotReady(status="answered")
            line.state, line.merged_into_id = "withdrawn", None
            self._tell(session, case, line, "withdrawn")
            pass_on(session, self._journal, case.id)

    def answer_of(self, number: str, secret: str) -> Answer | None:
        """The answer; None while there is none."""
        number = self._prove(number, secret)
        with self._database.read() as session:
            found = docketed(session, number)
            answer = _answer(session, found[1]) if found is not None else None
        if answer is not None:
            self._audit.note(CITIZEN, "answer_read", number)
        return answer

    def messages(self, number: str, secret: str) -> tuple[MessageView, ...]:
        """What the office asked and the citizen answered, oldest first; no notes of the office."""
        number = self._prove(number, secret)
        with self._database.read() as session:
            return messages_of(session, number, notes=False)

    def reply(self, number: str, secret: str, text: str) -> None:
        """The citizen answers what was asked; the case is worked on again.

        Raises CaseNotReady where nothing was asked, CaseFieldInvalid.
        """
        number = self._prove(number, secret)
        plain = checked_text("message", text, MOST_MESSAGE)
        with self._changing(number, ("waiting",)) as (session, case, line):
            line.state = "working"
            now = self._journal.now()
            session.add(MessageRow(case_id=case.id, time=now, kind="reply", text=plain))
            self._tell(session, case, line, "replied")

    @contextmanager
    def _changing(
        self, number: str, states: tuple[DocketState, ...]
    ) -> Iterator[tuple[Session, CaseRow, DocketRow]]:
        """The case, locked, where the docket has it in one of these states."""
        with self._database.write() as session:
            found = docketed(session, number, lock=True)
            if found is None:
                wanted = sa.select(CaseRow.status).where(CaseRow.number == number)
                raise CaseNotReady(status=session.scalars(wanted).one())
            case, line = found
            if line.state not in states:
                raise CaseNotReady(status=line.state)
            yield session, case, line

    def _tell(self, session: Session, case: CaseRow, line: DocketRow, kind: str) -> None:
        self._journal.tell(session, case, line, kind, {}, actor=CITIZEN, who=CITIZEN)


def _steps(session: Session, case_id: int) -> tuple[tuple[dt.datetime, str], ...]:
    wanted = (
        sa.select(EventRow.time, EventRow.kind)
        .where(EventRow.case_id == case_id, EventRow.kind.in_(STEPS))
        .order_by(EventRow.id)
    )
    return tuple((time, kind) for time, kind in session.execute(wanted))


def messages_of(session: Session, number: str, *, notes: bool) -> tuple[MessageView, ...]:
    """The messages of a case, oldest first; with `notes` what officials wrote for each other."""
    wanted = (
        sa.select(MessageRow)
        .join(CaseRow, CaseRow.id == MessageRow.case_id)
        .where(CaseRow.number == number)
        .order_by(MessageRow.id)
    )
    if not notes:
        wanted = wanted.where(MessageRow.kind != "note")
    return tuple(
        MessageView(
            time=row.time,
            kind=cast("MessageKind", row.kind),
            by=row.user.name if row.user is not None else None,
            text=row.text,
        )
        for row in session.scalars(wanted)
    )


def _answer(session: Session, line: DocketRow) -> Answer | None:
    at = line
    for _ in range(MOST_HOPS):
        if at.merged_into_id is None:
            break
        following = session.get(DocketRow, at.merged_into_id)
        if following is None:
            raise CaseNotFound
        at = following
    if at.state != "answered" or at.answered_at is None or at.answered_by is None:
        return None
    other = at is not line
    text = at.answer or ""
    return Answer(
        text=masked(text) if other else text,
        by=at.answered_by.name,
        department=at.department,
        at=at.answered_at,
        of_another=other,
    )
