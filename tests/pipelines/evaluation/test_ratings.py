"""Votes become a scale that orders, centres and admits what it doesn't know."""

from __future__ import annotations

import pytest

from pipelines.evaluation.ratings import Duel, ratings


def votes(first: str, second: str, won: int, lost: int, drawn: int = 0) -> list[Duel]:
    scores = [1.0] * won + [0.0] * lost + [0.5] * drawn
    return [Duel(first=first, second=second, score=score) for score in scores]


def test_no_vote_no_rating() -> None:
    assert ratings([]) == []


def test_three_to_one_is_some_190_points() -> None:
    """Elo: 400 * log10(odds); the half games on top pull a little to the middle."""
    best, other = ratings(votes("a", "b", won=75, lost=25))
    assert (best.name, other.name) == ("a", "b")
    assert best.rating.value - other.rating.value == pytest.approx(190, abs=5)
    assert best.rating.value + other.rating.value == pytest.approx(2000)
    assert best.rating.n == 100


def test_the_sides_and_the_order_do_not_matter() -> None:
    duels = votes("a", "b", won=9, lost=3)
    turned = [Duel(first="b", second="a", score=1 - duel.score) for duel in reversed(duels)]
    for one, other in zip(ratings(duels), ratings(turned), strict=True):
        assert one.rating.value == pytest.approx(other.rating.value)


def test_one_vote_decides_nothing() -> None:
    best, other = ratings(votes("a", "b", won=1, lost=0))
    assert best.rating.low < other.rating.high
    assert best.rating.high - best.rating.low > 300


def test_many_votes_that_agree_decide() -> None:
    best, other = ratings(votes("a", "b", won=40, lost=2))
    assert best.rating.low > other.rating.high


def test_draws_keep_both_in_the_middle() -> None:
    for one in ratings(votes("a", "b", won=0, lost=0, drawn=30)):
        assert one.rating.value == pytest.approx(1000)


def test_a_third_is_placed_by_whom_it_met() -> None:
    duels = votes("a", "b", won=30, lost=10) + votes("b", "c", won=30, lost=10)
    assert [one.name for one in ratings(duels)] == ["a", "b", "c"]
