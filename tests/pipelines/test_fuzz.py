"""The fuzzer itself: it damages, it counts, and it tells faults from refusals."""

from __future__ import annotations

import random

import pytest

from pipelines.evaluation import fuzz
from pipelines.evaluation.fuzz_seeds import SEEDS, damaged
from pipelines.media.admit import PAPERS, admit
from pipelines.settings import Settings

HERE = "tests.pipelines.media.hostile"


@pytest.mark.parametrize("media_type", SEEDS)
def test_undamaged_seeds_are_what_they_claim(
    media_type: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for make in SEEDS[media_type]:
        path = tmp_path_factory.mktemp("seed") / "file"
        path.write_bytes(make())
        assert admit(path, settings=Settings(), accept=PAPERS).media_type == media_type


def test_damage_is_seeded_and_damages() -> None:
    raw = SEEDS["image/png"][0]()
    first = [damaged(raw, random.Random(n)) for n in range(50)]  # noqa: S311
    assert first == [damaged(raw, random.Random(n)) for n in range(50)]  # noqa: S311
    assert sum(out != raw for out in first) > 40


@pytest.mark.slow
def test_a_short_run_finds_no_fault() -> None:
    tally = fuzz.run(seconds=6, seed=3)
    assert tally.faults == []
    outcomes = {name for found in tally.outcomes.values() for name in found}
    assert {"read", "refused: document.damaged", "gate: admitted"} <= outcomes


@pytest.mark.slow
def test_a_reader_that_dies_is_counted_and_one_that_is_missing_is_named() -> None:
    readers = {
        "text/csv": (
            fuzz.Reader(function=f"{HERE}:leave", args=(), kinds=("pipelines.types:Note",)),
            fuzz.Reader(function="pipelines.readers.none:read", args=(), kinds=()),
        )
    }
    tally = fuzz.run(seconds=3, seed=3, readers=readers)
    assert tally.faults == []
    assert tally.outcomes["text/csv"]["worker: document.worker_died (how=exit 3)"] > 0
    assert tally.outcomes["text/csv"]["no reader yet: pipelines.readers.none:read"] > 0
