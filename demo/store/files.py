"""Media on disk by their sha256: whole and synced under their name, or not there at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from demo.store.views import media_file
from pipelines.errors import DiskFull, MediaMissing, StoreUnavailable
from pipelines.types import MediaFile

CHUNK_BYTES = 1 << 20
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
STALE_S = 3600.0


class MediaFolder:
    """`root`/ab/abcdef...; half-written files lie in `root`/.incoming."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / ".incoming"

    def prepare(self) -> None:
        """Make the folders and remove what a killed process left half-written an hour ago."""
        with _translated(self.root, 0):
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            for stale in self._incoming.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - stale.stat().st_mtime > STALE_S:
                        stale.unlink()

    def path(self, sha256: str) -> Path:
        """Where the file lies. Raises ValueError for what is no sha256."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a sha256")
        return media_file(self.root, sha256)

    def keep(self, media: MediaFile) -> Path:
        """Copy an admitted file in; a file that is there already is left as it is.

        When this returns, the bytes and their name are on disk. Raises DiskFull, MediaMissing
        (also where the file is no longer the one that was admitted), StoreUnavailable.
        """
        target = self.path(media.sha256)
        if target.is_file() and target.stat().st_size == media.size_bytes:
            return target
        part = self._incoming / uuid.uuid4().hex
        with _translated(self.root, media.size_bytes):
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _sync(self.root)
            try:
                if _copy(media.path, part) != media.sha256:
                    raise MediaMissing
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            _sync(target.parent)
        return target


def _copy(source: Path, target: Path) -> str:
    """Copy and sync; returns the sha256 of what was written."""
    digest = hashlib.sha256()
    try:
        reading = source.open("rb")
    except OSError as exc:
        raise MediaMissing from exc
    with reading, target.open("xb") as out:
        while chunk := reading.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _translated(root: Path, needed_bytes: int) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            needed_mb = -(-needed_bytes // 1_000_000)
            raise DiskFull(path=str(root), needed_mb=needed_mb) from exc
        reason = errno.errorcode.get(exc.errno or 0, type(exc).__name__)
        raise StoreUnavailable(reason=reason) from exc
