"""Pictures in office documents: a scanned sheet that was pasted in is read where it is shown."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipelines.readers import flow_reader, office
from pipelines.readers.boxes import scaled_block
from pipelines.readers.evidence import read_document
from pipelines.readers.flow import FlowDocument
from pipelines.readers.inlays import InlayReader
from pipelines.readers.layout import set_pages
from pipelines.readers.pages import Block, Cell, Item, Line, Table
from pipelines.types import PageSpot
from tests.pipelines.ocr_kit import needs_ocr
from tests.pipelines.readers.flow_kit import DOCX, XLSX, docx
from tests.pipelines.readers.paper_kit import print_picture

WORDS = "The drain cover near the library\nis broken and children fall.\nPlease repair it soon."
_DRAWING = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/'
    'main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip '
    'r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
    "</w:r></w:p>"
)


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def test_blocks_are_moved_with_their_lines_letters_and_cells() -> None:
    box = (10.0, 10.0, 20.0, 20.0)
    cell = Cell(row=0, col=0, text="a", box_pt=box)
    block = Block(
        kind="table",
        text="a",
        box_pt=box,
        lines=(Line(text="a", box_pt=box, letters=(box,)),),
        table=Table(rows=1, cols=1, cells=(cell,)),
    )
    moved = scaled_block(block, 0.5, 100, 200)
    there = (105.0, 205.0, 110.0, 210.0)
    assert moved.table is not None
    places = (moved.box_pt, moved.lines[0].box_pt, *moved.lines[0].letters)
    assert {*places, moved.table.cells[0].box_pt} == {there}


def test_small_damaged_and_repeated_pictures_are_not_read(tmp_path: Path) -> None:
    inlays = InlayReader(budget_s=5)
    small = png(Image.new("L", (30, 30), 255))
    box = (0.0, 0.0, 10.0, 10.0)
    for data in (small, small, b"\x89PNG\r\n\x1a\n broken", png(Image.new("L", (400, 400)))[:90]):
        assert list(inlays.blocks_of(data, box)) == []
    assert list(inlays.notes()) == []


def test_pictures_beyond_the_budget_are_counted() -> None:
    inlays = InlayReader(budget_s=0)
    items = tuple(Item(kind="picture", image=png(print_picture(word))) for word in "abc")
    for item in items:
        assert list(inlays.blocks_of(item.image, (0, 0, 100, 100))) == []
    (note,) = inlays.notes()
    assert (note.code, note.facts) == ("document.pictures_skipped", {"count": 3})


@needs_ocr
def test_a_pasted_sheet_is_evidence_where_the_preview_shows_it(tmp_path: Path) -> None:
    sheet = png(print_picture(WORDS))
    items = (
        Item(kind="text", text="The letter is attached."),
        Item(kind="picture", text="Letter", image=sheet),
        Item(kind="picture", image=sheet),
    )
    inlays = InlayReader(budget_s=30)
    pages = set_pages(FlowDocument(items=items), tmp_path / "p.pdf", look=inlays.blocks_of)
    frame, *found = [block for block in pages.pages[0].blocks if block.kind == "picture"]
    words = [block for block in found if block.text]
    assert " ".join(" ".join(block.text.split()) for block in words) == WORDS.replace("\n", " ")
    left, top, right, bottom = frame.box_pt
    for block in words:
        assert left <= block.box_pt[0] < block.box_pt[2] <= right
        assert top <= block.box_pt[1] < block.box_pt[3] <= bottom
    passage = next(p for p in read_document(pages, "0" * 64).passages if "drain" in p.told)
    assert passage.kind == "picture"
    assert isinstance(passage.evidence.where, PageSpot)
    assert passage.evidence.confidence < 1.0
    assert [note.code for note in inlays.notes()] == ["document.pictures_read"]


@needs_ocr
@pytest.mark.slow
def test_a_word_document_that_holds_a_scan_alone_is_read(tmp_path: Path) -> None:
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/image" Target="media/image1.png"/></Relationships>'
    )
    parts: dict[str, str | bytes] = {
        "word___rels__document_dot_xml_dot_rels": links,
        "word__media__image1_dot_png": png(print_picture(WORDS)),
    }
    path = docx(tmp_path / "scan.docx", _DRAWING, prolog="", **parts)
    read = flow_reader.read_and_look(path, DOCX, tmp_path, 30.0)
    text = " ".join(block.text for page in read.pages for block in page.blocks)
    assert "The drain cover near the library" in text
    assert read.notes[-1].code == "document.pictures_read"


def pasted(path: Path, *pictures: Image.Image) -> Path:
    """A workbook of two sheets, the pictures floating over the second."""
    import openpyxl
    from openpyxl.drawing.image import Image as Floating

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "목록"
    sheet = book.create_sheet("사진")
    sheet["A1"] = "현장 사진"
    for number, picture in enumerate(pictures):
        sheet.add_image(Floating(io.BytesIO(png(picture))), f"B{3 + 20 * number}")
    book.save(path)
    return path


def test_pictures_of_a_sheet_stand_behind_its_cells(tmp_path: Path) -> None:
    one, other = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    read = office.read_document(pasted(tmp_path / "a.xlsx", one, other), XLSX)
    shown = [item for item in read.items if item.kind == "picture"]
    assert [item.part for item in shown] == ["사진", "사진"]
    assert [Image.open(io.BytesIO(item.image)).getpixel((5, 5)) for item in shown] == [
        (255, 0, 0),
        (0, 0, 255),
    ]
    assert [note.facts for note in read.notes if note.code == "document.pictures"] == [{"count": 2}]
    order = [item.kind for item in read.items]
    assert order == ["heading", "table", "heading", "table", "picture", "picture"]


@needs_ocr
def test_print_in_a_picture_over_a_sheet_is_read(tmp_path: Path) -> None:
    path = pasted(tmp_path / "scan.xlsx", print_picture(WORDS))
    read = flow_reader.read_and_look(path, XLSX, tmp_path, 30.0)
    page = read.pages[1]
    text = " ".join(block.text for block in page.blocks if block.kind == "picture")
    assert "The drain cover near the library" in " ".join(text.split())
    assert read.notes[-1].code == "document.pictures_read"
