"""How long looks into a store take: shared by the store's own benches."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

ROUNDS = 30
COUNT = 100_000


def tell(looks: Mapping[str, Callable[[], object]]) -> None:
    """Each look ROUNDS times; median and p95 of each, and of all, to the standard output."""
    every: list[float] = []
    for name, look in looks.items():
        took = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            look()
            took.append(1000 * (time.perf_counter() - started))
        every += took
        low, high = np.percentile(took, (50, 95))
        sys.stdout.write(f"{name:26} median {low:6.1f} ms   p95 {high:6.1f} ms\n")
    sys.stdout.write(f"{'all of them':26} p95 {np.percentile(every, 95):.1f} ms\n")


def run(measure: Callable[[Path, int], None]) -> None:
    """`[COUNT] [FOLDER]` of the command line: into the folder, or into one that goes again."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    if len(sys.argv) > 2:
        measure(Path(sys.argv[2]), count)
        return
    with tempfile.TemporaryDirectory(prefix="minwon-bench-") as folder:
        measure(Path(folder), count)
