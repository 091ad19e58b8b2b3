"""Search over many cases: how fast, and whether the right case is among the first five."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from demo.measure.complaints import Question, Split, of_split, planted
from demo.measure.office import Office, office
from demo.measure.plant import plant
from demo.store.search import By
from pipelines.evaluation.stats import Figure, share

SEED = 7
QUESTIONS = 260
FIRST = 5
GOALS_MS: dict[By, float] = {"words": 100.0, "meaning": 300.0, "all": 300.0}
GOAL_FOUND = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One way to search, over all questions of a split."""

    by: By
    first: Figure
    in_five: Figure
    median_ms: float
    p95_ms: float
    cpu_p95_ms: float
    """Of this process alone: on a busy machine the clock tells of the others too."""

    @property
    def met(self) -> bool:
        """The goals of speed, and for both ways together that of finding."""
        found = self.by != "all" or self.in_five.value >= GOAL_FOUND
        return found and self.p95_ms < GOALS_MS[self.by]

    def line(self) -> str:
        """For people."""
        return (
            f"{self.by:8} n={self.first.n:4}  first {self.first.value:6.1%}  in five "
            f"{self.in_five.value:6.1%} ({self.in_five.low:.1%} to {self.in_five.high:.1%})  "
            f"median {self.median_ms:6.1f} ms  p95 {self.p95_ms:6.1f} ms  "
            f"(processor {self.cpu_p95_ms:.1f} ms)"
        )


def measured(cases: int, split: Split) -> tuple[list[Found], int]:
    """Plant that many, ask; (each way, number of different vectors)."""
    told = planted(cases, QUESTIONS, SEED)
    with office() as here:
        ids = plant(here.database, told.complaints, here.policy, here.embedder)
        vectors = here.embedder.known
        here.search.search("가로등")  # loads the analyser and the vectors
        asked = of_split(told.questions, split)
        return [_ask(here, ids, asked, by) for by in get_args(By)], vectors


def _ask(here: Office, ids: Sequence[int], asked: Sequence[Question], by: By) -> Found:
    first = five = 0
    walls, works = [], []
    for question in asked:
        wall, work = time.perf_counter(), time.process_time()
        hits = here.search.search(question.text, limit=FIRST, by=by)
        walls.append(1000 * (time.perf_counter() - wall))
        works.append(1000 * (time.process_time() - work))
        found = [hit.case_id for hit in hits]
        first += found[:1] == [ids[question.wanted]]
        five += ids[question.wanted] in found
    return Found(
        by=by,
        first=share(first, len(asked)),
        in_five=share(five, len(asked)),
        median_ms=quantile(walls, 0.5),
        p95_ms=quantile(walls, 0.95),
        cpu_p95_ms=quantile(works, 0.95),
    )


def quantile(values: Sequence[float], at: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(at * len(values)))]
