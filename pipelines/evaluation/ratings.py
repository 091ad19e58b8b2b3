"""Votes between two -> one scale: Bradley-Terry strengths in the numbers that Elo made familiar.

Unlike Elo's own rule the result does not depend on the order of the votes. Each pair that met gets
half a won and half a lost game on top, so that who never lost has a rating, too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.evaluation.stats import Z_95, Figure

Verdict = Literal["left", "right", "both", "neither"]
MIDDLE = 1000.0
SCALE = 400.0 / math.log(10.0)
STEPS = 200
CLOSE = 1e-9
Games = Counter[frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """One vote. `score` is the first's: 1 won, 0 lost, 0.5 for both good or both bad."""

    first: str
    second: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Where one stands; `rating.n` is the number of votes that it was in."""

    name: str
    rating: Figure


def ratings(duels: Sequence[Duel]) -> list[Rating]:
    """The best first, each with its 95 % interval. None without a vote.

    The interval comes from how sharply the likelihood falls off around its top, the half games
    included: a bootstrap over one vote, or over votes that all say the same, would claim to be
    certain. Who never met the others can't be placed among them: all stand around 1,000.
    """
    if not duels:
        return []
    names = sorted({name for duel in duels for name in (duel.first, duel.second)})
    games = _games(duels)
    strength = _strengths(duels, names, games)
    spread = _spread(strength, names, games)
    met = Counter(name for duel in duels for name in (duel.first, duel.second))
    found = []
    for name in names:
        value, half = MIDDLE + SCALE * math.log(strength[name]), SCALE * Z_95 * spread[name]
        figure = Figure(value=value, low=value - half, high=value + half, n=met[name])
        found.append(Rating(name=name, rating=figure))
    return sorted(found, key=lambda one: -one.rating.value)


def _games(duels: Sequence[Duel]) -> Games:
    """How often each pair met, the game on top included."""
    games: Games = Counter(frozenset((duel.first, duel.second)) for duel in duels)
    return Counter({pair: count + 1 for pair, count in games.items()})


def _strengths(duels: Sequence[Duel], names: Sequence[str], games: Games) -> dict[str, float]:
    """Maximum likelihood by the classic iteration; the geometric mean is 1."""
    won: dict[str, float] = defaultdict(float)
    for duel in duels:
        won[duel.first] += duel.score
        won[duel.second] += 1 - duel.score
    for pair in games:
        for name in pair:
            won[name] += 0.5
    strength = dict.fromkeys(names, 1.0)
    for _ in range(STEPS):
        after = {name: _next(name, strength, won[name], games) for name in names}
        mean = math.exp(sum(map(math.log, after.values())) / len(after))
        after = {name: value / mean for name, value in after.items()}
        still = max(abs(after[name] - strength[name]) for name in names) < CLOSE
        strength = after
        if still:
            break
    return strength


def _next(name: str, strength: Mapping[str, float], won: float, games: Games) -> float:
    met = [(next(iter(pair - {name})), count) for pair, count in games.items() if name in pair]
    return won / sum(count / (strength[name] + strength[other]) for other, count in met)


def _spread(strength: Mapping[str, float], names: Sequence[str], games: Games) -> dict[str, float]:
    """The standard error of each log strength, their mean held fast."""
    import numpy as np

    information = np.zeros((len(names), len(names)))
    for pair, count in games.items():
        one, other = (names.index(name) for name in sorted(pair))
        wins = strength[names[one]] / (strength[names[one]] + strength[names[other]])
        weight = count * wins * (1 - wins)
        information[[one, other], [one, other]] += weight
        information[[one, other], [other, one]] -= weight
    variance = np.diag(np.linalg.pinv(information))
    return {name: math.sqrt(max(0.0, variance[n])) for n, name in enumerate(names)}
