"""Tables on scans: drawn cells are found, read one by one, and every letter keeps its place."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipelines.readers.cells import frames_of, read_cells, without
from pipelines.readers.fuse import fuse
from pipelines.readers.latin import runs_of
from pipelines.readers.paper import Prepared, prepare, print_height, threshold, without_rulings
from pipelines.readers.scan_page import Geometry, line_of, page_of, snapped
from pipelines.readers.scans import Scan, ScanReader
from pipelines.readers.tesseract import Glyph, PrintLine
from tests.pipelines.ocr_kit import needs_ocr
from tests.pipelines.readers.paper_kit import LATIN, print_picture

PRINT_PX = 26.0


def glyph(text: str, left: float, right: float, sure: float = 0.99, **more: object) -> Glyph:
    return Glyph(text=text, box_px=(left, 0, right, 30), confidence=sure, **more)  # type: ignore[arg-type]


def row(text: str, sure: float = 0.99) -> list[Glyph]:
    return [glyph(sign, 20 * n, 20 * n + 18, sure) for n, sign in enumerate(text)]


def ruled_sheet(tilt: float = 0.0) -> Image.Image:
    """Three rows, two columns; the last row is one wide cell; a mark of print in each cell."""
    sheet = Image.new("L", (900, 600), 255)
    pen = ImageDraw.Draw(sheet)
    for top in (100, 180, 260, 340):
        pen.line((60, top, 840, top), fill=0, width=2)
    for left, bottom in ((60, 340), (300, 260), (840, 340)):
        pen.line((left, 100, left, bottom), fill=0, width=2)
    for left, top in ((90, 125), (330, 125), (90, 205), (330, 205), (90, 285)):
        pen.rectangle((left, top, left + 60, top + 25), fill=0)
    return sheet.rotate(tilt, fillcolor=255, resample=Image.Resampling.BICUBIC)


def frames_on(picture: Image.Image) -> tuple[np.ndarray, list]:  # type: ignore[type-arg]
    gray = np.asarray(picture)
    return gray, frames_of(gray < threshold(gray), PRINT_PX)


def test_drawn_cells_are_found_and_a_wide_one_is_one_cell() -> None:
    _, (frame,) = frames_on(ruled_sheet())
    assert list(frame.cells) == [
        (0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 1, 2),
    ]  # fmt: skip
    assert np.allclose(frame.box, (61, 101, 841, 341), atol=2)


@pytest.mark.parametrize("tilt", [0.1, -0.15])
def test_lines_that_are_not_quite_level_are_lines(tilt: float) -> None:
    _, (frame,) = frames_on(ruled_sheet(tilt))
    assert len(frame.cells) == 5


def test_print_underlines_and_one_box_are_no_table() -> None:
    page = print_picture("some words\non two lines", (900, 600), "L")
    pen = ImageDraw.Draw(page)
    pen.line((40, 90, 400, 90), fill=0, width=3)
    pen.rectangle((20, 20, 800, 500), outline=0, width=3)
    assert frames_on(page)[1] == []


def test_each_line_that_is_read_goes_home_to_its_cell() -> None:
    gray, frames = frames_on(ruled_sheet())
    clean = without_rulings(gray, PRINT_PX)

    def read(sheet: np.ndarray) -> list[PrintLine]:
        ink = sheet < 128
        edges = np.flatnonzero(np.diff(np.concatenate(([0], ink.any(axis=1).view(np.int8), [0]))))
        lines = []
        for top, bottom in zip(edges[::2], edges[1::2], strict=True):
            xs = np.flatnonzero(ink[top:bottom].any(axis=0))
            box = (float(xs[0]), float(top), float(xs[-1] + 1), float(bottom))
            lines.append(PrintLine(glyphs=(Glyph(text="값", box_px=box, confidence=0.99),)))
        return lines

    lines = read_cells(clean, clean < 128, frames, PRINT_PX, read)
    assert [line.cell for line in lines] == [(0, n) for n in range(5)]
    places = [tuple(round(v) for v in line.box_px) for line in lines]
    assert places == [
        (90, 125, 151, 151), (330, 125, 391, 151), (90, 205, 151, 231), (330, 205, 391, 231),
        (90, 285, 151, 311),
    ]  # fmt: skip


def test_what_is_left_beside_a_table_has_white_paper_and_ends_with_its_print() -> None:
    picture = ruled_sheet()
    ImageDraw.Draw(picture).rectangle((100, 30, 300, 55), fill=0)
    grain = np.random.default_rng(1).integers(0, 12, (600, 900))
    gray = (np.asarray(picture).astype(int) - grain).clip(0, 255).astype(np.uint8)
    frames = frames_of(gray < 128, PRINT_PX)
    rest = without(gray, frames, PRINT_PX, 128)
    assert rest.shape[0] < 90
    assert set(np.unique(rest[70:])) == {255}
    assert without(np.asarray(ruled_sheet()), frames, PRINT_PX, 128).size == 0


def test_wide_gaps_are_several_blanks_and_every_letter_has_a_box() -> None:
    line = PrintLine(
        glyphs=(
            glyph("성", 0, 28),
            glyph("명", 40, 68, after_space=True),
            glyph("홍", 300, 328, after_space=True),
        )
    )
    sheet = Prepared(gray=np.zeros((50, 400), np.uint8), back=(1, 0, 0, 0, 1, 0))
    geometry = Geometry(sheet=sheet, points_per_px=0.5, width_px=400, height_px=50)
    made = line_of(geometry, line)
    assert made.text == "성 명    홍"
    assert len(made.letters) == len(made.text)
    assert made.letters[-1] == (150, 0, 164, 15)
    assert made.letters[0] == (0, 0, 14, 15)


def test_a_line_is_as_high_as_its_ink_and_not_as_its_neighbour() -> None:
    ink = np.zeros((100, 200), dtype=bool)
    ink[10:44, 20:180] = True
    ink[60:90, 20:180] = True
    line = PrintLine(glyphs=(Glyph(text="x", box_px=(20, 20, 180, 38), confidence=0.99),))
    assert snapped(line, ink).box_px == (20, 10, 180, 44)
    ink[44:60, 90] = True  # the lines touch
    assert snapped(line, ink) == line


def test_a_table_stands_in_its_place_among_the_lines() -> None:
    _, frames = frames_on(ruled_sheet())
    sheet = Prepared(gray=np.zeros((600, 900), np.uint8), back=(1, 0, 0, 0, 1, 0))
    geometry = Geometry(sheet=sheet, points_per_px=1.0, width_px=900, height_px=600)

    def at(text: str, top: float, cell: tuple[int, int] | None = None) -> PrintLine:
        box = (90, top, 120, top + 26)
        return PrintLine(glyphs=(Glyph(text=text, box_px=box, confidence=0.99),), cell=cell)

    lines = [at("위", 40), at("밑", 400), at("칸", 125, (0, 0)), at("넓", 285, (0, 4))]
    page = page_of(1, geometry, lines, frames)
    assert [(block.kind, block.text) for block in page.blocks] == [
        ("text", "위"),
        ("table", "칸\t\n\t\n넓"),
        ("text", "밑"),
    ]


def test_a_number_is_not_read_again_because_of_its_hyphens() -> None:
    page = np.full((60, 600), 255, np.uint8)
    sure = PrintLine(glyphs=(*row("민원"), *row("-2026-13039", 0.987)))
    assert runs_of(page, 0, sure) == []
    unsure = PrintLine(glyphs=(*row("민원"), *row("-2<26", 0.987)))
    (run,) = runs_of(page, 0, unsure)
    assert (run.start, run.end) == (3, 7)  # without the hyphen, at which Hangul is cut off


def test_a_number_that_begins_a_word_may_begin_with_a_letter() -> None:
    page = np.full((60, 600), 255, np.uint8)
    begins = PrintLine(glyphs=tuple(row("42026-2", 0.99)))
    assert [(run.start, run.end) for run in runs_of(page, 0, begins)] == [(0, 7)]


def test_figures_that_were_dropped_at_the_end_are_cut_out_to_be_read_again() -> None:
    page = np.full((60, 600), 255, np.uint8)
    line = PrintLine(glyphs=(*row("길"), glyph("1", 24, 38, after_space=True)))
    assert runs_of(page, 0, line) == []
    page[4:28, 44:54] = page[4:28, 60:70] = 0
    page[4:28, 200:220] = 0  # far away: something else
    (run,) = runs_of(page, 0, line)
    assert 70 <= run.box_px[2] < 80
    assert runs_of(page, 0, PrintLine(glyphs=line.glyphs, end_px=40.0)) == []


def test_a_cut_that_lost_a_figure_does_not_count() -> None:
    korean, english = row("2026-1"), row("026-1", 0.995)
    assert "".join(g.text for g in fuse(korean, english, 30.0)) == "2026-1"


def test_a_mail_address_is_one_reading_and_a_bracket_in_it_a_figure() -> None:
    english = [*row("user]68@example.kr", 0.99)]
    korean = [*row("4566168@6×20200616", 0.96)]
    assert "".join(g.text for g in fuse(korean, english, 30.0)) == "user168@example.kr"


def test_signs_as_wide_as_syllables_are_syllables() -> None:
    korean = [glyph(sign, 32 * n, 32 * n + 28, 0.91) for n, sign in enumerate("홍초롱")]
    english = [glyph(sign, 32 * n, 32 * n + 28, 0.99) for n, sign in enumerate("S28")]
    assert "".join(g.text for g in fuse(korean, english, 32.0)) == "홍초롱"


@needs_ocr
@pytest.mark.slow
@pytest.mark.parametrize("tilt", [0.0, -3.0])
def test_a_form_that_lies_askew_is_a_table_with_the_places_of_its_words(tilt: float) -> None:
    picture = Image.new("RGB", (1200, 800), "white")
    cells = (("Name", "Ann Green"), ("Street", "Mill Road"), ("Telephone", "031 555 0142"))
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(LATIN, 30)
    pen.text((400, 60), "Application for a permit to use the hall", font=font, fill="black")
    for number, (label, value) in enumerate(cells):
        top = 200 + 70 * number
        for box, text in (((100, top, 400, top + 70), label), ((400, top, 1100, top + 70), value)):
            pen.rectangle(box, outline="black", width=2)
            pen.text((box[0] + 20, top + 16), text, font=font, fill="black")
    askew = picture.rotate(tilt, fillcolor="white", resample=Image.Resampling.BICUBIC)
    page = ScanReader(languages=("en",)).read(Scan(picture=askew, page_no=1)).page
    (table,) = [block.table for block in page.blocks if block.table is not None]
    assert {(c.row, c.col): c.text for c in table.cells} == {
        (row, col): text for row, pair in enumerate(cells) for col, text in enumerate(pair)
    }
    (block,) = [block for block in page.blocks if block.table is not None]
    (line,) = [line for line in block.lines if line.text == "Mill Road"]
    assert line.box_pt[2] - line.box_pt[0] < 200
    assert all(b[3] - b[1] < 50 for b in line.letters)


def test_prepared_pages_without_rulings_have_no_tables() -> None:
    sheet = prepare(np.asarray(print_picture("one\ntwo\nthree\nfour\nfive", (900, 500), "L")))
    height = print_height(sheet.gray)
    assert frames_of(sheet.gray < threshold(sheet.gray), height) == []
