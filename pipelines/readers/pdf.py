"""PDF -> pages, one at a time: what the file holds as text, and print read from its pictures.

Page by page it is decided whether the text of the file can be used or the page must be read as a
picture. Programs and files inside a PDF are reported and never run or opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged
from pipelines.readers import mupdf
from pipelines.readers.pages import Block, Page, PagedDocument
from pipelines.readers.pdf_page import blocks_of
from pipelines.readers.scans import ReadScan, Scan, ScanReader
from pipelines.types import Cancel, Note

if TYPE_CHECKING:
    from pipelines.readers.mupdf import Document, PdfPage

SCAN_DPI = 200
MAX_SCAN_SIDE_PX = 3600
FEW_LETTERS, SOME_LETTERS = 12, 80
"""Fewer letters than this on a page with a picture: the page is a scan (with a stamp on it)."""
PICTURE, LARGE_PICTURE = 0.12, 0.6
"""The share of a page that its pictures take."""
GARBAGE = 0.05
"""More unknown signs than this: the fonts of the page do not tell what their letters are."""
MANY_PATHS = 120
"""Letters drawn as shapes: a page without text, but with this many shapes."""
MAX_OBJECTS = 50_000
UNSURE = 0.965
"""A page of print is read at 0.97 and more where it is good."""
OnNote = Callable[[Note], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One line of a table of contents."""

    level: int
    title: str
    page_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What can be said of a PDF before its pages are read."""

    pages: int
    title: str
    chapters: tuple[Chapter, ...]
    notes: tuple[Note, ...]


@dataclass(slots=True)
class PdfReader:
    """Reads PDFs within limits; `scans` reads the pages that are pictures, None leaves them."""

    scans: ScanReader | None = field(default_factory=ScanReader)
    max_pages: int = 2000
    max_page_in: float = 200.0

    def overview(self, path: Path, *, password: str = "") -> Overview:
        """Page count, title, outline and warnings, without reading a page.

        Raises what `mupdf.open_document` raises.
        """
        with self._open(path, password) as document, mupdf.LOCK:
            return Overview(
                pages=document.page_count,
                title=str((document.metadata or {}).get("title") or "").strip(),
                chapters=tuple(_chapters(document)),
                notes=tuple(_warnings(document)),
            )

    def sizes(self, path: Path) -> tuple[tuple[float, float], ...]:
        """(width, height) of each page in points. Raises what `mupdf.open_document` raises."""
        with self._open(path, "") as document, mupdf.LOCK:
            try:
                return tuple((page.rect.width, page.rect.height) for page in document)
            except mupdf.faults() as exc:
                raise DocumentDamaged from exc

    def pages(
        self,
        path: Path,
        *,
        password: str = "",
        cancel: Cancel | None = None,
        on_note: OnNote | None = None,
    ) -> Iterator[Page]:
        """The pages in order, each as soon as it and those before it are read.

        At most a few pages are in memory. Raises what `mupdf.open_document` raises; DocumentDamaged
        where not one page can be read; OcrMissing; Cancelled.
        """
        note = on_note or (lambda _: None)
        workers = self.scans.workers if self.scans else 1
        under_way: deque[Page | Future[Page]] = deque()
        unread = 0
        with self._open(path, password) as document, ThreadPoolExecutor(workers) as pool:
            for number in range(1, document.page_count + 1):
                if cancel is not None:
                    cancel.check()
                try:
                    page, scan = self._page(document, number)
                except DocumentDamaged:
                    note(Note(code="document.page_unread", facts={"page_no": number}))
                    unread += 1
                    continue
                if scan is not None and self.scans is not None:
                    under_way.append(pool.submit(_by_ocr, self.scans, scan, page, note))
                else:
                    under_way.append(page)
                while under_way and (_is_ready(under_way[0]) or len(under_way) > 2 * workers):
                    yield _taken(under_way.popleft())
            while under_way:
                yield _taken(under_way.popleft())
            if unread == document.page_count:
                raise DocumentDamaged

    def read(
        self, path: Path, *, password: str = "", cancel: Cancel | None = None
    ) -> PagedDocument:
        """The whole PDF at once. Raises what `pages` raises."""
        about = self.overview(path, password=password)
        notes = list(about.notes)
        pages = tuple(self.pages(path, password=password, cancel=cancel, on_note=notes.append))
        return PagedDocument(
            pages=pages, preview=path, title=about.title, notes=(*notes, *notes_on(pages))
        )

    def _open(self, path: Path, password: str) -> Document:
        return mupdf.open_document(
            path, password=password, max_pages=self.max_pages, max_page_in=self.max_page_in
        )

    def _page(self, document: Document, number: int) -> tuple[Page, Scan | None]:
        """The page by its text, and a picture of it where it must be read by its looks too."""
        with mupdf.LOCK:
            try:
                page = document[number - 1]
                blocks = blocks_of(page)
                must = must_be_read(page, blocks)
            except mupdf.faults() as exc:
                raise DocumentDamaged from exc
            made = Page(
                page_no=number,
                width_pt=page.rect.width,
                height_pt=page.rect.height,
                blocks=tuple(blocks),
            )
            return made, _scan(page, number) if must and self.scans else None


def must_be_read(page: PdfPage, blocks: list[Block]) -> bool:
    """True where the text of the file is missing, unusable, or only a stamp on a scan."""
    text = "".join(block.text for block in blocks if not block.hidden and block.kind != "field")
    letters = sum(not sign.isspace() for sign in text)
    share = _picture_share(page)
    if letters and garbage(text) > GARBAGE:
        return True
    if letters < FEW_LETTERS and (share > PICTURE or len(page.get_cdrawings()) > MANY_PATHS):
        return True
    return letters < SOME_LETTERS and share > LARGE_PICTURE


def garbage(text: str) -> float:
    """The share of signs that no font should give: unknown, private, control, isolated marks."""
    signs = [sign for sign in text if not sign.isspace()]
    bad = sum(
        sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cc", "Cn") for sign in signs
    )
    return bad / len(signs) if signs else 0.0


def notes_on(pages: tuple[Page, ...]) -> list[Note]:
    """What a person should know about the pages as they were read."""
    found = []
    hidden = [page.page_no for page in pages if any(block.hidden for block in page.blocks)]
    if hidden:
        facts: dict[str, str | int | float] = {"count": len(hidden), "page_no": hidden[0]}
        found.append(Note(code="document.hidden_text", facts=facts))
    unsure = [page.page_no for page in pages if page.by_ocr and _is_unsure(page)]
    if unsure:
        facts = {"count": len(unsure), "page_no": unsure[0]}
        found.append(Note(code="document.ocr_unsure", facts=facts))
    return found


def _is_unsure(page: Page) -> bool:
    letters = [(len(block.text), block.confidence) for block in page.blocks if not block.hidden]
    count = sum(number for number, _ in letters)
    return bool(count) and sum(n * sure for n, sure in letters) / count < UNSURE


def _by_ocr(scans: ScanReader, scan: Scan, page: Page, note: OnNote) -> Page:
    done: ReadScan = scans.read(scan)
    if done.slow:
        facts: dict[str, str | int | float] = {
            "page_no": page.page_no,
            "limit_s": round(scans.timeout_s),
        }
        note(Note(code="document.ocr_slow", facts=facts))
    # What lies under the picture is not what a person sees; fields and comments stay.
    kept = [
        replace(block, hidden=True) if block.kind not in ("field", "annotation") else block
        for block in page.blocks
        if block.hidden or block.kind in ("field", "annotation")
    ]
    return replace(page, blocks=(*done.page.blocks, *kept), by_ocr=True)


def _scan(page: PdfPage, number: int) -> Scan:
    from PIL import Image

    longest = max(page.rect.width, page.rect.height)
    dpi = min(SCAN_DPI, MAX_SCAN_SIDE_PX / longest * mupdf.POINTS_PER_INCH)
    pixels = mupdf.page_pixels(page, dpi, gray=True)
    picture = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    return Scan(picture=picture, page_no=number, points_per_px=page.rect.width / pixels.width)


def _picture_share(page: PdfPage) -> float:
    # In the page's own turn, as MuPDF places pictures.
    page_box = page.rect * page.derotation_matrix if page.rotation else page.rect
    covered = 0.0
    for info in page.get_image_info():
        left, top, right, bottom = info["bbox"]
        width = min(right, page_box.x1) - max(left, page_box.x0)
        covered += max(0.0, width) * max(0.0, min(bottom, page_box.y1) - max(top, page_box.y0))
    return min(1.0, float(covered / max(1.0, page_box.width * page_box.height)))


def _is_ready(item: Page | Future[Page]) -> bool:
    return isinstance(item, Page) or item.done()


def _taken(item: Page | Future[Page]) -> Page:
    return item if isinstance(item, Page) else item.result()


def _chapters(document: Document) -> Iterator[Chapter]:
    try:
        listed = document.get_toc(simple=True)
    except mupdf.faults() + (LookupError, TypeError):  # noqa: RUF005 - a tuple of classes
        return  # a broken outline is no reason to lose the pages
    for level, title, page_no in listed:
        if page_no > 0 and str(title).strip():
            yield Chapter(level=int(level), title=str(title).strip(), page_no=int(page_no))


def _warnings(document: Document) -> Iterator[Note]:
    scripts = dynamic = False
    attached = document.embfile_count()
    for xref in range(1, min(document.xref_length(), MAX_OBJECTS)):
        try:
            source = document.xref_object(xref, compressed=True)
        except mupdf.faults():
            continue
        scripts = scripts or bool(re.search(r"/(JavaScript|JS)\b", source))
        dynamic = dynamic or bool(re.search(r"/XFA\b", source))
        attached += "/Subtype/FileAttachment" in source
    if scripts:
        yield Note(code="document.javascript")
    if attached:
        yield Note(code="document.embedded_files", facts={"count": attached})
    if dynamic:
        yield Note(code="document.dynamic_form")
