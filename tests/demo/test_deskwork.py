"""What officials do with cases, and what is refused; on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.access import RIGHTS, ROLES, User, may
from demo.refusals import (
    AccessDenied,
    AssigneeGone,
    CaseChangedBy,
    DepartmentGone,
    MergeImpossible,
    NotInThisState,
)
from demo.store.desk_tables import CorrectionRow
from demo.store.docket import Filters
from demo.store.filing import catch_up
from pipelines.errors import CaseConflict, CaseFieldInvalid, CaseNotFound, CaseNotReady
from tests.demo.desk_kit import Office
from tests.demo.page_kit import MARKUP
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401

SQL = "'; DROP TABLE docket; --"
NASTY = f"{SQL} {MARKUP} =1+1 {{0}} %s \\"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:  # noqa: F811
    return Office(engine, tmp_path)


def corrections(office: Office) -> list[tuple[str, str, str]]:
    with office.store.database.read() as session:
        rows = session.scalars(sa.select(CorrectionRow).order_by(CorrectionRow.id))
        return [(row.field, row.before, row.after) for row in rows]


def test_a_filed_case_lies_on_the_desk_with_its_district_and_its_legal_day(office: Office) -> None:
    number, _ = office.filed(place="서울특별시 마포구 성산동 125-3")
    line = office.docket.get(number)
    assert (line.state, line.department, line.category) == ("received", "도로과", "교통")
    assert (line.district, line.dong) == ("서울특별시 마포구", "성산동")
    assert line.due_on == dt.date(2026, 12, 2)  # 7 working days, Tuesday 24 November counted
    assert [row.action for row in office.store.audit.of_case(number)] == ["filed"]
    assert catch_up(office.store.database, office.store.filing) == 0


def test_a_case_that_was_filed_before_there_was_a_desk_is_taken_up(office: Office) -> None:
    number, _ = office.filed()
    with office.store.database.write() as session:
        session.execute(sa.text("DELETE FROM docket"))
    assert catch_up(office.store.database, office.store.filing) == 1
    assert office.docket.get(number).state == "received"


def test_the_walk_from_receipt_to_the_answer_that_the_citizen_reads(office: Office) -> None:
    number, secret = office.filed()
    office.work.take(office.road, number, office.version(number))
    office.work.request_more(office.road, number, office.version(number), "어느 쪽 등인가요?")
    assert office.docket.get(number).state == "waiting"
    assert office.store.tracking.answer_of(number, secret) is None
    office.store.tracking.reply(number, secret, "왼쪽입니다.")
    assert office.docket.get(number).state == "working"
    office.work.note(office.road, number, office.version(number), "현장 확인함")
    told = office.store.tracking.messages(number, secret)
    assert [(m.kind, m.by) for m in told] == [("request", "road 이름"), ("reply", None)]
    office.work.edit_reply(office.road, number, office.version(number), "고쳤습니다.")
    assert office.store.tracking.answer_of(number, secret) is None
    office.work.approve(office.road, number, office.version(number), "고쳤습니다. 고맙습니다.")
    answer = office.store.tracking.answer_of(number, secret)
    assert answer is not None
    assert (answer.text, answer.by, answer.department) == (
        "고쳤습니다. 고맙습니다.",
        "road 이름",
        "도로과",
    )
    view = office.store.view(number)
    assert view.drafted is not None
    assert view.drafted.reply == "접수되었습니다."  # the model's own words stay
    assert ("reply", "접수되었습니다.", "고쳤습니다. 고맙습니다.") in corrections(office)
    told_of = {row.action for row in office.store.audit.of_case(number)}
    assert told_of >= {"filed", "assigned", "requested", "replied", "answered", "answer_read"}
    assert office.store.audit.verify().whole


def test_another_receipt_reads_no_answer(office: Office) -> None:
    number, _ = office.filed()
    _, other = office.filed()
    office.work.approve(office.road, number, office.version(number), "답변")
    with pytest.raises(CaseNotFound):
        office.store.tracking.answer_of(number, other)
    with pytest.raises(CaseNotFound):
        office.store.tracking.messages(number, other)
    with pytest.raises(CaseNotFound):
        office.store.tracking.reply(number, other, "x")


def test_two_officials_at_one_case_lose_no_update(office: Office) -> None:
    number, _ = office.filed()
    seen = office.version(number)
    office.work.edit_reply(office.road, number, seen, "첫 번째")
    with pytest.raises(CaseChangedBy) as told:
        office.work.edit_reply(office.head, number, seen, "두 번째")
    assert told.value.facts["who"] == "road 이름"
    assert office.docket.get(number).answer == "첫 번째"


def test_at_the_same_moment_one_of_many_is_first(office: Office) -> None:
    number, _ = office.filed()
    seen = office.version(number)

    def write(n: int) -> bool:
        try:
            office.work.edit_reply(office.head, number, seen, f"판 {n}")
        except CaseConflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(6))) == 1
    assert office.version(number) == seen + 1
    assert office.store.audit.verify().whole


def test_a_department_that_is_gone_gets_nothing(office: Office) -> None:
    number, _ = office.filed()
    with pytest.raises(DepartmentGone):
        office.work.transfer(office.head, number, office.version(number), "없어진과")
    office.work.transfer(office.road, number, office.version(number), "청소행정과")
    line = office.docket.get(number)
    assert (line.department, line.state, line.assignee) == ("청소행정과", "received", None)
    with pytest.raises(AccessDenied):  # it isn't theirs any more
        office.work.take(office.road, number, line.version)
    with pytest.raises(AssigneeGone):
        office.work.assign(office.head, number, line.version, office.road.id)
    office.work.assign(office.head, number, line.version, office.clean.id)
    assert office.docket.get(number).assignee == "clean 이름"
    office.accounts.change("clean", active=False)
    with pytest.raises(AssigneeGone):
        office.work.assign(office.head, number, office.version(number), office.clean.id)


def test_a_corrected_category_takes_department_and_clock_along(office: Office) -> None:
    number, _ = office.filed()
    office.work.correct(office.road, number, office.version(number), {"category": "복지"})
    line = office.docket.get(number)
    assert (line.category, line.department) == ("복지", "복지정책과")
    assert line.due_on == dt.date(2026, 12, 11)
    assert corrections(office) == [
        ("category", "교통", "복지"),
        ("department", "도로과", "복지정책과"),
    ]
    office.work.correct(
        office.head, number, line.version, {"place": "마포구 합정동", "urgency": "high"}
    )
    line = office.docket.get(number)
    assert (line.urgency, line.dong) == ("high", "합정동")
    for bad in ({"category": SQL}, {"urgency": "now"}, {"reply": "x"}, {"place": "가" * 201}):
        with pytest.raises(CaseFieldInvalid):
            office.work.correct(office.head, number, line.version, bad)


def test_a_joined_case_is_answered_by_the_other_one(office: Office) -> None:
    first, _ = office.filed()
    second, secret = office.filed()
    for bad in (second, "MW-20260101-2222A", SQL):
        with pytest.raises(MergeImpossible):
            office.work.merge(office.road, second, office.version(second), bad)
    office.work.merge(office.road, second, office.version(second), first)
    with pytest.raises(MergeImpossible):  # no circle
        office.work.merge(office.road, first, office.version(first), second)
    with pytest.raises(NotInThisState):
        office.work.take(office.road, second, office.version(second))
    assert office.store.tracking.answer_of(second, secret) is None
    office.work.approve(office.road, first, office.version(first), "둘 다 고쳤습니다.")
    answer = office.store.tracking.answer_of(second, secret)
    assert answer is not None
    assert answer.of_another
    office.work.reopen(office.head, second, office.version(second))
    assert office.store.tracking.answer_of(second, secret) is None
    with pytest.raises(NotInThisState):
        office.work.reopen(office.head, second, office.version(second))


def test_words_of_any_kind_are_kept_as_words(office: Office) -> None:
    number, secret = office.filed(title=NASTY[:120], place=SQL)
    assert office.docket.get(number).title == NASTY[:120]
    office.work.request_more(office.road, number, office.version(number), NASTY)
    office.store.tracking.reply(number, secret, NASTY)
    office.work.approve(office.road, number, office.version(number), NASTY)
    answer = office.store.tracking.answer_of(number, secret)
    assert answer is not None
    assert answer.text == NASTY
    assert [m.text for m in office.store.tracking.messages(number, secret)] == [NASTY, NASTY]
    found = office.docket.page(Filters(text="DROP TABLE"))
    assert [item.number for item in found.items] == [number]
    assert not office.docket.page(Filters(text="100%")).items
    assert not office.docket.page(Filters(department=SQL, district=MARKUP)).items
    for bad in ("", " ", "가" * 4001, "nul \x00", "half \ud800"):
        with pytest.raises(CaseFieldInvalid):
            office.work.note(office.head, number, office.version(number), bad)
    with pytest.raises(CaseNotReady):
        office.store.tracking.reply(number, secret, "x")


STEPS: dict[str, Callable[[Office, User, str, int], None]] = {
    "take": lambda o, by, n, v: o.work.take(by, n, v),
    "assign": lambda o, by, n, v: o.work.assign(by, n, v, o.road.id),
    "transfer": lambda o, by, n, v: o.work.transfer(by, n, v, "청소행정과"),
    "request": lambda o, by, n, v: o.work.request_more(by, n, v, "?"),
    "note": lambda o, by, n, v: o.work.note(by, n, v, "!"),
    "edit": lambda o, by, n, v: o.work.edit_reply(by, n, v, "답"),
    "correct": lambda o, by, n, v: o.work.correct(by, n, v, {"urgency": "high"}),
    "approve": lambda o, by, n, v: o.work.approve(by, n, v, "답"),
    "merge": lambda o, by, n, v: o.work.merge(by, n, v, o.filed()[0]),
}


def test_what_the_table_forbids_changes_nothing(tmp_path: Path) -> None:
    from tests.demo.desk_kit import an_office

    office = an_office(tmp_path)
    for action, do in STEPS.items():
        number, _ = office.filed()
        before = office.docket.get(number)
        for stranger in (office.clean, *([office.road] if action == "assign" else [])):
            with pytest.raises(AccessDenied):
                do(office, stranger, number, before.version)
        assert office.docket.get(number) == before
        do(office, office.head, number, before.version)
        assert office.docket.get(number).version == before.version + 1


def test_the_table_of_rights() -> None:
    assert set(RIGHTS) >= set(STEPS)
    made = {
        role: User(id=1, login=role, name=role, role=role, department="도로과") for role in ROLES
    }

    class Case:
        department, assignee_id = "도로과", 2

    assert not any(may(None, action) for action in RIGHTS)
    assert may(made["official"], "read", Case())
    assert not may(made["official"], "originals", Case())
    Case.assignee_id = 1
    assert may(made["official"], "originals", Case())
    Case.department = "복지정책과"
    assert not any(may(made["official"], action, Case()) for action in ("read", "originals"))
    assert may(made["supervisor"], "assign", Case())
    assert not may(made["supervisor"], "accounts")
    assert may(made["administrator"], "audit")
    nowhere = User(id=3, login="x", name="x", role="official", department=None)
    assert not may(nowhere, "read", Case())
