"""Two versions of a document."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.drafting.compare import Change, compare, word_difference
from tests.pipelines.drafting.paper_kit import read

OLD = """# 주차장 조례

## 제1조(목적)

이 조례는 주차장의 운영에 필요한 사항을 정한다.

## 제2조(요금)

① 요금은 30분에 800원으로 한다.

② 10분 안에 나가는 차에는 받지 않는다.

## 제3조(위탁)

구청장은 관리를 공단에 맡길 수 있다.

| 구분 | 하루 | 한 달 |
| 소형 | 6,000원 | 50,000원 |
"""


def changes(new: str) -> list[Change]:
    return compare(read(OLD), read(new, sha256="b" * 64))


def test_the_same_text_has_no_change_whatever_its_spacing() -> None:
    assert changes(OLD) == []
    assert changes(OLD.replace("받지 않는다", "받지  않는다")) == []


def test_a_changed_figure_is_shown_by_word_in_its_clause() -> None:
    (change,) = changes(OLD.replace("800원", "1,000원"))
    assert change.kind == "changed"
    assert change.old is not None
    assert change.new is not None
    assert (change.old.name, change.old.heading) == ("①", "제2조(요금)")
    assert [(w.kind, w.text) for w in change.words if w.kind != "same"] == [
        ("old", "800"),
        ("new", "1,000"),
    ]
    assert change.old.spots[0].page_no == change.new.spots[0].page_no == 1


def test_an_added_clause_changes_nothing_else() -> None:
    new = OLD.replace("## 제3조", "## 제2조의2(감면)\n\n장애인은 80퍼센트를 감면한다.\n\n## 제3조")
    found = changes(new)
    assert [change.kind for change in found] == ["added", "added"]
    assert found[1].new is not None
    assert found[1].new.text == "장애인은 80퍼센트를 감면한다."


def test_a_removed_clause_is_told_where_it_stood() -> None:
    (change,) = changes(OLD.replace("② 10분 안에 나가는 차에는 받지 않는다.\n\n", ""))
    assert change.kind == "removed"
    assert change.new is None
    assert change.old is not None
    assert change.old.name == "②"


def test_a_changed_row_of_a_table() -> None:
    (change,) = changes(OLD.replace("50,000원", "55,000원"))
    assert change.kind == "changed"
    assert change.old is not None
    assert change.old.text == "소형 | 6,000원 | 50,000원"


def test_a_clause_that_moved_is_not_removed_and_added() -> None:
    moved = OLD.replace("② 10분 안에 나가는 차에는 받지 않는다.\n\n", "").replace(
        "## 제1조(목적)", "② 10분 안에 나가는 차에는 받지 않는다.\n\n## 제1조(목적)"
    )
    assert [change.kind for change in changes(moved)] == ["moved"]


def test_nothing_in_common_is_all_removed_and_all_added() -> None:
    found = changes("# 물놀이장 안내\n\n여름에 엽니다.")
    assert {change.kind for change in found} <= {"added", "removed", "changed"}
    assert sum(change.new is not None for change in found) == 2


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="가나다 1,.", max_size=30), st.text(alphabet="가나다 1,.", max_size=30))
def test_the_words_make_up_both_versions(old: str, new: str) -> None:
    words = word_difference(old, new)
    assert "".join(w.text for w in words if w.kind != "new") == old
    assert "".join(w.text for w in words if w.kind != "old") == new
