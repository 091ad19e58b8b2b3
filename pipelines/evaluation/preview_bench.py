"""How fast flow documents are read and set on preview pages."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from pipelines.evaluation.office_files import WRITERS
from pipelines.evaluation.office_truth import make_truth, sentences
from pipelines.evaluation.stats import Figure
from pipelines.evaluation.table import Line
from pipelines.readers.flow import FlowDocument
from pipelines.readers.layout import set_pages
from pipelines.readers.office import read_document
from pipelines.readers.pages import Item

ITEMS = 200
DOCUMENTS = 10
GOAL_PAGES_S = 20.0
"""A hundred pages in a few seconds."""


def measure() -> list[Line]:
    """Preview pages a second, and milliseconds to read one generated document of each format."""
    text = " ".join(sentences()[:40])
    long = FlowDocument(items=tuple(Item(kind="text", text=text) for _ in range(ITEMS)))
    with tempfile.TemporaryDirectory() as folder:
        set_pages(FlowDocument(items=long.items[:2]), Path(folder) / "warm.pdf")
        begun = time.perf_counter()
        pages = len(set_pages(long, Path(folder) / "p.pdf").pages)
        speed = pages / (time.perf_counter() - begun)
        lines = [_line("preview pages set", speed, pages, "pages/s", GOAL_PAGES_S)]
        for suffix in WRITERS:
            lines.append(_read_line(suffix, Path(folder)))
    return lines


def _read_line(suffix: str, folder: Path) -> Line:
    media_type, write = WRITERS[suffix]
    paths = [folder / f"{number}.{suffix}" for number in range(DOCUMENTS)]
    for number, path in enumerate(paths):
        write(make_truth("dev", number), path)
    read_document(paths[0], media_type)
    begun = time.perf_counter()
    for path in paths:
        read_document(path, media_type)
    elapsed_ms = (time.perf_counter() - begun) * 1000 / DOCUMENTS
    return _line(f"{suffix}: read one document", elapsed_ms, DOCUMENTS, "ms", None)


def _line(name: str, value: float, n: int, unit: str, least: float | None) -> Line:
    figure = Figure(value=value, low=value, high=value, n=n)
    goal = "" if least is None else f">= {least:g}"
    return Line(
        name=name,
        figure=figure,
        unit=unit,
        goal=goal,
        met=None if least is None else value >= least,
    )
