"""`./run eval voice`: every held-out recording through the whole pipeline, against its truth."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pipelines.build import Parts, build
from pipelines.drafting.facts import FRAME_WORDS
from pipelines.evaluation import checks
from pipelines.evaluation.samples import Sample, load_samples
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.evaluation.table import Line, as_json, render, write_json
from pipelines.korean import nouns
from pipelines.media.admit import admit
from pipelines.readers.score import cer
from pipelines.report import as_json as result_json
from pipelines.settings import load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One recording: what came out, held against what is true."""

    sample: Sample
    result: dict[str, Any]
    error: float
    valid: bool
    cited: bool
    top1: bool
    top3: bool
    place_right: bool
    place_exact: bool
    urgency_steps: int
    invented: tuple[str, ...]
    total_s: float
    first_token_s: float


def run_one(sample: Sample, parts: Parts) -> Row:
    """One recording through the whole pipeline; the language is detected, not given."""
    media = admit(sample.path, settings=parts.settings)
    result = parts.voice.run(media)
    draft, evidence = result.draft, result.evidence
    candidates = [candidate.category for candidate in draft.category_candidates]
    # Field by field: run together, a title without a verb is read into the sentence behind it.
    written = (draft.title, draft.summary, draft.request) if sample.language == "ko" else ()
    named = [noun.text for text in written for noun in nouns(text)]
    return Row(
        sample=sample,
        result=result_json(result, "en"),
        error=cer(sample.text, " ".join(piece.text for piece in evidence)),
        valid=checks.schema_valid(draft),
        cited=checks.citations_real(draft, evidence),
        top1=draft.category in sample.right_categories,
        top3=bool(sample.right_categories & set(candidates)),
        place_right=any(checks.place_right(draft.place, place) for place in sample.right_places),
        place_exact=checks.place_exact(draft.place, sample.place),
        urgency_steps=checks.urgency_steps(draft.urgency, sample.urgency),
        invented=tuple(checks.invented(draft, evidence, nouns=named, frame=FRAME_WORDS)),
        total_s=result.timing.total_s,
        first_token_s=result.timing.first_token_s,
    )


def summarise(rows: Sequence[Row]) -> list[Line]:
    """The figures of the issue, each with its interval; intervals are over texts, not clips."""
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_text[row.sample.text].append(row)
    clusters = list(by_text.values())

    def rate(hit: Callable[[Row], bool]) -> Figure:
        return bootstrap(clusters, lambda rows: sum(map(hit, rows)) / len(rows))

    def weighted_error(rows: Sequence[Row]) -> float:
        letters = [len(checks.squeezed(row.sample.text)) for row in rows]
        return sum(row.error * n for row, n in zip(rows, letters, strict=True)) / sum(letters)

    error = bootstrap(clusters, weighted_error)
    exact = rate(lambda row: row.error == 0)
    top1, top3 = rate(lambda row: row.top1), rate(lambda row: row.top3)
    place = rate(lambda row: row.place_right)
    near = rate(lambda row: row.urgency_steps <= 1)
    valid = share(sum(row.valid for row in rows), len(rows))
    cited = share(sum(row.cited for row in rows), len(rows))
    facts = sum(len(row.invented) for row in rows)
    return [
        Line(name="character error", figure=error, goal="<= 8 %", met=error.value <= 0.08),
        Line(name="clips without an error", figure=exact, goal=">= 33 %", met=exact.value >= 1 / 3),
        Line(name="drafts valid", figure=valid, goal="100 %", met=valid.value == 1),
        Line(name="citations real", figure=cited, goal="100 %", met=cited.value == 1),
        Line(name="category right", figure=top1, goal=">= 80 %", met=top1.value >= 0.80),
        Line(name="category in first three", figure=top3, goal=">= 92 %", met=top3.value >= 0.92),
        Line(name="place right", figure=place, goal=">= 85 %", met=place.value >= 0.85),
        Line(name="place letter by letter", figure=rate(lambda row: row.place_exact)),
        Line(name="urgency within one step", figure=near, goal=">= 90 %", met=near.value >= 0.90),
        Line(name="urgency exact", figure=rate(lambda row: row.urgency_steps == 0)),
        Line(
            name="invented facts (count)",
            figure=Figure(value=facts, low=facts, high=facts, n=len(rows)),
            unit="",
            goal="0",
            met=facts == 0,
        ),
        _seconds("seconds, whole (median)", [row.total_s for row in rows]),
        _seconds("seconds, first draft token (median)", [row.first_token_s for row in rows]),
    ]


def _seconds(name: str, values: Sequence[float]) -> Line:
    figure = Figure(value=median(values), low=min(values), high=max(values), n=len(values))
    return Line(name=name, figure=figure, unit="s")


def run(out: Path, *, split: str = "test", limit: int | None = None) -> bool:
    """Measure, print the tables, write JSON; True where every goal for Korean is met."""
    parts = build(load_settings())
    parts.warm()
    groups: dict[str, list[Row]] = defaultdict(list)
    samples = load_samples(split=split)
    for number, sample in enumerate(samples[:limit], 1):
        groups[sample.language].append(run_one(sample, parts))
        print(f"\r{number}/{len(samples)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report: dict[str, Any] = {"model": parts.model.name, "split": split, "groups": {}}
    for language, rows in groups.items():
        lines = summarise(rows)
        print(render(f"\nvoice, {language}, {split} split, model {parts.model.name}", lines))
        report["groups"][language] = {
            "figures": as_json(lines),
            "rows": [{**asdict(row), "sample": row.sample.model_dump()} for row in rows],
        }
    parts.close()
    path = out / f"voice-{split}.json"
    write_json(path, report)
    print(f"\nwritten: {path}")
    return all(line.met is not False for line in summarise(groups["ko"]))
