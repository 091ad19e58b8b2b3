"""A photo's file -> its pixels and what its metadata say; runs in the worker only.

The pixels leave as bare numbers, never as a picture file: the parent opens nothing that this
process, which a crafted file may have taken over, has encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.readers import exif, pictures

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = "pixels.rgb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """`path` holds height x width x 3 bytes, rows from the top, upright."""

    path: Path
    width_px: int
    height_px: int
    frames: int
    taken: exif.Taken


def unpack(path: Path, folder: Path, max_megapixels: float) -> Pixels:
    """The first frame of an admitted picture. Raises what `pictures.frames` raises."""
    with pictures.opened(path, max_megapixels) as picture:
        found = exif.taken(picture)
        frames = _count(picture)
    upright = pictures.frame(path, 1, max_megapixels=max_megapixels)
    out = folder / PIXELS
    with out.open("wb") as handle:
        # In strips: the whole as bytes would be a second copy in memory.
        for top in range(0, upright.height, 256):
            strip = upright.crop((0, top, upright.width, min(upright.height, top + 256)))
            handle.write(strip.tobytes())
    return Pixels(
        path=out, width_px=upright.width, height_px=upright.height, frames=frames, taken=found
    )


def taken(path: Path, max_megapixels: float) -> exif.Taken:
    """Only what the metadata say. Raises what `pictures.opened` raises."""
    with pictures.opened(path, max_megapixels) as picture:
        return exif.taken(picture)


def _count(picture: Image) -> int:
    """Frames; 1 where the chain of them is broken behind the first."""
    if picture.format == "MPO":
        return 1  # a telephone's second frame is a preview of the first, not another picture
    try:
        return int(getattr(picture, "n_frames", 1) or 1)
    except pictures.DAMAGE:
        return 1
