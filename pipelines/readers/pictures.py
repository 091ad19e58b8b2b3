"""Pictures as pages: every frame upright and in RGB. One point of such a page is one pixel.

The picture's own resolution is not used for its geometry: phones and scanners write any number
there, and a page viewer must not depend on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import (
    DocumentDamaged,
    DocumentEmpty,
    DocumentTooLong,
    MediaEmpty,
    MediaMissing,
    PictureTooLarge,
)

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "HEIF", "AVIF")
"""What is opened at all: never PostScript, never a format that starts another program."""
MAX_MEGAPIXELS = 120.0
DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, IndexError, AttributeError,
    RuntimeError, OverflowError, AssertionError, ZeroDivisionError,
)  # fmt: skip
"""What Pillow and its plug-ins raise for damaged bytes, found by fuzzing: no one family."""


def frames(
    path: Path, *, max_frames: int = 0, max_megapixels: float = MAX_MEGAPIXELS
) -> Iterator[Image]:
    """Every page of a picture file, upright (EXIF orientation applied), RGB, one at a time.

    Of an animation (GIF, APNG, WEBP) only the first frame: it is a picture, not pages.

    Raises MediaMissing, MediaEmpty, DocumentDamaged, DocumentTooLong, PictureTooLarge; before
    decoding where the file says so itself.
    """
    with _opened(path, max_megapixels) as picture:
        count = _page_count(picture)
        if max_frames and count > max_frames:
            raise DocumentTooLong(pages=count, limit=max_frames)
        for number in range(count):
            yield _frame(picture, number, max_megapixels)


def frame(path: Path, page_no: int, *, max_megapixels: float = MAX_MEGAPIXELS) -> Image:
    """One page of a picture file, from 1. Raises what `frames` raises."""
    with _opened(path, max_megapixels) as picture:
        if not 1 <= page_no <= _page_count(picture):
            raise MediaMissing
        return _frame(picture, page_no - 1, max_megapixels)


def frame_of(data: bytes, *, max_megapixels: float = MAX_MEGAPIXELS) -> Image:
    """The first page of a picture that lies inside a document. Raises what `frames` raises."""
    with _decoder(BytesIO(data), max_megapixels) as picture:
        return _frame(picture, 0, max_megapixels)


@cache
def _formats() -> tuple[str, ...]:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    return FORMATS


def opened(path: Path, max_megapixels: float = MAX_MEGAPIXELS) -> AbstractContextManager[Image]:
    """The picture, its header read and nothing decoded. Raises MediaMissing, DocumentDamaged."""
    return _opened(path, max_megapixels)


@contextmanager
def _opened(path: Path, max_megapixels: float) -> Iterator[Image]:
    if path.is_file() and path.stat().st_size == 0:
        raise MediaEmpty
    with _decoder(path, max_megapixels) as picture:
        yield picture


@contextmanager
def _decoder(source: Path | BytesIO, max_megapixels: float) -> Iterator[Image]:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit is the one that counts
            picture = Image.open(source, formats=_formats())
    except FileNotFoundError as exc:
        raise MediaMissing from exc
    except Image.DecompressionBombError as exc:
        raise PictureTooLarge(megapixels="> 178", limit=round(max_megapixels)) from exc
    # What Pillow raises for a damaged header is not one family.
    except (UnidentifiedImageError, *DAMAGE) as exc:
        raise DocumentDamaged from exc
    with picture:
        yield picture


def _page_count(picture: Image) -> int:
    if picture.format != "TIFF":
        return 1
    try:
        return int(getattr(picture, "n_frames", 1))
    except DAMAGE as exc:
        raise DocumentDamaged from exc


def _frame(picture: Image, number: int, max_megapixels: float) -> Image:
    from PIL import ImageOps

    try:
        picture.seek(number)
        size = picture.width * picture.height / 1e6
        if size > max_megapixels:
            raise PictureTooLarge(megapixels=round(size), limit=round(max_megapixels))
        if not picture.width or not picture.height:
            raise DocumentEmpty
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture.load()
    # Decoders raise whatever the damaged bytes lead them to.
    except DAMAGE as exc:
        raise DocumentDamaged from exc
    try:
        upright = ImageOps.exif_transpose(picture)
    except DAMAGE:
        upright = picture.copy()  # a broken EXIF block is no reason to lose the picture
    return _as_rgb(upright)


def _as_rgb(picture: Image) -> Image:
    """Any mode -> RGB on white paper; 16-bit and float pictures are brought to 8 bits."""
    from PIL import Image

    if picture.mode.startswith("I;"):  # Pillow measures and converts 16 bits by way of 32 only
        picture = picture.convert("I")
    if picture.mode.startswith(("I", "F")):
        import numpy as np

        deep = np.asarray(picture, dtype=np.float32)
        low, high = float(deep.min()), float(deep.max())
        even = (deep - low) * (255.0 / (high - low) if high > low else 1.0)
        return Image.fromarray(even.astype(np.uint8)).convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture.convert("RGB")
