"""The recordings that a visitor may click: the rows of the list that are marked for showing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import ASSETS

FOLDER = ASSETS / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One recording to click."""

    id: str
    path: Path
    language: str
    seconds: float
    text: str
    category: str


def load_showcase(folder: Path = FOLDER) -> tuple[Sample, ...]:
    """The rows of samples.jsonl with "showcase" whose file is there; none without the list."""
    listing = folder / "samples.jsonl"
    if not listing.is_file():
        return ()
    rows = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines() if line]
    samples = [
        Sample(
            id=str(row["id"]),
            path=folder / str(row["file"]),
            language=str(row["language"]),
            seconds=float(row["seconds"]),
            text=str(row["text"]),
            category=str(row["category"]),
        )
        for row in rows
        if row.get("showcase")
    ]
    return tuple(sample for sample in samples if sample.path.is_file())
