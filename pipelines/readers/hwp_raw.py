"""Every paragraph that an HWP 5 or HWPX file holds, in the order of the file, and nothing else.

This is no second reader: it knows no table, no note, no style. It is the yardstick that the
reader's result is held against, so that text in a place which the library doesn't know (a caption
of a drawing, a header inside a cell) is noticed and put back.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged
from pipelines.readers.package import parse_xml, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SIGNATURE = b"HWP Document File"
OLD_SIGNATURE = b"HWP Document File V"
"""HWP 3.0 and older begin with it at once, outside any container."""
MAX_STREAM_BYTES = 100_000_000
_TEXT_TAG = 16 + 51
_WIDE_CONTROLS = frozenset({*range(1, 10), *range(11, 13), *range(14, 24)})
"""Control characters that take eight places; 10 and 13 end lines, 24 to 31 are single signs."""
_SIGNS = {10: "\n", 13: "\n", 24: "-", 30: " ", 31: " "}
_SECTION = re.compile(r"Contents/section\d+\.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first stream of an HWP 5 file says about it."""

    version: tuple[int, int]
    compressed: bool
    encrypted: bool
    locked: bool
    """A copy for distribution: its text is scrambled, but the key lies beside it."""
    has_macros: bool
    drm: bool
    tracked: bool


def read_header(path: Path) -> Header | None:
    """The header of an HWP 5 file, None where the container holds something else."""
    from dochan import cfb

    try:
        with cfb.OleFileIO(str(path)) as ole:
            if not ole.exists("FileHeader"):
                return None
            data = ole.openstream("FileHeader").read(64)
    except (OSError, ValueError, KeyError) as exc:
        raise DocumentDamaged from exc
    if not data.startswith(SIGNATURE) or len(data) < 40:
        return None
    version, flags = struct.unpack_from("<II", data, 32)
    return Header(
        version=(version >> 24, version >> 16 & 0xFF),
        compressed=bool(flags & 1),
        encrypted=bool(flags & 2),
        locked=bool(flags & 4),
        has_macros=bool(flags & 8),
        drm=bool(flags & 0x10),
        tracked=bool(flags & 0x4000),
    )


def stream_names(path: Path) -> tuple[tuple[str, ...], ...]:
    """The streams of an OLE container, each as the path to it. Raises DocumentDamaged."""
    from dochan import cfb

    try:
        with cfb.OleFileIO(str(path)) as ole:
            return tuple(tuple(entry) for entry in ole.listdir())
    except (OSError, ValueError, KeyError, IndexError) as exc:
        raise DocumentDamaged from exc


def embedded_objects(path: Path) -> tuple[str, ...]:
    """Names of the OLE objects that an HWP 5 file carries (charts, sheets, packages)."""
    names = (entry[-1] for entry in stream_names(path) if entry[0] == "BinData")
    return tuple(sorted(name for name in names if name.lower().endswith(".ole")))


def hwp_paragraphs(path: Path, header: Header) -> list[str]:
    """The text of every paragraph record, controls taken out. Empty where it can't be had."""
    return [
        without_controls(payload)
        for data in section_data(path, header)
        for tag, _, payload in records(data)
        if tag == _TEXT_TAG
    ]


def section_data(path: Path, header: Header) -> Iterator[bytes]:
    """The records of each section, unscrambled and inflated."""
    from dochan import cfb

    storage = "ViewText" if header.locked else "BodyText"
    with cfb.OleFileIO(str(path)) as ole:
        names = sorted(
            (entry for entry in ole.listdir() if entry[0] == storage),
            key=lambda entry: int(re.sub(r"\D", "", entry[-1]) or 0),
        )
        for name in names:
            yield _inflated(ole.openstream("/".join(name)).read(), header)


def _inflated(data: bytes, header: Header) -> bytes:
    if header.locked:
        from dochan.hwp.distdoc import decode_distribution_section

        data = decode_distribution_section(data)
    if not header.compressed:
        return data
    try:
        return zlib.decompressobj(-15).decompress(data, MAX_STREAM_BYTES)
    except zlib.error:
        return b""


def records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(tag, level, payload) of each record of an unpacked section; ends where it was cut off."""
    at = 0
    while at + 4 <= len(data):
        (word,) = struct.unpack_from("<I", data, at)
        at += 4
        size = word >> 20
        if size == 0xFFF:
            if at + 4 > len(data):
                return
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        yield word & 0x3FF, word >> 10 & 0x3FF, data[at : at + size]
        at += size


def without_controls(data: bytes) -> str:
    """The characters of one text record."""
    units = memoryview(data[: len(data) // 2 * 2]).cast("H")
    kept: list[int] = []
    at = 0
    while at < len(units):
        unit = units[at]
        if unit in _WIDE_CONTROLS:
            at += 8
            continue
        if unit >= 32:
            kept.append(unit)
        elif unit in _SIGNS:
            kept.append(ord(_SIGNS[unit]))
        at += 1
    return struct.pack(f"<{len(kept)}H", *kept).decode("utf-16-le", "replace")


def hwpx_paragraphs(path: Path) -> list[str]:
    """The words of every paragraph of every section, each for itself."""
    found: list[str] = []
    with zipfile.ZipFile(path) as package:
        for name in sorted(filter(_SECTION.fullmatch, package.namelist()), key=_number):
            with package.open(name) as entry:
                root = parse_xml(entry.read(MAX_STREAM_BYTES))
            found.extend(own_words(node) for node in root.iter() if tag(node) == "p")
    return found


_FRAME = re.compile(
    r"//[^\n]*|/\*.*?\*/|var\s+\w+\s*=\s*[\w.]+\s*;?|function\s+\w+\s*\([^)]*\)\s*\{\s*\}",
    re.DOTALL,
)


def script_does_something(data: bytes) -> bool:
    """False for the empty frame of a script: comments, names and functions without a body."""
    text = data.decode("utf-16-le" if b"\x00" in data[:64] else "utf-8", "replace")
    for _ in range(2):  # comments first, then the bodies that are empty without them
        text = _FRAME.sub(" ", text)
    return bool(text.replace("\ufeff", "").strip())


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name.rsplit("/", 1)[-1]) or 0)


def own_words(paragraph: Element) -> str:
    """The words of one paragraph, without those of tables and notes that hang in it."""
    runs = (run for run in paragraph if tag(run) == "run")
    return "".join("".join(words.itertext()) for run in runs for words in run if tag(words) == "t")
