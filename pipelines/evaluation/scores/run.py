"""`./run eval --model A --model B`: the same samples put to each model, one after the other."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.build import Parts, build
from pipelines.errors import MinwonError
from pipelines.evaluation.scores import board, outside, plot
from pipelines.evaluation.scores.meter import Metered, metered
from pipelines.evaluation.scores.outcome import Ledger, Outcome, Sample
from pipelines.evaluation.scores.tasks import Asked, Task, own_tasks
from pipelines.evaluation.table import write_json
from pipelines.foundation.catalog import Price, open_model
from pipelines.foundation.choice import check_room, free_mb, row_of, settings_for
from pipelines.media.worker import Worker
from pipelines.settings import ASSETS, Settings, load_settings

FOLDER = "scoreboard"
ASKED_WITH = ("prompts", "policy", "samples/bundles.toml", "samples/injections.toml")
"""What every answer depends on beside the model: other files, other answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    models: tuple[str, ...]
    """As `settings_for` reads them; none = that of the settings."""
    tasks: tuple[str, ...]
    outside: tuple[Path, ...] = ()
    split: str = "test"
    limit: int | None = None
    """The first so many samples of each task, taken evenly from the languages."""


def run(out: Path, plan: Plan) -> bool:
    """Measure what an earlier run has not; table on stdout, JSON and picture beside the rows.

    True where every sample had an answer. Raises BenchmarkInvalid, ModelUnknown, ModelNotHere,
    ModelTooLarge, SettingsInvalid before anything is measured.
    """
    settings = load_settings()
    chosen = [settings_for(settings, spec) for spec in plan.models or (settings.model,)]
    prices = {one.model: _price(one) for one in chosen}
    parts = build(settings)
    ledger = Ledger(out / FOLDER / "rows.jsonl")
    outcomes: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="minwon-scores-") as folder,
        Worker(limits=outside.FENCED) as fenced,
    ):
        tasks = [
            *own_tasks(parts, Path(folder), plan.tasks),
            *(outside.Outside(path, fenced) for path in plan.outside),
        ]
        try:
            for one in chosen:
                outcomes += _model(one, parts, tasks, plan, ledger)
        finally:
            parts.close()
    _write(out / FOLDER, outcomes, prices, plan)
    return not any(outcome.error for outcome in outcomes)


def _price(settings: Settings) -> Price | None:
    return row_of(settings).price


def _model(
    settings: Settings, parts: Parts, tasks: Sequence[Task], plan: Plan, ledger: Ledger
) -> Iterator[Outcome]:
    """Its outcomes, old and new. It is loaded with the first sample that is new."""
    version = version_of(settings)
    with _asked(settings, parts) as asked:
        for task in tasks:
            warm = False
            for sample in few(task.samples(plan.split), plan.limit):
                known = ledger.get((settings.model, task.name, sample.id, version))
                if known is None:
                    if not warm:
                        task.warm(asked)
                        warm = True
                    known = one(task, sample, asked, version)
                    ledger.add(known)
                    _show(known)
                yield known


@contextmanager
def _asked(settings: Settings, parts: Parts) -> Iterator[Asked]:
    check_room(settings, free_mb())
    model = open_model(settings)
    meter = Metered(model)
    try:
        yield Asked(pipelines=parts.with_model(meter), model=meter)
    finally:
        model.close()


def one(task: Task, sample: Sample, asked: Asked, version: str) -> Outcome:
    """One sample put to one model; a refusal is an outcome too, and counts as wrong."""
    checks, error = {"answered": False}, ""
    task.prepare(sample)
    with metered(asked.model) as stretch:
        try:
            checks = dict(task.run(sample, asked))
        except MinwonError as exc:
            error = exc.code
    return Outcome(
        model=asked.model.name,
        task=task.name,
        sample=sample.id,
        version=version,
        language=sample.language,
        cluster=sample.cluster,
        checks=checks,
        spent=stretch.spent,
        error=error,
    )


def few(samples: Sequence[Sample], limit: int | None) -> list[Sample]:
    """The first `limit`, a language after the other in turn; all in their order without one."""
    if limit is None:
        return list(samples)
    turns: dict[str, int] = {}
    placed = []
    for number, sample in enumerate(samples):
        turns[sample.language] = turns.get(sample.language, 0) + 1
        placed.append((turns[sample.language], number, sample))
    return [sample for _, _, sample in sorted(placed, key=lambda found: found[:2])[:limit]]


def version_of(settings: Settings) -> str:
    """Of everything that an answer depends on beside the model's name."""
    digest = hashlib.sha256(repr((settings.model_path, settings.remote_url)).encode())
    for name in ASKED_WITH:
        place = ASSETS / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _write(
    folder: Path, outcomes: Sequence[Outcome], prices: dict[str, Price | None], plan: Plan
) -> None:
    title = f"scoreboard, {plan.split} split, {len(outcomes)} answers"
    print(f"\n{title}\n\n{board.render(outcomes, prices)}")
    write_json(folder / "scoreboard.json", board.as_json(outcomes, prices))
    picture = plot.draw(board.scores(outcomes, prices), f"Minwon Desk {title}")
    (folder / "scoreboard.svg").write_text(picture, encoding="utf-8")
    for name in ("scoreboard.json", "scoreboard.svg", "rows.jsonl"):
        print(f"written: {folder / name}")


def _show(outcome: Outcome) -> None:
    wrong = ", ".join(name for name, right in outcome.checks.items() if not right)
    verdict = outcome.error or (f"wrong: {wrong}" if wrong else "right")
    told = (
        f"{outcome.model} {outcome.task} {outcome.sample} {outcome.spent.seconds:.1f} s {verdict}"
    )
    print(told, file=sys.stderr, flush=True)
