"""A PDF that asks for a password -> a copy that asks for none, made in the process that parses.

The password goes no further than this one call: readers and page viewer work on the copy, which
lies and goes where the caller keeps what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.errors import DocumentEncrypted, DocumentPasswordWrong
from pipelines.media.worker import JOB_FOLDER, Worker, keep
from pipelines.readers import mupdf
from pipelines.readers.page_reader import PDF
from pipelines.types import MediaFile

LONGEST_PASSWORD = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`path` is the file itself where it asks for no password."""

    path: Path


def open_copy(path: Path, password: str, folder: Path) -> Opened:
    """In the child. Raises what `mupdf.open_document` raises, DocumentDamaged."""
    try:
        mupdf.open_document(path).close()
    except DocumentEncrypted:
        copy = folder / "unlocked.pdf"
        with mupdf.open_document(path, password=password) as document, mupdf.LOCK:
            document.save(str(copy), encryption=mupdf.library().PDF_ENCRYPT_NONE)
        return Opened(path=copy)
    return Opened(path=path)


def unlock(media: MediaFile, password: str, *, worker: Worker, target: Path) -> MediaFile:
    """The same file with a path that opens: `target`, or its own where it asks for no password.

    Anything but a PDF is handed back as it is. Raises DocumentEncrypted (no password given),
    DocumentPasswordWrong, and what `Worker.stream` raises.
    """
    if media.media_type != PDF:
        return media
    if not password:
        raise DocumentEncrypted
    if len(password) > LONGEST_PASSWORD:
        raise DocumentPasswordWrong
    path = media.path
    stream = worker.stream(
        "pipelines.readers.unlock:open_copy", media.path, password, JOB_FOLDER, of=(Opened,)
    )
    for opened in stream:
        path = media.path if opened.path == media.path else keep(opened.path, target)
    return replace(media, path=path)
