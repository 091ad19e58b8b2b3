"""Votes between two -> one scale: Bradley-Terry strengths in the numbers that Elo made familiar.

Unlike Elo's own rule the result does not depend on the order of the votes. Each pair that met gets
half a won and half a lost game on top, so that who never lost has a rating, too.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.evaluation.stats import Figure

Verdict = Literal["left", "right", "both", "neither"]
MIDDLE = 1000.0
SCALE = 400.0 / math.log(10.0)
STEPS = 200
ROUNDS = 300
CLOSE = 1e-9


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


def ratings(duels: Sequence[Duel], *, rounds: int = ROUNDS, seed: int = 1) -> list[Rating]:
    """The best first, each with the 95 % interval of a bootstrap over votes. None without a vote.

    Who never met the others can't be placed among them: all stand around 1,000.
    """
    if not duels:
        return []
    names = sorted({name for duel in duels for name in (duel.first, duel.second)})
    known = _strengths(duels, names)
    draw = random.Random(seed)  # noqa: S311 - statistics, not secrets
    drawn = [_strengths(draw.choices(duels, k=len(duels)), names) for _ in range(rounds)]
    met = Counter(name for duel in duels for name in (duel.first, duel.second))
    found = []
    for name in names:
        values = sorted(one[name] for one in drawn)
        low, high = values[int(0.025 * rounds)], values[int(0.975 * rounds) - 1]
        figure = Figure(value=known[name], low=low, high=high, n=met[name])
        found.append(Rating(name=name, rating=figure))
    return sorted(found, key=lambda one: -one.rating.value)


def _strengths(duels: Sequence[Duel], names: Sequence[str]) -> dict[str, float]:
    """Maximum likelihood by the classic iteration; the mean is MIDDLE."""
    won: dict[str, float] = defaultdict(float)
    games: Counter[frozenset[str]] = Counter()
    for duel in duels:
        won[duel.first] += duel.score
        won[duel.second] += 1 - duel.score
        games[frozenset((duel.first, duel.second))] += 1
    for pair in list(games):
        games[pair] += 1
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
    return {name: MIDDLE + SCALE * math.log(value) for name, value in strength.items()}


def _next(
    name: str, strength: dict[str, float], won: float, games: Counter[frozenset[str]]
) -> float:
    met = [(next(iter(pair - {name})), count) for pair, count in games.items() if name in pair]
    if not met:
        return strength[name]
    return won / sum(count / (strength[name] + strength[other]) for other, count in met)
