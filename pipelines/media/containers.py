"""Which document a ZIP or OLE container holds: decided by what is inside, never by its name."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import IO

from pipelines.errors import DocumentDamaged, DocumentEncrypted
from pipelines.media import document_types as types
from pipelines.media.archives import Package
from pipelines.media.kinds import FileType

_LIST_BYTES = 1 << 20
_MAIN_PART = re.compile(
    r"(wordprocessingml|spreadsheetml|presentationml)\.(?:document|template|sheet|presentation"
    r"|slideshow)\.main\+xml"
    r"|ms-(word|excel|powerpoint)\.(?:document|template|sheet|presentation|slideshow)"
    r"\.macroEnabled(?:Template)?\.main\+xml"
)
_BY_PART = {
    "wordprocessingml": types.DOCX,
    "spreadsheetml": types.XLSX,
    "presentationml": types.PPTX,
    "word": types.DOCX,
    "excel": types.XLSX,
    "powerpoint": types.PPTX,
}
_BY_MIMETYPE = {
    **{found.media_type: found for found in (types.ODT, types.ODS, types.ODP, types.HWPX)},
    "application/vnd.oasis.opendocument.text-template": types.ODT,
    "application/vnd.oasis.opendocument.spreadsheet-template": types.ODS,
    "application/vnd.oasis.opendocument.presentation-template": types.ODP,
    "application/owpml": types.HWPX,
}

_SECTOR_LIMIT = 4096
"""Sectors of the directory that are looked at; an honest document has a handful."""
_END_OF_CHAIN = 0xFFFFFFFA
_STREAMS: tuple[tuple[frozenset[str], FileType], ...] = (
    (frozenset({"FileHeader", "DocInfo"}), types.HWP),
    (frozenset({"WordDocument"}), FileType(media_type="application/msword", label="DOC")),
    (frozenset({"Workbook"}), FileType(media_type="application/vnd.ms-excel", label="XLS")),
    (frozenset({"Book"}), FileType(media_type="application/vnd.ms-excel", label="XLS")),
    (
        frozenset({"PowerPoint Document"}),
        FileType(media_type="application/vnd.ms-powerpoint", label="PPT"),
    ),
    (
        frozenset({"__properties_version1.0"}),
        FileType(media_type="application/vnd.ms-outlook", label="MSG"),
    ),
)


def in_zip(package: Package) -> FileType:
    """The document that a ZIP package is. Raises DocumentEncrypted, DocumentDamaged."""
    names = frozenset(package.names)
    if "[Content_Types].xml" in names:
        return _office(package)
    if b"encryption-data" in package.read("META-INF/manifest.xml", _LIST_BYTES):
        raise DocumentEncrypted
    stated = package.read("mimetype", 200).decode("ascii", "replace").strip()
    if found := _BY_MIMETYPE.get(stated):
        return found
    if "Contents/content.hpf" in names or {"version.xml", "Contents/header.xml"} <= names:
        return types.HWPX
    if stated == "application/epub+zip":
        return FileType(media_type=stated, label="EPUB")
    if "AndroidManifest.xml" in names:
        return FileType(media_type="application/vnd.android.package-archive", label="APK")
    if "META-INF/MANIFEST.MF" in names:
        return FileType(media_type="application/java-archive", label="JAR")
    return types.ZIP


def _office(package: Package) -> FileType:
    """Word, Excel or PowerPoint by the type of the main part; macros don't change what it is."""
    listed = package.read("[Content_Types].xml", _LIST_BYTES)
    encoding = "utf-16" if listed[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    found = _MAIN_PART.search(listed.decode(encoding, "replace"))
    if found is None:
        return types.ZIP
    return _BY_PART[found[1] or found[2]]


def in_ole(path: Path) -> FileType:
    """The document that an OLE container is. Raises DocumentEncrypted, DocumentDamaged.

    Only the names in its directory are read here; the container itself is parsed in the worker.
    """
    try:
        with path.open("rb") as handle:
            names = _ole_names(handle)
    except (OSError, ValueError, OverflowError, struct.error) as exc:
        raise DocumentDamaged from exc
    if "EncryptedPackage" in names:
        raise DocumentEncrypted
    for needed, found in _STREAMS:
        if needed <= names:
            return found
    return types.OLE


def _ole_names(handle: IO[bytes]) -> frozenset[str]:
    """Names of all streams and storages; the header says where the directory begins."""
    header = handle.read(512)
    if len(header) < 512:
        raise DocumentDamaged
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        raise DocumentDamaged
    size = 1 << shift
    sector = struct.unpack_from("<I", header, 48)[0]
    table = _Table(handle, header, size)
    names: set[str] = set()
    for _ in range(_SECTOR_LIMIT):
        if sector >= _END_OF_CHAIN:
            break
        block = table.sector(sector)
        if not block:
            break
        names.update(_entry_names(block))
        sector = table.next(sector)
    return frozenset(names)


def _entry_names(block: bytes) -> list[str]:
    found = []
    for at in range(0, len(block) - 127, 128):
        length = struct.unpack_from("<H", block, at + 64)[0]
        if block[at + 66] in (1, 2) and 2 <= length <= 64:
            found.append(block[at : at + length - 2].decode("utf-16-le", "replace"))
    return found


class _Table:
    """The chain of sectors of an OLE file, read where it is needed."""

    def __init__(self, handle: IO[bytes], header: bytes, size: int) -> None:
        self._handle = handle
        self._size = size
        self._fat = [n for n in struct.unpack_from("<109I", header, 76) if n < _END_OF_CHAIN]
        more = struct.unpack_from("<I", header, 68)[0]
        for _ in range(_SECTOR_LIMIT):
            block = self.sector(more) if more < _END_OF_CHAIN else b""
            if len(block) < size:
                break
            entries = struct.unpack_from(f"<{size // 4}I", block)
            self._fat += [n for n in entries[:-1] if n < _END_OF_CHAIN]
            more = entries[-1]

    def sector(self, number: int) -> bytes:
        self._handle.seek((number + 1) * self._size)
        return self._handle.read(self._size)

    def next(self, number: int) -> int:
        """The sector after `number`; the end where the table is damaged."""
        at, offset = divmod(number * 4, self._size)
        block = self.sector(self._fat[at]) if at < len(self._fat) else b""
        if len(block) < offset + 4:
            return _END_OF_CHAIN
        return int(struct.unpack_from("<I", block, offset)[0])
