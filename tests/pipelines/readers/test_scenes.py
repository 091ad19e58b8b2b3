"""Sheets of paper and scenes are told apart by a small copy; a scene takes seconds, not minutes."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from pipelines.evaluation import printed, worn
from pipelines.readers.scans import SCENE_S, Scan, ScanReader
from pipelines.readers.scenes import look_at, small_sheet, spotted, surest
from pipelines.readers.tesseract import Glyph, OcrTimeout, PrintLine
from tests.pipelines.ocr_kit import needs_ocr
from tests.pipelines.readers.paper_kit import print_picture

WORDS = "\n".join(["The drain cover near the library", "is broken and children fall."] * 5)


def gray(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def street(size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Sky, walls, windows and a rough road: no print anywhere."""
    rng = np.random.default_rng(3)
    width, height = size
    values = np.full((height, width), 190.0)
    values[height // 4 :] = 120
    values[height // 2 :] = rng.normal(95, 22, (height - height // 2, width))
    picture = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for number in range(14):
        left = number * width // 14
        pen.rectangle((left, height // 4, left + width // 20, height // 3), fill=60 + 8 * number)
    return picture.filter(ImageFilter.GaussianBlur(2)).convert("RGB")


def test_printed_pages_are_paper_however_worn() -> None:
    sheet = printed.sheet("dev", "ko", printed.FONTS["dev"]["ko"][0], 10.0)
    clean = printed.as_scan(sheet)
    assert look_at(gray(clean)) == "paper"
    assert look_at(gray(worn.worn(clean, "worn")[0])) == "paper"


def test_a_sheet_on_a_desk_is_no_scene() -> None:
    desk = Image.new("RGB", (1700, 1500), (90, 70, 50))
    desk.paste(print_picture(WORDS, (1000, 900)), (350, 300))
    assert look_at(gray(desk)) != "scene"


def test_a_page_with_a_few_words_is_paper() -> None:
    assert look_at(gray(print_picture("one line", (1600, 1200)))) == "paper"


def test_a_street_is_a_scene_whatever_its_size() -> None:
    for size in ((3200, 2400), (1600, 1200), (320, 240)):
        assert look_at(gray(street(size))) == "scene"


def test_leaves_are_a_scene() -> None:
    grain = np.random.default_rng(5).normal(120, 60, (300, 400)).clip(0, 255).astype(np.uint8)
    assert look_at(gray(Image.fromarray(grain).resize((1600, 1200)))) == "scene"


def test_a_place_on_the_small_copy_leads_back_to_the_picture() -> None:
    sheet = small_sheet(gray(street((3200, 2400))))
    assert max(sheet.gray.shape) == 1600
    assert sheet.to_picture((10, 20, 30, 40)) == (20, 40, 60, 80)


def test_of_two_readings_of_one_place_the_surer_stays() -> None:
    def line(text: str, left: float, sure: float) -> PrintLine:
        box = (left, 0.0, left + 50, 20.0)
        return PrintLine(glyphs=(Glyph(text=text, box_px=box, confidence=sure),))

    kept = surest([line("A", 0, 0.97), line("B", 10, 0.99), line("C", 300, 0.98)])
    assert [found.text for found in kept] == ["B", "C"]


def test_when_time_is_over_what_was_found_is_kept() -> None:
    calls: list[str] = []

    def read(_shade: object, language: str) -> list[PrintLine]:
        calls.append(language)
        if len(calls) > 2:
            raise OcrTimeout
        box = (0.0, 0.0, 9.0, 9.0)
        return [PrintLine(glyphs=(Glyph(text=language, box_px=box, confidence=1.0),))]

    found = spotted(np.zeros((9, 9), np.uint8), ("ko", "en"), read)
    assert [line.text for line in found] == ["ko", "en"]
    assert calls == ["ko", "en", "ko"]


@needs_ocr
@pytest.mark.slow
def test_a_photo_of_a_street_takes_seconds_and_its_sign_is_read() -> None:
    picture = street((3200, 2400))
    sign = print_picture("MILL ROAD", (900, 300)).resize((1200, 400))
    picture.paste(sign, (1000, 300))
    started = time.monotonic()
    read = ScanReader().read(Scan(picture=picture, page_no=1))
    assert time.monotonic() - started < SCENE_S + 3
    assert not read.slow
    (block,) = [block for block in read.page.blocks if "MILL ROAD" in block.text]
    assert 1000 <= block.box_pt[0] <= 1300
    assert 300 <= block.box_pt[1] <= 500
