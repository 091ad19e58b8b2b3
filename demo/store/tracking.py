"""What a citizen sees and says after filing: messages, and the answer that a named human sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.audit import Audit
from demo.store.database import Database
from demo.store.desk_tables import DocketRow, MessageKind, MessageRow
from demo.store.deskwork import MOST_MESSAGE, checked_text
from demo.store.masking import masked
from demo.store.tables import CaseRow, EventRow
from pipelines.errors import CaseNotFound, CaseNotReady

CITIZEN = "citizen"
MOST_HOPS = 8
"""A case is joined to one that was joined to one ...: longer chains are nobody's."""
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


class Tracking:
    """Thread-safe. Every method raises CaseNotFound, the same for a wrong number and secret."""

    def __init__(
        self, database: Database, audit: Audit, now: Callable[[], dt.datetime], prove: Prove
    ) -> None:
        self._database, self._audit, self._now, self._prove = database, audit, now, prove

    def answer_of(self, number: str, secret: str) -> Answer | None:
        """The answer; None while there is none."""
        number = self._prove(number, secret)
        with self._database.read() as session:
            line = _line(session, number)
            answer = _answer(session, line) if line is not None else None
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
        with self._database.write() as session:
            case = session.scalars(
                sa.select(CaseRow).where(CaseRow.number == number).with_for_update()
            ).one()
            line = session.get(DocketRow, case.id)
            if line is None or line.state != "waiting":
                raise CaseNotReady(status=line.state if line is not None else case.status)
            now = self._now()
            line.state, line.changed_at = "working", now
            case.version, case.updated_at = case.version + 1, now
            session.add(MessageRow(case_id=case.id, time=now, kind="reply", text=plain))
            session.add(
                EventRow(case_id=case.id, time=now, actor=CITIZEN, kind="replied", facts={})
            )
            self._audit.append(session, CITIZEN, "replied", number)


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


def _line(session: Session, number: str) -> DocketRow | None:
    wanted = sa.select(DocketRow).join(CaseRow, CaseRow.id == DocketRow.case_id)
    return session.scalars(wanted.where(CaseRow.number == number)).one_or_none()


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
