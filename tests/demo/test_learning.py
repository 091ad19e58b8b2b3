"""Decisions of officials teach the head: what is better is used, what is worse is noticed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from demo.store.desk_tables import CorrectionRow, DocketRow, UserRow
from demo.store.heads import Learning
from demo.store.search_tables import HeadRow
from pipelines.drafting.classify import Classifier
from pipelines.drafting.learn import Learned, Rows, fit, retrain
from pipelines.drafting.policy import load_policy
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
) -> Rows:
    """Cases of CODES kinds that lie apart; the office calls each kind by `shift` more."""
    kinds = rng.integers(0, CODES, count)
    features = rng.normal(0, 0.3, (count, 12)).astype(np.float32)
    features[np.arange(count), kinds] += 2
    labels = rng.integers(0, CODES, count) if wrong else (kinds + shift) % CODES
    return Rows(
        features=features,
        labels=labels.astype(np.intp),
        held_out=np.arange(count) % 5 == 0,
        known=np.full(count, known),
    )


def both(one: Rows, other: Rows) -> Rows:
    return Rows(
        **{
            name: np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("features", "labels", "held_out", "known")
        }
    )


def own(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    made = rows(rng, 60)
    return made.features, made.labels


def test_agreeing_decisions_make_it_better() -> None:
    rng = np.random.default_rng(1)
    verdict = retrain(own(rng), rows(rng, 300), None)
    assert verdict.verdict == "better"
    assert verdict.after is not None
    assert verdict.after > 0.95
    assert (verdict.decisions, verdict.held_out) == (240, 60)


@pytest.mark.parametrize("kind", ["random", "all of one wrong kind"])
def test_a_bad_batch_is_noticed(kind: str) -> None:
    """Also one that agrees with itself, whose own held-out cases would praise it."""
    rng = np.random.default_rng(2)
    texts, good = own(rng), rows(rng, 200, known=True)
    present = retrain(texts, good, None)
    assert present.verdict == "better"
    bad = rows(rng, 900, wrong=True) if kind == "random" else rows(rng, 900, shift=1)
    verdict = retrain(texts, both(good, bad), present.head)
    assert verdict.verdict == "worse"


def test_few_decisions_say_nothing() -> None:
    rng = np.random.default_rng(3)
    assert retrain(own(rng), rows(rng, 20), None).verdict == "few"


def test_a_head_survives_the_database() -> None:
    rng = np.random.default_rng(4)
    made = rows(rng, 100)
    head = fit(made.features, made.labels, CODES)
    back = Learned.from_bytes(Learned(head=head, key="k").to_bytes())
    assert back.key == "k"
    assert np.array_equal(back.head.confidences(made.features), head.confidences(made.features))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Learning, Classifier]:
    """An office that calls everything about unicorns 산림."""
    office = Office(tmp_path_factory.mktemp("taught"))
    policy = load_policy(Settings().policy_path)
    classifier = Classifier(policy, office.embedder)
    learning = Learning(
        office.database,
        classifier,
        categories=tuple(entry.code for entry in policy.categories),
        now=lambda: NOW,
    )
    numbers = [office.file(f"유니콘이 {n}번 밭을 뛰어다녀요", category="산림") for n in range(60)]
    with office.database.write() as session:
        session.add(UserRow(login="kim", name="김", role="official", active=True, failures=0,
                            created_at=NOW))  # fmt: skip
        session.flush()
        for number in numbers:
            session.add(
                CorrectionRow(case_id=office.case_id(number), time=NOW, user_id=1,
                              field="category", before="교통", after="산림")
            )  # fmt: skip
    return office, learning, classifier


def test_corrections_change_what_is_offered_and_can_be_taken_back(
    taught: tuple[Office, Learning, Classifier],
) -> None:
    _, learning, classifier = taught
    told = "유니콘이 우리 밭을 뛰어다녀요"
    before = classifier.rank(told)[0].category
    made = learning.train()
    assert made is not None
    assert (made.verdict, made.active) == ("better", True)
    assert classifier.rank(told)[0].category == "산림" != before
    learning.activate(None)
    assert classifier.rank(told)[0].category == before
    learning.activate(made.id)
    assert classifier.rank(told)[0].category == "산림"
    learning.activate(10**6)
    assert [head.active for head in learning.versions()] == [True]


def test_a_head_for_other_categories_is_left_aside(
    taught: tuple[Office, Learning, Classifier],
) -> None:
    office, _, classifier = taught
    head = fit(np.eye(10, dtype=np.float32), np.arange(10) % 4, 4)
    classifier.adopt(Learned(head=head, key="of another policy"))
    assert classifier.rank("가로등 고장")[0].category
    with office.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(HeadRow)) == 1


def test_nobody_decided_anything(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.file("가로등 고장")
    policy = load_policy(Settings().policy_path)
    codes = tuple(entry.code for entry in policy.categories)
    learning = Learning(office.database, Classifier(policy, office.embedder), categories=codes)
    assert learning.train() is None
    with office.database.read() as session:
        assert session.scalar(sa.select(DocketRow.state)) == "received"
