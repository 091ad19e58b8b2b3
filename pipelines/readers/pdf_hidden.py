"""Text on a page that a person doesn't see, and how much of a page is picture.

Cheap questions first (size, place, transparency); only text that could be covered or could have
the colour of its ground is looked at on a rendered page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.readers import mupdf
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.mupdf import PdfPage

TINY_PT = 1.0
PALE = 0.8
"""Brightness from which letters may vanish on white paper."""
MIN_CONTRAST = 24
"""Of 255, between the darkest and the brightest pixel around a line that can be read."""
LOOK_DPI = 72
_FILLED_OR_STROKED = 16 | 32


class Seen:
    """Answers for one page; what it needs beyond the text is fetched when first asked for."""

    def __init__(self, page: PdfPage, drawings: Sequence[dict[str, Any]]) -> None:
        self._page = page
        self._width, self._height = page.rect.width, page.rect.height
        self._fills = [
            path["rect"] for path in drawings if path.get("fill") is not None and _is_wide(path)
        ]
        self._images: list[Box] | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._log: list[tuple[str, Box]] | None = None

    def is_hidden(self, span: dict[str, Any], box: Box, unrotated: Box) -> bool:
        """`span` as MuPDF gives it; `box` as seen, `unrotated` in the page's own turn."""
        if span["size"] <= TINY_PT or span.get("alpha", 255) == 0:
            return True
        if not span.get("char_flags", _FILLED_OR_STROKED) & _FILLED_OR_STROKED:
            return True
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not (0 <= x <= self._width and 0 <= y <= self._height):
            return True
        middle = ((unrotated[0] + unrotated[2]) / 2, (unrotated[1] + unrotated[3]) / 2)
        if _holds(self.images(), middle) and self._under_image(unrotated):
            return True
        suspicious = _brightness(span["color"]) >= PALE or _holds(self._fills, middle)
        return suspicious and self._contrast(box) < MIN_CONTRAST

    def images(self) -> list[Box]:
        """The places of the pictures on the page."""
        if self._images is None:
            self._images = [tuple(info["bbox"]) for info in self._page.get_image_info()]
        return self._images

    def _under_image(self, box: Box) -> bool:
        """True where a picture is drawn after the text and over it."""
        if self._log is None:
            self._log = [(kind, tuple(place)) for kind, place in self._page.get_bboxlog()]
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        text_at = image_at = -1
        for index, (kind, place) in enumerate(self._log):
            if _holds([place], middle):
                if kind.endswith("text"):
                    text_at = index
                elif kind == "fill-image":
                    image_at = index
        return image_at > text_at >= 0

    def _contrast(self, box: Box) -> int:
        if self._pixels is None:
            pixels = mupdf.page_pixels(self._page, LOOK_DPI, gray=True)
            self._pixels = np.frombuffer(pixels.samples, dtype=np.uint8).reshape(
                pixels.height, pixels.stride
            )[:, : pixels.width]
        scale = self._pixels.shape[1] / max(self._width, 1.0)
        left, top, right, bottom = (round(value * scale) for value in box)
        part = self._pixels[max(0, top) : bottom + 1, max(0, left) : right + 1]
        return int(part.max()) - int(part.min()) if part.size else 0


def _brightness(color: int) -> float:
    red, green, blue = color >> 16 & 255, color >> 8 & 255, color & 255
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _is_wide(path: dict[str, Any]) -> bool:
    left, top, right, bottom = path["rect"]
    return bool(right - left > 6 and bottom - top > 4)


def _holds(boxes: Sequence[Box], point: tuple[float, float]) -> bool:
    x, y = point
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in boxes)
