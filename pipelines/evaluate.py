"""`./run eval` and `./run bench`: quality and speed, printed as tables and written as JSON."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

OUT = Path("build/reports")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The arguments: what to measure, and where the JSON goes."""
    parser = argparse.ArgumentParser(prog="./run eval|bench", description=__doc__)
    parser.add_argument("measure", choices=("eval", "bench"))
    parser.add_argument("medium", choices=("voice", "document", "video", "control", "privacy"))
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--limit", type=int, help="only the first N samples, for a quick look")
    parser.add_argument(
        "--only", nargs="+", default=(), help="only these parts (document, video), ways (control)"
    )
    parser.add_argument(
        "--model", action="append", help="a row of the catalog; several are measured in turn"
    )
    parser.add_argument("--resume", action="store_true", help="go on where it broke off (control)")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 1 where a goal was missed."""
    options = parse(arguments)
    if not options.model:
        return 0 if measured(options, options.out) else 1
    # One after the other on the same cases; each has its own folder of reports.
    met = []
    for name in options.model:
        os.environ["MINWON_MODEL"] = name
        met.append(measured(options, options.out / name))
    return 0 if all(met) else 1


def measured(options: argparse.Namespace, out: Path) -> bool:
    """One measurement of one model; True where its goals are met."""
    if options.medium == "privacy":
        from pipelines.evaluation import privacy

        return privacy.run(out, split=options.split, show=True)
    if options.medium == "control":
        from pipelines.evaluation import control

        return control.run(out, only=options.only, limit=options.limit, resume=options.resume)
    if options.medium == "video":
        from pipelines.evaluation import video, video_bench

        if options.measure == "bench":
            return video_bench.run(out)
        return video.run(out, split=options.split, limit=options.limit, only=options.only)
    if options.medium == "document":
        from pipelines.evaluation import document

        if options.measure == "eval":
            return document.run_eval(out, split=options.split, only=options.only)
        return document.run_bench(out, only=options.only)
    if options.measure == "eval":
        from pipelines.evaluation import voice

        return voice.run(out, split=options.split, limit=options.limit)
    from pipelines.evaluation import bench

    return bench.run(out)


if __name__ == "__main__":
    sys.exit(main())
