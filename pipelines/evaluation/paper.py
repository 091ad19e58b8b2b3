"""Part `paper` of `./run eval document`: print on pictures and digital PDFs, against their truth.

Character error counts every sign and every space (runs of white are one; none in Japanese and
Chinese, which write none). Pages are made on the spot from `printed`, `worn` and `digital`;
intervals are over pages.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rapidfuzz.distance import LCSseq, Levenshtein

from pipelines.evaluation import digital, printed, worn
from pipelines.evaluation.stats import Figure, bootstrap, share
from pipelines.evaluation.table import Line
from pipelines.readers.boxes import overlap
from pipelines.readers.pages import Page
from pipelines.readers.pdf import PdfReader
from pipelines.readers.scans import ReadScan, Scan, ScanReader

GOALS = {
    "ko": 0.005,
    "ko worn": 0.04,
    "en": 0.005,
    "mixed": 0.015,
    "ja": None,
    "zh": None,
    "es": None,
}
NAMES = {
    "ko": "Korean, clean",
    "ko worn": "Korean, degraded",
    "en": "English",
    "mixed": "Korean with English and figures",
    "ja": "Japanese",
    "zh": "Chinese",
    "es": "Spanish",
}
SAME_BOX = 0.5
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One page held against its truth."""

    edits: int
    letters: int
    boxes_right: int
    boxes: int
    language_right: bool


def measure(split: str) -> list[Line]:
    """The figures of both halves, scans and digital PDFs. `split` is "dev" or "test"."""
    half: printed.Split = "dev" if split == "dev" else "test"
    lines: list[Line] = []
    rows = {name: read_kind(half, name) for name in NAMES}
    for name, found in rows.items():
        goal = GOALS[name]
        error = pooled(found, lambda row: (row.edits, row.letters))
        lines.append(
            Line(
                name=f"character error, {NAMES[name]}",
                figure=error,
                goal=f"<= {goal:.1%}" if goal else "",
                met=error.value <= goal if goal else None,
            )
        )
    for name in ("ko", "ko worn"):
        boxes = pooled(rows[name], lambda row: (row.boxes_right, row.boxes))
        lines.append(
            Line(
                name=f"line boxes with IoU >= {SAME_BOX}, {NAMES[name]}",
                figure=boxes,
                goal=">= 95 %",
                met=boxes.value >= 0.95,
            )
        )
    everything = [row for found in rows.values() for row in found]
    right = share(sum(row.language_right for row in everything), len(everything))
    lines.append(Line(name="language of the page right", figure=right))
    return [*lines, *measure_digital(half)]


def read_kind(split: printed.Split, name: str) -> list[PageRow]:
    """All sheets of a kind, as scans through the reader, two pages at a time."""
    kind, _, wear = name.partition(" ")
    made = list(printed.sheets(split, kind))
    skews: list[float] = []
    read = ScanReader().read_all(_scans(made, skews, wear=bool(wear)))
    return [_row(sheet, done, skews) for sheet, done in zip(made, read, strict=True)]


def _scans(made: Sequence[printed.Sheet], skews: list[float], *, wear: bool) -> Iterator[Scan]:
    for number, sheet in enumerate(made, 1):
        picture, skew = printed.as_scan(sheet), 0.0
        if wear:
            picture, skew = worn.worn(picture, sheet.id)
        skews.append(skew)
        points = printed.A4_PT[0] / picture.width
        yield Scan(picture=picture, page_no=number, points_per_px=points)


def _row(sheet: printed.Sheet, done: ReadScan, skews: Sequence[float]) -> PageRow:
    spaced = sheet.kind not in ("ja", "zh")
    edits, letters = errors(sheet.text, text_of(done.page), spaced=spaced)
    skew = skews[done.page.page_no - 1]
    found = [line.box_pt for block in done.page.blocks for line in block.lines]
    true = [worn.turned_box(line.box_pt, skew, *printed.A4_PT) for line in sheet.lines]
    right = sum(
        max((overlap(box, other) for other in found), default=0.0) >= SAME_BOX for box in true
    )
    language = "ko" if sheet.kind == "mixed" else sheet.kind
    return PageRow(
        edits=edits,
        letters=letters,
        boxes_right=right,
        boxes=len(true),
        language_right=done.language == language,
    )


def measure_digital(split: printed.Split) -> list[Line]:
    """Text recall, reading order, table cells, form fields."""
    reader = PdfReader(scans=None)
    kinds = ("ko", "mixed", "en", "ja", "zh", "es")
    plain = [
        digital.TruePdf(id=one.id, data=printed.as_pdf([one]), words=one.text)
        for kind in kinds
        for one in list(printed.sheets(split, kind))[:4]
    ]
    columns = [digital.column_pdf(split, number) for number in range(8)]
    tables = list(digital.table_pdfs(split))
    forms = [digital.form_pdf(split, number) for number in range(6)]
    pages = {pdf.id: _read(reader, pdf) for pdf in (*plain, *columns, *tables, *forms)}
    recall = pooled(
        [*plain, *columns, *tables],
        lambda pdf: (recalled(pdf.words, text_of(pages[pdf.id])), len(squeezed(pdf.words))),
    )
    order = pooled(columns, lambda pdf: errors(pdf.words, text_of(pages[pdf.id])))
    cells = pooled(tables, lambda pdf: cells_right(pdf, pages[pdf.id]))
    fields = pooled(forms, lambda pdf: fields_right(pdf, pages[pdf.id]))
    return [
        Line(
            name="text recall, digital PDF",
            figure=recall,
            goal=">= 99.5 %",
            met=recall.value >= 0.995,
        ),
        Line(name="character error in columns (order)", figure=order),
        Line(
            name="table cells in the right row and column",
            figure=cells,
            goal=">= 95 %",
            met=cells.value >= 0.95,
        ),
        Line(name="form fields right", figure=fields),
    ]


def pooled(rows: Sequence[Row], count: Callable[[Row], tuple[int, int]]) -> Figure:
    """Hits over all, summed over rows; the interval by drawing whole rows."""
    counted = [count(row) for row in rows]
    return bootstrap(
        [[pair] for pair in counted],
        lambda pairs: sum(hit for hit, _ in pairs) / max(1, sum(n for _, n in pairs)),
    )


def text_of(page: Page) -> str:
    """What a person can see, as text."""
    return "\n".join(
        block.text for block in page.blocks if not block.hidden and block.kind != "field"
    )


def errors(truth: str, read: str, *, spaced: bool = True) -> tuple[int, int]:
    """(edits, signs of the truth)."""
    form = _spaced if spaced else squeezed
    true, said = form(truth), form(read)
    return Levenshtein.distance(true, said), len(true)


def recalled(truth: str, read: str) -> int:
    """How many signs of the truth stand in the reading, in order; spaces don't count."""
    return LCSseq.similarity(squeezed(truth), squeezed(read))


def squeezed(text: str) -> str:
    """Without any white."""
    return "".join(unicodedata.normalize("NFC", text).split())


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def cells_right(pdf: digital.TruePdf, page: Page) -> tuple[int, int]:
    """(cells with the right text at the right row and column, true cells)."""
    tables = [block.table for block in page.blocks if block.table is not None]
    best = 0
    for table in tables:
        at = {(cell.row, cell.col): squeezed(cell.text) for cell in table.cells}
        hits = sum(at.get((cell.row, cell.col)) == squeezed(cell.text) for cell in pdf.cells)
        best = max(best, hits)
    return best, len(pdf.cells)


def fields_right(pdf: digital.TruePdf, page: Page) -> tuple[int, int]:
    """(fields whose name and value came out, true fields)."""
    found = {block.text for block in page.blocks if block.kind == "field"}
    return sum(f"{name}: {value}" in found for name, value in pdf.fields), len(pdf.fields)


def _read(reader: PdfReader, pdf: digital.TruePdf) -> Page:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.pdf"
        path.write_bytes(pdf.data)
        return next(reader.pages(path))
