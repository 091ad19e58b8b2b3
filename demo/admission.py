"""Several files that come in together: what can be read, and why the rest can't."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from demo.asks import BadRequest, Sent
from pipelines.errors import CaseTooManyFiles, MediaRejected
from pipelines.media.admit import admit_any, clean_name
from pipelines.settings import Settings
from pipelines.types import MediaFile

Upload = tuple[Path, str]
"""(where it lies now, its sender's name for it)."""


@contextlib.contextmanager
def taken(
    sent: Sequence[Sent], uploaded: Callable[[str], Path], limit: int
) -> Iterator[list[Upload]]:
    """Each file that a browser uploaded; they are gone afterwards.

    Raises BadRequest where there is none, CaseTooManyFiles.
    """
    paths: list[Upload] = []
    try:
        for file in sent:
            path = uploaded(file.path)
            paths.append((path, file.name or path.name))
        if not paths:
            raise BadRequest
        if len(paths) > limit:
            raise CaseTooManyFiles(limit=limit)
        yield paths
    finally:  # the store has its own copies; a refused file is nobody's
        for path, _ in paths:
            path.unlink(missing_ok=True)


def admit_each(
    files: Sequence[Upload], settings: Settings
) -> tuple[list[MediaFile], list[MediaRejected]]:
    """(those that are taken, the refusals, each with the name of its file)."""
    taken, refusals = [], []
    for path, name in files:
        try:
            taken.append(admit_any(path, settings=settings, name=name))
        except MediaRejected as refusal:
            refusal.file = clean_name(name)
            refusals.append(refusal)
    return taken, refusals
