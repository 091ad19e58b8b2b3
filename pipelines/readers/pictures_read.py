"""A picture file -> pages with the print that stands on it. The picture is its own preview."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.readers.pages import Page, PagedDocument
from pipelines.readers.pdf import notes_on
from pipelines.readers.pictures import MAX_MEGAPIXELS, frames
from pipelines.readers.scans import Scan, ScanReader
from pipelines.types import Cancel, Note


def read_picture(
    path: Path,
    *,
    reader: ScanReader | None = None,
    max_frames: int = 2000,
    max_megapixels: float = MAX_MEGAPIXELS,
    cancel: Cancel | None = None,
) -> PagedDocument:
    """PNG, JPEG, WEBP, TIFF (all pages), HEIC, GIF or BMP; a point of a page is a pixel.

    A picture without any print has pages without blocks. Raises what `pictures.frames` raises;
    OcrMissing; Cancelled.
    """
    scans = reader or ScanReader()
    pages: list[Page] = []
    notes: list[Note] = []

    def source() -> Iterator[Scan]:
        found = frames(path, max_frames=max_frames, max_megapixels=max_megapixels)
        for number, picture in enumerate(found, 1):
            yield Scan(picture=picture, page_no=number)

    for done in scans.read_all(source(), cancel=cancel):
        pages.append(done.page)
        if done.slow:
            limit = round(scans.timeout_s)
            facts: dict[str, str | int | float] = {"page_no": done.page.page_no, "limit_s": limit}
            notes.append(Note(code="document.ocr_slow", facts=facts))
    made = tuple(pages)
    return PagedDocument(pages=made, preview=path, notes=(*notes, *notes_on(made)))
