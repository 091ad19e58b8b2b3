"""What an office package holds beside its text: macros, links outwards, objects, hidden parts.

Only the names and small XML parts are looked at; nothing is run, followed or unpacked to disk.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError  # the error class alone; defusedxml parses

from pipelines.errors import DocumentDamaged, DocumentEncrypted
from pipelines.readers.flow import Collector

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_PART_BYTES = 100_000_000
_HEAD_BYTES = 8_192
_MACROS = ("vbaproject.bin", "vbadata.xml")
_OBJECTS = re.compile(r"(?:^|/)(?:embeddings|activeX)/[^/]+$", re.IGNORECASE)
_DDE = re.compile(rb"\bDDE(?:AUTO)?\b[^<]{0,200}|<(?:\w+:)?ddeLink\b", re.IGNORECASE)
_LINK_TYPES = ("/hyperlink",)
"""A hyperlink is text that a person may click; every other outward target a program would load."""
BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    ParseError,
    ValueError,
    NotImplementedError,
    EOFError,
    LookupError,
)
"""What the standard library raises on a damaged package; LookupError: an unknown character set."""


class Package:
    """An office package, open for reading; a context manager. Raises DocumentDamaged."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as exc:
            raise DocumentDamaged from exc
        self.names = tuple(self._zip.namelist())

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str, limit_bytes: int = MAX_PART_BYTES) -> bytes:
        """One part, b"" where there is none. Raises DocumentDamaged, DocumentEncrypted."""
        if name not in self.names:
            return b""
        try:
            if self._zip.getinfo(name).flag_bits & 1:
                raise DocumentEncrypted
            with self._zip.open(name) as entry:
                return entry.read(limit_bytes)
        except BROKEN as exc:
            raise DocumentDamaged from exc

    def refuse_declarations(self) -> None:
        """No office program writes a DTD: a part that begins with one is an attack.

        Raises DocumentDamaged.
        """
        for name in self.names:
            if name.lower().endswith((".xml", ".rels", ".hpf", ".vml")):
                head = self.read(name, _HEAD_BYTES).replace(b"\x00", b"")
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise DocumentDamaged

    def xml(self, name: str) -> Element | None:
        """The root element of one part, None where there is none; DTDs are refused."""
        data = self.read(name)
        return parse_xml(data) if data.strip() else None


def parse_xml(data: bytes) -> Element:
    """The root element. No DTD, no entity, nothing fetched. Raises DocumentDamaged."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
        return root
    except (*BROKEN, DefusedXmlException, RecursionError) as exc:
        raise DocumentDamaged from exc


def tag(node: Element) -> str:
    """The local name of an element."""
    return str(node.tag).rsplit("}", 1)[-1]


def attribute(node: Element, name: str) -> str:
    """An attribute by its local name, "" where there is none."""
    for key, value in node.attrib.items():
        if key.rsplit("}", 1)[-1] == name:
            return str(value)
    return ""


def report_facts(package: Package, out: Collector) -> None:
    """Notes about macros, outward links, embedded objects and commands to other programs."""
    lower = [name.lower() for name in package.names]
    if any(name.endswith(_MACROS) for name in lower) or any(
        name.startswith(("basic/", "scripts/")) and not name.endswith("/") for name in lower
    ):
        out.note("document.macros")
    outward = sum(1 for _ in _outward(package))
    if outward:
        out.note("document.external_links", count=outward)
    objects = [name for name in package.names if _OBJECTS.search(name)]
    if objects:
        shown = ", ".join(name.rsplit("/", 1)[-1] for name in objects[:5])
        out.note("document.embedded", count=len(objects), names=shown)
    commands = sum(len(_DDE.findall(package.read(name))) for name in _parts_with_fields(package))
    if commands:
        out.note("document.dde", count=commands)


def _outward(package: Package) -> Iterator[str]:
    for name in package.names:
        if not name.endswith(".rels"):
            continue
        root = package.xml(name)
        for relation in root if root is not None else ():
            if relation.get("TargetMode", "").lower() == "external" and not relation.get(
                "Type", ""
            ).endswith(_LINK_TYPES):
                yield str(relation.get("Target", ""))


def _parts_with_fields(package: Package) -> Iterator[str]:
    for name in package.names:
        if name in ("word/document.xml", "content.xml") or name.startswith("xl/externalLinks/"):
            yield name


def hidden_slides(package: Package) -> tuple[str, ...]:
    """Numbers of the slides that a show leaves out."""
    found = []
    for name in package.names:
        match = re.fullmatch(r"ppt/slides/slide(\d+)\.xml", name)
        if match:
            root = package.xml(name)
            if root is not None and root.get("show") in ("0", "false"):
                found.append(match[1])
    return tuple(sorted(found, key=int))


def has_tracked_changes(package: Package) -> bool:
    """True where a DOCX holds insertions or deletions that nobody has accepted yet."""
    data = package.read("word/document.xml")
    return bool(re.search(rb"<(?:\w+:)?(?:ins|del|moveFrom|moveTo) ", data))
