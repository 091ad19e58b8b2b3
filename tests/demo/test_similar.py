"""Twins among open cases, answered ones like it, and what a citizen may learn of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from pathlib import Path

import pytest

from demo.office.found import Found
from demo.office.similar import similar_panel
from demo.present import Words
from demo.store.docket import Docket
from demo.store.docket import Filters as DocketFilters
from demo.store.search import Filters
from demo.store.similar import Joinable, Matter, Similar, reasons
from pipelines.drafting.classify import Classifier
from pipelines.drafting.policy import load_policy
from pipelines.errors import CaseNotFound
from pipelines.settings import Settings
from tests.demo.search_kit import FILED, Office, TokenEmbedder

SAID = "가로등이 꺼져서 밤에 어두워요"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@functools.cache
def classifier() -> Classifier:
    """Trained once: it keeps nothing of the cases that it reads."""
    return Classifier(load_policy(Settings().policy_path), TokenEmbedder())


def similar(office: Office) -> Similar:
    return Similar(office.database, office.search, office.meanings, office.indexer, classifier())


def test_greetings_and_pleas_make_no_twins(office: Office) -> None:
    """They are alike in all cases: only the sentences that tell the matter are compared."""
    polite = "안녕하세요 수고 많으십니다. {} 빨리 확인해 주세요. 부탁드립니다."
    office.file(polite.format("수돗물에서 녹물이 나와 빨래를 못 해요."), category="상하수도")
    new = office.file(polite.format("가로등이 꺼져서 밤에 어두워요."), category="안전건설")
    assert similar(office).twins(new) == ()


def test_the_same_matter_at_the_same_spot_is_a_twin(office: Office) -> None:
    first = office.file(SAID, place="성산동 한빛아파트 앞")
    again = office.file("밤에 어두워요 가로등이 꺼져서", place="성산동 한빛 아파트 정문")
    found = similar(office).twins(again)
    assert [twin.number for twin in found] == [first]
    assert found[0].spot == 1.0
    assert reasons(found[0]) == ("spot", "meaning", "category", "week")
    assert reasons(dataclasses.replace(found[0], meaning=0.2, days=8)) == ("spot", "category")


def test_an_official_who_types_a_number_sees_that_case_alone(office: Office) -> None:
    first, again = office.file(SAID), office.file(SAID)
    docket = Docket(office.database)
    found = Found(docket=docket, cases=office.search, alike=similar(office))
    assert found.find(again.lower(), DocketFilters()) == (again,)
    assert set(found.find("가로등", DocketFilters())) == {first, again}


@pytest.mark.parametrize(("language", "why"), [("ko", "장소 · 내용"), ("en", "spot · matter")])
def test_officials_read_why_a_case_is_suggested(office: Office, language: str, why: str) -> None:
    office.file(SAID, state="answered")
    first, again = office.file(SAID), office.file(SAID)
    docket = Docket(office.database)
    found = Found(docket=docket, cases=office.search, alike=similar(office)).similar(again)
    page = similar_panel(Words(language, "office"), found)
    assert f'data-merge="{first}"' in page
    assert page.count(why) == 1, "an answered one is offered for its answer"


@pytest.mark.parametrize(
    "other",
    [
        {"place": "성산동 대림약국 앞"},
        {"dong": "망원동"},
        {"state": "answered"},
        {"filed_at": FILED - dt.timedelta(days=60)},
        {"text": "수돗물에서 녹물이 나와 빨래를 못 해요", "category": "상하수도"},
    ],
    ids=["another spot", "another dong", "answered", "long ago", "another matter"],
)
def test_what_is_no_twin(office: Office, other: dict[str, object]) -> None:
    office.file(**({"text": SAID} | other))  # type: ignore[arg-type]
    new = office.file(SAID)
    assert similar(office).twins(new) == ()


def test_a_case_without_a_dong_is_nobodys_twin(office: Office) -> None:
    office.file(SAID)
    assert similar(office).twins(office.file(SAID, dong=None)) == ()
    with pytest.raises(CaseNotFound):
        similar(office).twins("MW-20261101-XXXXX")


def test_a_citizen_learns_no_words_of_others(office: Office) -> None:
    number = office.file(SAID, filed_at=dt.datetime(2026, 11, 4, 3, tzinfo=dt.UTC))
    about = Matter(
        text=SAID,
        place="성산동 한빛아파트",
        categories={"교통": 1.0},
        district="서울특별시 마포구",
        dong="성산동",
        filed_at=FILED,
    )
    assert similar(office).joinable(about) == (
        Joinable(
            number=number,
            category="교통",
            dong="성산동",
            week=dt.date(2026, 11, 2),
            state="received",
            joined=0,
        ),
    )
    shown = {field.name for field in dataclasses.fields(Joinable)}
    assert shown == {"number", "category", "dong", "week", "state", "joined"}


def test_answered_cases_wherever_they_were(office: Office) -> None:
    old = office.file(
        SAID, state="answered", dong="망원동", filed_at=FILED - dt.timedelta(days=300)
    )
    office.file("수돗물에서 녹물이 나와요", state="answered")
    new = office.file(SAID)
    assert similar(office).answered(new)[0] == old
    assert similar(office).answered(new, filters=Filters(departments=("세무과",))) == ()
