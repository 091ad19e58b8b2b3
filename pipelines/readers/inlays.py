"""Pictures inside office documents: scanned sheets pasted into them are read where they stand.

Every picture that is large enough to hold print is read once, within a budget for the whole
document; a photo among them takes the few seconds of a scene.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pipelines.errors import MediaRejected, OcrMissing
from pipelines.readers.boxes import scaled_block
from pipelines.readers.pages import Block
from pipelines.readers.pictures import frame_of
from pipelines.readers.scans import Scan, ScanReader
from pipelines.types import Box, Note

MIN_SIDE_PX, MIN_PIXELS = 24, 20_000
"""Smaller ones are signs and ornaments."""
MIN_SURE = 0.92
"""Logos and drawings among the sheets: what is read in them less surely is noise."""
MAX_MEGAPIXELS = 40.0
MAX_LOOKED_AT = 60
PICTURE_S = 20.0
"""The longest that one of them may take; most sheets take two."""


@dataclass(slots=True)
class InlayReader:
    """Looks into the pictures of ONE document. `budget_s` is for all of them together."""

    budget_s: float = 60.0
    scans: ScanReader = field(default_factory=lambda: ScanReader(timeout_s=PICTURE_S, workers=1))
    read: int = 0
    """Pictures in which print was found."""
    skipped: int = 0
    """Pictures that were not looked at, for want of time or of the program."""
    _seen: set[bytes] = field(default_factory=set)
    _spent_s: float = 0.0

    def blocks_of(self, picture: bytes, box_pt: Box) -> Iterator[Block]:
        """What is printed in a picture that is shown at `box_pt`: blocks of kind "picture"."""
        digest = hashlib.sha256(picture).digest()
        if digest in self._seen:  # the same logo on every page
            return
        self._seen.add(digest)
        if self._spent_s >= self.budget_s or len(self._seen) > MAX_LOOKED_AT:
            self.skipped += 1
            return
        started = time.monotonic()
        try:
            yield from self._found(picture, box_pt)
        except OcrMissing:
            self.skipped += 1
        except MediaRejected:
            return  # what can't be decoded is shown as a frame, and has no words
        finally:
            self._spent_s += time.monotonic() - started

    def notes(self) -> Iterator[Note]:
        """That words come from pictures, and how many pictures nobody looked into."""
        if self.read:
            yield Note(code="document.pictures_read", facts={"count": self.read})
        if self.skipped:
            yield Note(code="document.pictures_skipped", facts={"count": self.skipped})

    def _found(self, picture: bytes, box_pt: Box) -> Iterator[Block]:
        frame = frame_of(picture, max_megapixels=MAX_MEGAPIXELS)
        width, height = frame.size
        if min(width, height) < MIN_SIDE_PX or width * height < MIN_PIXELS:
            return
        self.scans.timeout_s = min(PICTURE_S, max(1.0, self.budget_s - self._spent_s))
        page = self.scans.read(Scan(picture=frame, page_no=1)).page
        found = [block for block in page.blocks if block.confidence >= MIN_SURE]
        self.read += bool(found)
        left, top, right, bottom = box_pt
        scale = min((right - left) / width, (bottom - top) / height)
        for block in found:
            placed = scaled_block(block, scale, left, top)
            yield replace(placed, kind="picture", level=0)
