"""Pages as pictures for people: drawn in the process that parses, blurred and encoded out here.

The child hands over bare pixels, whose count is checked, so no decoder of ours meets bytes that a
hostile file chose. Whatever holds a picture has its faces and number plates blurred first, unless
somebody who may asks for the original.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged, MediaMissing
from pipelines.media.worker import JOB_FOLDER, Limits, Worker
from pipelines.readers import mupdf

if TYPE_CHECKING:
    from PIL.Image import Image

WIDEST_PX = 2000
TALLEST = 4
"""A page that is longer than so many times its width is drawn narrower."""
SHOT_LIMITS = Limits(wall_s=30.0, cpu_s=60.0, memory_mb=1500)
QUALITY = 84
Blur = Callable[["Image"], "Image"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """One drawn page: RGB, 8 bits, row by row."""

    path: Path
    width_px: int
    height_px: int
    pictures: bool
    """The page holds a picture, or is one."""


def draw(path: Path, page_no: int, width_px: int, folder: Path) -> Bare:
    """In the child. Raises what `mupdf.render_page` raises."""
    return (_of_pdf if mupdf.is_pdf(path) else _of_picture)(path, page_no, width_px, folder)


def _of_pdf(path: Path, page_no: int, width_px: int, folder: Path) -> Bare:
    with mupdf.open_document(path) as document, mupdf.LOCK:
        if not 1 <= page_no <= document.page_count:
            raise MediaMissing
        try:
            page = document[page_no - 1]
            pictures = bool(page.get_images())
            width = max(page.rect.width, page.rect.height / TALLEST, 1.0)
        except mupdf.faults() as exc:
            raise DocumentDamaged from exc
        pixels = mupdf.page_pixels(page, mupdf.POINTS_PER_INCH * width_px / width)
        return _bare(pixels.samples, (pixels.width, pixels.height), folder, pictures=pictures)


def _of_picture(path: Path, page_no: int, width_px: int, folder: Path) -> Bare:
    from pipelines.readers.pictures import frame

    whole = frame(path, page_no)
    scale = min(1.0, width_px / max(whole.width, whole.height / TALLEST))
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    small = whole if scale == 1.0 else whole.resize(size, reducing_gap=3.0)
    return _bare(small.tobytes(), small.size, folder, pictures=True)


def _bare(samples: bytes, size: tuple[int, int], folder: Path, *, pictures: bool) -> Bare:
    target = folder / "page.rgb"
    target.write_bytes(samples)
    return Bare(path=target, width_px=size[0], height_px=size[1], pictures=pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShots:
    """Draws pages; `blur` is what makes a picture fit to be shown. Thread-safe."""

    worker: Worker
    blur: Blur

    def shot(self, path: Path, page_no: int, width_px: int, *, original: bool = False) -> bytes:
        """One page, from 1, as JPEG, about so wide. `path` is a PDF or a picture. `original`: as it
        is, not blurred; who may see that is the caller's to know.

        Raises MediaMissing (no such page), what `mupdf.open_document`, `pictures.frame` and
        `Worker.stream` raise, and WeightsMissing: without the weights for faces no picture is
        shown.
        """
        drawn, pictures = self._drawn(path, page_no, max(16, min(width_px, WIDEST_PX)))
        out = io.BytesIO()
        shown = self.blur(drawn) if pictures and not original else drawn
        shown.save(out, format="JPEG", quality=QUALITY)
        return out.getvalue()

    def _drawn(self, path: Path, page_no: int, width_px: int) -> tuple[Image, bool]:
        from PIL.Image import frombytes

        stream = self.worker.stream(
            "pipelines.readers.page_shots:draw", path, page_no, width_px, JOB_FOLDER,
            of=(Bare,), limits=SHOT_LIMITS,
        )  # fmt: skip
        with contextlib.closing(stream):  # type: ignore[type-var]
            found: tuple[Image, bool] | None = None
            for bare in stream:
                wanted = bare.width_px * bare.height_px * 3
                most = 3 * mupdf.MAX_RENDER_PX
                if min(bare.width_px, bare.height_px) < 1 or wanted > most:
                    raise DocumentDamaged
                with bare.path.open("rb") as handle:
                    raw = handle.read(wanted + 1)
                if len(raw) != wanted:
                    raise DocumentDamaged
                size = (bare.width_px, bare.height_px)
                found = frombytes("RGB", size, raw), bare.pictures
        if found is None:
            raise DocumentDamaged
        return found
