"""The measures themselves: they must be able to say no."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import DocumentDamaged
from pipelines.evaluation import digital, manifest, paper, printed, worn
from pipelines.readers.boxes import overlap
from pipelines.readers.pages import Block, Cell, Page, PagedDocument, Table


def document(*blocks: Block, by_ocr: bool = False) -> PagedDocument:
    page = Page(page_no=1, width_pt=595, height_pt=842, blocks=blocks, by_ocr=by_ocr)
    return PagedDocument(pages=(page,), preview=Path("none"))


def block(text: str, *, hidden: bool = False) -> Block:
    return Block(kind="text", text=text, box_pt=(0, 0, 10, 10), hidden=hidden)


def test_errors_count_signs_and_spaces() -> None:
    assert paper.errors("가로등 2개", "가로둥 2개") == (1, 6)
    assert paper.errors("가로등 2개", "가로등2개") == (1, 6)
    assert paper.errors("가로등\n2개", "가로등  2개") == (0, 6)
    assert paper.errors("街 灯", "街灯", spaced=False) == (0, 2)


def test_recall_sees_what_is_missing_and_not_what_is_added() -> None:
    assert paper.recalled("one two", "one and two") == 6
    assert paper.recalled("one two", "one") == 3


def test_a_cell_counts_only_in_its_row_and_column() -> None:
    true = digital.TruePdf(id="t", data=b"", words="", cells=(Cell(row=0, col=0, text="a"),))
    for row, hits in ((0, 1), (1, 0)):
        table = Table(rows=2, cols=1, cells=(Cell(row=row, col=0, text="a"),))
        found = Block(kind="table", text="a", box_pt=(0, 0, 1, 1), table=table)
        assert paper.cells_right(true, document(found).pages[0]) == (hits, 1)


def test_boxes_overlap_or_not() -> None:
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (0, 5, 10, 15)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (20, 20, 30, 30)) == 0


@pytest.mark.parametrize(
    ("expected", "outcome", "holds"),
    [
        ("CONTAINS: hello | 42", manifest.Outcome(document=document(block("Hello, 42"))), True),
        ("CONTAINS: hello | 43", manifest.Outcome(document=document(block("Hello, 42"))), False),
        ("TEXT: 안녕하세요", manifest.Outcome(document=document(block("안녕하세요"))), True),
        ("TEXT: 안녕하세요", manifest.Outcome(document=document(block("안녕"))), False),
        ("0 pages: REFUSE", manifest.Outcome(refused=DocumentDamaged()), True),
        ("0 pages: REFUSE", manifest.Outcome(document=document()), False),
        ("REFUSE or parse page only", manifest.Outcome(document=document()), True),
        ("flagged as hidden text", manifest.Outcome(document=document(block("x"))), False),
        (
            "flagged as hidden text",
            manifest.Outcome(document=document(block("x", hidden=True))),
            True,
        ),
        ("EMPTY page", manifest.Outcome(document=document(block("x"))), False),
        ("OCR path must run", manifest.Outcome(document=document(block("x"))), False),
        ("OCR path must run", manifest.Outcome(document=document(by_ocr=True)), True),
        ("OCR must still read", manifest.Outcome(document=document()), False),
    ],
)
def test_a_line_of_the_manifest_holds_or_not(
    expected: str, outcome: manifest.Outcome, holds: bool
) -> None:
    assert manifest.judge(expected, outcome) is holds


def test_pages_are_the_same_each_time_and_splits_share_neither_words_nor_fonts() -> None:
    font = printed.FONTS["dev"]["ko"][1]
    assert printed.sheet("dev", "ko", font, 10.0) == printed.sheet("dev", "ko", font, 10.0)
    for kind in ("ko", "latin", "ja", "zh"):
        assert not set(printed.FONTS["dev"][kind]) & set(printed.FONTS["test"][kind])
    import tomllib

    texts = tomllib.loads(printed.TEXTS.read_text(encoding="utf-8"))
    for kind, sentences in texts["dev"].items():
        assert not set(sentences) & set(texts["test"][kind])


def test_a_turned_box_holds_the_turned_corners() -> None:
    assert worn.turned_box((10, 10, 20, 20), 0.0, 100, 100) == (10, 10, 20, 20)
    left, top, right, bottom = worn.turned_box((80, 48, 90, 52), 90.0, 100, 100)
    assert (round(left), round(top), round(right), round(bottom)) == (48, 10, 52, 20)
