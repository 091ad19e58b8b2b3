"""Regions of a picture made unrecognisable for good: a handful of mean colours remains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

RegionKind = Literal["face", "plate", "text"]
_GRID = {"face": (4, 4), "plate": (4, 1), "text": (4, 1)}
"""Columns and rows of mean colours that are left: no feature of a face, no figure of a plate or of
a line."""
_MARGIN = {"face": 0.2, "plate": 0.15, "text": 0.02}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """`box_px` in pixels of the upright picture."""

    kind: RegionKind
    box_px: Box


def blurred(picture: Image, regions: Iterable[Region]) -> Image:
    """A copy in which each region, with a margin, holds a few mean colours only."""
    from PIL import Image, ImageFilter

    out = picture.copy()
    for region in regions:
        box = _widened(region, picture.size)
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) < 1:
            continue
        means = out.crop(box).resize(_GRID[region.kind], Image.Resampling.BOX)
        smooth = means.resize(size, Image.Resampling.NEAREST).filter(
            ImageFilter.GaussianBlur(max(size) / 12)
        )
        out.paste(smooth, box)
    return out


def scaled(regions: Iterable[Region], factor: float) -> tuple[Region, ...]:
    """The same regions in a picture whose sides are `factor` times as long."""
    return tuple(
        Region(
            kind=region.kind,
            box_px=(
                region.box_px[0] * factor,
                region.box_px[1] * factor,
                region.box_px[2] * factor,
                region.box_px[3] * factor,
            ),
        )
        for region in regions
    )


def _widened(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = region.box_px
    margin = _MARGIN[region.kind] * max(x1 - x0, y1 - y0)
    return (
        max(0, int(x0 - margin)),
        max(0, int(y0 - margin)),
        min(size[0], int(x1 + margin) + 1),
        min(size[1], int(y1 + margin) + 1),
    )
