"""`./run eval document` and `./run bench document`: the registry of their parts.

A part is a module of `pipelines.evaluation` with `measure(split: str) -> list[Line]`, `split` is
"dev" or "test"; a part of the bench is one with `measure() -> list[Line]`. Add a row here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path

from pipelines.evaluation.table import Line, as_json, render, write_json

EVAL_PARTS: dict[str, str] = {
    "paper": "pipelines.evaluation.paper",
    "office": "pipelines.evaluation.office",
    "fields": "pipelines.evaluation.forms",
    "retrieval": "pipelines.evaluation.retrieval",
    "questions": "pipelines.evaluation.questions",
}
BENCH_PARTS: dict[str, str] = {
    "paper": "pipelines.evaluation.paper_bench",
    "preview": "pipelines.evaluation.preview_bench",
    "viewer": "pipelines.evaluation.viewer_bench",
    "papers": "pipelines.evaluation.long_papers",
}


def run_eval(out: Path, *, split: str = "test", only: Iterable[str] = ()) -> bool:
    """Measure, print the tables, write JSON; True where every goal is met."""

    def measure(module: str) -> list[Line]:
        return list(importlib.import_module(module).measure(split))

    return _run(EVAL_PARTS, measure, out / f"document-{split}.json", f"{split} split", only)


def run_bench(out: Path, *, only: Iterable[str] = ()) -> bool:
    """The same for speed."""

    def measure(module: str) -> list[Line]:
        return list(importlib.import_module(module).measure())

    return _run(BENCH_PARTS, measure, out / "bench-document.json", "bench", only)


def _run(
    parts: dict[str, str],
    measure: Callable[[str], list[Line]],
    path: Path,
    title: str,
    only: Iterable[str],
) -> bool:
    wanted = tuple(only) or tuple(parts)
    report, met = {}, True
    for name in wanted:
        lines = measure(parts[name])
        print(render(f"\ndocument, {name}, {title}", lines), flush=True)
        report[name] = as_json(lines)
        met = met and all(line.met is not False for line in lines)
    write_json(path, report)
    print(f"\nwritten: {path}")
    return met
