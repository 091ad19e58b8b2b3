"""A district and its quarter: what is misheard in one is put right by the other."""

from __future__ import annotations

import pytest

from pipelines.places import Areas
from pipelines.readers.area_pairs import AreaPairs
from pipelines.readers.correct import Corrector
from pipelines.types import Word


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture(scope="module")
def pairs(areas: Areas) -> AreaPairs:
    return AreaPairs(areas.inside)


@pytest.mark.parametrize(
    ("above", "below", "meant"),
    [
        ("종로구", "헤화동", ("종로구", "혜화동")),
        ("강서구", "하곡동", ("강서구", "화곡동")),
        ("종농구", "혜화동", ("종로구", "혜화동")),
        ("서울시", "강석구", ("서울시", "강서구")),
    ],
)
def test_one_puts_the_other_right(
    pairs: AreaPairs, above: str, below: str, meant: tuple[str, str]
) -> None:
    found = pairs.find(above, below)
    assert found is not None
    assert (found.above, found.below) == meant


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("종로구", "혜화동"),  # right already
        ("종로구", "자동"),
        ("종로구", "주차장"),
        ("종로구", "놀이운동"),
        ("가온시", "은행동"),  # a city that is in no list
        ("구청", "활동가"),
        ("중구", "중구"),
    ],
)
def test_what_is_right_or_far_stays(pairs: AreaPairs, above: str, below: str) -> None:
    assert pairs.find(above, below) is None


def said(text: str) -> list[Word]:
    return [
        Word(text=word, start_s=float(i), end_s=i + 0.8, confidence=0.95)
        for i, word in enumerate(text.split())
    ]


def test_it_is_never_silent_and_particles_and_commas_stay(areas: Areas) -> None:
    fixed = Corrector(["가로등"], areas).correct(said("종로구, 헤화동에 사는데요."))
    assert [word.text for word in fixed] == ["종로구", "혜화동에", "사는데요."]
    assert fixed[1].heard == "헤화동에"
    assert fixed[1].unsure
    assert fixed[0].heard is None


def test_a_comma_within_a_place_goes(areas: Areas) -> None:
    fixed = Corrector([], areas).correct(said("종로구, 혜화동, 골목에"))
    assert [word.text for word in fixed] == ["종로구", "혜화동,", "골목에"]
    assert all(word.heard is None and not word.unsure for word in fixed)


def test_a_particle_between_them_makes_them_no_pair(areas: Areas) -> None:
    words = said("종로구에서 헤화동")
    assert Corrector([], areas).correct(words) == words
