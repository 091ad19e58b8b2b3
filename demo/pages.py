"""Pages of a case's papers and photos as pictures: drawn in the fenced worker, faces blurred."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from demo.papers.shots import Draws
from demo.store.views import StoredMedia
from pipelines.errors import MediaMissing, MinwonError
from pipelines.readers.page_reader import PDF, PICTURES

WIDTH_PX = 1000
MOST_WAITING = 8
KEPT_BYTES = 48_000_000


class PagesBusy(MinwonError):
    """More pages are waited for than may be; ask again in a moment."""

    code = "papers.busy"


@dataclass(slots=True, kw_only=True)
class CasePages:
    """Thread-safe. What was drawn is kept in memory up to a bound, never on disk."""

    shots: Draws
    previews: Path
    """Where readers set pages for documents that have none of their own."""
    kept_bytes: int = KEPT_BYTES
    _kept: OrderedDict[tuple[str, int], bytes] = field(default_factory=OrderedDict)
    _held: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING)
    )

    def page(self, media: StoredMedia, page_no: int) -> bytes:
        """JPEG of a page, from 1. Raises MediaMissing, PagesBusy and as `Draws.shot`."""
        key = (media.sha256, page_no)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if not self._room.acquire(blocking=False):
            raise PagesBusy
        try:
            drawn = self.shots.shot(self._drawable(media), page_no, WIDTH_PX)
        finally:
            self._room.release()
        with self._lock:
            self._held += len(drawn) - len(self._kept.pop(key, b""))
            self._kept[key] = drawn
            while self._held > self.kept_bytes and len(self._kept) > 1:
                self._held -= len(self._kept.popitem(last=False)[1])
        return drawn

    def _drawable(self, media: StoredMedia) -> Path:
        if media.media_type == PDF or media.media_type in PICTURES:
            return media.path
        preview = self.previews / f"{media.sha256}.pdf"
        if not preview.is_file():
            raise MediaMissing
        return preview
