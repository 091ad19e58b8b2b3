"""The clips that a visitor may click: drawn by assets/samples/make_videos.py."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import ASSETS

FOLDER = ASSETS / "samples"
SHOWN = ("test01", "dev01", "test08")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleClip:
    """One clip to click; `texts` stand on its pictures."""

    id: str
    path: Path
    seconds: float
    texts: tuple[str, ...]
    speaks: bool


def samples(folder: Path = FOLDER) -> tuple[SampleClip, ...]:
    """Those that are offered and installed."""
    listing = folder / "videos.jsonl"
    if not listing.is_file():
        return ()
    rows = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines() if line]
    made = {
        str(row["id"]): SampleClip(
            id=str(row["id"]),
            path=folder / str(row["file"]),
            seconds=float(row["seconds"]),
            texts=tuple(dict.fromkeys(str(text["text"]) for text in row["texts"])),
            speaks=bool(row["voice"]),
        )
        for row in rows
    }
    return tuple(made[name] for name in SHOWN if name in made and made[name].path.is_file())


def copy_of(sample_id: str, root: Path) -> tuple[Path, str] | None:
    """(a copy that may be moved away, its name); None for what is not offered. Raises OSError."""
    found = next((sample for sample in samples() if sample.id == sample_id), None)
    if found is None:
        return None
    root.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.NamedTemporaryFile(prefix=".sample-", dir=root, delete=False) as copy,
        found.path.open("rb") as source,
    ):
        shutil.copyfileobj(source, copy)
    return Path(copy.name), found.path.name
