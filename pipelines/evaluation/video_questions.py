"""Questions about the committed clips: right ones with their second, and ones to be refused."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from pipelines.build import Parts
from pipelines.drafting.question import Answer
from pipelines.evaluation.clips import SAMPLES, committed_clips
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line
from pipelines.media.admit import VIDEOS, admit
from pipelines.readers.timeline import time_of
from pipelines.video import Footage
from pipelines.writing import squeezed

AT_S = 1.0


def load(split: str) -> dict[str, list[dict[str, Any]]]:
    """Clip -> its questions. `answers`: any of these must stand in the answer; none = not in it.

    `at`: when what is cited begins, where that is asked for.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (SAMPLES / "video_questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["clip"].startswith(split):
            found[row["clip"]].append(row)
    return dict(found)


def is_right(row: dict[str, Any], answer: Answer, footage: Footage) -> bool:
    """The fact stands in the answer, and what is cited is there at that time."""
    if not row["answers"]:
        return not answer.answered
    said = squeezed(answer.text)
    if not answer.answered or not any(squeezed(way) in said for way in row["answers"]):
        return False
    starts = [time_of(footage.evidence[cited.evidence])[0] for cited in answer.citations]
    return row["at"] is None or any(abs(start - row["at"]) <= AT_S for start in starts)


def run(
    parts: Parts, *, split: str = "test", limit: int | None = None
) -> tuple[list[Line], list[dict[str, Any]]]:
    """Ask them all; (figures, rows)."""
    paths = {clip.id: path for clip, path in committed_clips(split)}
    rows: list[dict[str, Any]] = []
    parts.model.warm()  # as the application does when it starts
    parts.video.answerer.warm()
    for clip, asked in list(load(split).items())[:limit]:
        media = admit(paths[clip], settings=parts.settings, accept=VIDEOS)
        with tempfile.TemporaryDirectory(prefix="minwon-questions-") as folder:
            footage = parts.video.read(media, Path(folder))
            for row in asked:
                answer = parts.video.ask(footage, row["question"])
                right = is_right(row, answer, footage)
                rows.append({**row, "right": right, "said": answer.text, "s": answer.elapsed_s})
                verdict = "right" if right else "WRONG"
                print(f"  {verdict}: {clip} {row['question']} -> {answer.text}", flush=True)
    answerable = [row for row in rows if row["answers"]]
    others = [row for row in rows if not row["answers"]]
    every = share(sum(row["right"] for row in rows), len(rows))
    told = share(sum(row["right"] for row in answerable), len(answerable))
    refused = share(sum(row["right"] for row in others), len(others))
    return [
        Line(name="questions right", figure=every, goal=">= 80 %", met=every.value >= 0.8),
        Line(name="of those with an answer", figure=told),
        Line(
            name="of those without one, refused",
            figure=refused,
            goal="100 %",
            met=refused.value == 1,
        ),
    ], rows
