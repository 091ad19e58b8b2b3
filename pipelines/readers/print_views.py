"""A patch of print as a picture that Tesseract reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.media.clips import Gray

if TYPE_CHECKING:
    from PIL.Image import Image

TALL_PX = 64
"""Looks are made this tall: letters of some 36 pixels."""
FILL = 0.72
"""Of the brightest: from there on it is a letter of a bright caption."""
ONE_LINE = 7
"""Tesseract's page mode for it."""


def ready(look: Gray, way: str) -> Image:
    """Dark letters on white, in the height that Tesseract reads best."""
    from PIL import Image as images
    from PIL import ImageOps

    factor = max(1.0, min(4.0, TALL_PX / look.shape[0]))
    size = (max(1, round(look.shape[1] * factor)), max(1, round(look.shape[0] * factor)))
    picture = images.fromarray(look).resize(size, images.Resampling.LANCZOS)
    if way == "fill":
        values = np.asarray(picture, dtype=np.float32)
        top = float(np.percentile(values, 99.5))
        ink = 255 - np.clip((values - FILL * top) / max(1.0, (1 - FILL) * top), 0, 1) * 255
        return ImageOps.expand(images.fromarray(ink.astype(np.uint8)), 16, fill=255)
    edge = np.concatenate([look[0], look[-1], look[:, 0], look[:, -1]])
    if np.median(edge) < 128:
        picture = ImageOps.invert(picture)
    return ImageOps.expand(ImageOps.autocontrast(picture, 1), 16, fill=255)
