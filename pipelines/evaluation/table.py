"""Rows of figures -> an aligned table for people; the same rows go to JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.evaluation.stats import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure beside the goal that it is held against."""

    name: str
    figure: Figure
    unit: str = "%"
    goal: str = ""
    met: bool | None = None


def render(title: str, lines: Sequence[Line]) -> str:
    """The table as text: figure, 95 % interval, n, goal, met."""
    rows = [("", "value", "95 % interval", "n", "goal", "")]
    for line in lines:
        scale = 100.0 if line.unit == "%" else 1.0
        figure = line.figure
        shown = "-" if math.isnan(figure.value) else f"{figure.value * scale:.2f} {line.unit}"
        interval = (
            ""
            if figure.low == figure.high
            else f"{figure.low * scale:.2f} .. {figure.high * scale:.2f}"
        )
        verdict = {True: "met", False: "MISSED", None: ""}[line.met]
        rows.append((line.name, shown, interval, str(figure.n), line.goal, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    body = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([title, *(line.rstrip() for line in body)])


def write_json(path: Path, payload: dict[str, Any]) -> None:
    """Write one report; the folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(payload, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines as plain values; an undefined figure is null."""
    plain = [asdict(line) for line in lines]
    for row in plain:
        row["figure"] = {k: None if v != v else v for k, v in row["figure"].items()}
    return plain
