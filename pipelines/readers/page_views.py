"""What the model sees in photos, and on pages whose print readers could hardly read."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.errors import DocumentRejected, MediaMissing, WeightsMissing
from pipelines.readers.documents import DocumentReader
from pipelines.readers.model_view import (
    SIDE_PX,
    SURE,
    ModelView,
    Shot,
    Views,
    placed,
    unseen_note,
)
from pipelines.readers.page_shots import PageShots
from pipelines.readers.pages import Block, Page, PagedDocument
from pipelines.types import Cancel, MediaFile, Note, OnEvent, Origin, ignore

LITTLE_PRINT = 80
"""Letters and digits on a page that was read as a picture: fewer, and there is more to see."""
UNSURE = 0.9
"""Print that is read less surely is worn, written by hand or no print."""


def with_photo_view(
    document: PagedDocument, view: ModelView, language: str, cancel: Cancel | None = None
) -> PagedDocument:
    """A photo, whose preview is the blurred copy, with what the model sees in it.

    Raises Cancelled.
    """
    (page,) = document.pages
    told = tuple(block.text for block in page.blocks if not block.hidden)
    shot = Shot(path=document.preview, blurred=True, told=told)
    views = view.look([shot], language=language, cancel=cancel)
    return _with_views(document, [page], views, "model:photo", view)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageViews:
    """Shows a model the few pages of a paper that readers could make little of."""

    view: ModelView
    shots: PageShots
    """Draws pages, faces and plates blurred, in the process that parses."""

    def added(
        self, document: PagedDocument, language: str, cancel: Cancel | None = None
    ) -> PagedDocument:
        """The document with what the model sees on such pages. Raises Cancelled."""
        pages = [page for page in document.pages if hardly_read(page)][: self.view.pages]
        if not pages:
            return document
        with tempfile.TemporaryDirectory(prefix="minwon-pages-") as folder:
            drawn: list[Page] = []
            shots: list[Shot] = []
            undrawn: list[Note] = []
            for page in pages:
                path = Path(folder) / f"{page.page_no}.jpg"
                try:
                    path.write_bytes(self.shots.shot(document.preview, page.page_no, SIDE_PX))
                except (DocumentRejected, MediaMissing, WeightsMissing) as exc:
                    undrawn.append(unseen_note(exc, 1))
                    continue
                drawn.append(page)
                told = tuple(block.text for block in page.blocks if not block.hidden)
                shots.append(Shot(path=path, blurred=True, told=told))
            views = self.view.look(shots, language=language, cancel=cancel)
        seen = _with_views(document, drawn, views, "model:page", self.view)
        return replace(seen, notes=(*seen.notes, *undrawn))


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedPages:
    """A DocumentReader around another one."""

    inner: DocumentReader
    views: PageViews
    language: str = "ko"
    """Of what the model says."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `inner` raises, and Cancelled."""
        return self.views.added(self.inner.read(media, on_event, cancel), self.language, cancel)


def hardly_read(page: Page) -> bool:
    """True for a page that was read as a picture, with little in it or little that is sure."""
    if not page.by_ocr:
        return False
    read = [block for block in page.blocks if not block.hidden]
    letters = sum(sign.isalnum() for block in read for sign in block.text)
    if letters < LITTLE_PRINT:
        return True
    sure = sum(block.confidence * len(block.text) for block in read)
    return sure < UNSURE * sum(len(block.text) for block in read)


def _with_views(
    document: PagedDocument,
    pages: Sequence[Page],
    views: Views,
    origin: Origin,
    view: ModelView,
) -> PagedDocument:
    seen = {pages[number].page_no: sights for number, sights in views.seen.items()}
    notes = list(views.notes)
    if seen:
        facts = {"count": len(seen), "model": view.model.name, **views.cost}
        notes.insert(0, Note(code="view.pictures", facts=facts))
    return replace(
        document,
        pages=tuple(
            replace(
                page,
                blocks=(
                    *page.blocks,
                    *(
                        Block(
                            kind="picture",
                            text=sight.text,
                            box_pt=placed(sight.box, page.width_pt, page.height_pt),
                            confidence=SURE,
                            origin=origin,
                        )
                        for sight in seen.get(page.page_no, ())
                    ),
                ),
            )
            for page in document.pages
        ),
        notes=(*document.notes, *notes),
    )
