"""Every flow format by its media type -> items. What can't be read is refused by name.

Macros, commands to other programs, outward links and embedded objects are never run, followed
or opened: notes report them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.errors import DocumentDamaged, DocumentEncrypted, MediaEmpty
from pipelines.readers.flow import Collector, FlowDocument
from pipelines.readers.hwp import read_hwp
from pipelines.readers.hwp_raw import stream_names
from pipelines.readers.mail import read_mail
from pipelines.readers.native import read_native
from pipelines.readers.opendocument import read_opendocument
from pipelines.readers.package import Package, has_tracked_changes, hidden_slides, report_facts
from pipelines.readers.plain import read_csv, read_markdown, read_text
from pipelines.readers.sheets import read_xlsx
from pipelines.readers.web import read_html
from pipelines.refusals import DocumentNoText, DocumentOldFormat, DocumentUnsupported

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_document(path: Path, media_type: str) -> FlowDocument:
    """One document, whole. `media_type` is what admission found in its content.

    Raises MediaEmpty, DocumentUnsupported, DocumentEncrypted, DocumentDamaged, DocumentOldFormat,
    and DocumentNoText where neither words nor pictures are in it.
    """
    if path.stat().st_size == 0:
        raise MediaEmpty
    reader = READERS.get(media_type)
    if reader is None:
        raise DocumentUnsupported(media_type=media_type, label=media_type)
    document = reader(path)
    if not document.items:
        raise DocumentNoText
    return document


def _read_docx(path: Path) -> FlowDocument:
    _refuse_encrypted(path)
    out = Collector()
    with Package(path) as package:
        package.refuse_declarations()
        report_facts(package, out)
        tracked = has_tracked_changes(package)
    if tracked:
        out.note("document.tracked_changes")
    return _joined(read_native(path), out)


def _read_pptx(path: Path) -> FlowDocument:
    _refuse_encrypted(path)
    out = Collector()
    with Package(path) as package:
        package.refuse_declarations()
        report_facts(package, out)
        hidden = hidden_slides(package)
    if hidden:
        out.note("document.hidden_parts", count=len(hidden), names=", ".join(hidden[:5]))
    return _joined(read_native(path), out)


def _read_xlsx(path: Path) -> FlowDocument:
    _refuse_encrypted(path)
    return read_xlsx(path)


def _joined(document: FlowDocument, out: Collector) -> FlowDocument:
    return FlowDocument(
        items=document.items, title=document.title, notes=(*out.notes, *document.notes)
    )


def _refuse_encrypted(path: Path) -> None:
    """An OOXML file with a password is an OLE container around scrambled bytes."""
    with path.open("rb") as handle:
        if handle.read(8) == _OLE:
            raise DocumentEncrypted if _holds_package(path) else DocumentDamaged


def _holds_package(path: Path) -> bool:
    return any(entry[0] == "EncryptedPackage" for entry in stream_names(path))


def _read_ole(path: Path) -> FlowDocument:
    """The old binary formats, told apart by their streams."""
    names = {entry[0] for entry in stream_names(path)}
    if "EncryptedPackage" in names:
        raise DocumentEncrypted
    if "FileHeader" in names:
        return read_hwp(path)
    if not names & {"WordDocument", "Workbook", "Book", "PowerPoint Document"}:
        raise DocumentUnsupported(media_type="application/x-ole-storage", label="OLE")
    out = Collector()
    if names & {"Macros", "_VBA_PROJECT_CUR"}:
        out.note("document.macros")
    if names & {"ObjectPool"}:
        out.note("document.embedded", count=1, names="ObjectPool")
    return _joined(read_native(path), out)


def _refuse_old(name: str, save_as: str) -> Callable[[Path], FlowDocument]:
    def refuse(path: Path) -> FlowDocument:
        raise DocumentOldFormat(format=name, save_as=save_as)

    return refuse


READERS: dict[str, Callable[[Path], FlowDocument]] = {
    "application/x-hwp": read_hwp,
    "application/hwp+zip": read_hwp,
    f"{_OOXML}.wordprocessingml.document": _read_docx,
    f"{_OOXML}.spreadsheetml.sheet": _read_xlsx,
    f"{_OOXML}.presentationml.presentation": _read_pptx,
    f"{_ODF}.text": read_opendocument,
    f"{_ODF}.spreadsheet": read_opendocument,
    f"{_ODF}.presentation": read_opendocument,
    "application/x-ole-storage": _read_ole,
    "application/msword": _read_ole,
    "application/vnd.ms-excel": _read_ole,
    "application/vnd.ms-powerpoint": _read_ole,
    "application/rtf": _refuse_old("RTF", "DOCX"),
    "text/plain": read_text,
    "text/markdown": read_markdown,
    "text/csv": read_csv,
    "text/html": read_html,
    "message/rfc822": read_mail,
}
