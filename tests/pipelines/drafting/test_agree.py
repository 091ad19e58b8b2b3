"""What several files agree on, and where they contradict."""

from __future__ import annotations

from pipelines.drafting.agree import agreements
from tests.pipelines.drafting.draft_kit import areas

SPOKEN = ("말.ogg", ["마포구 성산동 놀이터 앞 가로등이 꺼졌어요.", "빨리 고쳐 주세요."])


def test_a_district_and_a_quarter_within_it_are_the_same_place() -> None:
    notes = agreements([SPOKEN, ("편지.pdf", ["서울특별시 마포구의 가로등입니다."])], areas())
    assert [note.code for note in notes] == ["bundle.same_place"]
    assert notes[0].facts == {"place": "마포구 성산동", "count": 2}


def test_places_that_lie_apart_are_named_with_their_files() -> None:
    notes = agreements([SPOKEN, ("사진.jpg", ["강남구 역삼동"])], areas())
    assert [note.code for note in notes] == ["bundle.places_differ"]
    assert notes[0].facts == {
        "file": "말.ogg",
        "place": "마포구 성산동",
        "other_file": "사진.jpg",
        "other_place": "강남구 역삼동",
    }


def test_of_three_files_two_may_agree_and_one_contradict() -> None:
    files = [SPOKEN, ("사진.jpg", ["강남구 역삼동"]), ("편지.pdf", ["마포구 성산동 12-3"])]
    notes = agreements(files, areas())
    assert [note.code for note in notes] == ["bundle.same_place", "bundle.places_differ"]
    assert notes[0].facts["count"] == 2


def test_files_without_a_place_say_nothing_of_it() -> None:
    assert agreements([SPOKEN, ("메모.txt", ["불이 안 켜집니다."])], areas()) == []
    assert agreements([SPOKEN], areas()) == []


def test_one_day_in_two_files_is_told_and_two_days_are_no_contradiction() -> None:
    one, two = (
        ("a.pdf", ["2026년 11월 20일에 신청"]),
        ("b.pdf", ["접수 2026-11-20", "2026. 12. 1."]),
    )
    notes = agreements([one, two], areas())
    assert [(note.code, note.facts) for note in notes] == [
        ("bundle.same_day", {"date": "2026-11-20", "count": 2})
    ]
