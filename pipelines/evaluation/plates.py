"""`python -m pipelines.evaluation.plates`: how many drawn plates are found, how many signs blurred.

Plates and signs are drawn onto soft street colours, turned by up to six degrees, softened and
made noisy. Split by seed: thresholds were chosen on dev, the figures of record are test. Drawn
plates are kinder than real ones: no perspective, no dirt, no night.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line, render
from pipelines.readers import plates
from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

SEEDS = {"dev": 1, "test": 2}
WIDTHS_PX = (80, 110, 150, 220, 320)
SIZE = (1600, 1200)
FONT = "NanumGothicBold.ttf"
_SIGNS = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호배"
_WORDS = (
    "성산로 123", "무단투기 금지", "02-3456-7890", "주차금지구역", "CCTV 작동중", "2026년 3월 4일",
    "제12호", "과태료 100만원", "010-1234-5678", "우체국 사거리", "지번 345-67", "1588-1234",
)  # fmt: skip
Draw = np.random.Generator


def _street(draw: Draw) -> Image:
    from PIL import Image, ImageDraw

    noise = draw.uniform(40, 200, (12, 16, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize(SIZE, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for _ in range(30):
        x, y = int(draw.integers(SIZE[0])), int(draw.integers(SIZE[1]))
        colour = tuple(int(value) for value in draw.integers(30, 220, 3))
        corner = (x + int(draw.integers(20, 300)), y + int(draw.integers(20, 200)))
        pen.rectangle((x, y, *corner), fill=colour)
    return image


def _plate(draw: Draw, width: int) -> Image:
    """As issued since 2006: one line, white, its frame black."""
    from PIL import Image, ImageDraw, ImageFont

    size = (width * 4, round(width * 4 / 4.7))
    image = Image.new("RGB", size, (240, 240, 236))
    pen = ImageDraw.Draw(image)
    edge = max(2, size[1] // 30)
    pen.rounded_rectangle((4, 4, size[0] - 4, size[1] - 4), size[1] // 8, outline=30, width=edge)
    sign = _SIGNS[int(draw.integers(len(_SIGNS)))]
    text = f"{draw.integers(10, 800)}{sign} {draw.integers(1000, 10000)}"
    font = ImageFont.truetype(FONT, round(size[1] * 0.72))
    pen.text((size[0] / 2, size[1] / 2), text, font=font, fill=(20, 20, 20), anchor="mm")
    small = image.resize((width, size[1] // 4), Image.Resampling.LANCZOS).convert("RGBA")
    return small.rotate(draw.uniform(-6, 6), expand=True, resample=Image.Resampling.BICUBIC)


def _worn(draw: Draw, image: Image) -> Image:
    from PIL import Image, ImageFilter

    soft = image.filter(ImageFilter.GaussianBlur(draw.uniform(0, 0.9)))
    noise = draw.normal(0, draw.uniform(2, 8), (image.height, image.width, 1))
    return Image.fromarray((np.asarray(soft) + noise).clip(0, 255).astype(np.uint8))


def _with_plate(draw: Draw, width: int) -> tuple[Image, Box]:
    image, plate = _street(draw), _plate(draw, width)
    x = int(draw.integers(50, SIZE[0] - plate.width - 50))
    y = int(draw.integers(50, SIZE[1] - plate.height - 50))
    image.paste(plate, (x, y), plate)
    return _worn(draw, image), (x, y, x + plate.width, y + plate.height)


def _with_signs(draw: Draw, count: int) -> Image:
    from PIL import ImageDraw, ImageFont

    image = _street(draw)
    pen = ImageDraw.Draw(image)
    for _ in range(count):
        font = ImageFont.truetype(FONT, int(draw.integers(20, 80)))
        at = (int(draw.integers(1100)), int(draw.integers(1100)))
        text = _WORDS[int(draw.integers(len(_WORDS)))]
        x0, y0, x1, y1 = pen.textbbox(at, text, font=font)
        blue = draw.random() < 0.4
        pen.rectangle((x0 - 9, y0 - 9, x1 + 9, y1 + 9), fill=(30, 60, 160) if blue else 250)
        pen.text(at, text, font=font, fill=(250, 250, 250) if blue else (10, 10, 10))
    return _worn(draw, image)


def _covered(found: Sequence[plates.Plate], box: Box) -> bool:
    """One found box covers more than half of the drawn one."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    for plate in found:
        wide = min(plate.box_px[2], box[2]) - max(plate.box_px[0], box[0])
        high = min(plate.box_px[3], box[3]) - max(plate.box_px[1], box[1])
        if wide > 0 and high > 0 and wide * high > 0.5 * area:
            return True
    return False


def measure(split: str, rounds: int = 20) -> list[Line]:
    """Share of plates found by width, and of scenes of signs in which something was blurred."""
    draw = np.random.default_rng(SEEDS[split])
    lines, spent = [], []
    for width in WIDTHS_PX:
        hits = 0
        for _ in range(rounds):
            image, box = _with_plate(draw, width)
            started = time.process_time()
            hits += _covered(plates.find(image), box)
            spent.append(time.process_time() - started)
        lines.append(Line(name=f"plates {width} px wide: found", figure=share(hits, rounds)))
    wrong = sum(len(plates.find(_with_signs(draw, 8))) for _ in range(rounds))
    lines.append(Line(name="signs of other words: blurred", figure=share(wrong, rounds * 8)))
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=tuple(SEEDS), default="test")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(arguments)
    print(render(f"plates, {options.split}", measure(options.split, options.rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
