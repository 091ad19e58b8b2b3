"""Decisions of officials teach the head: what is better is used, what is worse is noticed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from demo.store.desk_tables import CorrectionRow, DocketRow, UserRow
from demo.store.heads import Learning
from demo.store.search_tables import HeadRow
from pipelines.drafting.classify import Classifier
from pipelines.drafting.decided import Own, Rows
from pipelines.drafting.learn import Head, Learned, Routes
from pipelines.drafting.policy import load_policy
from pipelines.drafting.teach import Verdict, _ridge, retrain
from pipelines.settings import Settings
from tests.demo.search_kit import Office

CODES = 4
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def rows(
    rng: np.random.Generator,
    count: int,
    shift: int = 0,
    *,
    known: bool = False,
    wrong: bool = False,
    by: int = 1,
) -> Rows:
    """Cases of CODES kinds that lie apart; the office calls each kind by `shift` more."""
    kinds = rng.integers(0, CODES, count)
    features = rng.normal(0, 0.3, (count, 16)).astype(np.float32)
    features[np.arange(count), kinds] += 2
    labels = rng.integers(0, CODES, count) if wrong else (kinds + shift) % CODES
    return Rows(
        features=features,
        labels=labels.astype(np.intp),
        departments=labels.astype(np.intp),
        settled=np.ones(count, dtype=bool),
        by=np.full(count, by),
        held_out=np.arange(count) % 5 == 0,
        known=np.full(count, known),
    )


def both(one: Rows, other: Rows) -> Rows:
    return Rows(
        **{
            field.name: np.concatenate([getattr(one, field.name), getattr(other, field.name)])
            for field in dataclasses.fields(Rows)
        }
    )


def own(rng: np.random.Generator) -> Own:
    made = rows(rng, 60)
    return Own(
        features=made.features,
        labels=made.labels,
        departments=tuple("가나다라"),
        answers=np.arange(CODES),
    )


def learned(verdict: Verdict) -> Learned:
    return Learned(head=verdict.head, key="", routes=verdict.routes)


def test_agreeing_decisions_make_it_better() -> None:
    rng = np.random.default_rng(1)
    verdict = retrain(own(rng), rows(rng, 300), None)
    assert verdict.verdict == "better"
    assert verdict.after is not None
    assert verdict.after > 0.95
    assert (verdict.decisions, verdict.held_out) == (240, 60)
    assert not verdict.doubtful.any()
    assert verdict.routes is None


def test_the_two_ways_to_solve_agree() -> None:
    """More rows than features, or fewer: one result, and rows left out as if trained without."""
    rng = np.random.default_rng(6)
    features, wanted = rng.normal(size=(40, 8)), rng.normal(size=(40, 2))
    weights, missed = _ridge(features, wanted)
    wide = np.hstack([features, np.zeros((40, 60))])
    same, also_missed = _ridge(wide, wanted)
    assert np.allclose(same[:8], weights)
    assert np.allclose(also_missed, missed)
    without, _ = _ridge(features[1:], wanted[1:])
    assert np.allclose(missed[0], wanted[0] - features[0] @ without)


def test_a_batch_that_agrees_with_itself_but_not_with_what_was_before_is_refused() -> None:
    rng = np.random.default_rng(2)
    texts, good = own(rng), rows(rng, 200, known=True)
    present = retrain(texts, good, None)
    verdict = retrain(texts, both(good, rows(rng, 900, shift=1)), learned(present))
    assert verdict.verdict == "worse"
    assert not verdict.doubtful.any()


@pytest.mark.parametrize("by", [1, 2])
def test_decisions_drawn_by_lot_are_left_out(by: int) -> None:
    """All that is new; or those of one official, while the others are learned."""
    rng = np.random.default_rng(2)
    texts, good = own(rng), rows(rng, 468, known=True)
    present = retrain(texts, good, None)
    lots = rows(rng, 300, wrong=True, by=by)
    honest = rows(rng, 100, by=1) if by == 2 else rows(rng, 0)
    verdict = retrain(texts, both(both(good, honest), lots), learned(present))
    assert list(np.flatnonzero(verdict.doubtful)) == list(
        range(468 + len(honest.labels), 768 + len(honest.labels))
    )
    assert verdict.verdict == ("doubtful" if by == 1 else "better")


def test_departments_alone_are_learned() -> None:
    """Of one category half the cases go elsewhere: those that a person would tell apart."""
    rng = np.random.default_rng(5)
    decided = rows(rng, 300)
    elsewhere = (decided.labels == 1) & (np.arange(300) % 2 == 0)
    decided.features[elsewhere, 6] += 2
    decided = dataclasses.replace(
        decided,
        departments=np.where(elsewhere, 3, decided.departments),
        settled=np.zeros(300, dtype=bool),
    )
    verdict = retrain(own(rng), decided, None)
    assert verdict.routes is not None
    assert verdict.routed_before is not None
    assert verdict.routed_after is not None
    assert verdict.routed_after > verdict.routed_before + 0.05
    assert verdict.routes.allowed.sum() == CODES + 1
    assert verdict.before is None, "nobody decided a category"


def test_one_category_alone_is_not_learned() -> None:
    rng = np.random.default_rng(7)
    texts, made = own(rng), rows(rng, 300)
    mostly = (made.labels == 0) | (np.arange(300) < 40)
    part = Rows(**{f.name: getattr(made, f.name)[mostly] for f in dataclasses.fields(Rows)})
    others = int(((part.labels != 0) & ~part.held_out).sum())
    assert retrain(texts, part, None).decisions == 2 * others
    only = Rows(
        **{f.name: getattr(made, f.name)[made.labels == 0] for f in dataclasses.fields(Rows)}
    )
    assert retrain(texts, only, None).verdict == "few"


def test_few_decisions_say_nothing() -> None:
    rng = np.random.default_rng(3)
    assert retrain(own(rng), rows(rng, 20), None).verdict == "few"


def test_a_head_survives_the_database() -> None:
    rng = np.random.default_rng(4)
    routes = Routes(
        weights=rng.normal(size=(17, 3)).astype(np.float32),
        allowed=np.eye(CODES, 3, dtype=bool),
        departments=("가", "나", "다"),
    )
    head = Head(weights=rng.normal(size=(17, CODES)).astype(np.float32), temperature=0.1)
    back = Learned.from_bytes(Learned(head=head, key="k", routes=routes).to_bytes())
    assert (back.key, back.head.temperature) == ("k", 0.1)
    assert back.routes is not None
    assert back.routes.departments == routes.departments
    assert np.array_equal(back.head.weights, head.weights)
    assert np.array_equal(back.routes.allowed, routes.allowed)
    assert Learned.from_bytes(Learned(head=head, key="k").to_bytes()).routes is None


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Learning, Classifier]:
    """An office that calls everything about unicorns 산림, and sends it to those for traffic."""
    office = Office(tmp_path_factory.mktemp("taught"))
    policy = load_policy(Settings().policy_path)
    classifier = Classifier(policy, office.embedder)
    learning = Learning(
        office.database,
        classifier,
        policy=policy,
        now=lambda: NOW,
    )
    numbers = [
        office.file(f"유니콘이 {n}번 밭을 뛰어다녀요", category="산림", department="교통행정과")
        for n in range(30)
    ]
    numbers += [
        office.file(f"{n}번 정류장에 버스가 늦게 온다", department="교통행정과") for n in range(30)
    ]
    with office.database.write() as session:
        session.add(UserRow(login="kim", name="김", role="official", active=True, failures=0,
                            created_at=NOW))  # fmt: skip
        session.flush()
        for number in numbers:
            session.add(
                CorrectionRow(case_id=office.case_id(number), time=NOW, user_id=1,
                              field="category", before="복지", after="decided")
            )  # fmt: skip
    return office, learning, classifier


def test_corrections_change_what_is_offered_and_can_be_taken_back(
    taught: tuple[Office, Learning, Classifier],
) -> None:
    _, learning, classifier = taught
    told = "유니콘이 우리 밭을 뛰어다녀요"
    before = classifier.rank(told)[0].category
    assert classifier.department(told, "산림") == "공원녹지과"
    made = learning.train()
    assert made is not None
    assert (made.verdict, made.active, made.doubtful) == ("better", True, 0)
    assert made.routed_before is not None
    assert made.routed_before < made.routed_after == 1.0
    assert classifier.rank(told)[0].category == "산림" != before
    assert classifier.department(told, "산림") == "교통행정과"
    assert classifier.department(told, "복지") == "복지정책과", "nobody sent those elsewhere"
    learning.activate(None)
    assert classifier.rank(told)[0].category == before
    assert classifier.department(told, "산림") == "공원녹지과"
    learning.activate(made.id)
    assert classifier.rank(told)[0].category == "산림"
    learning.activate(10**6)
    assert [head.active for head in learning.versions()] == [True]


def test_a_head_for_other_categories_is_left_aside(
    taught: tuple[Office, Learning, Classifier],
) -> None:
    office, _, classifier = taught
    head = Head(weights=np.zeros((11, 4), dtype=np.float32), temperature=1.0)
    classifier.adopt(Learned(head=head, key="of another policy"))
    assert classifier.rank("가로등 고장")[0].category
    with office.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(HeadRow)) == 1


def test_nobody_decided_anything(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.file("가로등 고장")
    policy = load_policy(Settings().policy_path)
    learning = Learning(office.database, Classifier(policy, office.embedder), policy=policy)
    assert learning.train() is None
    with office.database.read() as session:
        assert session.scalar(sa.select(DocketRow.state)) == "received"
