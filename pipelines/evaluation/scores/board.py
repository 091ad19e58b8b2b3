"""Outcomes -> figures: a row a model and task, each with its interval; table and plain values."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.evaluation.scores.outcome import Outcome
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.foundation.catalog import Price

MILLION = 1e6
ROUNDS = 1000
ENOUGH = 5
"""Clusters from which drawing them anew says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one model did in one task (or language). Seconds and tokens are of one sample."""

    model: str
    group: str
    accuracy: Figure
    """Share of what was looked at that was right; over samples, by cluster."""
    checks: Mapping[str, Figure]
    seconds: float
    first_token_s: float
    prompt_tokens: float
    output_tokens: float
    tokens_a_second: float
    """Written, while the model was at it."""
    processor_s: float
    memory_mb: int
    cost_usd: float | None
    """Of a thousand samples; None where no price is known: see `processor_s`."""
    failed: int
    """Samples without an answer to look at; they count as wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far a model is ahead of another on the very same samples."""

    group: str
    first: str
    second: str
    ahead: Figure


def scores(
    outcomes: Iterable[Outcome], prices: Mapping[str, Price | None], *, by: str = "task"
) -> list[Score]:
    """One for each model and task (or `by="language"`), in the order in which they came."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.model, getattr(outcome, by)].append(outcome)
    return [
        _score(model, group, rows, prices.get(model)) for (model, group), rows in groups.items()
    ]


def _score(model: str, group: str, rows: Sequence[Outcome], price: Price | None) -> Score:
    spent = [row.spent for row in rows]
    writing_s = sum(max(one.model_s - one.first_token_s, 0.0) for one in spent)
    written = sum(one.output_tokens for one in spent)
    by_check: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        for name, right in row.checks.items():
            by_check[name].append(right)
    return Score(
        model=model,
        group=group,
        accuracy=accuracy(rows),
        checks={name: share(sum(found), len(found)) for name, found in by_check.items()},
        seconds=statistics.median(one.seconds for one in spent),
        first_token_s=statistics.median(one.first_token_s for one in spent),
        prompt_tokens=statistics.fmean(one.prompt_tokens for one in spent),
        output_tokens=statistics.fmean(one.output_tokens for one in spent),
        tokens_a_second=written / writing_s if writing_s else 0.0,
        processor_s=statistics.median(one.processor_s for one in spent),
        memory_mb=max(one.memory_mb for one in spent),
        cost_usd=None if price is None else _cost(rows, price),
        failed=sum(bool(row.error) for row in rows),
    )


def accuracy(rows: Sequence[Outcome]) -> Figure:
    """Wilson's interval of yes and no; over whole clusters where samples share something."""
    clusters: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        clusters[f"{row.task} {row.cluster}"].append(row.score)
    plain = all(row.score in (0.0, 1.0) for row in rows)
    if plain and len(clusters) == len(rows):
        return share(sum(row.score == 1.0 for row in rows), len(rows))
    return _over(list(clusters.values()), least=0.0)


def _over(clusters: Sequence[Sequence[float]], *, least: float) -> Figure:
    """The mean over all samples of values from `least` to 1, drawn anew in whole clusters.

    From a handful of clusters, or such that all say the same, drawing anew would report an interval
    far too narrow: then each cluster counts as one yes or no.
    """
    values = [value for cluster in clusters for value in cluster]
    mean, count = statistics.fmean(values), len(clusters)
    if count >= ENOUGH and len({statistics.fmean(cluster) for cluster in clusters}) > 1:
        return bootstrap(clusters, statistics.fmean, rounds=ROUNDS)
    width = 1.0 - least
    coarse = share((mean - least) / width * count, count)
    return Figure(
        value=mean,
        low=least + width * coarse.low,
        high=least + width * coarse.high,
        n=len(values),
    )


def _cost(rows: Sequence[Outcome], price: Price) -> float:
    asked = sum(row.spent.prompt_tokens for row in rows)
    written = sum(row.spent.output_tokens for row in rows)
    return 1000 * (asked * price.prompt + written * price.answer) / MILLION / len(rows)


def gaps(outcomes: Sequence[Outcome]) -> list[Gap]:
    """The first model against each other one, task by task, on what both were asked."""
    models = list(dict.fromkeys(row.model for row in outcomes))
    tasks = list(dict.fromkeys(row.task for row in outcomes))
    found = []
    for second in models[1:]:
        for task in tasks:
            pairs = _pairs([row for row in outcomes if row.task == task], models[0], second)
            if pairs:
                ahead = _over(pairs, least=-1.0)
                found.append(Gap(group=task, first=models[0], second=second, ahead=ahead))
    return found


def _pairs(rows: Sequence[Outcome], first: str, second: str) -> list[list[float]]:
    """For each cluster, what the first has more than the second, sample by sample."""
    other = {row.sample: row for row in rows if row.model == second}
    clusters: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.model == first and row.sample in other:
            clusters[row.cluster].append(row.score - other[row.sample].score)
    return list(clusters.values())


def as_json(outcomes: Sequence[Outcome], prices: Mapping[str, Price | None]) -> dict[str, Any]:
    """Everything that the table says, and the checks one by one."""
    return {
        "tasks": [asdict(score) for score in scores(outcomes, prices)],
        "languages": [asdict(score) for score in scores(outcomes, prices, by="language")],
        "gaps": [asdict(gap) for gap in gaps(outcomes)],
        "samples": [{**asdict(row), "score": row.score} for row in outcomes],
    }


HEAD = ("task", "model", "right", "95 % interval", "n", "s", "first s", "tokens in", "out",
        "out/s", "MB", "cost of 1,000")  # fmt: skip


def render(outcomes: Sequence[Outcome], prices: Mapping[str, Price | None]) -> str:
    """For people: the tasks, the languages, and who is ahead."""
    parts = [
        _table([HEAD, *map(_cells, sorted(scores(outcomes, prices), key=_order))]),
        _table(
            [
                ("language", *HEAD[1:5]),
                *(
                    _cells(s)[:5]
                    for s in sorted(scores(outcomes, prices, by="language"), key=_order)
                ),
            ]
        ),
    ]
    ahead = gaps(outcomes)
    if ahead:
        rows = [
            (gap.group, f"{gap.first} over {gap.second}", f"{100 * gap.ahead.value:+.1f} points",
             f"{100 * gap.ahead.low:+.1f} .. {100 * gap.ahead.high:+.1f}", str(gap.ahead.n))
            for gap in ahead
        ]  # fmt: skip
        parts.append(_table([("same samples", "", "ahead by", "95 % interval", "n"), *rows]))
    return "\n\n".join(parts)


def _order(score: Score) -> str:
    return score.group


def _cells(score: Score) -> tuple[str, ...]:
    right = score.accuracy
    cost = (
        f"{score.processor_s:.1f} processor s each"
        if score.cost_usd is None
        else f"$ {score.cost_usd:.2f}"
    )
    return (
        score.group,
        score.model + (f" ({score.failed} failed)" if score.failed else ""),
        f"{100 * right.value:.1f} %",
        f"{100 * right.low:.1f} .. {100 * right.high:.1f}",
        str(right.n),
        f"{score.seconds:.1f}",
        f"{score.first_token_s:.2f}",
        f"{score.prompt_tokens:.0f}",
        f"{score.output_tokens:.0f}",
        f"{score.tokens_a_second:.1f}",
        str(score.memory_mb),
        cost,
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(lines)
