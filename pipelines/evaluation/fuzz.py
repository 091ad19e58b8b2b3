"""`./run fuzz document`: damaged files of every kind through the gate and the worker.

Seeded and bounded: nothing may hang over 30 s, nothing but an error of ours may come out, and no
process may be left behind. A parser that dies in the worker is counted, not forgiven elsewhere.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pipelines.errors import MinwonError
from pipelines.evaluation.fuzz_seeds import SEEDS, damaged
from pipelines.media.admit import PAPERS, admit
from pipelines.media.worker import JOB_FOLDER, Limits, Worker
from pipelines.readers import flow_reader, page_reader
from pipelines.readers.page_reader import PageLimits
from pipelines.refusals import WorkerError
from pipelines.settings import Settings
from pipelines.types import MediaFile

LIMITS = Limits(wall_s=30.0, cpu_s=60.0, memory_mb=1500, file_mb=400, processes=16)
SLOWEST_S = 35.0
"""The limit, and what it takes to kill and to notice."""
MEDIA, PATH = "MEDIA", "PATH"
"""Stand for the damaged file among a reader's arguments, as a MediaFile or as its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reads a media type in the worker, and the types of the values that it yields."""

    function: str
    """ "module:function"; left out, and said so, while there is no such module."""
    args: tuple[object, ...]
    kinds: tuple[str, ...]
    """ "module:class" each."""


PAGES = PageLimits(pages=50, megapixels=40.0, ocr_page_s=10.0)
"""Damaged pictures are noise, over which print is looked for the longest."""

PIXELS = Reader(
    function="pipelines.readers.photo_pixels:unpack",
    args=(PATH, JOB_FOLDER, 120.0),
    kinds=("pipelines.readers.photo_pixels:Pixels",),
)
PRINT = Reader(
    function="pipelines.readers.page_reader:picture_pages",
    args=(PATH, PAGES),
    kinds=("pipelines.readers.pages:PagedDocument",),
)
PDF_READERS = (
    Reader(
        function="pipelines.readers.page_reader:pdf_overview",
        args=(PATH, PAGES),
        kinds=("pipelines.readers.pdf:Overview",),
    ),
    Reader(
        function="pipelines.readers.page_reader:pdf_pages",
        args=(PATH, PAGES),
        kinds=("pipelines.readers.pages:Page", "pipelines.types:Note"),
    ),
)
READERS: dict[str, tuple[Reader, ...]] = {
    **{
        media_type: (
            Reader(
                function="pipelines.readers.flow_reader:read_pages",
                args=(PATH, media_type, JOB_FOLDER),
                kinds=("pipelines.readers.pages:PagedDocument",),
            ),
        )
        for media_type in flow_reader.MEDIA_TYPES
    },
    **dict.fromkeys(page_reader.PICTURES, (PIXELS, PRINT)),
    page_reader.PDF: PDF_READERS,
}
"""media type -> its readers, as `pipelines.build` joins them."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came out, by media type."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    def add(self, media_type: str, outcome: str) -> None:
        """Count one file."""
        self.outcomes.setdefault(media_type, Counter())[outcome] += 1


def run(
    *,
    seconds: float,
    seed: int = 1,
    readers: Mapping[str, tuple[Reader, ...]] = READERS,
    samples: Path | None = None,
) -> Tally:
    """Damage and read until the time is over. `samples`: a folder of further files to damage."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    seeds = {kind: [make() for make in makers] for kind, makers in SEEDS.items()}
    for media_type, raw in _sampled(samples):
        seeds.setdefault(media_type, []).append(raw)
    tally = Tally()
    before = set(psutil.Process().children(recursive=True))
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder, Worker(limits=LIMITS) as worker:
        number = 0
        while time.monotonic() < end:
            media_type = sorted(seeds)[number % len(seeds)]
            number += 1
            path = Path(folder) / "damaged"
            path.write_bytes(damaged(draw.choice(seeds[media_type]), draw))
            started = time.monotonic()
            _one(path, media_type, worker, readers, tally)
            tally.slowest_s = max(tally.slowest_s, time.monotonic() - started)
    left = set(psutil.Process().children(recursive=True)) - before
    _, alive = psutil.wait_procs(left, timeout=5)
    if alive:
        tally.faults.append(f"{len(alive)} processes are left")
    if tally.slowest_s > SLOWEST_S:
        tally.faults.append(f"one file took {tally.slowest_s:.0f} s")
    return tally


def _one(
    path: Path,
    media_type: str,
    worker: Worker,
    readers: Mapping[str, tuple[Reader, ...]],
    tally: Tally,
) -> None:
    """The gate, then every reader; the readers meet what the gate refuses, too."""
    media = MediaFile(path=path, kind="document", media_type=media_type, size_bytes=0, sha256="")
    try:
        media = admit(path, settings=Settings(), accept=PAPERS)
        tally.add(media_type, "gate: admitted")
    except MinwonError as error:
        tally.add(media_type, f"gate: {error.code}")
    except Exception as error:  # noqa: BLE001 - the very thing that is looked for
        tally.faults.append(f"the gate let out {type(error).__name__} ({media_type})")
    for reader in readers.get(media_type, ()):
        if importlib.util.find_spec(reader.function.partition(":")[0]) is None:
            tally.add(media_type, f"no reader yet: {reader.function}")
            continue
        try:
            for _ in worker.stream(reader.function, *_arguments(reader, media), of=_kinds(reader)):
                pass
            tally.add(media_type, "read")
        except WorkerError as error:
            tally.add(media_type, f"worker: {error}")
        except MinwonError as error:
            tally.add(media_type, f"refused: {error.code}")
        except Exception as error:  # noqa: BLE001
            tally.faults.append(f"the worker let out {type(error).__name__} ({media_type})")


def _arguments(reader: Reader, media: MediaFile) -> tuple[Any, ...]:
    known = {MEDIA: media, PATH: media.path}
    return tuple(known.get(arg, arg) if isinstance(arg, str) else arg for arg in reader.args)


def _kinds(reader: Reader) -> tuple[type[Any], ...]:
    found = []
    for name in reader.kinds:
        module, _, kind = name.partition(":")
        found.append(getattr(importlib.import_module(module), kind))
    return tuple(found)


def _sampled(folder: Path | None) -> list[tuple[str, bytes]]:
    """Files of a folder under 300 kB that the gate admits."""
    found = []
    for path in sorted(folder.rglob("*")) if folder and folder.is_dir() else []:
        try:
            if path.is_file() and path.stat().st_size < 300_000:
                media = admit(path, settings=Settings(), accept=PAPERS)
                found.append((media.media_type, path.read_bytes()))
        except MinwonError:
            continue
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the counts; exit status 1 where something came out that must not."""
    parser = argparse.ArgumentParser(prog="./run fuzz", description=__doc__)
    parser.add_argument("medium", choices=("document",))
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path, help="a folder of further files to damage")
    options = parser.parse_args(arguments)
    tally = run(seconds=options.seconds, seed=options.seed, samples=options.samples)
    for media_type, outcomes in sorted(tally.outcomes.items()):
        print(media_type)
        for outcome, count in outcomes.most_common():
            print(f"  {count:6} {outcome}")
    files = sum(
        count
        for found in tally.outcomes.values()
        for name, count in found.items()
        if name.startswith("gate: ")
    )
    print(f"{files} damaged files, seed {options.seed}, the slowest {tally.slowest_s:.1f} s")
    for fault in tally.faults:
        print(f"FAULT: {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
