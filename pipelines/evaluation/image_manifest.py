"""The pictures of a folder with a manifest: does what it demands of each hold?

A line's demand is prose ("EXIF orientation 6", "REFUSE", "CMYK"); what is checked is what a
machine can check: refused by name or opened, upright, without metadata, in bounded memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import MinwonError
from pipelines.media.admit import PAPERS, admit
from pipelines.media.worker import Limits, Worker
from pipelines.readers.faces import FaceFinder
from pipelines.readers.photos import Photo, PhotoReader
from pipelines.readers.tags import Tagger
from pipelines.refusals import WorkerError
from pipelines.settings import load_settings

MEMORY_MB = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One line of the manifest."""

    path: str
    demand: str
    outcome: str
    holds: bool
    seconds: float


def rows(manifest: Path) -> list[tuple[str, str]]:
    """(path, demand) of the lines of kind "image"."""
    lines = [line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines()[1:]]
    return [(line[0], line[4]) for line in lines if len(line) > 4 and line[1] == "image"]


def check(folder: Path, path: str, demand: str, reader: PhotoReader) -> Checked:
    """Read one picture and hold the outcome against the demand."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as made:
        try:
            media = admit(folder / path, settings=load_settings(), accept=PAPERS)
            photo = reader.read(media, Path(made))
            outcome, holds = _opened(photo, demand)
        except WorkerError as error:
            outcome, holds = f"worker: {error}", False
        except MinwonError as error:
            outcome, holds = f"refused: {error}", _may_refuse(demand)
    seconds = time.monotonic() - started
    return Checked(path=path, demand=demand, outcome=outcome, holds=holds, seconds=seconds)


def _may_refuse(demand: str) -> bool:
    return any(word in demand for word in ("REFUSE", "no crash", "no traceback", "bomb"))


def _opened(photo: Photo, demand: str) -> tuple[str, bool]:
    """What was found; it holds unless the demand is a refusal and nothing else."""
    from PIL import Image

    must_refuse = "REFUSE" in demand and " or " not in demand
    clean = True
    for copy in (photo.original, photo.shown):
        with Image.open(copy) as image:
            clean = clean and not image.getexif() and "icc_profile" not in image.info
    tags = ", ".join(f"{tag.en} {tag.confidence:.2f}" for tag in photo.tags)
    notes = ", ".join(note.code.removeprefix("photo.") for note in photo.notes)
    upright = "upright" not in demand or any(r.kind == "face" for r in photo.regions)
    found = f"opened {photo.width_px}x{photo.height_px} [{tags}] {notes}"
    return found.rstrip(), clean and upright and not must_refuse


def run(folder: Path) -> list[Checked]:
    """Every picture line of `folder`/MANIFEST.tsv, in the order of the manifest."""
    with Worker(limits=Limits(memory_mb=MEMORY_MB, wall_s=60)) as worker:
        cache = load_settings().cache_dir
        reader = PhotoReader(worker=worker, tagger=Tagger(cache), faces=FaceFinder(cache))
        return [
            check(folder, path, demand, reader) for path, demand in rows(folder / "MANIFEST.tsv")
        ]


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit status 1 where a line does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    checked = run(options.folder)
    for row in checked:
        verdict = "holds" if row.holds else "MISSED"
        print(f"{verdict:6} {row.seconds:5.1f} s  {row.path}")
        print(f"        {row.demand}\n        {row.outcome}")
    missed = sum(not row.holds for row in checked)
    print(f"{len(checked) - missed} of {len(checked)} hold")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
