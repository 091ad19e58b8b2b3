"""Preview pages: what a box shows is what its line says; the parts that a table is cut into."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from pipelines.evaluation.office_files import WRITERS
from pipelines.evaluation.office_truth import make_truth, sentences
from pipelines.readers import typeset
from pipelines.readers.flow import FlowDocument, Piece, set_table, squeezed
from pipelines.readers.layout import MAX_PAGES, MAX_SIDE, set_pages
from pipelines.readers.office import read_document
from pipelines.readers.pages import Item, PagedDocument, Table


def table(rows: int, cols: int, text: str = "칸") -> Table:
    made = set_table([[Piece(text=f"{text} {r}-{c}") for c in range(cols)] for r in range(rows)])
    assert made is not None
    return made


def shown_in(document: PagedDocument, page_no: int, box: tuple[float, ...]) -> str:
    with pymupdf.open(document.preview) as pdf:
        return str(pdf[page_no - 1].get_text("text", clip=inner(box, 0, 1.5)))


def inner(box: tuple[float, ...], across: float, down: float) -> pymupdf.Rect:
    """A box without its rim: letters of the next line reach over it."""
    left, top, right, bottom = box
    return pymupdf.Rect(left + across, top + down, right - across, bottom - down)


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_line_and_cell_stands_in_its_box(tmp_path: Path, suffix: str) -> None:
    media_type, write = WRITERS[suffix]
    path = tmp_path / f"a.{suffix}"
    write(make_truth("dev", 2), path)
    document = set_pages(read_document(path, media_type), tmp_path / "p.pdf")
    seen = 0
    with pymupdf.open(document.preview) as pdf:
        assert pdf.page_count == len(document.pages)
        for page in document.pages:
            drawn = pdf[page.page_no - 1]
            assert (drawn.rect.width, drawn.rect.height) == (page.width_pt, page.height_pt)
            for block in page.blocks:
                left, top, right, bottom = block.box_pt
                assert 0 <= left < right <= page.width_pt
                assert 0 <= top < bottom <= page.height_pt
                for line in block.lines:
                    clip = inner(line.box_pt, 0, 1.5)
                    assert squeezed(drawn.get_text("text", clip=clip)) == squeezed(line.text)
                    seen += 1
                for cell in block.table.cells if block.table else ():
                    assert cell.box_pt is not None
                    words = drawn.get_text("text", clip=inner(cell.box_pt, 1, 1))
                    assert squeezed(words) == squeezed(cell.text)
    assert seen > 30


def test_the_words_of_the_items_are_the_words_of_the_blocks(tmp_path: Path) -> None:
    items = tuple(Item(kind="text", text=" ".join(sentences()[k : k + 30])) for k in range(60))
    document = set_pages(FlowDocument(items=items), tmp_path / "p.pdf")
    blocks = "".join(block.text for page in document.pages for block in page.blocks)
    assert squeezed(blocks) == squeezed("".join(item.text for item in items))
    assert len(document.pages) > 5


def test_a_long_table_is_cut_between_rows_and_says_that_it_goes_on(tmp_path: Path) -> None:
    made = table(150, 4)
    document = set_pages(FlowDocument(items=(Item(kind="table", table=made),)), tmp_path / "p.pdf")
    parts = [block.table for page in document.pages for block in page.blocks]
    assert len(parts) > 2
    assert [part.continued for part in parts if part] == [False] + [True] * (len(parts) - 1)
    texts = [cell.text for part in parts if part for cell in part.cells]
    assert texts == [cell.text for cell in made.cells]
    for part in parts:
        assert part is not None
        assert {cell.row for cell in part.cells} == set(range(part.rows))


def test_a_cell_over_many_rows_is_never_cut(tmp_path: Path) -> None:
    rows = [[Piece(text="머리", row_span=60), Piece(text="0")]]
    rows += [[Piece(text=str(k), col=1)] for k in range(1, 60)]
    rows += [[Piece(text="뒤"), Piece(text="뒤")] for _ in range(60)]
    document = set_pages(
        FlowDocument(items=(Item(kind="table", table=set_table(rows)),)), tmp_path / "p.pdf"
    )
    first = document.pages[0].blocks[0].table
    assert first is not None
    wide = next(cell for cell in first.cells if cell.text == "머리")
    assert wide.row_span == 60 <= first.rows
    assert wide.box_pt is not None
    assert wide.box_pt[3] <= document.pages[0].height_pt


def test_a_wide_table_gets_a_wide_page_within_the_limit(tmp_path: Path) -> None:
    document = set_pages(
        FlowDocument(items=(Item(kind="table", table=table(3, 300)),)), tmp_path / "p.pdf"
    )
    assert 595 < document.pages[0].width_pt <= MAX_SIDE
    shown = shown_in(document, 1, (0, 0, document.pages[0].width_pt, 842))
    assert squeezed("칸 2-299") in squeezed(shown)


def test_pictures_are_set_and_damaged_ones_leave_their_place(tmp_path: Path) -> None:
    out = BytesIO()
    Image.new("RGB", (800, 400), "navy").save(out, format="BMP")
    items = (
        Item(kind="picture", text="현장 사진", image=out.getvalue()),
        Item(kind="picture", image=b"\x89PNG\r\n\x1a\n broken"),
        Item(kind="picture", image=out.getvalue()[:5000]),
    )
    document = set_pages(FlowDocument(items=items), tmp_path / "p.pdf")
    blocks = document.pages[0].blocks
    assert [block.kind for block in blocks] == ["picture", "picture", "picture"]
    assert blocks[0].text == "현장 사진"
    width = blocks[0].box_pt[2] - blocks[0].box_pt[0]
    height = blocks[0].box_pt[3] - blocks[0].box_pt[1]
    assert width / height == pytest.approx(2.0)
    with pymupdf.open(document.preview) as pdf:
        assert len(pdf[0].get_images()) == 1


def test_parts_begin_on_pages_of_their_own(tmp_path: Path) -> None:
    items = tuple(Item(kind="text", text=f"글 {part}", part=part) for part in "가가나다")
    document = set_pages(FlowDocument(items=items), tmp_path / "p.pdf")
    assert [len(page.blocks) for page in document.pages] == [2, 1, 1]


def test_a_hundred_pages_take_seconds_and_pages_are_bounded(tmp_path: Path) -> None:
    text = " ".join(sentences()[:40])
    items = tuple(Item(kind="text", text=text) for _ in range(200))
    begun = time.process_time()
    document = set_pages(FlowDocument(items=items), tmp_path / "p.pdf")
    assert len(document.pages) >= 100
    assert time.process_time() - begun < 10
    assert MAX_PAGES < 5_000


def test_lines_break_behind_words_and_long_words_in_between() -> None:
    def advance(_: str) -> float:
        return 1.0

    text = "가나다라 마바사 아자차카타파하가나다라마바사\n\n끝"
    runs = typeset.break_lines(text, 1.0, 10.0, advance)
    assert [text[run.start : run.stop] for run in runs] == [
        "가나다라 마바사 ",
        "아자차카타파하가나다",
        "라마바사",
        "",
        "끝",
    ]
    assert all(run.width <= 10 for run in runs)
