"""What the measurements of videos count, held against cases whose count is known."""

from __future__ import annotations

import json

import pytest

from pipelines.evaluation.clips import SAMPLES, Clip, committed_clips
from pipelines.evaluation.video import _joined
from pipelines.evaluation.video_bench import Found
from pipelines.evaluation.video_peers import counts, f1
from pipelines.evaluation.video_questions import load


def test_a_found_cut_counts_once() -> None:
    assert counts([1.0, 3.0], [1.1, 1.15, 5.0]) == (1, 2, 1)
    assert counts([], []) == (0, 0, 0)
    assert f1([(1, 2, 1)]) == pytest.approx(2 / 5)
    assert f1([(0, 0, 0)]) == 1.0
    assert f1([(0, 3, 0)]) == 0.0


def test_true_events_are_cuts_and_words_at_their_time() -> None:
    clip = Clip.model_validate(
        {
            "id": "x",
            "split": "dev",
            "file": "x",
            "seconds": 9,
            "fps": 24,
            "cuts": [2.0],
            "texts": [
                {
                    "text": "출입 통제",
                    "style": "board",
                    "start_s": 3,
                    "end_s": 5,
                    "box": [0, 0, 9, 9],
                }
            ],
            "motion": [],
            "clock": "",
            "voice": "",
            "voice_s": 0,
        }
    )
    right = Found(cuts=(2.1,), texts=(("(출입 통제)", 3.4),), took_s=1)
    late = Found(cuts=(2.6,), texts=(("출입 통제", 4.4),), took_s=1)
    assert (right.true_events(clip), late.true_events(clip)) == (2, 0)


def test_motion_that_overlaps_is_one() -> None:
    assert _joined([(5, 7), (0, 2), (2.5, 4)]) == [(0, 4), (5, 7)]


def test_every_question_is_about_a_committed_clip_and_some_have_no_answer() -> None:
    ids = {clip.id for clip, _ in committed_clips()}
    asked = {split: load(split) for split in ("dev", "test")}
    assert set(asked["dev"]) | set(asked["test"]) <= ids
    rows = [row for part in asked["test"].values() for row in part]
    assert len(rows) == 40
    assert sum(not row["answers"] for row in rows) == 10
    truth = [json.loads(line) for line in (SAMPLES / "videos.jsonl").read_text().splitlines()]
    assert {row["id"] for row in truth} == ids
