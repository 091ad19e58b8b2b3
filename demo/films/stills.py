"""Frames of a video as pictures that are fit to be shown: blurred, small, encoded anew."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.films.clip import FINAL
from pipelines.errors import MediaMissing

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 82
Blur = Callable[["Image"], "Image"]


def frame_path(folder: Path, number: int) -> Path:
    """Where the reader put the frame that links call so."""
    if number > FINAL:
        return folder / f"frame-{number - FINAL - 1:03d}.jpg"
    return folder / f"early-{number - 1:03d}.jpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills:
    """Thread-safe; see `demo.papers.shots.Draws`."""

    blur: Blur

    def shot(self, path: Path, page_no: int, width_px: int, *, original: bool = False) -> bytes:
        """One frame of the folder `path` as JPEG, at most so wide; faces and plates are blurred
        unless `original`.

        Raises MediaMissing, and WeightsMissing: without the weights for faces nothing is shown.
        """
        from PIL import Image

        try:
            with Image.open(frame_path(path, page_no)) as picture:
                whole = picture.convert("RGB")
                shown = whole if original else self.blur(whole)
        except OSError as exc:
            raise MediaMissing from exc
        if shown.width > width_px:
            high = max(1, round(shown.height * width_px / shown.width))
            shown = shown.resize((width_px, high), reducing_gap=3.0)
        out = io.BytesIO()
        shown.save(out, format="JPEG", quality=QUALITY)
        return out.getvalue()
