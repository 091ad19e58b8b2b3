"""Pictures of pages, drawn once and kept in memory up to a bound; nothing is left on disk."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from demo.papers.kept import Kept
from demo.papers.session import Session
from pipelines.errors import MediaMissing, MediaRejected, MinwonError

Size = Literal["small", "page", "large"]
WIDTHS: dict[Size, int] = {"small": 150, "page": 1000, "large": 1800}
MOST_WAITING = 12
MOST_FAILED = 500
KEPT_BYTES = 96_000_000
QUALITY = 80
Key = tuple[str, int, int, Size, bool]


class ShotsBusy(MinwonError):
    """More pages are waited for than may be; ask again in a moment."""

    code = "papers.busy"


class Draws(Protocol):
    """`PageShots` is one."""

    def shot(self, path: Path, page_no: int, width_px: int, *, original: bool = False) -> bytes:
        """JPEG, about so wide, fit to be shown; `original`: with faces and plates, for whom that
        is allowed. Raises MediaRejected, WeightsMissing.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Shots:
    """Thread-safe."""

    pages: Draws
    small_of_page: bool = False
    """True where a small picture costs as much as a large one: then it is made of that."""
    kept: Kept[Key] = field(default_factory=lambda: Kept(bytes_at_most=KEPT_BYTES))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING)
    )
    _failed: OrderedDict[Key, MinwonError] = field(default_factory=OrderedDict)
    """A page that can't be drawn is not tried over and over."""

    def page(
        self, session: Session, number: int, page_no: int, size: Size, *, original: bool = False
    ) -> bytes:
        """JPEG of one page of a file; a small one is never the original.

        Raises MediaMissing and as `PageShots.shot`.
        """
        sheet = session.sheets.get(number)
        if sheet is None or sheet.shown is None or page_no < 1:
            raise MediaMissing
        if size == "small":
            return self._small(session, number, page_no, sheet.shown)
        key: Key = (session.id, number, page_no, size, original)
        return self.kept.get(key) or self.kept.put(key, self._drawn(key, sheet.shown, WIDTHS[size]))

    def _small(self, session: Session, number: int, page_no: int, shown: Path) -> bytes:
        """From the page, where that is there; faces are only found in pictures of some size."""
        key: Key = (session.id, number, page_no, "small", False)
        known = self.kept.get(key)
        if known is not None:
            return known
        page = self.kept.get((session.id, number, page_no, "page", False))
        if page is None and self.small_of_page:
            page = self.page(session, number, page_no, "page")
        if page is None:
            page = self._drawn(key, shown, WIDTHS["page"] // 2)
        return self.kept.put(key, _smaller(page))

    def _drawn(self, key: Key, shown: Path, width_px: int) -> bytes:
        """Requests hold a thread while they wait, so only so many may. Raises ShotsBusy."""
        known = self._failed.get(key)
        if known is not None:
            raise type(known)(**known.facts)
        if not self._room.acquire(blocking=False):
            raise ShotsBusy
        try:
            return self.pages.shot(shown, key[2], width_px, original=key[4])
        except MediaRejected as refusal:
            self._failed[key] = refusal
            while len(self._failed) > MOST_FAILED:
                self._failed.popitem(last=False)
            raise
        finally:
            self._room.release()

    def forget(self, session_id: str) -> None:
        """Drop the pictures of a session that ended."""
        self.kept.drop(lambda key: key[0] == session_id)
        with self._lock:
            for key in [key for key in self._failed if key[0] == session_id]:
                del self._failed[key]


def _smaller(page: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(page)) as picture:  # we encoded it ourselves
        factor = WIDTHS["small"] / picture.width
        size = (WIDTHS["small"], max(1, round(picture.height * factor)))
        out = io.BytesIO()
        picture.resize(size, reducing_gap=3.0).save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()
