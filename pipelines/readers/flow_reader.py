"""Flow formats as a reader of documents: parsed and set on pages in the child process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.media.worker import JOB_FOLDER, Worker, keep
from pipelines.readers.inlays import InlayReader
from pipelines.readers.layout import set_pages
from pipelines.readers.office import READERS, read_document
from pipelines.readers.pages import PagedDocument
from pipelines.refusals import DocumentWorkerDied
from pipelines.types import Cancel, MediaFile, OnEvent, Progress, ignore

MEDIA_TYPES = tuple(READERS)
"""What `FlowReader` takes."""


def read_pages(path: Path, media_type: str, folder: Path) -> PagedDocument:
    """Read one file, write its preview into `folder`. Raises what `read_document` raises."""
    return set_pages(read_document(path, media_type), folder / "preview.pdf")


def read_and_look(path: Path, media_type: str, folder: Path, look_s: float) -> PagedDocument:
    """The same, with the print in its pictures, for which it takes `look_s` at most."""
    inlays = InlayReader(budget_s=look_s)
    document = read_document(path, media_type)
    pages = set_pages(document, folder / "preview.pdf", look=inlays.blocks_of)
    return replace(pages, notes=(*pages.notes, *inlays.notes()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReader:
    """File in, pages out; the parsers run in `worker` alone, previews are kept in `folder`."""

    worker: Worker
    folder: Path
    look_s: float = 60.0
    """For the print in the pictures of one document, all together."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `read_document` and `Worker.stream` raise."""
        on_event(Progress(stage="reading"))
        self.folder.mkdir(parents=True, exist_ok=True)
        stream = self.worker.stream(
            "pipelines.readers.flow_reader:read_and_look",
            media.path,
            media.media_type,
            JOB_FOLDER,
            self.look_s,
            of=(PagedDocument,),
            cancel=cancel,
        )
        read: PagedDocument | None = None
        for document in stream:  # to its end: a child that is left early is not used again
            kept = keep(document.preview, self.folder / f"{media.sha256}.pdf")
            read = replace(document, preview=kept)
        if read is None:
            raise DocumentWorkerDied(how="answer")
        on_event(Progress(stage="reading", fraction=1.0))
        return read
