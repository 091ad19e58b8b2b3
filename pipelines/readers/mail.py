"""EML -> items: the header lines that people see, the text, the names of what is attached."""

from __future__ import annotations

import email
import email.policy
import itertools
from email.message import EmailMessage
from pathlib import Path

from pipelines.errors import DocumentDamaged
from pipelines.readers.charsets import decode
from pipelines.readers.flow import Collector, FlowDocument
from pipelines.readers.web import add_html

SHOWN = ("From", "To", "Cc", "Date", "Subject", "Reply-To")
MAX_PARTS = 500


def read_mail(path: Path) -> FlowDocument:
    """One mail. The plain text is read, or the HTML where there is none; never both.

    Raises DocumentDamaged for what has no header line of a mail.
    """
    out = Collector()
    try:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    except (ValueError, IndexError, RecursionError, AttributeError) as exc:
        raise DocumentDamaged from exc
    if not isinstance(message, EmailMessage) or not message.keys():
        raise DocumentDamaged
    for name in SHOWN:
        value = _header(message, name)
        if value:
            out.add("field", f"{name}: {value}")
    out.title = _header(message, "Subject")
    _body(message, out)
    return out.done()


def _header(message: EmailMessage, name: str) -> str:
    """The line in words; a damaged one is shown as it stands."""
    try:
        value = message[name]
        return "" if value is None else " ".join(str(value).split())
    except (ValueError, IndexError, AttributeError, LookupError, TypeError):
        return next((str(v) for k, v in message.raw_items() if k.lower() == name.lower()), "")


def _body(message: EmailMessage, out: Collector) -> None:
    plain: list[EmailMessage] = []
    html: list[EmailMessage] = []
    attached: list[str] = []
    for part in itertools.islice(message.walk(), MAX_PARTS):
        if not isinstance(part, EmailMessage) or part.is_multipart():
            continue
        kind = part.get_content_type()
        name = _file_name(part)
        if name or part.get_content_disposition() == "attachment":
            attached.append(name or kind)
        else:
            shown = {"text/plain": plain, "text/html": html}.get(kind)
            if shown is None:
                attached.append(kind)
            else:
                shown.append(part)
    for part in plain:
        for paragraph in _text(part, out).split("\n\n"):
            out.add("text", paragraph)
    for part in html if not plain else ():
        add_html(_text(part, out), out)
    if attached:
        out.note("document.attachments", count=len(attached), names=", ".join(attached[:5]))


def _file_name(part: EmailMessage) -> str:
    try:
        return " ".join((part.get_filename() or "").split())[:120]
    except (ValueError, IndexError, AttributeError, LookupError, TypeError):
        return "?"


def _text(part: EmailMessage, out: Collector) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload:
        return ""
    found = decode(payload, str(part.get_content_charset() or ""))
    found.tell(out)
    return found.text.replace("\r\n", "\n")
