"""Documents: PDF and texts by their first bytes, office packages by what `containers` finds."""

from __future__ import annotations

import re
from pathlib import PurePath

from pipelines.media.kinds import FileType


def _document(media_type: str, label: str) -> FileType:
    return FileType(media_type=media_type, kind="document", label=label)


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
PDF = _document("application/pdf", "PDF")
HWP = _document("application/x-hwp", "HWP")
HWPX = _document("application/hwp+zip", "HWPX")
DOCX = _document(f"{_OOXML}.wordprocessingml.document", "DOCX")
XLSX = _document(f"{_OOXML}.spreadsheetml.sheet", "XLSX")
PPTX = _document(f"{_OOXML}.presentationml.presentation", "PPTX")
ODT = _document(f"{_ODF}.text", "ODT")
ODS = _document(f"{_ODF}.spreadsheet", "ODS")
ODP = _document(f"{_ODF}.presentation", "ODP")
TEXT = _document("text/plain", "TXT")
MARKDOWN = _document("text/markdown", "MD")
CSV = _document("text/csv", "CSV")
HTML = _document("text/html", "HTML")
MAIL = _document("message/rfc822", "EML")
TEXTS = (TEXT, MARKDOWN, CSV, HTML, MAIL)
DOCUMENTS = (PDF, HWP, HWPX, DOCX, XLSX, PPTX, ODT, ODS, ODP, *TEXTS)

ZIP = FileType(media_type="application/zip")
OLE = FileType(media_type="application/x-ole-storage")

_LATE_MARK_BYTES = 1024
"""PDF readers accept the mark this late: mail gateways put lines before it."""
# ESC switches alphabets in ISO-2022-JP, which mails still use; DOS texts end in Ctrl-Z.
_TEXT_BYTES = frozenset(range(0x20, 256)) - {0x7F} | {
    0x08,
    0x09,
    0x0A,
    0x0B,
    0x0C,
    0x0D,
    0x1A,
    0x1B,
}
_MAIL_FIELDS = {
    b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id",
    b"mime-version", b"delivered-to", b"reply-to", b"cc", b"content-type", b"x-mailer",
}  # fmt: skip
_MAIL_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?\S?")
_HINTS = {".txt": TEXT, ".md": MARKDOWN, ".markdown": MARKDOWN, ".csv": CSV, ".tsv": CSV}


def by_mark(head: bytes) -> FileType | None:
    """PDF, or an archive that `containers` must look into; None where neither begins here."""
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    return OLE if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") else None


def by_late_mark(head: bytes) -> FileType | None:
    """A PDF behind some other bytes."""
    return PDF if b"%PDF-" in head[:_LATE_MARK_BYTES] else None


def by_text(head: bytes) -> FileType | None:
    """HTML, a mail or plain text; programs and drawings written as text stay without a kind."""
    if not looks_like_text(head):
        return None
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"#!"):
        return FileType(media_type="text/x-script")
    if b"<svg" in start and start.startswith((b"<?xml", b"<svg", b"<!doctype svg", b"<!--")):
        return FileType(media_type="image/svg+xml")
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or (
        start.startswith((b"<?xml", b"<!--", b"<meta")) and b"<html" in start
    ):
        return HTML
    if start.startswith(b"<?xml"):
        return FileType(media_type="application/xml")
    return MAIL if _is_mail(head) else TEXT


def looks_like_text(head: bytes) -> bool:
    """True for text in UTF-8 or an 8-bit encoding (no control signs), or UTF-16 with its mark."""
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or all(b in _TEXT_BYTES for b in head[:4096])


def hinted(found: FileType, head: bytes, name: str) -> FileType:
    """Plain text, told apart further: the sender's ending where it names a text, else the content.

    Every other type stays what its content says.
    """
    if found != TEXT:
        return found
    return _HINTS.get(PurePath(name.lower()).suffix) or (CSV if _is_table(head) else TEXT)


def _is_table(head: bytes) -> bool:
    """At least three lines, each with the same number of the same separator."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    return len(lines) >= 3 and any(
        lines[0].count(mark) >= 1 and len({line.count(mark) for line in lines}) == 1
        for mark in (b"\t", b",", b";")
    )


def _is_mail(head: bytes) -> bool:
    """The first lines are header fields, and at least two are fields that only mails have."""
    known = 0
    for line in head[:8192].splitlines()[:40]:
        if not line.strip():
            break
        if line[:1] in b" \t":
            continue
        field = _MAIL_FIELD.match(line)
        if not field:
            return False
        known += field[1].lower() in _MAIL_FIELDS
    return known >= 2
