"""Fields out of forms: layouts that offices use, plain values, boxes on the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.drafting.fields import FIELDS_PATH, FieldValue, extract, load_fields
from pipelines.drafting.guess import Guesser
from pipelines.drafting.values import FieldType, normalise
from pipelines.errors import ModelFailed, PolicyInvalid
from pipelines.evaluation.blanks import forms
from pipelines.evaluation.forms import lines_of, score_all
from pipelines.foundation.fake import FakeModel
from pipelines.readers.boxes import overlap
from pipelines.readers.pages import Block, Cell, Line, Page, PagedDocument, Table
from tests.pipelines.drafting.paper_kit import paged

PLAN = load_fields()


def found_in(body: str) -> dict[str, FieldValue]:
    return {value.name: value for value in extract(paged(body), "s", PLAN)}


@pytest.mark.parametrize(
    ("written", "kind", "plain"),
    [
        ("2026. 3. 2.", "date", "2026-03-02"),
        ("2026년 3월 2일(월)", "date", "2026-03-02"),
        ("26.3.2", "date", "2026-03-02"),
        ("令和8年3月2日", "date", "2026-03-02"),
        ("2 March 2026", "date", "2026-03-02"),
        ("March 2, 2026", "date", "2026-03-02"),
        ("2 de marzo de 2026", "date", "2026-03-02"),
        ("2026. 13. 40.", "date", None),
        ("추후 통보", "date", None),
        ("금 1,485,000원", "amount", "1485000"),
        ("금 일백오십만원정(₩1,500,000)", "amount", "1500000"),
        ("1억 2천만 원", "amount", "120000000"),
        ("137만 원", "amount", "1370000"),
        ("3만 5천 원", "amount", "35000"),
        ("십이만원", "amount", "120000"),
        ("€ 1200", "amount", "1200"),
        ("무료", "amount", None),
        ("”3,410,000", "amount", "3410000"),
        ("”3410", "amount", None),
        ("0100147 1697", "phone", "010-0147-1697"),
        ("010 1234 5678", "phone", "010-1234-5678"),
        ("(031)555-0142", "phone", "031-555-0142"),
        ("01012345678", "phone", "010-1234-5678"),
        ("1588-0000", "phone", "1588-0000"),
        ("2026-03-02", "phone", None),
        ("홍 길 동 (인)", "person", "홍길동"),
        ("김가람 귀하", "person", "김가람"),
        ("María de la Cruz", "person", "María de la Cruz"),
        ("아래와 같이 신청합니다", "person", None),
        ("제 2026-0012 호", "number", "2026-0012"),
        ("민 원 -2026-7", "number", "민원-2026-7"),
        ("(우 12345) 새벌시 중앙로 100", "address", "새벌시 중앙로 100"),
        ("메일: a.b@c.example 로", "email", "a.b@c.example"),
        ("", "text", None),
    ],
)
def test_values_have_one_plain_form(written: str, kind: FieldType, plain: str | None) -> None:
    assert normalise(written, kind) == plain


@pytest.mark.parametrize(
    "body",
    [
        "| 성명 | 김가람 |\n| 연락처 | 010-0123-4567 |",
        "| 성 명 | 김가람 | 연 락 처 | 010-0123-4567 |",
        "| 성명 | 연락처 |\n| 김가람 | 010-0123-4567 |",
        "○ 성명 : 김가람\n\n○ 연락처 : 010-0123-4567",
        "성명: 김가람    연락처: 010-0123-4567",
        "1. 성명(한글): 김가람\n\n2. 연락처(휴대): 010-0123-4567",
        "Name: 김가람\n\nPhone: 010-0123-4567",
    ],
)
def test_labels_lead_to_values(body: str) -> None:
    values = {name: value.value for name, value in found_in(body).items()}
    assert values == {"applicant": "김가람", "phone": "010-0123-4567"}


def test_the_box_lies_on_the_value_and_not_on_its_label() -> None:
    line = Line(text="성명 : 김가람", box_pt=(100, 50, 200, 62))
    block = Block(kind="text", text=line.text, box_pt=line.box_pt, lines=(line,))
    page = Page(page_no=3, width_pt=595, height_pt=842, blocks=(block,))
    (value,) = extract(PagedDocument(pages=(page,), preview=Path("x.pdf")), "s", PLAN)
    assert value.where.page_no == 3
    assert value.where.box_pt[0] > 150
    assert value.where.box_pt[2] == 200


def test_the_agent_is_not_the_applicant() -> None:
    body = "신청인\n\n성명: 김가람\n\n대리인\n\n성명: 남궁별\n\n연락처: 010-0999-1111"
    values = found_in(body)
    assert values["applicant"].value == "김가람"
    assert "phone" not in values


def test_a_sentence_that_names_a_label_is_no_entry() -> None:
    assert (
        found_in("성명 및 연락처를 빠짐없이 적어 주시기 바랍니다. 주소 변경은 따로 신고합니다.")
        == {}
    )


def test_a_label_is_never_a_value() -> None:
    assert "applicant" not in found_in("| 성명 | 주소 | 연락처 |")


def test_hidden_text_fills_no_field() -> None:
    block = Block(kind="text", text="금액: 9,000,000원", box_pt=(0, 0, 9, 9), hidden=True)
    page = Page(page_no=1, width_pt=595, height_pt=842, blocks=(block,))
    assert extract(PagedDocument(pages=(page,), preview=Path("x.pdf")), "s", PLAN) == ()


def test_an_address_goes_on_in_the_next_line() -> None:
    lines = (
        Line(text="주소: 새벌시 은빛구 다온동", box_pt=(60, 10, 220, 22)),
        Line(text="한솔로 12, 101호", box_pt=(95, 28, 180, 40)),
    )
    blocks = tuple(Block(kind="text", text=x.text, box_pt=x.box_pt, lines=(x,)) for x in lines)
    page = Page(page_no=1, width_pt=595, height_pt=842, blocks=blocks)
    (value,) = extract(PagedDocument(pages=(page,), preview=Path("x.pdf")), "s", PLAN)
    assert value.value == "새벌시 은빛구 다온동 한솔로 12, 101호"
    assert value.where.box_pt[3] == 40


def test_what_no_label_leads_to_is_asked_of_the_fallback() -> None:
    asked = []
    extract(paged("성명: 김가람"), "s", PLAN, lambda spec, _: asked.append(spec.name))
    assert "applicant" not in asked
    assert "amount" in asked


def test_generated_forms_of_the_dev_split_are_read() -> None:
    scores = score_all("dev", None, Path())
    exact, boxes = lines_of(scores)[:2]
    assert exact.figure.n > 100
    assert exact.met
    assert boxes.met
    assert len(forms("dev")) == 20


def test_a_wrong_box_is_counted() -> None:
    form = forms("dev")[0]
    (_, placed), *_ = form.truth.values()
    assert overlap(placed.box_pt, (0, 0, 5, 5)) == 0.0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[field]]\nname = 'x'\n", "type"),
        ("[[field]]\nname = 'X y'\ntype = 'text'\nnames.ko = ['가']", "name"),
        ("[[field]]\nname = 'x'\ntype = 'text'\nnames.ko = ['가']\npattern = '('", "pattern"),
        ("[[field]]\nname = 'x'\ntype = 'text'\nnames.ko = ['가']\n" * 2, "twice"),
        ("field = 3", "field"),
        ("[[", "key"),
    ],
)
def test_a_broken_list_names_its_problem(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "fields.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyInvalid) as caught:
        load_fields(path)
    assert problem in str(caught.value.facts["problem"])


def test_an_office_adds_a_field_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    own = (
        '[[field]]\nname = "car"\ntype = "text"\nnames.ko = ["차량번호"]\n'
        "pattern = '\\d{2,3}[가-힣]\\d{4}'\n"
    )
    path.write_text(FIELDS_PATH.read_text(encoding="utf-8") + own, encoding="utf-8")
    plan = load_fields(path)
    body = "차량번호: 12가3456\n\n성명: 김가람"
    values = {v.name: v.value for v in extract(paged(body), "s", plan)}
    assert values == {"applicant": "김가람", "car": "12가3456"}


LETTER = "작년에는 30,000원을 냈습니다.\n\n잘못 낸 요금 12,000원을 돌려 달라고 청구합니다."


def test_the_model_chooses_among_values_that_stand_there() -> None:
    model = FakeModel(['{"line": 2}'])
    found = extract(paged(LETTER), "s", PLAN, Guesser(model=model, source="s"))
    assert [(v.name, v.value) for v in found] == [("amount", "12000")]
    assert found[0].confidence < 0.5
    assert len(model.asks) == 1  # no date, phone or mail stands there: nothing to ask
    assert model.asks[0].schema is not None
    assert model.asks[0].schema["properties"] == {"line": {"enum": [0, 1, 2]}}


@pytest.mark.parametrize("answer", ['{"line": 0}', '{"line": 9}', "no", ModelFailed(reason="x")])
def test_what_the_model_leaves_open_stays_open(answer: str | Exception) -> None:
    guesser = Guesser(model=FakeModel([answer]), source="s")
    assert extract(paged(LETTER), "s", PLAN, guesser) == ()


def test_a_name_that_a_scan_shows_with_a_blank_is_no_sentence() -> None:
    values = {name: value.value for name, value in found_in("이름    권은 솔").items()}
    assert values == {"applicant": "권은솔"}
    assert found_in("주소 변경은 따로 신고합니다") == {}


def test_on_a_page_that_lies_askew_a_value_has_the_box_of_its_own_line() -> None:
    """The upright boxes of the rows overlap there: each holds the middles of its neighbours."""
    rows = (("성명", "김가람"), ("연락처", "010-0123-4567"), ("신청일", "2026-03-02"))
    cells, lines = [], []
    for number, row in enumerate(rows):
        for col, text in enumerate(row):
            left, top = 60.0 + 200 * col, 100.0 + 26 * number - 20 * col
            box = (left, top - 20, left + 200, top + 46)
            cells.append(Cell(row=number, col=col, text=text, box_pt=box))
            lines.append(Line(text=text, box_pt=(left + 6, top + 6, left + 70, top + 19)))
    block = Block(
        kind="table",
        text="",
        box_pt=(60, 60, 460, 200),
        lines=tuple(lines),
        table=Table(rows=3, cols=2, cells=tuple(cells)),
    )
    page = Page(page_no=1, width_pt=595, height_pt=842, blocks=(block,), by_ocr=True)
    found = extract(PagedDocument(pages=(page,), preview=Path("p.pdf")), "s", PLAN)
    boxes = {value.text: value.where.box_pt for value in found}
    assert boxes == {text: lines[2 * n + 1].box_pt for n, (_, text) in enumerate(rows)}
