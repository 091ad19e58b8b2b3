"""Batches of decisions, good and bad: which of them are taken, which are noticed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from pipelines.drafting.decided import Own, Rows
from pipelines.drafting.learn import Learned
from pipelines.drafting.teach import Verdict, retrain
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line

KNOWN = 468
SIZES = (20, 40, 100, 300)
ROUNDS = 5
"""Batches of each size, each kind, with and without earlier decisions."""
SLACK = 0.05
"""Good batches that may be doubted."""


def columns(rows: Rows) -> dict[str, Any]:
    """Its fields by name."""
    return {field.name: getattr(rows, field.name) for field in dataclasses.fields(rows)}


def measure(own: Own, plain: Rows, own_way: Rows, seed: int = 5) -> list[Line]:
    """Shares of batches that are noticed: by lot, shifted by one category, half by lot; good ones.

    Good ones also with a tenth of mistakes, of mere corrections of the shipped head, and of an
    office that begins to follow conventions of its own.
    """
    draw = np.random.default_rng(seed)
    lines = []
    for name, rows, spoil, goal in (
        ("drawn by lot", plain, 1.0, True),
        ("half of them drawn by lot", plain, 0.5, None),
        ("right", plain, 0.0, False),
        ("right but for a tenth", plain, 0.1, False),
        ("of conventions that are new", own_way, 0.0, False),
    ):
        hits = [
            _noticed(own, rows, known, size, spoil, draw)
            for known in (0, KNOWN)
            for size in SIZES
            for _ in range(ROUNDS)
        ]
        figure = share(sum(hits), len(hits))
        met = None if goal is None else figure.value >= 0.95 if goal else figure.value <= SLACK
        told = {True: ">= 95%", False: f"<= {SLACK:.0%}", None: ""}[goal]
        lines.append(Line(name=f"batches doubted, {name}", figure=figure, goal=told, met=met))
    return [*lines, _shifted(own, plain)]


def _noticed(
    own: Own, rows: Rows, known: int, size: int, spoil: float, draw: np.random.Generator
) -> bool:
    """One batch on top of `known` good decisions, by one official: is it left out?"""
    chosen = draw.permutation(len(rows.labels))[: known + size]
    part = Rows(**{name: value[chosen] for name, value in columns(rows).items()})
    labels, new = part.labels.copy(), np.arange(len(chosen)) >= known
    bad = np.flatnonzero(new)[: round(spoil * size)]
    labels[bad] = draw.integers(0, len(own.answers), len(bad))
    batch = dataclasses.replace(
        part, labels=labels, known=~new, held_out=np.arange(len(chosen)) % 5 == 0
    )
    return bool(retrain(own, batch, None).doubtful.any())


def _shifted(own: Own, plain: Rows) -> Line:
    """Somebody gives each case the category that stands one line below the right one."""
    good = retrain(own, plain, None)
    held = plain.held_out
    wrong = dataclasses.replace(
        Rows(**{name: value[~held] for name, value in columns(plain).items()}),
        labels=(plain.labels[~held] + 1) % len(own.answers),
    )
    earlier = dataclasses.replace(plain, known=np.ones(len(held), dtype=bool))
    both = Rows(
        **{
            name: np.concatenate([value, columns(wrong)[name]])
            for name, value in columns(earlier).items()
        }
    )
    made = retrain(own, both, Learned(head=good.head, key=""))
    return Line(
        name=f"{len(wrong.labels)} decisions shifted by one category are refused ({_told(made)})",
        figure=share(made.verdict != "better", 1),
        goal="refused",
        met=made.verdict != "better",
    )


def _told(made: Verdict) -> str:
    before, after = made.before or 0.0, made.after or 0.0
    return f"{made.verdict}, {before:.0%} -> {after:.0%}"
