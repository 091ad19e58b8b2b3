"""The checks by themselves: facts, citations, urgency, the speaker's own words."""

from __future__ import annotations

import pytest

from pipelines.drafting import cite, own_words
from pipelines.drafting.case import CaseDraft, Citation
from pipelines.drafting.facts import Held
from pipelines.drafting.urgency import bounded
from tests.pipelines.drafting.draft_kit import STREET_LAMP, answer, draft, heard, policy


@pytest.mark.parametrize(
    ("language", "said", "claim", "strange"),
    [
        ("ko", "놀이터 그네가 부러졌어요", "놀이터의 그네가 부러졌습니다", ()),
        ("ko", "놀이터 그네가 부러졌어요", "학교 그네가 부러졌습니다", ("학교",)),
        ("ko", "불편해요", "불이 났습니다", ("불",)),
        ("ko", "13번 버스", "3번 버스", ("3번",)),
        ("ko", "세 번 전화했어요", "3시에 전화했습니다", ("3시",)),
        ("ko", "두 달째 기다려요", "2달째 기다립니다", ()),
        ("en", "The swing is broken", "A broken swing", ()),
        ("en", "The swing is broken", "A broken slide", ("slide",)),
        ("ja", "公園の街灯が消えています", "公園の街灯が消えた", ()),
        ("ja", "公園の街灯が消えています", "学校の街灯が消えた", ("学校",)),
        ("zh", "路灯坏了", "学校的路灯坏了", ("学校的路灯坏了",)),
        ("es", "La farola está rota", "El semáforo está roto", ("semáforo",)),
    ],
)
def test_what_is_not_in_the_evidence(
    language: str, said: str, claim: str, strange: tuple[str, ...]
) -> None:
    found = Held(said, language).missing(claim)
    if language == "zh":
        assert bool(found) == bool(strange)
    else:
        assert found == strange


@pytest.mark.parametrize(
    ("chosen", "said", "becomes"),
    [
        ("emergency", "가로등이 꺼졌어요", "normal"),
        ("high", "서류를 알고 싶어요", "normal"),
        ("high", "아이가 다칠 뻔했어요", "high"),
        ("low", "사람이 갇혔어요", "emergency"),
        ("normal", "gas leak in the hall", "emergency"),
        ("low", "칭찬합니다", "low"),
    ],
)
def test_urgency_stays_within_what_was_said(chosen: str, said: str, becomes: str) -> None:
    assert bounded(chosen, [said], policy(), "ko") == becomes  # type: ignore[arg-type]


def broken(**changed: object) -> CaseDraft:
    made, _ = draft([answer()])
    return made.draft.model_copy(update=changed)


def test_a_citation_that_does_not_exist_is_caught() -> None:
    wrong = Citation(field="title", claim="x", evidence=[7])
    assert cite.problems(broken(citations=[wrong]), heard(*STREET_LAMP)) == [
        "title: no such evidence"
    ]


def test_a_place_that_its_evidence_does_not_hold_is_caught() -> None:
    wrong = Citation(field="place", claim="강남구", evidence=[0])
    assert cite.problems(broken(citations=[wrong]), heard(*STREET_LAMP)) == [
        "place: not in its evidence"
    ]


def test_a_quote_that_nobody_said_is_caught() -> None:
    found = cite.problems(broken(summary='시장이 "내일 고친다"고 했다'), heard(*STREET_LAMP))
    assert found == ["summary: a quote that nobody said"]


def test_the_carriers_are_the_pieces_that_share_the_rare_letters() -> None:
    evidence = heard("가로등이 꺼졌어요", "물이 새요", "가로등 옆에 물이 고여요")
    assert cite.carriers("물이 새요", evidence) == [1]
    assert cite.carriers("기차표", evidence) == []


def test_own_words_are_never_reworded() -> None:
    for name in ("title", "summary", "request"):
        told = own_words.field_of(name, STREET_LAMP)
        assert told.rstrip("…") in " ".join(STREET_LAMP)
    assert own_words.field_of("request", ["물이 샙니다."]) == ""
    assert len(own_words.field_of("summary", ["말 " * 600])) <= 220
