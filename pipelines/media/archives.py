"""ZIP packages measured before any parser opens them.

The sizes that a package states are not believed: every entry is inflated into nothing while the
bytes are counted, and the measuring stops at the first limit. Nothing is ever written under a
name that the package chose; packages that name files outside themselves are refused all the same,
because no office program writes them.
"""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from pipelines.errors import DocumentDamaged, DocumentEncrypted
from pipelines.refusals import (
    ArchiveNested,
    ArchiveRatio,
    ArchiveTooLarge,
    ArchiveTooManyEntries,
    ArchiveUnsafe,
)

_BLOCK_BYTES = 1 << 16
_OUT_BYTES = 1 << 20
_LOCAL_HEADER = b"PK\x03\x04"
_NESTED_BYTES = 64 << 20
"""An inner package larger than this is counted as plain bytes, not opened."""
_RATIO_FLOOR_BYTES = 20 << 20
"""Below this a high ratio harms nobody: a sheet of empty cells shrinks to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """All of them for one file, inner packages included."""

    unpacked_mb: int = 400
    entries: int = 10_000
    ratio: int = 200
    """Unpacked bytes for each packed byte, over the whole file."""
    depth: int = 2
    """A table inside a document is 2."""


@dataclass(slots=True, kw_only=True)
class _Tally:
    limits: ArchiveLimits
    packed_bytes: int
    unpacked_bytes: int = 0
    entries: int = 0

    def add_entries(self, count: int) -> None:
        self.entries += count
        if self.entries > self.limits.entries:
            raise ArchiveTooManyEntries(entries=self.entries, limit_entries=self.limits.entries)

    def add_bytes(self, count: int) -> None:
        self.unpacked_bytes += count
        if self.unpacked_bytes > self.limits.unpacked_mb * 1_000_000:
            raise ArchiveTooLarge(
                unpacked_mb=-(-self.unpacked_bytes // 1_000_000), limit_mb=self.limits.unpacked_mb
            )
        ratio = self.unpacked_bytes / max(1, self.packed_bytes)
        if self.unpacked_bytes > _RATIO_FLOOR_BYTES and ratio > self.limits.ratio:
            raise ArchiveRatio(ratio=round(ratio), limit_ratio=self.limits.ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The table of contents of a ZIP file; nothing is unpacked yet."""

    path: Path
    names: tuple[str, ...]
    infos: tuple[zipfile.ZipInfo, ...] = field(repr=False)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """At most `limit_bytes` of one entry, b"" where there is none. Raises DocumentDamaged."""
        for info in self.infos:
            if info.filename == name:
                with _translated(), self.path.open("rb") as handle:
                    return _start_of(handle, info, limit_bytes)
        return b""


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """What seeking and unpacking by forged offsets and lengths can raise, as one refusal."""
    try:
        yield
    except (OSError, ValueError, OverflowError, struct.error) as exc:
        raise DocumentDamaged from exc


def open_package(path: Path, limits: ArchiveLimits) -> Package:
    """Read the table of contents.

    Raises DocumentDamaged, ArchiveTooManyEntries, ArchiveUnsafe, DocumentEncrypted.
    """
    with path.open("rb") as handle:
        infos = _contents(handle)
    tally = _Tally(limits=limits, packed_bytes=path.stat().st_size)
    tally.add_entries(len(infos))
    for info in infos:
        _check_entry(info)
    return Package(path=path, names=tuple(info.filename for info in infos), infos=tuple(infos))


def measure(package: Package, limits: ArchiveLimits) -> int:
    """Inflate everything into nothing; the number of unpacked bytes.

    Raises ArchiveTooLarge, ArchiveRatio, ArchiveTooManyEntries, ArchiveNested, ArchiveUnsafe,
    DocumentEncrypted, DocumentDamaged.
    """
    tally = _Tally(limits=limits, packed_bytes=package.path.stat().st_size)
    tally.add_entries(len(package.infos))
    with _translated(), package.path.open("rb") as handle:
        for info in package.infos:
            _count(handle, info, tally, depth=1)
    return tally.unpacked_bytes


def _contents(handle: IO[bytes]) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(handle) as archive:
            return archive.infolist()
    # What the standard library raises on damaged directories, from its own source.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as exc:
        raise DocumentDamaged from exc


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
        raise ArchiveUnsafe(problem="name")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveUnsafe(problem="link")
    if info.flag_bits & 0x1:
        raise DocumentEncrypted
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveUnsafe(problem="method")


def _count(handle: IO[bytes], info: zipfile.ZipInfo, tally: _Tally, depth: int) -> None:
    """Count one entry's real bytes, and those of a package inside it."""
    kept = io.BytesIO()
    real = 0
    nested = False
    for block in _inflated(handle, info):
        if real == 0:
            nested = block.startswith(_LOCAL_HEADER)
        real += len(block)
        tally.add_bytes(len(block))
        if nested and real <= _NESTED_BYTES:
            kept.write(block)
    if real != info.file_size:
        raise ArchiveUnsafe(problem="size")
    if nested and real <= _NESTED_BYTES:
        _count_nested(kept, tally, depth + 1)


def _count_nested(handle: IO[bytes], tally: _Tally, depth: int) -> None:
    if depth > tally.limits.depth:
        raise ArchiveNested(depth=depth, limit_depth=tally.limits.depth)
    try:
        infos = _contents(handle)
    except DocumentDamaged:
        return  # it only begins like a package; as bytes it has been counted
    tally.add_entries(len(infos))
    for info in infos:
        _check_entry(info)
        _count(handle, info, tally, depth)


def _start_of(handle: IO[bytes], info: zipfile.ZipInfo, limit_bytes: int) -> bytes:
    start = b""
    for block in _inflated(handle, info):
        start += block
        if len(start) >= limit_bytes:
            break
    return start[:limit_bytes]


def _inflated(handle: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's real content in pieces of at most a megabyte, whatever sizes are stated."""
    handle.seek(info.header_offset)
    header = handle.read(30)
    if len(header) < 30 or not header.startswith(_LOCAL_HEADER):
        raise DocumentDamaged
    handle.seek(
        int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1
    )
    left = info.compress_size
    if info.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (block := handle.read(min(left, _OUT_BYTES))):
            left -= len(block)
            yield block
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left > 0 and not inflater.eof:
            packed = handle.read(min(left, _BLOCK_BYTES))
            if not packed:
                raise DocumentDamaged
            left -= len(packed)
            yield from _drained(inflater, packed)
    except zlib.error as exc:
        raise DocumentDamaged from exc
    if not inflater.eof:
        raise DocumentDamaged


def _drained(inflater: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """All that one packed piece inflates to: a thousand times as much, a megabyte at a time."""
    while packed and not inflater.eof:
        block = inflater.decompress(packed, _OUT_BYTES)
        packed = inflater.unconsumed_tail
        if not block and not packed:
            return
        yield block
