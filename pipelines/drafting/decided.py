"""What was decided, and whether it may be learned: by whom, how often, how likely."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pipelines.drafting.embed import Vectors
    from pipelines.drafting.learn import Labels, Mask, Scores

FEWEST = 20
"""Decisions, and half as many held out, below which nothing is said."""
TRUSTED = 0.7
"""Of honest decisions at least so many are among the first that the others make likely."""
SURE = 2.0
"""Standard deviations below TRUSTED from which on decisions are in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The policy's own texts: what a head knows before anybody decides."""

    features: Vectors
    labels: Labels
    departments: tuple[str, ...]
    answers: Labels
    """(categories,): the place of the department that the policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Decided cases, the newest first: features, what was decided, by whom, what may be learned."""

    features: Vectors
    labels: Labels
    departments: Labels
    settled: Mask
    """False = only the department was decided; the category is whatever it was."""
    by: Labels
    """Who decided."""
    held_out: Mask
    """True = never learned from, by any version."""
    known: Mask
    """True = the present head learned from it or was judged by it: a bad batch can't bend it."""


def even(decided: Rows, learned: Mask) -> Mask:
    """Of the commonest category no more, of the first rows, than of all others together.

    A head that knows one category better than all others calls too much by its name.
    """
    labels = decided.labels[learned]
    commonest = (
        learned & (decided.labels == np.bincount(labels).argmax()) if len(labels) else learned
    )
    others = int((learned & ~commonest).sum())
    return np.asarray(learned & (~commonest | (np.cumsum(commonest) <= others)))


def doubtful(decided: Rows, left_out: Scores, by_policy: Scores) -> Mask:
    """New decisions of officials whose decisions neither the others nor the policy make likely.

    A decision is likely where its category is among the first sixth, by the policy or by a head
    that learned from all the other decisions: also what an office does in its own way becomes
    likely by its own likes, and what is drawn by lot does not.
    """
    categories = by_policy.shape[1]
    place = np.arange(len(decided.labels))
    likely = np.zeros(len(place), dtype=bool)
    for scores in (left_out, by_policy):
        above = (scores > scores[place, decided.labels][:, None]).sum(axis=1)
        likely |= above < max(1, categories // 6)
    new = decided.settled & ~decided.known
    busy = [by for by in np.unique(decided.by[new]) if (new & (decided.by == by)).sum() >= FEWEST]
    groups = [new & (decided.by == by) for by in busy] + [new & ~np.isin(decided.by, busy)]
    doubted = np.zeros(len(place), dtype=bool)
    for group in groups:
        count = int(group.sum())
        bound = TRUSTED * count - SURE * math.sqrt(count * TRUSTED * (1 - TRUSTED))
        if count >= FEWEST and likely[group].sum() < bound:
            doubted |= group
    return doubted
