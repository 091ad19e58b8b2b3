"""Threat 31: personal data is found in what people write and say, and nothing else is taken for it.

The measure is `./run eval privacy`; here are its floor and the promises of masking.
"""

from __future__ import annotations

import itertools
import json
import time

import pytest

from pipelines.drafting.privacy import KINDS, NOT_IN_ASKS, find, mask, mask_parts, mask_rows
from pipelines.drafting.privacy.results import masked_pieces
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.evaluation.privacy import judge
from pipelines.evaluation.privacy_lines import Split, lines
from pipelines.foundation.fake import FakeModel
from pipelines.types import Evidence, PageSpot, Word
from tests.pipelines.drafting.draft_kit import answer, draft, heard
from tests.pipelines.drafting.paper_kit import PairsEmbedder, read


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("연락처 010-1234-5678", "연락처 010-****-****"),
        ("０１０－１２３４－５６７８로", "０１０－****－****로"),
        ("010\u200b-1234-\u200b5678", "010\u200b-****-\u200b****"),
        ("H.P.010.2345.6789", "H.P.010.****.****"),
        ("(02) 345-6789 전화", "(02) ***-**** 전화"),
        ("+82-10-1234-5678", "+82-10-****-****"),
        ("제 번호는 공일공에 일이삼사에 오육칠팔이에요", "제 번호는 공일공* ***** *****에요"),
        ("공일공 하이픈 구팔 칠육 다시 1234", "공일공 *** ** ** ** ****"),
        ("공일공 천이백삼십사 오천육백칠십팔로", "공일공 ****** *******로"),
        ("주민번호 900101-1234567", "주민번호 ******-*******"),
        ("900101-1******", "******-*******"),
        ("구공공일공일 다시 일이삼사오육칠", "****** ** *******"),
        ("외국인등록번호 8501015123456", "외국인등록번호 *************"),
        ("여권 M123A4567", "여권 *********"),
        ("면허 11-12-123456-78", "면허 **-**-******-**"),
        ("카드 4111-1111-1111-1111", "카드 ****-****-****-****"),
        ("국민은행 123456-78-901234 홍길동", "국민은행 ******-**-****** 홍길동"),
        ("hong@naver.com", "****@*****.***"),
        ("홍 골뱅이 네이버 점 컴", "* *** *** * *"),
        ("성 명 : 홍 길 동", "성 명 : 홍 * *"),
        ("저는 김민수입니다.", "저는 김**입니다."),
        ("저는 남궁민수라고 합니다.", "저는 남궁**라고 합니다."),
        ("체납자로 류수빈이 올라와 있습니다", "체납자로 류**이 올라와 있습니다"),
        ("어제 접수한 맹채원인데요", "어제 접수한 맹**인데요"),
        ("입금자명 소수빈, 길순자 외 12명", "입금자명 소**, 길** 외 12명"),
        ("我是张伟,手机010-1234-5678", "我是张*,手机010-****-****"),
        ("주민번호는 오팔공팔이이 이삼삼구일일이요", "주민번호는 ****** *******요"),
        ("우리집 주소는 성산동 125-3이에요", "우리집 주소는 성산동 ***-*이에요"),
        ("한빛아파트 101동 1203호에서 물이 새요", "한빛아파트 ***동 ****호에서 물이 새요"),
        ("백일동 천이백삼호에 사는 김민수입니다", "**동 ****호에 사는 김**입니다"),
        ("주민번호 뒷자리는 1234567", "주민번호 뒷자리는 *******"),
        ("my number is oh one oh, one two three four, five six seven eight",
         "my number is ** *** **, *** *** ***** ****, **** *** ***** *****"),
        ("電話はゼロいちゼロの一二三四の五六七八です", "電話は****************です"),
    ],
)  # fmt: skip
def test_what_is_masked_keeps_its_shape(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "성산동 125-3 앞 가로등이 2026년 11월 24일 20시 10분부터 꺼져 있습니다",
        "「민원처리법」 제2조제1항, 2024가단123456, 안전과-12345호",
        "과태료 1,250,000원, 12가 3456 차량, 101동 302호 앞",
        "8801234567893 바코드, 123-45-67890 사업자",
        "1588-1234, 119, 제02-2024-1234호",
        "이천이십육년 십일월 이십사일 오후 세 시에 이삼일 걸린다고 했습니다",
        "1차 공사 2025.03.02.~2025.06.30., 착공 2025.12.15.",
        "이 골목 이름은 은하길이고, 방음벽과 제설제와 유아차가 필요합니다",
        "무인 민원기와 법인 주민세, 보행자 신호기가 문제입니다",
        "신청인 주소와 민원인 이름을 적고 담당자 연락을 기다리라고 합니다",
        "저는 학생입니다. 이장님과 위원장님, 주무관님께 말씀드렸습니다.",
        "",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(("split", "recall"), [("test", 0.99), ("fourth", 0.9)])
def test_the_lines_stay_above_what_was_reached(split: Split, recall: float) -> None:
    """Of "test" the misses were mended, of "fourth" none: docs/decisions/privacy.md."""
    judged = [judge(line, find(line.text)) for line in lines(split)]
    hits = [hit for one in judged for _, hit in one.hits]
    right = [fine for one in judged for _, fine in one.right]
    assert len(hits) > 140
    assert sum(hits) / len(hits) >= recall
    assert sum(right) / len(right) >= 0.95


def test_findings_are_in_order_and_apart() -> None:
    for line in lines("dev"):
        found = find(line.text)
        assert all(one.end <= other.start for one, other in itertools.pairwise(found))
        assert all(0 <= one.start < one.end <= len(line.text) for one in found)
        assert {one.kind for one in found} <= KINDS
        assert len(mask(line.text)) == len(line.text)


def test_only_the_kinds_that_are_asked_for_are_masked() -> None:
    text = "저는 김민수입니다. 한빛아파트 101동 1203호, 010-1234-5678"
    assert mask(text, {"phone"}) == "저는 김민수입니다. 한빛아파트 101동 1203호, 010-****-****"
    assert "101동 1203호" in mask(text, NOT_IN_ASKS)


def test_a_number_over_two_words_or_lines_is_masked_in_both() -> None:
    assert mask_parts(["공일공", "일이삼사", "오육칠팔"]) == ["공일공", "****", "****"]
    assert mask_parts(["성명", "홍길동"], between="\n") == ["성명", "홍**"]


def test_a_table_is_read_along_its_rows_and_below_its_heads() -> None:
    rows = [("성명", "전화번호", "금액"), ("홍길동", "345-6789", "12000"), ("김민수", "-", "3")]
    assert mask_rows(rows)[1:] == [("홍**", "***-****", "12000"), ("김**", "-", "3")]
    assert mask_rows([("", "신청인", "박하늘")]) == [("", "신청인", "박**")]


def test_evidence_keeps_its_places_and_loses_what_was_heard() -> None:
    where = PageSpot(page_no=1, box_pt=(1, 2, 3, 4))
    words = tuple(
        Word(text=text, start_s=n, end_s=n + 1, confidence=0.5, heard=text)
        for n, text in enumerate([" 번호는", " 공일공", " 일이삼사", " 오육칠팔"])
    )
    piece = Evidence(
        source="a",
        where=where,
        text="번호는 공일공 일이삼사 오육칠팔",
        confidence=1,
        language="ko",
        words=words,
    )
    label = Evidence(source="a", where=where, text="성명", confidence=1, language="ko")
    name = Evidence(source="a", where=where, text="홍길동", confidence=1, language="ko")
    spoken, *_, under = masked_pieces((piece, label, name))
    assert spoken.text == "번호는 공일공 **** ****"
    assert [word.text for word in spoken.words] == [" 번호는", " 공일공", " ****", " ****"]
    assert [word.heard for word in spoken.words] == [None] * 4
    assert (spoken.where, under.text) == (where, "홍**")


@pytest.mark.parametrize(
    "bad",
    ["공", "0 ", "가나다로 ", "010-", "a@", "a.", "일 이, ", "성명 ", "oh ", "서울 ", "1234-",
     "골뱅이", "신청인 홍길동 ", "010-1234-5678 ", "101동 ", "성명("],
)  # fmt: skip
def test_a_long_hostile_line_takes_no_time(bad: str) -> None:
    """Nobody may stop the desk with a text that the patterns choke on."""
    whole = bad * (8000 // len(bad))
    started = time.perf_counter()
    find(whole)
    assert time.perf_counter() - started < 2.0


def test_no_model_reads_a_persons_numbers_and_no_draft_holds_them() -> None:
    """Whatever the model copies of its prompt, and without any model."""
    told = (
        "저는 김민수입니다, 마포구 성산동 놀이터 앞 가로등이 꺼졌어요.",
        "제 전화는 공일공 일이삼사 오육칠팔이고 주민번호는 900101-1234567입니다.",
        "가로등을 고치고 010-2345-6789로 연락해 주세요.",
    )
    secrets = ("민수", "일이삼사", "900101", "2345-6789", "6789")
    request = "가로등을 고치고 010-****-****로 연락해 주세요."
    by_model = answer(request=request, summary="성산동 놀이터 앞 가로등이 꺼졌어요.")
    for answers in ([by_model], []):
        drafted, model = draft(answers, heard(*told))
        written = drafted.draft.model_dump_json()
        assert not any(secret in written for secret in secrets)
        assert "010-****-****" in drafted.draft.request
        assert len(model.asks) == 1, "a masked number is no invention: nothing is asked again"
        assert not any(secret in model.asks[0].user for secret in secrets)
        assert "성산동 놀이터 앞" in model.asks[0].user


def test_an_answer_is_asked_for_masked_and_given_as_it_stands() -> None:
    line = "도로과 담당자의 전화번호는 02-345-6789입니다."
    question = "도로과 담당자의 전화번호는 몇 번입니까?"
    words = json.dumps({"line": 1, "answer": "02-***-****"})
    model = FakeModel([words])
    index = Index([read(line)], Vectorer(PairsEmbedder()))
    found = Answerer(model=model).answer(index, question)
    assert "02-345-6789" in found.text
    assert found.citations[0].quote == line
    assert "345-6789" not in model.asks[0].user
