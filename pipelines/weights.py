"""Weights that travel as ordinary Python packages -> one checked file in the cache, made once.

An index limits the size of a package, so a model lies in several of them, in pieces. The pieces
are joined under a temporary name, the sum is checked while they are written, and only a whole and
right model gets its real name: a killed process, a full disk or a second process that starts at
the same moment can't leave half a model behind that somebody would load.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

from pipelines.errors import DiskFull, ModelFailed, WeightsBroken, WeightsMissing

log = logging.getLogger(__name__)

CHUNK_BYTES = 4 << 20
SPARE_BYTES = 16 << 20
"""Room left over after the weights, for the marker and the database beside them."""
MARKER = "made.json"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

Piece = tuple[str, str]
"""(name of the package to install, path of the file from the folder where modules lie)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSpec:
    """What a model is made of.

    `parts` are joined in order into `file`, which then has `size_bytes` and `sha256`.
    `beside` are small files (a tokenizer, a configuration) copied next to it under their own
    names; with any of them the model is a folder, without them a single file.
    """

    name: str
    file: str
    parts: tuple[Piece, ...]
    size_bytes: int
    sha256: str
    beside: tuple[Piece, ...] = ()


def assemble(spec: WeightSpec, cache_dir: Path) -> Path:
    """The path of the checked model: its folder where `spec.beside` names files, else the file.

    Cheap when it is there already and unchanged (sizes and times, no reading). Safe to call from
    many threads and processes at once. Raises WeightsMissing, WeightsBroken, DiskFull, and
    ModelFailed where the cache folder can't be written.
    """
    folder = cache_dir / "weights" / spec.name
    result = folder if spec.beside else folder / spec.file
    if _is_unchanged(spec, folder):
        return result
    with _translated(spec, folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{spec.name}.lock"):
            if not _is_unchanged(spec, folder) and not _is_right(spec, folder):
                _make(spec, folder)
    return result


def available(spec: WeightSpec, cache_dir: Path) -> bool:
    """True where `assemble` would find all its pieces, or has joined them before."""
    if _is_unchanged(spec, cache_dir / "weights" / spec.name):
        return True
    try:
        for piece in (*spec.parts, *spec.beside):
            _find(piece)
    except WeightsMissing:
        return False
    return True


def _make(spec: WeightSpec, folder: Path) -> None:
    """Build the folder from the packages. The lock is held."""
    parts = [_find(piece) for piece in spec.parts]
    beside = [_find(piece) for piece in spec.beside]
    for stale in [*folder.parent.glob(f".{spec.name}.*.part"), folder]:
        # Whoever made them is dead (we hold the lock); a loaded model keeps its deleted file.
        shutil.rmtree(stale, ignore_errors=True)
    if sum(part.stat().st_size for part in parts) != spec.size_bytes:
        raise WeightsBroken(model=spec.name)
    needed = spec.size_bytes + sum(file.stat().st_size for file in beside) + SPARE_BYTES
    if shutil.disk_usage(folder.parent).free < needed:
        raise DiskFull(path=str(folder.parent), needed_mb=_megabytes(needed))
    work = folder.parent / f".{spec.name}.{uuid.uuid4().hex}.part"
    try:
        work.mkdir()
        if _join(parts, work / spec.file) != spec.sha256:
            raise WeightsBroken(model=spec.name)
        for file in beside:
            _join([file], work / file.name)
        _mark(spec, work)
        work.replace(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _sync(folder.parent)
    log.info("assembled weights %s, sha256 %s", spec.name, spec.sha256[:12])


def _find(piece: Piece) -> Path:
    """Where a part lies. Looks the package up without running any of its code."""
    package, inner = piece
    module, _, rest = inner.partition("/")
    found = importlib.util.find_spec(module)
    for base in (found.submodule_search_locations or []) if found else []:
        path = Path(base) / rest
        if path.is_file():
            return path
    raise WeightsMissing(package=package)


def _join(sources: Iterable[Path], target: Path) -> str:
    """Write the sources one after the other to disk for good; returns their sha256."""
    digest = hashlib.sha256()
    with target.open("xb") as out:
        for source in sources:
            with source.open("rb") as handle:
                for chunk in _chunks(handle):
                    digest.update(chunk)
                    out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _chunks(handle: IO[bytes]) -> Iterator[bytes]:
    while chunk := handle.read(CHUNK_BYTES):
        yield chunk


def _is_unchanged(spec: WeightSpec, folder: Path) -> bool:
    """True where the marker was made for these weights and every file is as it was then."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return bool(marker == _stamp(spec, folder))
    except (OSError, ValueError):
        return False


def _is_right(spec: WeightSpec, folder: Path) -> bool:
    """True where a file without a fitting marker (copied here by an operator, say) has the sum.

    Then the marker is written, so the next start is cheap again. Only single files have a sum
    that covers everything; a folder is made anew.
    """
    path = folder / spec.file
    if spec.beside or not path.is_file() or path.stat().st_size != spec.size_bytes:
        return False
    with path.open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != spec.sha256:
            return False
    _mark(spec, folder)
    return True


def _stamp(spec: WeightSpec, folder: Path) -> dict[str, object]:
    """What the marker says: the pinned sum, and size and time of each file. Raises OSError."""
    names = [spec.file, *(Path(inner).name for _, inner in spec.beside)]
    stats = {name: (folder / name).stat() for name in names}
    files = {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}
    return {"sha256": spec.sha256, "files": files}


def _mark(spec: WeightSpec, folder: Path) -> None:
    with (folder / MARKER).open("w", encoding="utf-8") as out:
        json.dump(_stamp(spec, folder), out)
        out.flush()
        os.fsync(out.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _translated(spec: WeightSpec, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            needed_mb = _megabytes(spec.size_bytes + SPARE_BYTES)
            raise DiskFull(path=str(folder.parent), needed_mb=needed_mb) from exc
        code = errno.errorcode.get(exc.errno or 0, type(exc).__name__)
        raise ModelFailed(reason=f"weights can't be written to {folder.parent}: {code}") from exc


def _megabytes(size_bytes: int) -> int:
    return -(-size_bytes // 1_000_000)
