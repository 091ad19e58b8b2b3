"""The folder of a session on disk: the files, and a list of their names for after a crash."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.papers.session import Session

LIST = "papers.json"
_OURS = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """A session that an earlier process held. `touched` is UNIX time."""

    id: str
    folder: Path
    touched: float
    files: tuple[tuple[int, Path, str], ...]
    """(number, file, the sender's name)."""


def write_list(session: Session) -> None:
    """Whole or not at all. Raises OSError."""
    rows = [
        {"number": sheet.number, "name": sheet.name}
        for sheet in session.all_sheets
        if sheet.media is not None
    ]
    part = session.folder / f".{LIST}"
    part.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    part.replace(session.folder / LIST)


def touch(session: Session) -> None:
    """Tell a later process when somebody last looked."""
    with contextlib.suppress(OSError):
        os.utime(session.folder / LIST, (session.touched, session.touched))


def left_over(root: Path, oldest: float) -> Iterator[LeftOver]:
    """The sessions younger than `oldest`; everything else in the folder is removed."""
    for entry in sorted(root.glob("*")) if root.is_dir() else ():
        found = None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = _left(entry)
        if found is not None and found.touched >= oldest:
            yield found
        elif entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _left(folder: Path) -> LeftOver | None:
    if not _OURS.fullmatch(folder.name) or folder.is_symlink():
        return None
    listing = folder / LIST
    rows = json.loads(listing.read_text(encoding="utf-8"))
    files = [(int(row["number"]), str(row["name"])) for row in rows]
    paths = [(number, folder / f"file-{number}", name) for number, name in files]
    return LeftOver(
        id=folder.name,
        folder=folder,
        touched=listing.stat().st_mtime,
        files=tuple(found for found in paths if found[1].is_file()),
    )
