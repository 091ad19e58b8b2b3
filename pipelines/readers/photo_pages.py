"""Pictures of any kind: one that holds print is a page, one that holds next to none is a photo.

Of a photo, what it shows stands beside the few words in it, and what is shown to people is the
copy with faces and number plates blurred.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.media.worker import keep
from pipelines.readers.boxes import scaled_block
from pipelines.readers.documents import DocumentReader
from pipelines.readers.page_views import PageViews, with_photo_view
from pipelines.readers.pages import Block, PagedDocument
from pipelines.readers.photos import Photo, PhotoReader
from pipelines.types import Box, Cancel, MediaFile, Note, OnEvent, ignore

FEW_SIGNS = 40
"""Letters and digits: fewer are a sign in a street; the shortest letter has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReader:
    """See `readers.documents.DocumentReader`; `folder` keeps the copies that are shown."""

    pages: DocumentReader
    photos: PhotoReader
    folder: Path
    language: str = "ko"
    """That of the words for what a photo shows: "ko" or another, which is English."""
    views: PageViews | None = None
    """A model that sees, and looks too; None where there is none."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `pages` and `PhotoReader.read` raise."""
        printed = self.pages.read(media, on_event, cancel)
        if not is_photo(printed):
            return self.views.added(printed, self.language, cancel) if self.views else printed
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="minwon-photo-") as made:
            # What it finds becomes blocks of the page; the pipeline tells of them.
            photo = self.photos.read(media, Path(made), language=self.language, cancel=cancel)
            shown = keep(photo.shown, self.folder / f"{media.sha256}.jpg")
        page = as_page(printed, photo, shown, self.language)
        if self.views is not None:
            page = with_photo_view(page, self.views.view, self.language, cancel)
        return named(page, self.language)


def is_photo(read: PagedDocument) -> bool:
    """True for one picture with hardly any print on it."""
    if len(read.pages) != 1:
        return False
    text = "".join(block.text for block in read.pages[0].blocks if not block.hidden)
    return sum(sign.isalnum() for sign in text) < FEW_SIGNS


def as_page(printed: PagedDocument, photo: Photo, shown: Path, language: str) -> PagedDocument:
    """The page in pixels of the shown copy: its words, and what the photo shows."""
    from PIL import Image

    with Image.open(shown) as picture:  # we wrote it ourselves
        width, height = (float(side) for side in picture.size)
    page, factor = printed.pages[0], width / photo.width_px
    words = tuple(scaled_block(block, factor) for block in page.blocks)
    whole = (0.0, 0.0, width, height)
    blocks = (*words, *_seen(photo, whole, language))
    return replace(
        printed,
        pages=(replace(page, width_pt=width, height_pt=height, blocks=blocks),),
        preview=shown,
        notes=(*printed.notes, Note(code="photo.looked_at"), *photo.notes),
    )


def named(document: PagedDocument, language: str) -> PagedDocument:
    """A photo of which nobody can tell anything is told of as a photo."""
    (page,) = document.pages
    if page.blocks:
        return document
    text = "사진 한 장" if language == "ko" else "A photo"
    whole = Block(kind="picture", text=text, box_pt=(0.0, 0.0, page.width_pt, page.height_pt))
    return replace(document, pages=(replace(page, blocks=(whole,)),))


def _seen(photo: Photo, whole: Box, language: str) -> Iterator[Block]:
    before = "사진에 보이는 것: " if language == "ko" else "In the photo: "
    for number, piece in enumerate(photo.evidence):
        text = before + piece.text if number < len(photo.tags) else piece.text
        yield Block(kind="picture", text=text, box_pt=whole, confidence=piece.confidence)
