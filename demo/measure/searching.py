"""Search over many cases: how fast, and whether the right case is among the first five."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import sqlalchemy as sa

from demo.measure import opening
from demo.measure.complaints import Question, Split, of_split, planted
from demo.measure.office import Office, office
from demo.measure.plant import plant
from demo.measure.timing import exactly, quantile
from demo.store.search import By
from demo.store.tables import CaseRow
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line

SEED = 7
QUESTIONS = 260
FIRST = 5
GOALS_MS: dict[By, float] = {"words": 100.0, "meaning": 300.0, "all": 300.0}
GOAL_FOUND = 0.9


def measure(
    cases: int, split: Split, *, ask: bool = True, pages: bool = False, kept: Path | None = None
) -> list[Line]:
    """Plant that many; the figures of each question asked each way, and of the office's pages.

    `kept`: a folder that keeps the planted cases for the next run.
    """
    told = planted(cases, QUESTIONS, SEED)
    with office(kept) as here:
        with here.database.read() as session:
            ids = list(session.scalars(sa.select(CaseRow.id).order_by(CaseRow.id)))
        if len(ids) != cases:
            ids = plant(here.database, told.complaints, here.policy, here.embedder)
        here.search.search("가로등")  # loads the analyser and the vectors
        asked = of_split(told.questions, split)
        lines: list[Line] = []
        if ask:
            lines += [line for by in get_args(By) for line in _ask(here, ids, asked, by)]
        if pages:
            lines += opening.measure(here, asked)
        return lines


def _ask(here: Office, ids: Sequence[int], asked: Sequence[Question], by: By) -> list[Line]:
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
    five_share = share(five, len(asked))
    p95 = quantile(walls, 0.95)
    return [
        Line(name=f"{by}: the right case first", figure=share(first, len(asked))),
        Line(
            name=f"{by}: among the first {FIRST}",
            figure=five_share,
            goal=f">= {GOAL_FOUND:.0%}" if by == "all" else "",
            met=five_share.value >= GOAL_FOUND if by == "all" else None,
        ),
        Line(name=f"{by}: median", figure=exactly(quantile(walls, 0.5), len(asked)), unit="ms"),
        Line(
            name=f"{by}: p95",
            figure=exactly(p95, len(asked)),
            unit="ms",
            goal=f"< {GOALS_MS[by]:.0f} ms",
            met=p95 < GOALS_MS[by],
        ),
        Line(
            name=f"{by}: p95 of the processor's time",
            figure=exactly(quantile(works, 0.95), len(asked)),
            unit="ms",
        ),
    ]
