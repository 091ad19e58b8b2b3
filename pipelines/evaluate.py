"""`./run eval` and `./run bench`: quality and speed, printed as tables and written as JSON.

`./run eval --model A --model B` without a medium is the scoreboard: the same samples put to each.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pipelines.errors import MinwonError
from pipelines.wording import explain

TASKS = ("speech", "documents", "video", "bundle", "control")
OUT = Path("build/reports")
UNSEEN = ("first", "second", "third", "fourth")
MEDIA = ("voice", "document", "video", "control", "engine", "privacy")
NOT_MEASURED = {
    ("bench", None),
    ("bench", "control"),
    ("bench", "privacy"),
    ("eval", "engine"),
}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The arguments: what to measure, and where the JSON goes."""
    parser = argparse.ArgumentParser(prog="./run eval|bench", description=__doc__)
    parser.add_argument("measure", choices=("eval", "bench"))
    parser.add_argument("medium", nargs="?", choices=MEDIA)
    parser.add_argument(
        "--split",
        choices=("dev", "test", *UNSEEN),
        help="test where nothing is said; the unseen ones are privacy's",
    )
    parser.add_argument("--limit", type=int, help="only the first N samples, for a quick look")
    parser.add_argument(
        "--only", nargs="+", default=(), help="only these parts (document, video), ways (control)"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME[=WHERE]",
        help="a row of the catalog, with its file, folder or address; several in turn",
    )
    parser.add_argument("--task", nargs="+", choices=TASKS, help="only these tasks (scoreboard)")
    parser.add_argument(
        "--outside", nargs="+", type=Path, default=(), help="benchmark files (docs/benchmarks.md)"
    )
    parser.add_argument("--resume", action="store_true", help="go on where it broke off (control)")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    if options.split in UNSEEN and options.medium != "privacy":
        parser.error(f"{options.medium} has no part {options.split}")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 1 where a goal was missed."""
    options = parse(arguments)
    if (options.measure, options.medium) in NOT_MEASURED:
        print(f"./run {options.measure} does not measure that: {options.medium}", file=sys.stderr)
        return 2
    if options.medium is None:
        return scoreboard(options)
    if not options.model:
        return 0 if measured(options, options.out) else 1
    # One after the other on the same cases; each has its own folder of reports.
    met = []
    for name in options.model:
        os.environ["MINWON_MODEL"] = name
        met.append(measured(options, options.out / name))
    return 0 if all(met) else 1


def scoreboard(options: argparse.Namespace) -> int:
    """Every model on the same samples; 2 where a model, a setting or a file can't be used."""
    from pipelines.evaluation.scores import run

    tasks = options.task or (() if options.outside else TASKS)
    plan = run.Plan(
        models=tuple(options.model),
        tasks=tuple(tasks),
        outside=tuple(options.outside),
        split=options.split or "test",
        limit=options.limit,
    )
    try:
        return 0 if run.run(options.out, plan) else 1
    except MinwonError as exc:
        print(f"error: {exc.code}: {explain(exc, 'en')}", file=sys.stderr)
        return 2


def measured(options: argparse.Namespace, out: Path) -> bool:
    """One measurement of one model; True where its goals are met."""
    if options.medium == "engine":
        from pipelines.evaluation import engine_bench

        return engine_bench.run(out)
    if options.medium == "privacy":
        from pipelines.evaluation import privacy

        return privacy.run(out, split=options.split or "test")
    if options.medium == "control":
        from pipelines.evaluation import control

        return control.run(
            out,
            split=options.split,
            only=options.only,
            limit=options.limit,
            resume=options.resume,
        )
    split = options.split or "test"
    if options.medium == "video":
        from pipelines.evaluation import video, video_bench

        if options.measure == "bench":
            return video_bench.run(out)
        return video.run(out, split=split, limit=options.limit, only=options.only)
    if options.medium == "document":
        from pipelines.evaluation import document

        if options.measure == "eval":
            return document.run_eval(out, split=split, only=options.only)
        return document.run_bench(out, only=options.only)
    if options.measure == "eval":
        from pipelines.evaluation import voice

        return voice.run(out, split=split, limit=options.limit)
    from pipelines.evaluation import bench

    return bench.run(out)


if __name__ == "__main__":
    sys.exit(main())
