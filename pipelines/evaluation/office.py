"""Text and table cells of flow documents, held against the words that were written into them.

python -m pipelines.evaluation.office --split test
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipelines.evaluation.office_files import WRITERS
from pipelines.evaluation.office_truth import Hits, cell_hits, make_truth, text_hits
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.evaluation.table import Line, render
from pipelines.readers.office import read_document

DOCUMENTS = 30
"""Of each format."""
TEXT_GOAL = {"docx": 0.995, "xlsx": 0.995, "pptx": 0.995, "hwpx": 0.995, "hwp": 0.99}
CELL_GOAL = 0.95


def measure(split: str, documents: int = DOCUMENTS) -> list[Line]:
    """Two lines a format: share of the text found, share of the cells at their place."""
    lines = []
    for suffix in WRITERS:
        text, cells = _measure_format(suffix, split, documents)
        goal = TEXT_GOAL.get(suffix)
        lines.append(_line(f"{suffix}: text found", text, goal))
        lines.append(_line(f"{suffix}: cells in row and column", cells, CELL_GOAL))
    return lines


def _measure_format(suffix: str, split: str, documents: int) -> tuple[list[Hits], list[Hits]]:
    media_type, write = WRITERS[suffix]
    text, cells = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(documents):
            truth = make_truth(split, number)
            path = Path(folder) / f"{number}.{suffix}"
            wanted = write(truth, path)
            document = read_document(path, media_type)
            text.append(text_hits(wanted, document))
            tables = document.items
            if suffix == "xlsx":  # the first table is the sheet of paragraphs
                first = next(i for i, item in enumerate(tables) if item.table is not None)
                tables = tables[first + 1 :]
            cells.append(cell_hits(truth.tables, tables))
    return text, cells


def _line(name: str, hits: Sequence[Hits], goal: float | None) -> Line:
    figure = bootstrap([[hit] for hit in hits], _share)
    found, wanted = sum(hit.found for hit in hits), sum(hit.wanted for hit in hits)
    if found == wanted:  # drawing from perfect documents only says nothing: Wilson's interval
        figure = share(found, wanted)
    figure = Figure(value=figure.value, low=figure.low, high=figure.high, n=wanted)
    shown = "" if goal is None else f">= {goal * 100:g} %"
    met = None if goal is None else figure.value >= goal
    return Line(name=name, figure=figure, goal=shown, met=met)


def _share(hits: Sequence[Hits]) -> float:
    return sum(hit.found for hit in hits) / max(1, sum(hit.wanted for hit in hits))


def main() -> int:
    """Print the table; the exit status is 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    options = parser.parse_args()
    lines = measure(options.split, options.documents)
    print(render(f"flow documents, {options.split}, {options.documents} of each format", lines))
    return 0 if all(line.met is not False for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
