"""Drawn scenes for the video samples: streets, parks, corridors, with signs, cars and people.

Everything is drawn here, from a seed: no photo, no real person, no real plate.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts/truetype/nanum")
KINDS = ("street", "park", "night", "corridor", "riverside")
_SKY = {
    "street": (176, 204, 226),
    "park": (190, 220, 240),
    "night": (22, 26, 44),
    "corridor": (214, 208, 196),
    "riverside": (200, 214, 220),
}
_GROUND = {
    "street": (96, 98, 104),
    "park": (98, 142, 84),
    "night": (48, 48, 56),
    "corridor": (150, 140, 126),
    "riverside": (104, 140, 160),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Words on the picture. `style`: board (in the scene), caption, banner or clock."""

    text: str
    style: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Something that crosses the picture between two times."""

    kind: str
    start_s: float
    end_s: float


def font(size: int, *, bold: bool = True) -> ImageFont.FreeTypeFont:
    """The print of the signs."""
    return ImageFont.truetype(
        str(FONTS / ("NanumGothicBold.ttf" if bold else "NanumGothic.ttf")), size
    )


def background(kind: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """One place, wider than the picture so that a camera can pan over it."""
    draw_by = random.Random(seed)
    width, height = round(size[0] * 1.3), size[1]
    picture = Image.new("RGB", (width, height), _SKY[kind])
    draw = ImageDraw.Draw(picture)
    horizon = round(height * draw_by.uniform(0.5, 0.62))
    draw.rectangle((0, horizon, width, height), fill=_GROUND[kind])
    unit = height / 720
    for _ in range(draw_by.randint(5, 9)):
        left = draw_by.randint(0, width)
        wide, high = draw_by.randint(80, 240) * unit, draw_by.randint(100, 330) * unit
        shade = tuple(
            draw_by.randint(40, 190) if kind != "night" else draw_by.randint(25, 70)
            for _ in range(3)
        )
        if kind in ("park", "riverside"):
            draw.rectangle(
                (left + wide * 0.45, horizon - high * 0.5, left + wide * 0.55, horizon),
                fill=(92, 70, 50),
            )
            draw.ellipse(
                (left, horizon - high, left + wide, horizon - high * 0.4),
                fill=(shade[0] // 2, shade[1], shade[2] // 2),
            )
            continue
        draw.rectangle((left, horizon - high, left + wide, horizon), fill=shade)
        for row in range(int(high / (46 * unit))):
            for column in range(int(wide / (44 * unit))):
                x, y = left + (10 + 44 * column) * unit, horizon - high + (12 + 46 * row) * unit
                lit = draw_by.random() < 0.4
                draw.rectangle(
                    (x, y, x + 22 * unit, y + 26 * unit),
                    fill=(250, 232, 160) if lit else (60, 72, 88),
                )
    if kind in ("street", "night"):
        for x in range(0, width, round(120 * unit)):
            draw.rectangle((x, height * 0.82, x + 60 * unit, height * 0.84), fill=(230, 230, 220))
    grain = np.random.default_rng(seed).normal(0, 2, (height, width, 1))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2 * unit)), np.float32) + grain
    return Image.fromarray(soft.clip(0, 255).astype(np.uint8))


def put_mover(draw: ImageDraw.ImageDraw, kind: str, share: float, size: tuple[int, int]) -> None:
    """A car, a person or a ball on its way from left (0) to right (1)."""
    width, height = size
    unit = height / 720
    x = (-0.2 + 1.4 * share) * width
    if kind == "car":
        y = 0.72 * height
        draw.rounded_rectangle((x, y, x + 230 * unit, y + 64 * unit), 14 * unit, fill=(178, 40, 44))
        draw.rounded_rectangle(
            (x + 46 * unit, y - 42 * unit, x + 170 * unit, y + 6 * unit),
            14 * unit,
            fill=(150, 34, 40),
        )
        for wheel in (44, 180):
            draw.ellipse(
                (x + (wheel - 22) * unit, y + 44 * unit, x + (wheel + 22) * unit, y + 88 * unit),
                fill=(20, 20, 22),
            )
    elif kind == "person":
        y = 0.5 * height
        draw.ellipse((x, y, x + 44 * unit, y + 44 * unit), fill=(224, 188, 160))
        draw.rectangle(
            (x - 8 * unit, y + 46 * unit, x + 52 * unit, y + 150 * unit), fill=(40, 70, 140)
        )
        draw.rectangle(
            (x + 2 * unit, y + 150 * unit, x + 42 * unit, y + 240 * unit), fill=(40, 40, 46)
        )
    else:
        draw.ellipse(
            (x, 0.62 * height, x + 70 * unit, 0.62 * height + 70 * unit), fill=(236, 140, 30)
        )


def put_sign(picture: Image.Image, text: str, style: str) -> tuple[int, int, int, int]:
    """Draw the words; returns the box of the letters in pixels."""
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    unit = height / 720
    letter = {"board": 44, "caption": 36, "banner": 54, "clock": 30}[style]
    face = font(round(letter * unit), bold=style != "clock")
    x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=face)
    wide, high = x1 - x0, y1 - y0
    left, top = {
        "board": (0.62 * width - wide / 2, 0.30 * height),
        "caption": (width / 2 - wide / 2, 0.90 * height),
        "banner": (width / 2 - wide / 2, 0.16 * height),
        "clock": (0.02 * width, 0.03 * height),
    }[style]
    left, top = max(4.0, min(left, width - wide - 8)), top
    pad = 0.4 * letter * unit
    box = (left - pad, top - pad, left + wide + pad, top + high + pad)
    if style == "board":
        draw.rectangle(
            (
                left + wide / 2 - 6 * unit,
                top + high,
                left + wide / 2 + 6 * unit,
                top + high + 240 * unit,
            ),
            fill=(110, 110, 114),
        )
        draw.rounded_rectangle(
            box, 8 * unit, fill=(246, 206, 40), outline=(30, 30, 30), width=max(1, round(3 * unit))
        )
        fill, stroke = (20, 20, 20), 0
    elif style == "banner":
        draw.rectangle(box, fill=(190, 24, 36))
        fill, stroke = (255, 255, 255), 0
    else:
        fill, stroke = (255, 255, 255), max(1, round(3 * unit))
    draw.text(
        (left - x0, top - y0),
        text,
        font=face,
        fill=fill,
        stroke_width=stroke,
        stroke_fill=(0, 0, 0),
    )
    return round(left), round(top), round(left + wide), round(top + high)
