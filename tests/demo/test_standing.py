"""A citizen looks after a filed case: where it stands, answering, adding, taking it back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from demo.present import Words
from demo.standing import standing_panel
from demo.store.tracking import Standing
from pipelines.drafting.policy import load_policy
from pipelines.errors import CaseFiled, CaseNotFound, CaseNotReady
from pipelines.settings import Settings
from tests.demo.desk_kit import Office, an_office
from tests.demo.store_kit import make_recording, make_result

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return an_office(tmp_path)


def stands(office: Office, key: tuple[str, str]) -> Standing:
    found = office.store.tracking.standing(*key)
    assert found is not None
    return found


def shown(found: Standing, language: str = "ko") -> str:
    return standing_panel(Words(language), found, load_policy(Settings().policy_path))


def test_from_filing_to_the_answer_of_a_named_person(office: Office) -> None:
    key = office.filed()
    assert stands(office, key).state == "received"
    office.work.request_more(office.road, key[0], office.version(key[0]), f"번호는? {MARKUP}")
    waiting = stands(office, key)
    assert [message.kind for message in waiting.messages] == ["request"]
    assert "mw-reply-form" in shown(waiting)
    assert MARKUP not in shown(waiting)
    office.store.tracking.reply(*key, "7-12입니다")
    office.work.note(office.road, key[0], office.version(key[0]), "민원인에게 보이지 않는 말")
    office.work.approve(office.road, key[0], office.version(key[0]), "고쳤습니다.")
    done = stands(office, key)
    assert done.state == "answered"
    assert done.answer is not None
    assert done.answer.by == office.road.name
    assert [message.kind for message in done.messages] == ["request", "reply"]
    page = shown(done)
    assert "고쳤습니다." in page
    assert "보이지 않는 말" not in page
    assert [kind for _, kind in done.steps] == [
        "filed",
        "requested",
        "replied",
        "answered",
    ]


def test_a_wrong_secret_shows_nothing(office: Office) -> None:
    number, _ = office.filed()
    _, other = office.filed()
    for call in (office.store.tracking.standing, office.store.tracking.withdraw):
        with pytest.raises(CaseNotFound):
            call(number, other)
    assert office.docket.get(number).state == "received"


def test_what_is_withdrawn_is_nobodys_work(office: Office) -> None:
    key = office.filed()
    office.store.tracking.withdraw(*key)
    assert stands(office, key).state == "withdrawn"
    with pytest.raises(CaseNotReady):
        office.store.tracking.withdraw(*key)
    with pytest.raises(CaseNotReady):
        office.store.tracking.reply(*key, "아직도")
    with pytest.raises(CaseFiled):
        office.store.add(*key, [make_recording(office.folder, b"more")], limit=5)


def test_a_file_for_a_filed_case_is_evidence_and_the_draft_stays(office: Office) -> None:
    key = office.filed()
    office.work.request_more(office.road, key[0], office.version(key[0]), "사진을 보내 주세요")
    before = office.store.find(*key)
    more = make_recording(office.folder, b"another recording " * 50)
    office.store.add(*key, [more], limit=5)
    assert stands(office, key).state == "working"
    ledger = office.store.ledger
    claim = ledger.claim(key[0])
    assert claim is not None
    assert claim.kind == "add"
    result = make_result(more, title="다른 제목", category="복지")
    ledger.record_result(
        key[0], dataclasses.replace(result, evidence=(*before.evidence, *result.evidence))
    )
    after = office.store.find(*key)
    assert (after.status, after.draft, after.model) == ("filed", before.draft, before.model)
    assert len(after.evidence) == 2 * len(before.evidence)
    assert len(after.media) == 2


def test_a_late_file_that_fails_leaves_the_case_filed(office: Office) -> None:
    key = office.filed()
    more = make_recording(office.folder, b"broken recording " * 50)
    office.store.add(*key, [more], limit=5)
    office.store.ledger.claim(key[0])
    office.store.ledger.record_end(key[0], "failed", None, ())
    assert office.store.find(*key).status == "filed"
    assert office.store.ledger.enqueue(key[0], "run"), "it can be tried again"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_state_and_step_has_its_words(office: Office, language: str) -> None:
    found = stands(office, office.filed())
    for state in ("received", "working", "waiting", "answered", "withdrawn", "merged"):
        page = shown(dataclasses.replace(found, state=state), language)
        assert "standing." not in page


def test_a_photos_position_finds_the_district_where_words_do_not(office: Office) -> None:
    media = make_recording(office.folder, b"with a photo " * 50)
    receipt = office.store.open(media, None)
    office.store.ledger.claim(receipt.number)
    office.store.ledger.record_result(receipt.number, make_result(media, place="놀이터 앞"))
    key = (receipt.number, receipt.secret)
    office.store.file(*key, office.store.find(*key).version, at=(37.5663, 126.9014))
    line = office.docket.get(key[0])
    assert (line.district, line.dong) == ("서울특별시 마포구", "성산동")
