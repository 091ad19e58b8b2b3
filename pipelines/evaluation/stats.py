"""Confidence intervals: a figure without one says nothing about the next hundred complaints."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Z_95 = 1.959964
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value with its 95 % interval and the number of samples behind it."""

    value: float
    low: float
    high: float
    n: int


def share(hits: float, n: int) -> Figure:
    """Wilson score interval of a proportion. `n` 0 gives the whole of [0, 1]."""
    if n == 0:
        return Figure(value=math.nan, low=0.0, high=1.0, n=0)
    p = hits / n
    centre = (p + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 * math.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n * n)) / (1 + Z_95**2 / n)
    return Figure(value=p, low=max(0.0, centre - half), high=min(1.0, centre + half), n=n)


def bootstrap(
    clusters: Sequence[Sequence[T]],
    statistic: Callable[[Sequence[T]], float],
    *,
    rounds: int = 2000,
    seed: int = 1,
) -> Figure:
    """Percentile interval over whole clusters: two recordings of one text are not two texts."""
    rows = [row for cluster in clusters for row in cluster]
    draw = random.Random(seed)  # noqa: S311 - statistics, not secrets
    values = sorted(
        statistic([row for _ in clusters for row in draw.choice(clusters)]) for _ in range(rounds)
    )
    low, high = values[int(0.025 * rounds)], values[int(0.975 * rounds) - 1]
    return Figure(value=statistic(rows), low=low, high=high, n=len(rows))
