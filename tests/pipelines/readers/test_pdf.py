"""Digital PDFs: what is read, and each kind of bad input by its own name."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image

from pipelines.errors import (
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentPageTooLarge,
    DocumentPasswordWrong,
    DocumentTooLong,
    MediaEmpty,
    MediaMissing,
)
from pipelines.evaluation import digital, paper, printed
from pipelines.readers import mupdf
from pipelines.readers.boxes import overlap
from pipelines.readers.pdf import PdfReader, garbage
from pipelines.types import Cancel
from tests.pipelines.readers.paper_kit import broken_pdf, pdf, print_picture, seen, text

READER = PdfReader(scans=None)


def kinds(document: object) -> list[str]:
    return [block.kind for page in document.pages for block in page.blocks]  # type: ignore[attr-defined]


# --- what is read -----------------------------------------------------------------------------


def test_every_word_of_a_korean_page_is_read_where_it_stands(tmp_path: Path) -> None:
    sheet = printed.sheet("dev", "mixed", printed.FONTS["dev"]["ko"][1], 11.0)
    path = tmp_path / "a.pdf"
    path.write_bytes(printed.as_pdf([sheet]))
    page = READER.read(path).pages[0]
    assert paper.errors(sheet.text, paper.text_of(page))[0] == 0
    boxes = [line.box_pt for block in page.blocks for line in block.lines]
    for line in sheet.lines:
        assert max(overlap(line.box_pt, box) for box in boxes) >= 0.5
    assert page.blocks[0].kind == "heading"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_placed_as_a_person_sees_it(tmp_path: Path, rotation: int) -> None:
    def turned(page: object) -> None:
        page.insert_text((72, 100), "corner")  # type: ignore[attr-defined]
        page.set_rotation(rotation)  # type: ignore[attr-defined]

    path = pdf(tmp_path / "a.pdf", turned)
    page = READER.read(path).pages[0]
    left, top, right, bottom = page.blocks[0].box_pt
    width, height = (842, 595) if rotation in (90, 270) else (595, 842)
    assert (page.width_pt, page.height_pt) == (width, height)
    with Image.open(io.BytesIO(mupdf.render_page(path, 1, dpi=72))) as picture:
        ink = picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert ink is not None
    middle = ((ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2)
    assert abs((left + right) / 2 - middle[0]) < 4
    assert abs((top + bottom) / 2 - middle[1]) < 4


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    made = digital.column_pdf("dev", 1)
    (tmp_path / "a.pdf").write_bytes(made.data)
    page = READER.read(tmp_path / "a.pdf").pages[0]
    assert paper.errors(made.words, paper.text_of(page))[0] == 0


@pytest.mark.parametrize("style", digital.STYLES)
def test_cells_of_a_table_keep_row_and_column(tmp_path: Path, style: digital.Style) -> None:
    made = digital.table_pdf("dev", style, 9, rotation=90 if style == "grid" else 0)
    (tmp_path / "a.pdf").write_bytes(made.data)
    page = READER.read(tmp_path / "a.pdf").pages[0]
    assert paper.cells_right(made, page) == (len(made.cells), len(made.cells))


def test_prose_is_no_table(tmp_path: Path) -> None:
    made = digital.column_pdf("dev", 2)
    (tmp_path / "a.pdf").write_bytes(made.data)
    assert "table" not in kinds(READER.read(tmp_path / "a.pdf"))


def test_form_fields_come_as_name_and_value(tmp_path: Path) -> None:
    made = digital.form_pdf("dev", 0)
    (tmp_path / "a.pdf").write_bytes(made.data)
    document = READER.read(tmp_path / "a.pdf")
    fields = [b.text for b in document.pages[0].blocks if b.kind == "field"]
    assert fields == [f"{name}: {value}" for name, value in made.fields]
    assert seen(document).count(made.fields[0][1]) == 1


def test_annotations_are_read(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", lambda page: page.add_text_annot((72, 72), "please check"))
    blocks = READER.read(path).pages[0].blocks
    assert [(b.kind, b.text) for b in blocks] == [("annotation", "please check")]


def test_the_outline_is_there_before_a_page_is_read(tmp_path: Path) -> None:
    document = mupdf.library().open()
    for number in range(300):
        document.new_page().insert_text((72, 72), f"page {number + 1}")
    document.set_toc([[1, "Opening", 1], [2, "Middle", 150]])
    document.save(tmp_path / "a.pdf")
    started = time.process_time()
    about = READER.overview(tmp_path / "a.pdf")
    first = next(READER.pages(tmp_path / "a.pdf"))
    assert [(c.level, c.title, c.page_no) for c in about.chapters][1] == (2, "Middle", 150)
    assert (about.pages, first.page_no) == (300, 1)
    assert time.process_time() - started < 5


# --- what a person does not see -----------------------------------------------------------------


def _white(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((72, 200), "secret", color=(1, 1, 1))  # type: ignore[attr-defined]


def _tiny(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((72, 200), "secret", fontsize=1)  # type: ignore[attr-defined]


def _off_page(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((700, 200), "secret")  # type: ignore[attr-defined]


def _invisible(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((72, 200), "secret", render_mode=3)  # type: ignore[attr-defined]


def _under_image(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((72, 200), "secret")  # type: ignore[attr-defined]
    out = io.BytesIO()
    print_picture("a picture").save(out, format="PNG")
    page.insert_image((60, 180, 360, 280), stream=out.getvalue())  # type: ignore[attr-defined]


def _under_bar(page: object) -> None:
    page.insert_text((72, 100), "open")  # type: ignore[attr-defined]
    page.insert_text((72, 200), "secret")  # type: ignore[attr-defined]
    page.draw_rect((60, 180, 200, 220), color=(0, 0, 0), fill=(0, 0, 0))  # type: ignore[attr-defined]


@pytest.mark.parametrize("draw", [_white, _tiny, _off_page, _invisible, _under_image, _under_bar])
def test_hidden_text_is_flagged_and_open_text_is_not(tmp_path: Path, draw: object) -> None:
    document = READER.read(pdf(tmp_path / "a.pdf", draw))  # type: ignore[arg-type]
    blocks = {block.text: block.hidden for block in document.pages[0].blocks}
    assert blocks == {"open": False, "secret": True}
    assert "document.hidden_text" in [note.code for note in document.notes]


def test_white_letters_on_a_dark_ground_are_open(tmp_path: Path) -> None:
    def draw(page: object) -> None:
        page.draw_rect((60, 80, 300, 120), fill=(0, 0, 0.4))  # type: ignore[attr-defined]
        page.insert_text((72, 105), "heading", color=(1, 1, 1))  # type: ignore[attr-defined]

    document = READER.read(pdf(tmp_path / "a.pdf", draw))
    assert seen(document) == "heading"


def test_programs_and_attached_files_are_reported_and_left(tmp_path: Path) -> None:
    document = mupdf.library().open()
    document.new_page().insert_text((72, 72), "hello")
    document.embfile_add("inside.exe", b"MZ")
    catalog = document.pdf_catalog()
    document.xref_set_key(catalog, "OpenAction", "<</S/JavaScript/JS(app.alert(1))>>")
    document.save(tmp_path / "a.pdf")
    read = READER.read(tmp_path / "a.pdf")
    codes = {note.code: note.facts for note in read.notes}
    assert codes == {"document.javascript": {}, "document.embedded_files": {"count": 1}}
    assert seen(read) == "hello"
    assert [file.name for file in tmp_path.iterdir()] == ["a.pdf"]


# --- bad input -------------------------------------------------------------------------------


def test_refusals_have_names(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    lying = tmp_path / "lying.pdf"
    print_picture("jpeg").save(lying, format="JPEG")
    no_pages = broken_pdf(tmp_path / "none.pdf", "<</Type/Pages/Kids[]/Count 0>>")
    for path, error in (
        (tmp_path / "absent.pdf", MediaMissing),
        (empty, MediaEmpty),
        (lying, DocumentDamaged),
        (no_pages, DocumentEmpty),
    ):
        with pytest.raises(error):
            READER.read(path)


def test_a_cut_off_file_is_refused_or_read_in_part_but_never_an_empty_success(
    tmp_path: Path,
) -> None:
    whole = pdf(tmp_path / "a.pdf", *[text(f"page {n}") for n in range(20)]).read_bytes()
    for share in (0.05, 0.3, 0.6, 0.9):
        cut = tmp_path / "cut.pdf"
        cut.write_bytes(whole[: int(len(whole) * share)])
        try:
            document = READER.read(cut)
        except (DocumentDamaged, DocumentEmpty):
            continue
        assert document.pages


def test_a_page_count_that_lies_is_a_damaged_file(tmp_path: Path) -> None:
    kids = "3 0 R " * 10_000
    path = broken_pdf(
        tmp_path / "a.pdf",
        f"<</Type/Pages/Kids[{kids}]/Count 10000>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    )
    with pytest.raises(DocumentDamaged):
        READER.read(path)


def test_a_page_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    path = broken_pdf(tmp_path / "a.pdf", "<</Type/Pages/Kids[2 0 R]/Count 1>>")
    with pytest.raises((DocumentDamaged, DocumentEmpty)):
        READER.read(path)


def test_a_password_is_asked_for_and_a_wrong_one_refused(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", text("inside"), encryption=5, user_pw="right", owner_pw="own")
    with pytest.raises(DocumentEncrypted):
        READER.read(path)
    with pytest.raises(DocumentPasswordWrong):
        READER.read(path, password="wrong")  # noqa: S106
    document = READER.read(path, password="right")  # noqa: S106
    assert seen(document) == "inside"


def test_ten_thousand_pages_are_refused_with_both_numbers_before_one_is_read(
    tmp_path: Path,
) -> None:
    kids = " ".join(f"{number} 0 R" for number in range(3, 10_003))
    objects = "endobj\n".join(
        f"{number} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"
        for number in range(3, 10_003)
    )
    broken_pdf(tmp_path / "a.pdf", f"<</Type/Pages/Kids[{kids}]/Count 10000>>endobj\n{objects}")
    with pytest.raises(DocumentTooLong) as caught:
        READER.read(tmp_path / "a.pdf")
    assert caught.value.facts == {"pages": 10_000, "limit": 2000}


def test_a_page_of_201_inches_is_refused_and_one_of_199_drawn_small(tmp_path: Path) -> None:
    for inches in (199, 201):
        document = mupdf.library().open()
        document.new_page(width=72 * inches, height=100).insert_text((72, 60), "wide")
        document.save(tmp_path / f"{inches}.pdf")
    with pytest.raises(DocumentPageTooLarge) as caught:
        READER.read(tmp_path / "201.pdf")
    assert caught.value.facts == {"page_no": 1, "size_in": 201, "limit_in": 200}
    assert seen(READER.read(tmp_path / "199.pdf")) == "wide"
    with Image.open(io.BytesIO(mupdf.render_page(tmp_path / "199.pdf", 1, dpi=300))) as picture:
        assert picture.width * picture.height <= mupdf.MAX_RENDER_PX * 1.01


def test_a_damaged_page_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = broken_pdf(
        tmp_path / "a.pdf",
        "<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    )
    document = READER.read(path)
    assert [page.page_no for page in document.pages] == [1]
    assert [note.facts for note in document.notes] == [{"page_no": 2}]


def test_somebody_can_stop_it(tmp_path: Path) -> None:
    from pipelines.errors import Cancelled

    path = pdf(tmp_path / "a.pdf", text("one"), text("two"))
    cancel = Cancel()
    pages = READER.pages(path, cancel=cancel)
    assert next(pages).page_no == 1
    cancel.set()
    with pytest.raises(Cancelled):
        list(pages)


def test_letters_that_a_font_does_not_tell_are_seen_as_such() -> None:
    assert garbage("민원 신청서 2026") == 0
    assert garbage("\ufffd\ufffd\ue000 a") == 0.75


def test_boxes_are_marked_on_the_rendered_page(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", text("mark me"))
    plain, marked = (
        Image.open(io.BytesIO(mupdf.render_page(path, 1, dpi=72, boxes=boxes)))
        for boxes in ((), ((70, 85, 130, 105),))
    )
    assert plain.getpixel((128, 90)) == (255, 255, 255)
    assert marked.getpixel((128, 90)) == (255, 240, 170)
    assert plain.getpixel((300, 300)) == marked.getpixel((300, 300))
    with pytest.raises(MediaMissing):
        mupdf.render_page(path, 2)
