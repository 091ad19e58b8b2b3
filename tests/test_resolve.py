"""Words or a position -> the district that answers for it."""

from __future__ import annotations

import pytest

from pipelines.places.resolve import Resolved, locate, resolve


@pytest.mark.parametrize(
    ("text", "district", "dong"),
    [
        ("서울 마포구 성산2동 주민센터 앞", "서울특별시 마포구", "성산동"),
        ("강남구에서 역삼동으로 가는 길", "서울특별시 강남구", "역삼동"),
        ("수원시 장안구 정자동 육교", "경기도 수원시 장안구", "정자동"),
        ("부산 해운대구 우동", "부산광역시 해운대구", "우동"),
        ("경기도 수원시", "경기도 수원시", None),
    ],
)
def test_words(text: str, district: str, dong: str | None) -> None:
    assert resolve(text) == Resolved(district=district, dong=dong)


@pytest.mark.parametrize("text", ["", "그냥 골목", "서울", "중앙동 은행 앞", "성산동 125-3"])
def test_words_that_say_too_little_or_mean_several(text: str) -> None:
    assert resolve(text) is None


def test_the_offices_own_area_decides_between_namesakes() -> None:
    assert resolve("성산동 125-3", home="서울특별시 마포구") == Resolved(
        district="서울특별시 마포구", dong="성산동"
    )
    assert resolve("부산 해운대구 우동", home="서울특별시 마포구") == resolve("부산 해운대구 우동")


def test_a_position() -> None:
    assert locate(37.5663, 126.9014) == Resolved(district="서울특별시 마포구", dong="성산동")
    place = locate(37.30, 127.0)
    assert place is not None
    assert place.district == "경기도 수원시 장안구"


@pytest.mark.parametrize("position", [(0.0, 0.0), (35.0, 139.0), (91.0, 127.0), (37.0, 500.0)])
def test_a_position_at_sea_abroad_or_nowhere(position: tuple[float, float]) -> None:
    assert locate(*position) is None
