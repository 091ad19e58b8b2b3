"""The papers that a visitor may click: made by assets/samples/papers/make.py."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipelines.settings import ASSETS

FOLDER = ASSETS / "samples" / "papers"
ENDINGS = (".pdf", ".hwpx", ".jpg")


def samples(folder: Path = FOLDER) -> tuple[Path, ...]:
    """In the order of their names; none where they are not installed."""
    return tuple(sorted(path for path in folder.glob("*") if path.suffix in ENDINGS))


def copies(root: Path) -> list[tuple[Path, str]]:
    """(a copy that may be moved away, its name) of each. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True)
    made = []
    for path in samples():
        with tempfile.NamedTemporaryFile(prefix=".sample-", dir=root, delete=False) as copy:
            copy.write(path.read_bytes())
        made.append((Path(copy.name), path.name))
    return made
