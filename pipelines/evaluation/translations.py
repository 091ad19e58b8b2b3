"""Subtitles translated by the shared model, beside our own translations of our own lines."""

from __future__ import annotations

import json
from typing import Any

from pipelines.build import Parts
from pipelines.drafting.translate import Translation
from pipelines.evaluation.clips import SAMPLES
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.evaluation.table import Line
from pipelines.subtitles import Cue, joined
from pipelines.types import LANGUAGES, Language

SOURCE: Language = "ko"
LENGTH_S = 3.0


def run(
    parts: Parts, *, split: str = "test", limit: int | None = None
) -> tuple[list[Line], list[dict[str, Any]]]:
    """Translate every line into every language; (figures, rows). chrF of sacrebleu, in percent."""
    listed = (SAMPLES / "translations.jsonl").read_text(encoding="utf-8").splitlines()
    truth = [row for row in map(json.loads, listed) if row["split"] == split][:limit]
    cues = [
        Cue(start_s=LENGTH_S * n, end_s=LENGTH_S * (n + 1), lines=(row[SOURCE],))
        for n, row in enumerate(truth)
    ]
    lines: list[Line] = []
    rows: list[dict[str, Any]] = []
    for target in (code for code in LANGUAGES if code != SOURCE):
        made = parts.video.translator.translate(cues, SOURCE, target)
        told = _rows(truth, made)
        rows += told
        asked = sum(reply.elapsed_s for reply in made.replies)
        lines += [
            Line(name=f"{target}: shown translated", figure=share(_count(told), len(told))),
            Line(name=f"{target}: chrF of those", figure=_chrf(told), unit=""),
            Line(name=f"{target}: seconds a line", figure=_one(asked / len(cues)), unit="s"),
        ]
    return lines, rows


def _rows(truth: list[dict[str, Any]], made: Translation) -> list[dict[str, Any]]:
    found = []
    for number, (row, cue) in enumerate(zip(truth, made.cues, strict=True)):
        kept = number in made.kept
        told = joined(cue, made.target)
        print(f"  {'kept' if kept else made.target}: {told}", flush=True)
        wanted = row[made.target]
        found.append({"target": made.target, "kept": kept, "told": told, "wanted": wanted})
    return found


def _count(rows: list[dict[str, Any]]) -> int:
    return sum(not row["kept"] for row in rows)


def _chrf(rows: list[dict[str, Any]]) -> Figure:
    """Corpus chrF of the lines that are shown translated."""
    from sacrebleu import CHRF

    shown = [row for row in rows if not row["kept"]]

    def score(some: Any) -> float:  # noqa: ANN401 - rows
        told, wanted = [row["told"] for row in some], [row["wanted"] for row in some]
        return float(CHRF().corpus_score(told, [wanted]).score)

    return bootstrap([[row] for row in shown], score) if shown else _one(0.0)


def _one(value: float) -> Figure:
    return Figure(value=value, low=value, high=value, n=1)
