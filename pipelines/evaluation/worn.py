"""A clean scan -> the scan that an office really gets: askew, uneven light, soft, noisy, JPEG."""

from __future__ import annotations

import io
import math
import random
from typing import TYPE_CHECKING

import numpy as np

from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SKEW_DEG = 5.0


def worn(clean: Image, seed: str) -> tuple[Image, float]:
    """(the degraded picture, its skew in degrees, counter-clockwise), decided by `seed`."""
    from PIL import Image, ImageFilter

    rng = random.Random(seed)  # noqa: S311 - samples, not secrets
    skew = rng.uniform(-MAX_SKEW_DEG, MAX_SKEW_DEG)
    turned = clean.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    soft = turned.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.0)))
    values = np.asarray(soft, dtype=np.float32)
    height, width = values.shape[:2]
    light = np.linspace(1.0, rng.uniform(0.65, 0.85), width, dtype=np.float32)
    if rng.random() < 0.5:
        light = light[::-1]
    down = np.linspace(1.0, rng.uniform(0.8, 0.95), height, dtype=np.float32)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 6.0, (height, width, 1))
    values = values * light[None, :, None] * down[:, None, None] + noise.astype(np.float32)
    out = io.BytesIO()
    Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(
        out, format="JPEG", quality=rng.randint(35, 60)
    )
    out.seek(0)
    return Image.open(out).convert("RGB"), skew


def turned_box(box: Box, skew_deg: float, width: float, height: float) -> Box:
    """The upright box around a box that was turned with the page about its centre."""
    angle = math.radians(-skew_deg)  # the page's y axis points down
    cos, sin = math.cos(angle), math.sin(angle)
    left, top, right, bottom = box
    xs, ys = [], []
    for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
        dx, dy = x - width / 2, y - height / 2
        xs.append(width / 2 + dx * cos - dy * sin)
        ys.append(height / 2 + dx * sin + dy * cos)
    return min(xs), min(ys), max(xs), max(ys)
