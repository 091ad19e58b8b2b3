"""Tesseract's engines: lent one at a time, whole again after a page that took too long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from pipelines.errors import OcrMissing
from pipelines.readers import ocr_engines, tesseract
from pipelines.readers.tesseract import Budget, OcrTimeout
from tests.pipelines.ocr_kit import needs_ocr

pytestmark = needs_ocr


def print_of(text: str) -> Image.Image:
    picture = Image.new("L", (900, 60), 255)
    ImageDraw.Draw(picture).text((20, 10), text, fill=0, font=ImageFont.load_default(32))
    return picture


def read(text: str, *, seconds: float = 60, signs: str = "") -> list[str]:
    found = tesseract.recognise_many(
        [print_of(text)], "en", budget=Budget(seconds), mode=7, signs=signs
    )
    return [line.text for line in found[0]]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of data that the environment names."""
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    ocr_engines.folder.cache_clear()
    yield tmp_path
    ocr_engines.folder.cache_clear()


def test_threads_read_side_by_side_what_each_was_given() -> None:
    texts = [f"Street lamp {number} is broken" for number in range(100, 106)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(read, texts)) == [[text] for text in texts]


def test_reading_leaves_the_environment_of_other_programs_as_it_was() -> None:
    before = dict(os.environ)
    read("Street lamp")
    assert dict(os.environ) == before


def test_a_page_that_takes_too_long_leaves_the_next_one_whole() -> None:
    wide = Image.effect_noise((3000, 3000), 120)
    with pytest.raises(OcrTimeout):
        tesseract.recognise(wide, "en", budget=Budget(0.05))
    assert read("Street lamp 12") == ["Street lamp 12"]


def test_signs_that_may_come_out_hold_for_one_call() -> None:
    (digits,) = read("Lamp 4071", signs="0123456789")
    assert digits.replace(" ", "").isdigit()
    assert read("Lamp 4071") == ["Lamp 4071"]


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (3, 3), (40_000, 12)])
def test_what_is_too_small_or_too_large_to_work_on_holds_nothing(size: tuple[int, int]) -> None:
    for picture in (Image.new("L", size, 255), Image.effect_noise(size, 90)):
        assert tesseract.recognise(picture, "en", budget=Budget(20)) == []


def test_data_that_are_missing_or_broken_are_named(elsewhere: Path) -> None:
    (elsewhere / "spa.traineddata").touch()  # there, and broken
    for language, package in (("zh", "tesseract-ocr-chi-sim"), ("es", "tesseract-ocr-spa")):
        with pytest.raises(OcrMissing) as caught:
            tesseract.recognise(print_of("x"), language, budget=Budget(5))
        assert caught.value.facts["missing"] == package
