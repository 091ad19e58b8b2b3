import shutil
from pathlib import Path

import pytest

from pipelines.drafting.policy import REPLY_KINDS, SLOTS, Policy, load_policy
from pipelines.errors import PolicyInvalid
from pipelines.settings import ASSETS
from pipelines.types import LANGUAGES

CLASSES = """
    건축허가 경제 공통 교통 농업_축산 문화_체육_관광 보건소 복지 산림
    상하수도 세무 안전건설 위생 자동차 정보통신 토지 행정 환경미화
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ASSETS / "policy" / "policy.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ASSETS / "policy", tmp_path / "policy"))


def test_ours_has_the_eighteen_classes_with_breadth(policy: Policy) -> None:
    assert {entry.code for entry in policy.categories} == set(CLASSES.split())
    for entry in policy.categories:
        assert entry.department
        assert entry.working_days in (7, 14)
        assert len(entry.examples) >= 14
        assert len(entry.descriptions) >= 2
        assert set(entry.names) == set(entry.departments) == set(LANGUAGES)
    assert 300 <= len(policy.vocabulary) <= 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_take_facts_and_promise_nothing(policy: Policy, language: str) -> None:
    facts = {slot: f"<{slot}>" for slot in SLOTS}
    for kind in REPLY_KINDS:
        text = policy.replies[language][kind].format_map(facts)
        assert "<department>" in text
        assert "<due_date>" in text
        assert ("<place>" in text) == kind.endswith("with_place")
        assert ("119" in text) == kind.startswith("emergency")
        assert "반드시" not in text


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("policy.toml", "unsure_below", "unsure_bellow", "unsure_bellow"),
        ("policy.toml", "unsure_below = 0.", "unsure_below = 3.", "unsure_below"),
        ("categories.toml", 'department = "건축과"', 'department = " "', "category.0.department"),
        ("categories.toml", "working_days = 14", "working_day = 14", "category.0.working_day"),
        ("categories.toml", 'code = "경제"', 'code = "교통"', "'교통' is there 2 times"),
        ("categories.toml", 'code = "경제"', 'code = "경제과"', "경제"),
        ("examples.toml", '"건축허가" =', '"건축" =', "건축: no category"),
        ("replies.toml", "{due_date}까지", "{due_day}까지", "unknown slot {due_day}"),
        ("replies.toml", "[replies.es]", "[replies.fr]", "replies.fr"),
        ("replies.toml", "장소: {place}", "장소: {place", "replies.ko.with_place"),
        ("replies.toml", "- 장소: {place}", "", "{place} belongs"),
        ("vocabulary.toml", '"보안등"', '"가로등"', "'가로등' is there 2 times"),
        ("policy.toml", "agency =", "agency ==", "line"),
        ("policy.toml", '"examples.toml"', '"../x.toml"', "../x.toml"),
        ("policy.toml", '"examples.toml"', '"sample.toml"', "No such file"),
    ],
)
def test_a_mistake_is_named(folder: Path, file: str, old: str, new: str, problem: str) -> None:
    edit(folder / file, old, new)
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(folder / "policy.toml")
    assert problem in str(caught.value.facts["problem"])
    assert str(folder) in str(caught.value.facts["path"])


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match="No such file"):
        load_policy(tmp_path / "none.toml")


def test_a_policy_that_is_no_text(folder: Path) -> None:
    (folder / "replies.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyInvalid, match="UTF-8"):
        load_policy(folder / "policy.toml")


def test_category_by_code(policy: Policy) -> None:
    assert policy.category("교통").department == "교통행정과"
    with pytest.raises(KeyError):
        policy.category("없음")
