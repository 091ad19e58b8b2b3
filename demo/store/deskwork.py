"""What officials do with a case. Each step is one transaction with its right, its version check,
its event and its row in the audit; nothing is sent to a citizen without a named human.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.access import Action, User, check
from demo.refusals import (
    AssigneeGone,
    CaseChangedBy,
    DepartmentGone,
    MergeImpossible,
    NotInThisState,
)
from demo.store.audit import Facts
from demo.store.database import Database
from demo.store.desk_tables import CorrectionRow, DocketRow, MessageKind, MessageRow, UserRow
from demo.store.docket import OPEN
from demo.store.edits import check_characters
from demo.store.journal import Journal, docketed
from demo.store.tables import CaseRow, EventRow
from pipelines.drafting.case import URGENCIES, CaseDraft
from pipelines.errors import CaseConflict, CaseFieldInvalid, CaseNotFound

OFFICE = "office"
"""The actor of a case's events; who it was stands in the facts as the user's id."""
MOST_ANSWER = 4000
MOST_MESSAGE = 2000
MOST_PLACE = 200
FIELDS = ("category", "department", "urgency", "place")
"""What an official may correct of the model's decisions, beside the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A case while an official changes it, in the transaction that will keep it."""

    session: Session
    by: User
    case: CaseRow
    line: DocketRow

    @property
    def drafted(self) -> CaseDraft:
        """As the model wrote it."""
        return CaseDraft.model_validate(self.case.draft)


class DeskWork:
    """Thread-safe. `departments`: category -> the department that answers for it.

    Every method raises CaseNotFound, AccessDenied, CaseConflict (CaseChangedBy where an official
    was first), NotInThisState, StoreUnavailable and DiskFull; nothing is changed then.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        departments: Mapping[str, str],
    ) -> None:
        self._database, self._journal, self._now = database, journal, journal.now
        self._of = dict(departments)
        self.departments = frozenset(departments.values())
        self._filing = journal.filing

    def take(self, by: User, number: str, version: int) -> None:
        """It is mine now."""
        with self._step(by, "take", number, version) as step:
            _hand(step, by.id)
            self._tell(step, "assigned", {"to": by.id})

    def assign(self, by: User, number: str, version: int, assignee_id: int) -> None:
        """It is that person's now. Raises AssigneeGone for who doesn't work there (any more)."""
        with self._step(by, "assign", number, version) as step:
            person = step.session.get(UserRow, assignee_id)
            away = person is None or not person.active
            if away or person is None or person.department not in (None, step.line.department):
                raise AssigneeGone
            _hand(step, assignee_id)
            self._tell(step, "assigned", {"to": assignee_id})

    def transfer(self, by: User, number: str, version: int, department: str) -> None:
        """To another department, where somebody takes it anew. Raises DepartmentGone."""
        self._there_is(department)
        with self._step(by, "transfer", number, version) as step:
            before = step.line.department
            if before == department:
                return
            self._corrects(step, "department", before, department)
            step.line.department, step.line.assignee_id = department, None
            step.line.state = "received"
            self._tell(step, "transferred", {"from": before, "to": department})

    def request_more(self, by: User, number: str, version: int, text: str) -> None:
        """Ask the citizen; the case waits until they answer. Raises CaseFieldInvalid."""
        with self._step(by, "request", number, version) as step:
            self._message(step, "request", text)
            step.line.state = "waiting"
            step.line.assignee_id = step.line.assignee_id or by.id
            self._tell(step, "requested", {})

    def note(self, by: User, number: str, version: int, text: str) -> None:
        """A word among officials; the citizen never sees it. Raises CaseFieldInvalid."""
        with self._step(by, "note", number, version, states=None) as step:
            self._message(step, "note", text)
            self._tell(step, "noted", {})

    def edit_reply(self, by: User, number: str, version: int, text: str) -> None:
        """The human's answer; the model's stays beside it. Raises CaseFieldInvalid."""
        with self._step(by, "edit", number, version) as step:
            self._write(step, text)
            self._begin(step)
            self._tell(step, "reply_edited", {"chars": len(text)})

    def correct(self, by: User, number: str, version: int, fields: Mapping[str, str]) -> None:
        """Other values for FIELDS; a category takes its department and deadline along.

        Raises CaseFieldInvalid, DepartmentGone; AccessDenied where the department would change
        and `by` may not transfer.
        """
        with self._step(by, "correct", number, version) as step:
            changed = self._changes(step, fields)
            if not changed:
                return
            if "department" in changed:
                check(by, "transfer", step.line)
                step.line.assignee_id = None
            for name, (before, after) in changed.items():
                self._corrects(step, name, before, after)
                setattr(step.line, name, after)
            if "category" in changed:
                line = step.line
                line.due_on = self._filing.due_on(line.category, line.filed_at, line.due_on)
            if "place" in changed:
                step.line.district, step.line.dong = self._filing.where(step.line.place)
            self._tell(step, "corrected_by_office", {"fields": ",".join(sorted(changed))})

    def approve(self, by: User, number: str, version: int, text: str) -> None:
        """Send this answer, in the name of `by`. Raises CaseFieldInvalid."""
        with self._step(by, "approve", number, version) as step:
            self._write(step, text)
            before = step.drafted.reply
            if text.strip() != before.strip():
                self._corrects(step, "reply", before, text.strip())
            line = step.line
            line.state, line.answered_at, line.answered_by_id = "answered", self._now(), by.id
            line.assignee_id = line.assignee_id or by.id
            self._tell(step, "answered", {"edited": int(text.strip() != before.strip())})

    def merge(self, by: User, number: str, version: int, into: str) -> None:
        """Another case answers for this one. Raises MergeImpossible."""
        with self._step(by, "merge", number, version) as step:
            target = docketed(step.session, into)
            if target is None or target[0].id == step.case.id:
                raise MergeImpossible
            check(by, "merge", target[1])
            if target[1].state in ("merged", "withdrawn"):
                raise MergeImpossible
            self._journal.merge(
                step.session,
                step.case,
                step.line,
                target[0],
                actor=OFFICE,
                who=by.actor,
                user_id=by.id,
            )

    def reopen(self, by: User, number: str, version: int) -> None:
        """An answered or joined case is worked on again; the answer stays as a text to edit."""
        with self._step(by, "reopen", number, version, states=("answered", "merged")) as step:
            line = step.line
            line.state, line.merged_into_id = "working", None
            line.answered_at = line.answered_by_id = None
            self._tell(step, "reopened", {})

    @contextmanager
    def _step(
        self,
        by: User,
        action: Action,
        number: str,
        version: int,
        *,
        states: tuple[str, ...] | None = OPEN,
    ) -> Iterator[Step]:
        with self._database.write() as session:
            found = docketed(session, number, lock=True)
            if found is None:
                raise CaseNotFound
            case, line = found
            check(by, action, line)
            if case.version != version:
                raise _conflict(session, case)
            if states is not None and line.state not in states:
                raise NotInThisState(state=line.state, action=action)
            yield Step(session=session, by=by, case=case, line=line)

    def _tell(self, step: Step, kind: str, facts: Facts) -> None:
        by = step.by
        self._journal.tell(
            step.session,
            step.case,
            step.line,
            kind,
            facts,
            actor=OFFICE,
            who=by.actor,
            user_id=by.id,
        )

    def _message(self, step: Step, kind: MessageKind, text: str) -> None:
        step.session.add(
            MessageRow(
                case_id=step.case.id,
                time=self._now(),
                kind=kind,
                user_id=step.by.id,
                text=checked_text("message", text, MOST_MESSAGE),
            )
        )

    def _write(self, step: Step, text: str) -> None:
        step.line.answer = checked_text("answer", text, MOST_ANSWER)

    def _begin(self, step: Step) -> None:
        """Whoever works on what nobody has, has it."""
        if step.line.state == "received":
            _hand(step, step.line.assignee_id or step.by.id)

    def _changes(self, step: Step, fields: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Field -> (before, after) of what really changes."""
        line, after = step.line, dict(fields)
        for name in after:
            if name not in FIELDS:
                raise CaseFieldInvalid(field="unknown", problem="unknown")
        if "category" in after:
            if after["category"] not in self._of:
                raise CaseFieldInvalid(field="category", problem="value")
            if after["category"] != line.category:
                after.setdefault("department", self._of[after["category"]])
        if "department" in after:
            self._there_is(after["department"])
        if after.get("urgency", "low") not in URGENCIES:
            raise CaseFieldInvalid(field="urgency", problem="value")
        if "place" in after:
            after["place"] = checked_text("place", after["place"], MOST_PLACE, empty=True)
        return {
            name: (getattr(line, name), value)
            for name, value in after.items()
            if getattr(line, name) != value
        }

    def _corrects(self, step: Step, field: str, before: str, after: str) -> None:
        step.session.add(
            CorrectionRow(
                case_id=step.case.id,
                time=self._now(),
                user_id=step.by.id,
                field=field,
                before=before,
                after=after,
            )
        )

    def _there_is(self, department: str) -> None:
        if department not in self.departments:
            raise DepartmentGone(department=department[:64])


def checked_text(field: str, text: str, most: int, *, empty: bool = False) -> str:
    """A person's text as it is kept. Raises CaseFieldInvalid."""
    plain = text.strip()
    check_characters(field, plain)
    if len(plain) > most or (not plain and not empty):
        raise CaseFieldInvalid(field=field, problem="length", limit=most)
    return plain


def _hand(step: Step, to: int) -> None:
    step.line.assignee_id = to
    if step.line.state == "received":
        step.line.state = "working"


def _conflict(session: Session, case: CaseRow) -> CaseConflict:
    """With the name of the official who was first, where it was one."""
    newest = sa.select(EventRow).where(EventRow.case_id == case.id).order_by(EventRow.id.desc())
    event = session.scalars(newest.limit(1)).first()
    person = session.get(UserRow, event.facts.get("user", 0)) if event is not None else None
    if event is None or person is None:
        return CaseConflict()
    return CaseChangedBy(who=person.name, time=event.time.isoformat(timespec="seconds"))
