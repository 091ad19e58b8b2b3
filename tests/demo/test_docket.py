"""The list of the desk: filters, orders and pages, against the same done by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.receipts import read_number
from demo.store.database import Database, open_engine
from demo.store.docket import OPEN, STATES, Docket, DocketItem, Filters, Sort
from demo.store.planted import PLANTED_SECRET, complaint, plant
from demo.store.upgrade import upgrade
from pipelines.drafting.clock import KOREA, deadline, due_date
from pipelines.settings import Settings

COUNT = 400
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def docket(tmp_path_factory: pytest.TempPathFactory) -> Docket:
    engine = open_engine(Settings(data_dir=tmp_path_factory.mktemp("docket")))
    upgrade(engine)
    plant(engine, COUNT, 7)
    return Docket(Database(engine))


def everything(docket: Docket, filters: Filters, sort: Sort, size: int) -> list[DocketItem]:
    found: list[DocketItem] = []
    cursor = None
    for _ in range(COUNT):
        page = docket.page(filters, sort=sort, cursor=cursor, size=size)
        found.extend(page.items)
        cursor = page.next
        if cursor is None:
            return found
    raise AssertionError("pages without an end")


KEYS: dict[Sort, Callable[[DocketItem], object]] = {
    "due": lambda item: item.due_on,
    "oldest": lambda item: item.filed_at,
    "newest": lambda item: item.filed_at,
}


@pytest.mark.parametrize("sort", KEYS)
def test_pages_show_every_case_once_in_order(docket: Docket, sort: Sort) -> None:
    found = everything(docket, Filters(), sort, 37)
    assert len({item.number for item in found}) == len(found) == COUNT
    keys = [KEYS[sort](item) for item in found]
    assert keys == sorted(keys, reverse=sort == "newest")  # type: ignore[type-var]


FILTERS: dict[str, tuple[Filters, Callable[[DocketItem], bool]]] = {
    "states": (Filters(states=OPEN), lambda i: i.state in OPEN),
    "department": (Filters(department="안전건설과"), lambda i: i.department == "안전건설과"),
    "category": (Filters(category="복지"), lambda i: i.category == "복지"),
    "district": (
        Filters(district="제주특별자치도 제주시"),
        lambda i: i.district == "제주특별자치도 제주시",
    ),
    "assignee": (Filters(assignee_id=3), lambda i: i.assignee_id == 3),
    "nobody": (Filters(unassigned=True), lambda i: i.assignee_id is None),
    "urgency": (Filters(urgency="high"), lambda i: i.urgency == "high"),
    "overdue": (
        Filters(states=OPEN, due_before=TODAY),
        lambda i: i.state in OPEN and i.due_on < TODAY,
    ),
    "due": (Filters(due_until=TODAY), lambda i: i.due_on <= TODAY),
    "filed": (
        Filters(filed_from=dt.date(2026, 9, 1), filed_to=dt.date(2026, 10, 31)),
        lambda i: (
            dt.date(2026, 9, 1) <= i.filed_at.astimezone(KOREA).date() <= dt.date(2026, 10, 31)
        ),
    ),
    "title": (Filters(text="가로등 고장"), lambda i: "가로등" in i.title and "고장" in i.title),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_keep_what_a_person_would(docket: Docket, name: str) -> None:
    filters, keep = FILTERS[name]
    wanted = {item.number for item in everything(docket, Filters(), "due", 200) if keep(item)}
    found = everything(docket, filters, "due", 23)
    assert {item.number for item in found} == wanted
    assert wanted
    assert sum(count for state, count in docket.counts(filters).items()
               if state in (filters.states or STATES)) == len(wanted)  # fmt: skip
    if name == "overdue":
        assert docket.overdue(Filters(), TODAY) == len(wanted)


def test_a_number_is_found_as_people_type_it(docket: Docket) -> None:
    item = docket.page(Filters(), size=1).items[0]
    for typed in (item.number, item.number.lower().replace("-", " ")):
        assert [i.number for i in docket.page(Filters(text=typed)).items] == [item.number]
    assert docket.many([item.number, "MW-0"]) == (docket.get(item.number),)
    only = Filters(numbers=(item.number, "x"))
    assert [i.number for i in docket.page(only).items] == [item.number]


@pytest.mark.parametrize(
    "cursor", ["x", "WzEsMl0=", "e30=", "9" * 500, "WyJhIiwgMV0=", "ÿ", "\x00"]
)
def test_a_forged_cursor_begins_at_the_start(docket: Docket, cursor: str) -> None:
    assert docket.page(Filters(), cursor=cursor) == docket.page(Filters())


def test_the_same_seed_plants_the_same_cases(docket: Docket, tmp_path: Path) -> None:
    assert complaint(random.Random(3)) == complaint(random.Random(3))  # noqa: S311
    engine = open_engine(Settings(data_dir=tmp_path))
    upgrade(engine)
    numbers = plant(engine, 30, 7)
    assert all(read_number(number) == number for number in numbers)
    again = Docket(Database(engine)).many(numbers)
    assert [item.title for item in again] == [item.title for item in docket.many(numbers)]
    assert PLANTED_SECRET


@pytest.mark.parametrize(
    ("due", "today", "warn", "days"),
    [
        ("2026-11-24", "2026-11-24", "today", 0),
        ("2026-11-26", "2026-11-24", "soon", 2),
        ("2026-11-30", "2026-11-27", "soon", 1),  # a weekend between
        ("2026-12-08", "2026-11-24", "fine", 10),
        ("2026-11-20", "2026-11-21", "overdue", 0),  # a Saturday: over, no working day since
        ("2026-11-20", "2026-11-24", "overdue", 2),
        ("2028-03-02", "2028-02-28", "soon", 2),  # 29 February counts, 1 March is a holiday
        ("2027-03-02", "2027-02-26", "soon", 1),
        ("2027-01-04", "2026-12-31", "soon", 1),  # New Year's Day and a weekend
    ],
)
def test_a_deadline_warns_by_working_days(due: str, today: str, warn: str, days: int) -> None:
    stands = deadline(dt.date.fromisoformat(due), dt.date.fromisoformat(today))
    assert (stands.warn, stands.working_days) == (warn, days)


def test_the_day_of_receipt_is_koreas_whatever_the_clock_of_the_machine() -> None:
    late = dt.datetime(2028, 2, 28, 15, 30, tzinfo=dt.UTC)  # 00:30 on 29 February in Korea
    assert due_date(late.astimezone(KOREA).date(), 7) == dt.date(2028, 3, 9)
