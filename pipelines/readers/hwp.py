"""HWP 5 and HWPX -> items: text, tables, notes, headers, memos, captions and pictures.

The library reads; what it leaves out is found by `hwp_raw` and put back at its place.
"""

from __future__ import annotations

import logging
import re
import tempfile
import zipfile
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipelines.errors import DocumentDamaged, DocumentEncrypted, MinwonError
from pipelines.readers import hwp_raw
from pipelines.readers.flow import FlowDocument, clean, squeezed
from pipelines.readers.native import read_native
from pipelines.readers.package import Package
from pipelines.readers.pages import Item
from pipelines.refusals import DocumentOldFormat, DocumentUnsupported
from pipelines.types import Note

MARK = b"application/hwp+zip"
log = logging.getLogger(__name__)
_GRAM = 4
_KNOWN_SHARE = 0.5
"""A paragraph of which this share of letter groups was read is there, in other dress."""
_NOTE_MARK = re.compile(r"\[\d{1,4}\]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_hwp(path: Path) -> FlowDocument:
    """One HWP 5 or HWPX file.

    Raises DocumentEncrypted (a password or a rights lock), DocumentOldFormat (HWP 3.0 and
    older), DocumentDamaged, DocumentUnsupported (a container that holds something else).
    """
    with path.open("rb") as handle:
        head = handle.read(32)
    if head.startswith(hwp_raw.OLD_SIGNATURE):
        raise DocumentOldFormat(format="HWP 3.0", save_as="HWPX")
    if head.startswith(_OLE):
        return _read_binary(path)
    if head.startswith(b"PK"):
        return _read_package(path)
    raise DocumentDamaged


def _read_binary(path: Path) -> FlowDocument:
    header = hwp_raw.read_header(path)
    if header is None:
        raise DocumentUnsupported(media_type="application/x-ole-storage", label="OLE")
    if header.encrypted or header.drm:
        raise DocumentEncrypted
    if header.version[0] != 5:
        raise DocumentOldFormat(format=f"HWP {header.version[0]}", save_as="HWPX")
    document = read_native(path, final_text=header.tracked)
    notes: list[Note] = list(document.notes)
    if header.locked:
        notes.append(Note(code="document.locked_copy"))
    if objects := hwp_raw.embedded_objects(path):
        facts: dict[str, str | int | float] = {
            "count": len(objects),
            "names": ", ".join(objects[:5]),
        }
        notes.append(Note(code="document.embedded", facts=facts))
    if header.has_macros:
        notes.append(Note(code="document.macros"))
    if header.tracked:
        notes.append(Note(code="document.tracked_changes"))
        return replace(document, notes=tuple(notes))
    document = replace(document, notes=tuple(notes))
    return _with_gaps_filled(document, _raw(lambda: hwp_raw.hwp_paragraphs(path, header)))


def _read_package(path: Path) -> FlowDocument:
    with Package(path) as package:
        package.refuse_declarations()
        manifest = package.read("META-INF/manifest.xml")
        header = package.read("Contents/header.xml")
        marked = package.read("mimetype").strip() == MARK
        sections = any(name.startswith("Contents/section") for name in package.names)
        scripts = [package.read(name) for name in package.names if name.startswith("Scripts/")]
    if b"encryption-data" in manifest:
        raise DocumentEncrypted
    if not sections:
        raise DocumentDamaged
    tracked = b":trackChange " in header
    document = read_native(path, final_text=tracked) if marked else _read_marked(path, tracked)
    notes = list(document.notes)
    # The editor writes an empty frame of a script into many files.
    if any(map(hwp_raw.script_does_something, scripts)):
        notes.append(Note(code="document.macros"))
    if tracked:
        notes.append(Note(code="document.tracked_changes"))
        return replace(document, notes=tuple(notes))
    document = replace(document, notes=tuple(notes))
    return _with_gaps_filled(document, _raw(lambda: hwp_raw.hwpx_paragraphs(path)))


def _read_marked(path: Path, tracked: bool) -> FlowDocument:
    """A package without the mark that the library insists on: read a copy that has it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "marked.hwpx"
        with Package(path) as package, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("mimetype", MARK)
            for name in dict.fromkeys(package.names):
                if name != "mimetype":
                    made.writestr(name, package.read(name))
        return read_native(copy, final_text=tracked)


def _raw(read: Callable[[], list[str]]) -> list[str]:
    """The yardstick; a file that only the library can read is read without it."""
    try:
        return read()
    except (MinwonError, ValueError, OSError, KeyError, zipfile.BadZipFile) as exc:
        log.warning("no yardstick for an HWP file: %s", type(exc).__name__)
        return []


def _with_gaps_filled(document: FlowDocument, raw: list[str]) -> FlowDocument:
    """The document with every raw paragraph that it doesn't hold, behind the one before it."""
    kept = [squeezed(_without_marks(item.text)) for item in document.items]
    whole = "".join(kept)
    grams = {whole[at : at + _GRAM] for at in range(len(whole))}
    ends: list[int] = []
    for text in kept:
        ends.append((ends[-1] if ends else 0) + len(text))
    behind: dict[int, list[Item]] = {}
    at = 0
    for paragraph in raw:
        bare = squeezed(paragraph)
        if not bare:
            continue
        found = whole.find(bare, at)
        if found < 0:
            found = whole.find(bare)
        if found >= 0:
            at = found + len(bare)
        elif not _known(bare, grams):
            item = Item(kind="text", text=clean(paragraph).strip())
            behind.setdefault(bisect_left(ends, at) if at else -1, []).append(item)
    if not behind:
        return document
    items = list(behind.get(-1, []))
    for index, item in enumerate(document.items):
        items.append(item)
        items.extend(replace(gap, part=item.part) for gap in behind.get(index, []))
    note = Note(code="document.recovered", facts={"count": sum(map(len, behind.values()))})
    return replace(document, items=tuple(items), notes=(*document.notes, note))


def _known(bare: str, grams: set[str]) -> bool:
    if len(bare) < _GRAM:
        return False
    own = [bare[at : at + _GRAM] for at in range(len(bare) - _GRAM + 1)]
    return sum(gram in grams for gram in own) >= _KNOWN_SHARE * len(own)


def _without_marks(text: str) -> str:
    return _NOTE_MARK.sub("", text)
