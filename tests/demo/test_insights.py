"""The insights page's numbers and plots; the page itself is looked at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.insights.charts import area, bars
from demo.insights.room import InsightsRoom, Show, UseHead
from demo.present import Words
from demo.store.desk_tables import CorrectionRow, DocketRow, UserRow
from demo.store.figures import Range, numbers
from demo.store.heads import Learning
from demo.store.search_tables import HeadRow
from demo.store.themes import themes
from pipelines.drafting.classify import Classifier
from pipelines.drafting.policy import load_policy
from pipelines.settings import Settings
from tests.demo.page_kit import MARKUP
from tests.demo.search_kit import Office
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401

KO = Words("ko", scope="insights")
ALL = Range(first=dt.date(2026, 11, 1), last=dt.date(2026, 11, 30))


def at(day: int, hour: int = 3) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC)


def test_what_is_counted(engine: Engine, tmp_path: Path) -> None:  # noqa: F811
    office = Office(tmp_path, engine)
    first = office.file("가로등 고장", filed_at=at(2))
    office.file("가로등 고장", filed_at=at(2, 16))  # the third in Korea
    office.file("녹물", filed_at=at(5), category="상하수도", department="상하수도과")
    office.file("옛일", filed_at=at(5) - dt.timedelta(days=40))
    with office.database.write() as session:
        session.add(UserRow(login="kim", name="김", role="official", active=True, failures=0,
                            created_at=at(1)))  # fmt: skip
        session.flush()
        for before in ("세무", "복지"):  # changed twice, one case
            session.add(CorrectionRow(case_id=office.case_id(first), time=at(3), user_id=1,
                                      field="category", before=before, after="교통"))  # fmt: skip
        late = {"state": "answered", "answered_at": dt.datetime(2026, 12, 1, 16, tzinfo=dt.UTC)}
        session.execute(sa.update(DocketRow).where(DocketRow.category == "상하수도").values(**late))
    found = numbers(office.database, ALL, dt.date(2026, 12, 2))
    assert [(day.day.day, day.cases, day.corrected) for day in found.days] == [
        (2, 1, 1), (3, 1, 0), (5, 1, 0),
    ]  # fmt: skip
    assert dict(found.categories) == {"교통": 2, "상하수도": 1}
    assert dict(found.places) == {"마포구 성산동": 3}
    deadlines = found.deadlines
    assert (deadlines.kept, deadlines.late, deadlines.running, deadlines.overdue) == (0, 1, 0, 2)
    one = Range(first=ALL.first, last=ALL.last, department="상하수도과")
    assert numbers(office.database, one, dt.date(2026, 12, 2)).total == 1


def test_themes_are_told_by_titles(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for n in range(24):
        office.file("가로등 고장 밤길" if n % 2 else "수돗물 녹물 빨래", filed_at=at(2))
    found = themes(office.database, ALL)
    assert found
    assert sum(theme.share for theme in found) == pytest.approx(1.0)
    assert found[0].titles == ("제목",)
    assert themes(office.database, Range(first=at(20).date(), last=at(21).date())) == ()


@pytest.fixture
def room(tmp_path: Path) -> InsightsRoom:
    office = Office(tmp_path)
    policy = load_policy(Settings().policy_path)
    learning = Learning(office.database, Classifier(policy, office.embedder), policy=policy)
    return InsightsRoom(database=office.database, policy=policy, learning=learning)


def test_an_empty_office_says_so(room: InsightsRoom) -> None:
    shown = room.show(KO, Show())
    for panel in (shown.volume, shown.deadlines, shown.errors, shown.themes):
        assert KO("nothing") in str(panel)
    assert KO("head_own") in str(shown.heads)


def test_a_department_of_markup_is_shown_as_text(room: InsightsRoom) -> None:
    shown = room.show(KO, Show(department=MARKUP[:60], first=dt.date(2026, 12, 1)))
    assert "<img" not in "".join(str(panel) for panel in (shown.filters, shown.volume))


def test_another_head_by_one_click(room: InsightsRoom) -> None:
    with room.database.write() as session:
        for step, active in enumerate((False, True)):
            session.add(
                HeadRow(created_at=at(2 + step), weights=b"", decisions=40, held_out=10,
                        before=0.7, after=0.8, verdict="better", active=active,
                        facts={"routed_before": 0.5, "routed_after": 0.9, "doubtful": [4, 7]})
            )  # fmt: skip
    shown = room.use_head(KO, UseHead(head=None))
    for told in ("70%", KO("head_routed", before="50%", after="90%"), KO("head_doubtful", count=2)):
        assert told in str(shown.heads)
    assert [head.active for head in room.learning.versions()] == [False, False]


def test_plots_of_little(room: InsightsRoom) -> None:
    day = dt.date(2026, 11, 2)
    assert "<circle" in area([(day, 0.0)], label="x")
    assert area([], label="x") == ""
    assert MARKUP not in bars({MARKUP: 3}, total=3)
