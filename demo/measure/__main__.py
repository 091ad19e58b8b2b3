"""`./run eval desk`, `./run eval learning`, `./run bench desk`: figures of the office's side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipelines.evaluation.table import Line, as_json, render, write_json

OUT = Path("build/reports")
CASES = 100_000
PARTS = ("search", "twins", "pages", "terms")
DEFAULT = {"eval": ("search", "twins"), "bench": ("search", "pages")}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What to measure, and where the JSON goes."""
    parser = argparse.ArgumentParser(prog="./run eval|bench", description=__doc__)
    parser.add_argument("measure", choices=("eval", "bench"))
    parser.add_argument("what", choices=("desk", "learning"))
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--cases", type=int, default=CASES, help="cases to search in")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=())
    parser.add_argument("--keep", type=Path, help="a folder that keeps the planted cases")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 1 where a goal was missed."""
    options = parse(arguments)
    lines = measured(options)
    title = f"{options.what}, {options.split} part" if options.what == "desk" else options.what
    sys.stdout.write(render(title, lines) + "\n")
    report = options.out / f"{options.measure}-{options.what}-{options.split}.json"
    write_json(report, {"figures": as_json(lines)})
    return 0 if all(line.met is not False for line in lines) else 1


def measured(options: argparse.Namespace) -> list[Line]:
    """The lines; search and its speed are one run."""
    if options.what == "learning":
        from demo.measure import learning

        return learning.measure()
    from demo.measure import searching, terms, twins

    parts = options.only or DEFAULT[options.measure]
    lines: list[Line] = []
    if "search" in parts or "pages" in parts:
        lines += searching.measure(
            options.cases,
            options.split,
            ask="search" in parts,
            pages="pages" in parts,
            kept=options.keep,
        )
    if "twins" in parts:
        lines += twins.measure(options.split)
    if "terms" in parts:
        lines += terms.measure(options.cases, options.split)
    return lines


if __name__ == "__main__":
    sys.exit(main())
