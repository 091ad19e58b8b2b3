"""PDFs and pictures as documents: decoded, and their print read, in the child process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.media.image_types import IMAGES, TIFF
from pipelines.media.worker import Limits, Worker
from pipelines.readers.pages import Page, PagedDocument
from pipelines.readers.pdf import Overview, PdfReader, notes_on
from pipelines.readers.pictures_read import read_picture
from pipelines.readers.scans import ScanReader
from pipelines.types import Cancel, MediaFile, Note, OnEvent, Progress, ignore

PDF = "application/pdf"
PICTURES = tuple(image.media_type for image in IMAGES)
"""What the two readers take."""
_BASE_S, _PAGE_S, _LONGEST_S = 120.0, 10.0, 7200.0
_MODULE = "pipelines.readers.page_reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """What a PDF or picture may be, and how long one page of print may take."""

    pages: int = 2000
    page_in: float = 200.0
    megapixels: float = 120.0
    ocr_page_s: float = 90.0


def pdf_overview(path: Path, limits: PageLimits) -> Overview:
    """In the child. Raises what `PdfReader.overview` raises."""
    return _pdf_reader(limits).overview(path)


def pdf_look(worker: Worker, path: Path, limits: PageLimits) -> Overview:
    """Pages, title and contents of a PDF in tens of milliseconds. Raises as `PdfPages.read`."""
    return worker.call(f"{_MODULE}:pdf_overview", path, limits, of=Overview)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """(width, height) of each page in points, as a person sees it."""

    sizes_pt: tuple[tuple[float, float], ...]


def pdf_sizes(path: Path, limits: PageLimits) -> Sheets:
    """In the child. Raises what `PdfReader.sizes` raises."""
    return Sheets(sizes_pt=_pdf_reader(limits).sizes(path))


def pdf_sheets(worker: Worker, path: Path, limits: PageLimits) -> tuple[tuple[float, float], ...]:
    """(width, height) of each page of a PDF, in points. Raises as `PdfPages.read`."""
    return worker.call(f"{_MODULE}:pdf_sizes", path, limits, of=Sheets).sizes_pt


def pdf_pages(path: Path, limits: PageLimits) -> Iterator[Page | Note]:
    """In the child: pages as they are read, then what is to be said of them. Raises what
    `PdfReader.pages` raises.
    """
    notes: list[Note] = []
    yield from _pdf_reader(limits).pages(path, on_note=notes.append)
    yield from notes


def picture_pages(path: Path, limits: PageLimits) -> PagedDocument:
    """In the child. Raises what `read_picture` raises."""
    return read_picture(
        path,
        reader=ScanReader(timeout_s=limits.ocr_page_s),
        max_frames=limits.pages,
        max_megapixels=limits.megapixels,
    )


def _pdf_reader(limits: PageLimits) -> PdfReader:
    scans = ScanReader(timeout_s=limits.ocr_page_s)
    return PdfReader(scans=scans, max_pages=limits.pages, max_page_in=limits.page_in)


def _time_for(pages: int) -> Limits:
    """A scan of 300 pages may take its time; a file that hangs may not."""
    wall_s = min(_BASE_S + _PAGE_S * pages, _LONGEST_S)
    return Limits(wall_s=wall_s, cpu_s=2 * wall_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPages:
    """See `readers.documents.DocumentReader`; the PDF is its own preview."""

    worker: Worker
    limits: PageLimits = PageLimits()

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `PdfReader.pages` and `Worker.stream` raise."""
        on_event(Progress(stage="reading"))
        about = self.worker.call(
            f"{_MODULE}:pdf_overview", media.path, self.limits, of=Overview, cancel=cancel
        )
        pages: list[Page] = []
        notes = list(about.notes)
        stream = self.worker.stream(
            f"{_MODULE}:pdf_pages",
            media.path,
            self.limits,
            of=(Page, Note),
            cancel=cancel,
            limits=_time_for(about.pages),
        )
        for part in stream:
            if isinstance(part, Page):
                pages.append(part)
                on_event(Progress(stage="reading", fraction=min(1.0, part.page_no / about.pages)))
            elif isinstance(part, Note):
                notes.append(part)
        read = tuple(pages)
        return PagedDocument(
            pages=read, preview=media.path, title=about.title, notes=(*notes, *notes_on(read))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePages:
    """See `readers.documents.DocumentReader`; the picture is its own preview."""

    worker: Worker
    limits: PageLimits = PageLimits()

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `read_picture` and `Worker.stream` raise."""
        on_event(Progress(stage="reading"))
        many = media.media_type == TIFF.media_type
        stream = self.worker.stream(
            f"{_MODULE}:picture_pages",
            media.path,
            self.limits,
            of=(PagedDocument,),
            cancel=cancel,
            limits=_time_for(self.limits.pages if many else 10),
        )
        (read,) = list(stream)
        on_event(Progress(stage="reading", fraction=1.0))
        return read
