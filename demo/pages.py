"""Pages of a case's papers and photos as pictures: drawn in the fenced worker, faces blurred."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from demo.papers.kept import Kept
from demo.papers.shots import Draws, ShotsBusy
from demo.store.views import StoredMedia
from pipelines.errors import MediaMissing
from pipelines.readers.page_reader import PDF, PICTURES

WIDTH_PX = 1000
MOST_WAITING = 8
KEPT_BYTES = 48_000_000


@dataclass(slots=True, kw_only=True)
class CasePages:
    """Thread-safe. What was drawn is kept in memory up to a bound, never on disk."""

    shots: Draws
    previews: Path
    """Where readers set pages for documents that have none of their own."""
    kept: Kept[tuple[str, int, bool]] = field(
        default_factory=lambda: Kept(bytes_at_most=KEPT_BYTES)
    )
    _room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING)
    )

    def page(self, media: StoredMedia, page_no: int, *, original: bool = False) -> bytes:
        """JPEG of a page, from 1; `original`: not blurred.

        Raises MediaMissing, ShotsBusy and as `Draws.shot`.
        """
        key = (media.sha256, page_no, original)
        known = self.kept.get(key)
        if known is not None:
            return known
        if not self._room.acquire(blocking=False):
            raise ShotsBusy
        try:
            path = self._drawable(media)
            drawn = self.shots.shot(path, page_no, WIDTH_PX, original=original)
        finally:
            self._room.release()
        return self.kept.put(key, drawn)

    def forget(self, sums: frozenset[str]) -> None:
        """Drop the pictures of files that were deleted."""
        self.kept.drop(lambda key: key[0] in sums)

    def _drawable(self, media: StoredMedia) -> Path:
        if media.media_type == PDF or media.media_type in PICTURES:
            return media.path
        preview = self.previews / f"{media.sha256}.pdf"
        if not preview.is_file():
            raise MediaMissing
        return preview
