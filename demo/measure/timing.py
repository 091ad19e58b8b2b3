"""Figures of time."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.evaluation.stats import Figure


def exactly(value: float, n: int) -> Figure:
    """A figure that is no sample's share: no interval stands beside it."""
    return Figure(value=value, low=value, high=value, n=n)


def quantile(values: Sequence[float], at: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(at * len(values)))]
