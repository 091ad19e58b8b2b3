"""The one owner of PyMuPDF: opening with our own errors, rendering for the page viewer.

PyMuPDF keeps global state and is not thread-safe: whoever calls a method of a document or page
that came from here holds `LOCK` (the functions of this module take it themselves).
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pipelines.errors import (
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentPageTooLarge,
    DocumentPasswordWrong,
    DocumentTooLong,
    MediaEmpty,
    MediaMissing,
    MediaRejected,
)
from pipelines.types import Box

if TYPE_CHECKING:
    import pymupdf
    from PIL.Image import Image

    Document = pymupdf.Document
    """For annotations elsewhere: other modules don't import the package."""
    PdfPage = pymupdf.Page
    Pixmap = pymupdf.Pixmap

LOCK = threading.RLock()
POINTS_PER_INCH = 72
MAX_RENDER_PX = 25_000_000
"""A larger page is rendered at a lower resolution, so that memory stays bounded."""
HEAD_BYTES = 1024
"""Where the mark of a PDF may stand, by the format's own tradition."""
_HIGHLIGHT = (255, 196, 0)


@cache
def library() -> ModuleType:
    """The package itself, for modules that build PDFs; silent on the terminal.

    Hold `LOCK` while you use it.
    """
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


def faults() -> tuple[type[Exception], ...]:
    """What the package raises on a damaged file; to be caught and translated once."""
    # It asserts where it disagrees about a type; its own errors have two roots.
    return (RuntimeError, ValueError, AssertionError, library().mupdf.FzErrorBase)


def is_pdf(path: Path) -> bool:
    """True where the content carries the mark of a PDF. Raises MediaMissing."""
    try:
        with path.open("rb") as handle:
            return b"%PDF-" in handle.read(HEAD_BYTES)
    except OSError as exc:
        raise MediaMissing from exc


def open_document(
    path: Path, *, password: str = "", max_pages: int = 0, max_page_in: float = 0.0
) -> Document:
    """An open pymupdf.Document with at least one page; the caller closes it (`with`).

    Nothing is decoded: only the page tree is counted and the page sizes are looked at. A limit
    of 0 means none.

    Raises MediaMissing, MediaEmpty, DocumentDamaged (no PDF, or one that can't be opened),
    DocumentEncrypted (asks for a password), DocumentPasswordWrong, DocumentEmpty (0 pages),
    DocumentTooLong, DocumentPageTooLarge.
    """
    if not is_pdf(path):
        raise MediaEmpty if path.stat().st_size == 0 else DocumentDamaged
    with LOCK:
        document = _opened(path)
        try:
            _unlock(document, password)
            _within_limits(document, max_pages, max_page_in)
        except faults() as exc:  # a damaged page tree shows only when it is counted
            document.close()
            raise DocumentDamaged from exc
        except MediaRejected:
            document.close()
            raise
        return document


def render_page(path: Path, page_no: int, dpi: int = 110, boxes: Sequence[Box] = ()) -> bytes:
    """One page as a person sees it, as PNG, with `boxes` (in the page's points) highlighted.

    `path` is a PDF or a picture (see `readers.pictures`: there a point is a pixel, and `dpi`
    only ever makes it smaller). Pages count from 1.

    Raises what `open_document` and `pictures.frame` raise; MediaMissing for no such page.
    """
    from PIL import Image

    if is_pdf(path):
        with open_document(path) as document, LOCK:
            if not 1 <= page_no <= document.page_count:
                raise MediaMissing
            page = document[page_no - 1]
            pixels = page_pixels(page, dpi)
            scale = pixels.width / page.rect.width
            shown = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    else:
        from pipelines.readers.pictures import frame

        whole = frame(path, page_no)
        scale = min(1.0, dpi / POINTS_PER_INCH, (MAX_RENDER_PX / whole.width / whole.height) ** 0.5)
        size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
        shown = whole if scale == 1.0 else whole.resize(size)
    for box in boxes:
        shown = _highlighted(shown, box, scale)
    out = io.BytesIO()
    shown.save(out, format="PNG", compress_level=1)
    return out.getvalue()


def page_pixels(page: PdfPage, dpi: float, *, gray: bool = False) -> Pixmap:
    """A pymupdf.Pixmap of the page as a person sees it (RGB or gray, no alpha), bounded in size.

    Raises DocumentDamaged where the page can't be drawn.
    """
    pymupdf = library()
    width, height = max(page.rect.width, 1.0), max(page.rect.height, 1.0)
    zoom = min(dpi / POINTS_PER_INCH, (MAX_RENDER_PX / width / height) ** 0.5)
    space = pymupdf.csGRAY if gray else pymupdf.csRGB
    try:
        with LOCK:
            return page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=space, alpha=False)
    except faults() as exc:
        raise DocumentDamaged from exc


def _opened(path: Path) -> Document:
    pymupdf = library()
    try:
        document: Document = pymupdf.open(path, filetype="pdf")
    except faults() as exc:
        raise DocumentDamaged from exc
    return document


def _unlock(document: Document, password: str) -> None:
    if not document.needs_pass:
        return
    if not password:
        raise DocumentEncrypted
    if not document.authenticate(password):
        raise DocumentPasswordWrong


def _within_limits(document: Document, max_pages: int, max_page_in: float) -> None:
    count = document.page_count
    if count < 1:
        raise DocumentEmpty
    if max_pages and count > max_pages:
        raise DocumentTooLong(pages=count, limit=max_pages)
    if not max_page_in:
        return
    for number in range(count):
        try:
            rect = document[number].rect  # the user unit counts; the content is not looked at
        except faults():
            continue  # a page that can't be loaded is reported when it is read
        size_in = max(rect.width, rect.height) / POINTS_PER_INCH
        if size_in > max_page_in:
            raise DocumentPageTooLarge(
                page_no=number + 1, size_in=round(size_in), limit_in=round(max_page_in)
            )


def _highlighted(shown: Image, box: Box, scale: float) -> Image:
    """The picture with one box marked as with a pen: what is under it stays readable."""
    from PIL import Image, ImageChops, ImageDraw

    pen = Image.new("RGB", shown.size, (255, 255, 255))
    left, top, right, bottom = (value * scale for value in box)
    frame = (left - 2, top - 2, max(right, left) + 2, max(bottom, top) + 2)
    ImageDraw.Draw(pen).rectangle(frame, fill=(255, 240, 170), outline=_HIGHLIGHT, width=2)
    return ImageChops.multiply(shown, pen)
