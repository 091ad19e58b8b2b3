"""One door to every document reader: which of them takes a file is told by its media type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pipelines.errors import MediaUnsupported
from pipelines.readers.pages import PagedDocument
from pipelines.types import Cancel, MediaFile, OnEvent, ignore


class DocumentReader(Protocol):
    """File in, pages out."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises MediaRejected (by its own cause) and Cancelled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Is itself a DocumentReader."""

    by_type: Mapping[str, DocumentReader]
    """Media type -> reader."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """See DocumentReader. Raises MediaUnsupported where no reader takes the type."""
        reader = self.by_type.get(media.media_type)
        if reader is None:
            raise MediaUnsupported(media_type=media.media_type)
        return reader.read(media, on_event, cancel)
