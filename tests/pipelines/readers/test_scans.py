"""Print on pictures: turned, askew, dark, in several languages; each with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.evaluation import paper, printed, worn
from pipelines.readers import strips, syllables, tesseract
from pipelines.readers.boxes import overlap
from pipelines.readers.columns import regions
from pipelines.readers.fuse import fuse
from pipelines.readers.paper import prepare, skew_of, without_rulings
from pipelines.readers.pdf import PdfReader
from pipelines.readers.pictures_read import read_picture
from pipelines.readers.scans import Scan, ScanReader, is_print
from pipelines.readers.tesseract import Glyph, PrintLine
from tests.pipelines.ocr_kit import needs_ocr
from tests.pipelines.readers.paper_kit import print_picture, seen

WORDS = "The drain cover near the library\nis broken and children fall.\nPlease repair it soon."


def glyph(text: str, left: float, right: float, sure: float, *, space: bool = False) -> Glyph:
    return Glyph(text=text, box_px=(left, 0, right, 30), confidence=sure, after_space=space)


# --- without Tesseract ------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [-6.5, -2.0, 0.0, 3.3, 5.0])
def test_skew_is_measured_to_a_quarter_of_a_degree(degrees: float) -> None:
    page = print_picture("\n".join([WORDS] * 4), (1000, 900)).rotate(degrees, fillcolor="white")
    ink = np.asarray(page.convert("L")) < 128
    assert abs(skew_of(ink) - degrees) <= 0.25


@pytest.mark.parametrize("turn", [0, 90])
def test_a_place_on_the_prepared_sheet_leads_back_to_the_picture(turn: int) -> None:
    page = print_picture("\n".join([WORDS] * 3), (1000, 900)).rotate(4, fillcolor="white")
    page.paste((0, 0, 0), (700, 600, 760, 640))
    page = page.rotate(turn, expand=True)
    gray = np.asarray(page.convert("L"))
    sheet = prepare(gray)
    dark = without_rulings(sheet.gray, 0) if turn < 0 else sheet.gray
    ys, xs = np.nonzero(_solid(dark < 100))
    left, top, right, bottom = sheet.to_picture((xs.min(), ys.min(), xs.max(), ys.max()))
    true_ys, true_xs = np.nonzero(_solid(gray < 100))
    assert abs((left + right) / 2 - true_xs.mean()) < 4
    assert abs((top + bottom) / 2 - true_ys.mean()) < 4


def _solid(ink: np.ndarray) -> np.ndarray:
    """Only what is solid over 25 x 25 pixels: the square, not the letters."""
    sums = np.pad(ink.astype(int), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    size = 25
    full = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    solid = np.zeros_like(ink)
    half = size // 2
    solid[half : half + full.shape[0], half : half + full.shape[1]] = full == size * size
    return solid


def test_lines_of_a_table_are_painted_over_and_letters_are_not() -> None:
    page = print_picture("cell one", (600, 200))
    bare = np.asarray(page.convert("L"))
    page.paste((0, 0, 0), (10, 20, 590, 23))
    page.paste((0, 0, 0), (20, 10, 23, 190))
    cleaned = without_rulings(np.asarray(page.convert("L")), 30.0)
    assert np.array_equal(cleaned < 128, bare < 128)


def test_columns_of_prose_are_blocks_and_columns_of_a_table_are_not() -> None:
    ink = np.zeros((800, 1000), dtype=bool)
    for row in range(12):
        ink[60 * row + 20 : 60 * row + 45, 50:470] = True
        ink[60 * row + 20 : 60 * row + 45, 530:950] = True
    assert len(regions(ink, 25.0)) == 2
    table = np.zeros((800, 1000), dtype=bool)
    for row in range(12):
        for left in (50, 300, 550, 800):
            table[60 * row + 20 : 60 * row + 45, left : left + 100] = True
    assert len(regions(table, 25.0)) == 1


def test_letters_come_from_the_one_reading_and_hangul_from_the_other() -> None:
    korean = [glyph("0", 0, 20, 0.91), glyph("1", 20, 40, 0.92), glyph("로", 45, 75, 0.96)]
    english = [glyph("k", 0, 20, 0.995), glyph("W", 20, 40, 0.99), glyph("=", 46, 74, 0.92)]
    assert "".join(g.text for g in fuse(korean, english, 30.0)) == "kW로"


def test_a_syllable_is_put_right_only_where_it_was_doubtful_and_the_phrase_gains() -> None:
    def likes_nine(text: str) -> float:
        return 0.0 if "아홉" in text else -30.0

    for sure, expected in ((0.80, "아홉 시"), (0.995, "아홈 시")):
        line = PrintLine(
            glyphs=(
                glyph("아", 0, 30, 0.99),
                glyph("홈", 30, 60, sure),
                glyph("시", 70, 99, 0.99, space=True),
            )
        )
        assert syllables.repaired(line, likes_nine).text == expected
    unmoved = syllables.repaired(line, lambda _: -5.0)
    assert unmoved == line


def test_what_tesseract_makes_of_textures_is_no_print() -> None:
    noise = PrintLine(glyphs=tuple(glyph(c, 0, 9, 0.6) for c in "|-~AB"))
    words = PrintLine(glyphs=tuple(glyph(c, 0, 9, 0.99) for c in "words"))
    assert (is_print(noise), is_print(words)) == (False, True)


def test_the_plain_text_gives_spaces_and_the_glyphs_places() -> None:
    row = [
        Glyph(text=sign, box_px=(10 * i, 0, 10 * i + 12, 20), confidence=0.99)
        for i, sign in enumerate("ab8d")
    ]
    (line,) = tesseract.lines_of([(1, row)], "ab (d\n")
    assert line.text == "ab (d"
    assert line.glyphs[0].box_px == (0, 0, 10, 20)


# --- with Tesseract ---------------------------------------------------------------------------


@needs_ocr
@pytest.mark.slow
def test_a_worn_korean_page_is_read_where_it_stands() -> None:
    sheet = printed.sheet("dev", "ko", printed.FONTS["dev"]["ko"][1], 11.0)
    picture, skew = worn.worn(printed.as_scan(sheet), sheet.id)
    scale = printed.A4_PT[0] / picture.width
    done = ScanReader().read(Scan(picture=picture, page_no=1, points_per_px=scale))
    edits, letters = paper.errors(sheet.text, paper.text_of(done.page))
    assert (done.language, done.slow, done.page.by_ocr) == ("ko", False, True)
    assert edits <= 0.02 * letters
    boxes = [line.box_pt for block in done.page.blocks for line in block.lines]
    true = [worn.turned_box(line.box_pt, skew, *printed.A4_PT) for line in sheet.lines]
    assert all(max(overlap(box, other) for other in boxes) >= 0.5 for box in true)
    assert done.page.blocks[0].kind == "heading"


@needs_ocr
@pytest.mark.slow
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read(turn: int) -> None:
    picture = print_picture("\n".join([WORDS] * 2), (900, 500)).rotate(turn, expand=True)
    done = ScanReader().read(Scan(picture=picture, page_no=1))
    assert paper.errors("\n".join([WORDS] * 2), paper.text_of(done.page))[0] <= 2
    first = done.page.blocks[0].lines[0].box_pt
    ink = picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert ink is not None
    assert ink[0] - 5 <= first[0] <= first[2] <= ink[2] + 5
    assert ink[1] - 5 <= first[1] <= first[3] <= ink[3] + 5


@needs_ocr
@pytest.mark.slow
def test_only_the_pages_of_a_pdf_that_need_it_are_read_as_pictures(tmp_path: Path) -> None:
    from pipelines.readers import mupdf

    document = mupdf.library().open()
    document.new_page().insert_text((72, 100), "The file itself holds this page as text.")
    print_picture(WORDS).save(tmp_path / "a.png")
    document.new_page().insert_image((50, 100, 545, 265), filename=tmp_path / "a.png")
    document.save(tmp_path / "a.pdf")
    read = PdfReader().read(tmp_path / "a.pdf")
    assert [page.by_ocr for page in read.pages] == [False, True]
    assert paper.errors(WORDS, paper.text_of(read.pages[1]))[0] <= 2
    left, top, right, bottom = read.pages[1].blocks[0].box_pt
    assert (50 <= left <= right <= 545, 100 <= top <= bottom <= 265) == (True, True)


@needs_ocr
@pytest.mark.slow
def test_a_picture_without_print_is_an_empty_page_and_a_dot_is_no_crash(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    for name in ("noise.png", "dot.png"):
        document = read_picture(tmp_path / name)
        assert (len(document.pages), seen(document)) == (1, "")


@needs_ocr
def test_time_that_runs_out_is_said_and_the_page_comes_back() -> None:
    page = print_picture("\n".join([WORDS] * 2), (900, 500))
    done = ScanReader(timeout_s=0.01).read(Scan(picture=page, page_no=7))
    assert (done.slow, done.page.page_no, done.page.blocks) == (True, 7, ())


def test_a_strip_cuts_through_no_line() -> None:
    gray = np.asarray(print_picture("\n".join([WORDS] * 8), (1000, 1400)).convert("L"))
    band = strips.strip(gray)
    assert 0 < band.shape[0] < 0.6 * gray.shape[0]
    assert not (band[[0, -1]] < 128).any()


@needs_ocr
@pytest.mark.slow
def test_after_a_korean_page_an_english_and_a_turned_one_are_still_read() -> None:
    sheet = printed.sheet("dev", "ko", printed.FONTS["dev"]["ko"][1], 12.0)
    korean = printed.as_scan(sheet, dpi=150).crop((0, 0, 1240, 500))
    true = "\n".join(line.text for line in sheet.lines)
    reader = ScanReader()
    pages = [korean, print_picture("\n".join([WORDS] * 2), (900, 500)), korean.rotate(180)]
    first, english, turned = (
        reader.read(Scan(picture=page, page_no=number)) for number, page in enumerate(pages, 1)
    )
    assert [first.language, english.language, turned.language] == ["ko", "en", "ko"]
    assert paper.errors("\n".join([WORDS] * 2), paper.text_of(english.page))[0] <= 2
    read = paper.text_of(turned.page)
    assert len(read) > 200
    assert paper.recalled(read, true) >= 0.95 * len(paper.squeezed(read))
