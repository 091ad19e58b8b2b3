"""`./run eval` and `./run bench`: quality and speed, printed as tables and written as JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

OUT = Path("build/reports")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The arguments: what to measure, and where the JSON goes."""
    parser = argparse.ArgumentParser(prog="./run eval|bench", description=__doc__)
    parser.add_argument("measure", choices=("eval", "bench"))
    parser.add_argument("medium", choices=("voice", "document", "control"))
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--limit", type=int, help="only the first N samples, for a quick look")
    parser.add_argument(
        "--only", nargs="+", default=(), help="only these parts (document), ways (control)"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 1 where a goal was missed."""
    options = parse(arguments)
    if options.medium == "control":
        from pipelines.evaluation import control

        met = control.run(options.out, only=options.only, limit=options.limit)
    elif options.medium == "document":
        from pipelines.evaluation import document

        if options.measure == "eval":
            met = document.run_eval(options.out, split=options.split, only=options.only)
        else:
            met = document.run_bench(options.out, only=options.only)
    elif options.measure == "eval":
        from pipelines.evaluation import voice

        met = voice.run(options.out, split=options.split, limit=options.limit)
    else:
        from pipelines.evaluation import bench

        met = bench.run(options.out)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
