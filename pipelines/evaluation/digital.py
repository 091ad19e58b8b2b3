"""Digital PDFs whose every word and table cell is known: columns, tables, turned pages, forms.

Tables come in four styles: with all lines, with open sides, with horizontal rules only, and with
no line at all; the first two with merged cells. Decided by a seed, like `printed`.
"""

from __future__ import annotations

import io
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.evaluation.printed import (
    A4_PT,
    FONT_FOLDER,
    FONTS,
    MARGIN_PT,
    TEXTS,
    Split,
    fill,
    sentences,
    wrap,
)
from pipelines.readers import mupdf
from pipelines.readers.pages import Cell

Style = Literal["grid", "open", "rules", "bare"]
STYLES: tuple[Style, ...] = ("grid", "open", "rules", "bare")
SIZE_PT = 10.0
_ROW_PT = 22.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePdf:
    """A PDF and what is true of it. `words` in reading order; `fields` are (name, value)."""

    id: str
    data: bytes
    words: str
    cells: tuple[Cell, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


def table_pdfs(split: Split, each: int = 6) -> Iterator[TruePdf]:
    """`each` PDFs of every style; some of them turned by 90, 180 or 270 degrees."""
    for style in STYLES:
        for number in range(each):
            yield table_pdf(split, style, number)


def table_pdf(split: Split, style: Style, number: int, rotation: int | None = None) -> TruePdf:
    """One page: a sentence, a table, a sentence."""
    name = f"{split}-table-{style}-{number}"
    rng = random.Random(name)  # noqa: S311 - samples, not secrets
    rows, cols = rng.randint(3, 9), rng.randint(3, 6)
    cells = _cells(rng, rows, cols, merge=style in ("grid", "open"))
    font = FONT_FOLDER / rng.choice(FONTS[split]["ko"])
    pymupdf = mupdf.library()
    document = pymupdf.open()
    page = document.new_page(width=A4_PT[0], height=A4_PT[1])
    face = pymupdf.Font(fontfile=str(font))
    writer = pymupdf.TextWriter(page.rect)
    source = sentences(split, "ko", rng)
    before, after = next(source)[:40], next(source)[:40]
    top = MARGIN_PT + 60
    writer.append((MARGIN_PT, MARGIN_PT + 20), before, font=face, fontsize=SIZE_PT)
    widths = [rng.uniform(0.8, 1.4) for _ in range(cols)]
    total = A4_PT[0] - 2 * MARGIN_PT
    xs = [MARGIN_PT + total * sum(widths[:i]) / sum(widths) for i in range(cols + 1)]
    ys = [top + _ROW_PT * i for i in range(rows + 1)]
    for cell in cells:
        place = (xs[cell.col] + 4, ys[cell.row] + 15)
        writer.append(place, cell.text, font=face, fontsize=SIZE_PT)
    writer.append((MARGIN_PT, ys[-1] + 50), after, font=face, fontsize=SIZE_PT)
    writer.write_text(page)
    _draw(page, style, cells, xs, ys)
    turn = rng.choice((0, 0, 0, 90, 180, 270)) if rotation is None else rotation
    _turn(document, turn)
    words = " ".join((before, *(cell.text for cell in cells), after))
    return TruePdf(id=name, data=_saved(document), words=words, cells=tuple(cells))


def column_pdf(split: Split, number: int) -> TruePdf:
    """A heading over two columns of prose."""
    name = f"{split}-columns-{number}"
    rng = random.Random(name)  # noqa: S311 - samples, not secrets
    pymupdf = mupdf.library()
    document = pymupdf.open()
    page = document.new_page(width=A4_PT[0], height=A4_PT[1])
    face = pymupdf.Font(fontfile=str(FONT_FOLDER / rng.choice(FONTS[split]["ko"])))
    writer = pymupdf.TextWriter(page.rect)
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    heading = rng.choice(texts[split]["ko_heading"])
    writer.append((MARGIN_PT, MARGIN_PT + 16), heading, font=face, fontsize=16)
    source = sentences(split, "ko", rng)
    width, words = 225.0, [heading]
    for left in (MARGIN_PT, MARGIN_PT + width + 25):
        y = MARGIN_PT + 50
        while y < 600:
            for line in wrap(
                f"{next(source)} {next(source)}", width, SIZE_PT, face, by_letter=False
            ):
                writer.append((left, y), line, font=face, fontsize=SIZE_PT)
                words.append(line)
                y += 1.5 * SIZE_PT
            y += SIZE_PT
    writer.write_text(page)
    return TruePdf(id=name, data=_saved(document), words=" ".join(words))


def form_pdf(split: Split, number: int) -> TruePdf:
    """Labels with filled form fields beside them."""
    name = f"{split}-form-{number}"
    rng = random.Random(name)  # noqa: S311 - samples, not secrets
    slots = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["slots"]
    pymupdf = mupdf.library()
    document = pymupdf.open()
    page = document.new_page(width=A4_PT[0], height=A4_PT[1])
    face = pymupdf.Font(fontfile=str(FONT_FOLDER / FONTS[split]["ko"][0]))
    writer = pymupdf.TextWriter(page.rect)
    fields = []
    for row, label in enumerate(("Applicant", "Address", "Date", "Amount")):
        template = ("{n}", "{n} {small}", "{iso}", "{money}")[row]
        value, y = fill(template, slots, rng), 120.0 + 40 * row
        writer.append((MARGIN_PT, y), label, font=face, fontsize=SIZE_PT)
        widget = pymupdf.Widget()
        widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, label
        widget.rect, widget.field_value = pymupdf.Rect(160, y - 14, 400, y + 6), value
        page.add_widget(widget)
        fields.append((label, value))
    writer.write_text(page)
    labels = " ".join(label for label, _ in fields)
    return TruePdf(id=name, data=_saved(document), words=labels, fields=tuple(fields))


def _cells(rng: random.Random, rows: int, cols: int, *, merge: bool) -> list[Cell]:
    slots = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["slots"]
    templates = ("{money}", "{date}", "{name}", "{town}", "{n}", "{small}%", "{thing}")
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for col in range(cols):
            if (row, col) in taken:
                continue
            wide = 2 if merge and col + 1 < cols and rng.random() < 0.08 else 1
            high = 2 if merge and wide == 1 and row + 1 < rows and rng.random() < 0.08 else 1
            area = {(row + i, col + j) for i in range(high) for j in range(wide)}
            if area & taken:
                wide, high, area = 1, 1, {(row, col)}
            taken |= area
            template = "{dept}" if row == 0 else templates[col % len(templates)]
            text = fill(template, slots, rng)[: 7 if col % len(templates) == 6 else 12]
            cells.append(Cell(row=row, col=col, text=text, row_span=high, col_span=wide))
    return cells


def _draw(
    page: mupdf.PdfPage, style: Style, cells: list[Cell], xs: list[float], ys: list[float]
) -> None:
    if style == "bare":
        return
    if style == "rules":
        for y in (ys[0], ys[1], ys[-1]):
            page.draw_line((xs[0], y), (xs[-1], y), width=0.8)
        return
    for cell in cells:
        left, right = xs[cell.col], xs[cell.col + cell.col_span]
        top, bottom = ys[cell.row], ys[cell.row + cell.row_span]
        page.draw_line((left, top), (right, top), width=0.5)
        page.draw_line((left, bottom), (right, bottom), width=0.5)
        for x in (left, right):
            if style == "grid" or xs[0] < x < xs[-1]:
                page.draw_line((x, top), (x, bottom), width=0.5)


def _turn(document: mupdf.Document, degrees: int) -> None:
    """Turn the content and set the page's flag back: a person sees it upright all the same."""
    if not degrees:
        return
    pymupdf = mupdf.library()
    stored = pymupdf.open("pdf", document.tobytes())
    width, height = (A4_PT[1], A4_PT[0]) if degrees in (90, 270) else A4_PT
    turned = document.new_page(width=width, height=height)
    turned.show_pdf_page(turned.rect, stored, 0, rotate=degrees)
    turned.set_rotation(degrees)
    document.delete_page(0)


def _saved(document: mupdf.Document) -> bytes:
    out = io.BytesIO()
    document.subset_fonts()
    document.save(out, garbage=3, deflate=True, no_new_id=True)
    return out.getvalue()
