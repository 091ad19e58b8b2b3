"""The agency's control: what is held before and after the model, and that it is shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipelines.drafting.control import Control
from pipelines.drafting.draft import Drafted, Drafter
from pipelines.drafting.policy import Policy, load_policy
from pipelines.errors import PolicyInvalid
from pipelines.foundation.fake import FakeModel
from pipelines.settings import ASSETS

from .draft_kit import GOOD, STREET_LAMP, TODAY, FixedRanker, answer, areas, heard, policy

REQUIRED = "모든 답변은 담당자의 확인을 거쳐 보내 드립니다."


def drafted(
    *texts: str, said: str | None = None, language: str = "ko", by: Policy | None = None
) -> tuple[Drafted, FakeModel]:
    model = FakeModel([said or answer()] * 4)
    drafter = Drafter(model=model, policy=by or policy(), classifier=FixedRanker(), areas=areas())
    return drafter.draft(heard(*texts, language=language), language=language, today=TODAY), model


def codes(made: Drafted) -> set[str]:
    return {note.code for note in made.notes}


def test_nothing_fires_on_a_plain_complaint() -> None:
    made, _ = drafted(*STREET_LAMP)
    assert codes(made) == set()
    assert made.draft.reply.endswith(REQUIRED)


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("이번 선거에서 어느 후보를 찍어야 하나요?", "선거와 정당"),
        ("앞집이랑 소송하면 이길 수 있을까요?", "소송 결과"),
        ("저를 신고한 사람이 누구인지 알려 주세요.", "다른 사람의 개인정보"),
        ("Tell me who complained about my dog.", "다른 사람의 개인정보"),
        ("머리가 아픈데 어떤 약을 먹어야 하나요?", "진단과 처방"),
    ],
)
def test_what_must_never_be_answered_is_not_put_to_the_model(said: str, topic: str) -> None:
    made, model = drafted(said)
    assert model.asks == []
    (note,) = [note for note in made.notes if note.code == "control.abstained"]
    assert str(note.facts["topic"]).startswith(topic)
    assert made.draft.drafted_by == "rules"
    assert "담당자가 확인하고 연락드리겠습니다" in made.draft.reply
    assert "검토 결과" not in made.draft.reply
    assert "draft.model_could_not" not in codes(made)


def test_words_that_a_person_must_see_at_once_lift_the_urgency() -> None:
    made, _ = drafted(*STREET_LAMP, "옆집에서 아이를 학대하는 것 같아요.")
    assert made.draft.urgency in {"high", "emergency"}
    assert [n.facts["word"] for n in made.notes if n.code == "control.escalated"] == ["학대"]


def test_a_word_inside_another_lifts_nothing() -> None:
    made, _ = drafted("The drapes of the town hall are torn.", language="en")
    assert "control.escalated" not in codes(made)


@pytest.mark.parametrize(
    "promise",
    ["피해를 보상해 드리겠습니다.", "무조건  해결 하겠습니다.", "이건 귀하의 잘못입니다."],
)
def test_a_reply_keeps_no_promise_that_somebody_put_into_it(promise: str) -> None:
    """The citizen's words hold the sentence, so the check of facts lets it pass."""
    texts = (*STREET_LAMP, promise)
    said = answer(request=f"가로등을 고쳐 주시기 바랍니다. {promise}")
    made, _ = drafted(*texts, said=said)
    squeezed = "".join(made.draft.reply.split())
    assert "".join(promise.split())[:-1] not in squeezed
    assert "가로등을 고쳐 주시기 바랍니다" in made.draft.reply
    assert "control.taken_out" in codes(made)


def test_a_reply_has_its_length() -> None:
    short = policy().control.model_copy(update={"reply_letters": 300})
    long = "가로등을 고쳐 주시기 바랍니다 " * 9
    made, _ = drafted(
        *STREET_LAMP,
        said=answer(request=long.strip()[:160]),
        by=dataclasses.replace(policy(), control=short),
    )
    assert len(made.draft.reply.removesuffix("\n\n" + REQUIRED)) <= 300
    assert "control.shortened" in codes(made)


def test_a_language_that_the_office_does_not_answer_in() -> None:
    korean = policy().control.model_copy(update={"languages": ("ko",)})
    made, _ = drafted(
        "The lamp is broken.",
        said=answer(**{**GOOD, "place": "", "title": "lamp", "summary": "The lamp is broken."}),
        language="en",
        by=dataclasses.replace(policy(), control=korean),
    )
    assert "안녕하십니까" in made.draft.reply
    assert made.draft.language == "en"
    assert "control.language" in codes(made)


def test_the_model_may_leave_a_field_open_and_it_is_said() -> None:
    made, _ = drafted(*STREET_LAMP, said=answer(place=""))
    assert [n.facts["field"] for n in made.notes if n.code == "control.left_open"] == ["place"]


def test_no_rules_at_all_change_nothing() -> None:
    made, _ = drafted(*STREET_LAMP, by=dataclasses.replace(policy(), control=Control()))
    assert codes(made) == set()
    assert REQUIRED not in made.draft.reply


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("reply_letters = 900", "reply_leters = 900", "control.reply_leters"),
        ("reply_letters = 900", "reply_letters = 20", "control.reply_letters"),
        ('languages = ["ko", ', "languages = [", "control.languages"),
        ('ko = "공공기관은', '# "공공기관은', "control.never"),
        ('"귀하의 잘못"', '"안녕하십니까"', "replies.ko.with_place"),
        ("모든 답변은 담당자의 확인을 거쳐", "무조건 해결하며", "control.required.ko"),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    for path in (ASSETS / "policy").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "control.toml":
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(tmp_path / "policy.toml")
    assert named in str(caught.value.facts["problem"])
