"""The truth, written into files by the programs' own libraries (requirements-test.txt)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree  # only writes what defusedxml has parsed

from pipelines.evaluation.office_truth import TrueTable, Truth

Writer = Callable[[Truth, Path], list[str]]
"""Writes one file and hands back every text that stands in it."""


def _words(truth: Truth, *extra: str) -> list[str]:
    cells = [cell.text for table in truth.tables for cell in table.cells]
    return [*truth.paragraphs, *cells, *extra]


def write_docx(truth: Truth, path: Path) -> list[str]:
    """Paragraphs and tables mixed, header, footer, a comment."""
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = truth.header
    document.sections[0].footer.paragraphs[0].text = truth.footer
    document.add_heading(truth.title, 1)
    half = len(truth.paragraphs) // 2
    for index, text in enumerate(truth.paragraphs):
        style = "List Bullet" if index % 5 == 4 else None
        paragraph = document.add_paragraph(style=style)
        middle = len(text) // 2
        runs = [paragraph.add_run(text[:middle]), paragraph.add_run(text[middle:])]
        runs[1].bold = True
        if index == 0:
            document.add_comment(runs, text=truth.memo, author="주무관")
        if index == half:
            _docx_table(document, truth.tables[0])
    _docx_table(document, truth.tables[1])
    document.save(str(path))
    return _words(truth, truth.title, truth.header, truth.footer, truth.memo)


def _docx_table(document: object, table: TrueTable) -> None:
    grid = document.add_table(rows=table.rows, cols=table.cols)  # type: ignore[attr-defined]
    for cell in table.cells:
        spot = grid.cell(cell.row, cell.col)
        if cell.row_span * cell.col_span > 1:
            last = (cell.row + cell.row_span - 1, cell.col + cell.col_span - 1)
            spot = spot.merge(grid.cell(*last))
        spot.text = cell.text


def write_xlsx(truth: Truth, path: Path) -> list[str]:
    """A sheet of text, a sheet for each table, one of them hidden."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "본문"
    for text in truth.paragraphs:
        sheet.append([text])
    for number, table in enumerate(truth.tables):
        sheet = book.create_sheet(f"표 {number + 1}")
        for cell in table.cells:
            sheet.cell(row=cell.row + 1, column=cell.col + 1, value=cell.text or None)
            if cell.row_span * cell.col_span > 1:
                sheet.merge_cells(
                    start_row=cell.row + 1,
                    start_column=cell.col + 1,
                    end_row=cell.row + cell.row_span,
                    end_column=cell.col + cell.col_span,
                )
    book.worksheets[-1].sheet_state = "hidden"
    book.save(str(path))
    return _words(truth)


def write_pptx(truth: Truth, path: Path) -> list[str]:
    """Title and text slides, a slide for each table, notes under each."""
    import pptx
    from pptx.util import Inches

    show = pptx.Presentation()
    for start in range(0, len(truth.paragraphs), 4):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = truth.title
        slide.placeholders[1].text = "\n".join(truth.paragraphs[start : start + 4])
        slide.notes_slide.notes_text_frame.text = truth.memo
    slides = len(show.slides)
    for table in truth.tables:
        slide = show.slides.add_slide(show.slide_layouts[6])
        frame = slide.shapes.add_table(
            table.rows, table.cols, Inches(1), Inches(1), Inches(8), Inches(5)
        )
        for cell in table.cells:
            spot = frame.table.cell(cell.row, cell.col)
            if cell.row_span * cell.col_span > 1:
                last = (cell.row + cell.row_span - 1, cell.col + cell.col_span - 1)
                spot.merge(frame.table.cell(*last))
            spot.text = cell.text
    show.save(str(path))
    return _words(truth, *[truth.title, truth.memo] * slides)


def write_hwpx(truth: Truth, path: Path) -> list[str]:
    """HWPX, with header, footer, foot- and endnote."""
    return _write_hancom(truth, path)


def write_hwp(truth: Truth, path: Path) -> list[str]:
    """The same as HWP 5."""
    return _write_hancom(truth, path)


def _write_hancom(truth: Truth, path: Path) -> list[str]:
    from jakal_hwpx import HancomDocument

    document = HancomDocument.blank()
    document.append_header(truth.header)
    document.append_footer(truth.footer)
    document.append_paragraph(truth.title)
    half = len(truth.paragraphs) // 2
    for index, text in enumerate(truth.paragraphs):
        document.append_paragraph(text)
        if index == half:
            _hancom_table(document, truth.tables[0])
            document.append_footnote(truth.footnote)
    _hancom_table(document, truth.tables[1])
    document.append_endnote(truth.endnote)
    if path.suffix == ".hwp":
        document.write_to_hwp(str(path))
    else:
        document.write_to_hwpx(str(path))
        _merge_hwpx_cells(path, truth.tables)
    notes = (truth.title, truth.header, truth.footer, truth.footnote, truth.endnote)
    return _words(truth, *notes)


def _hancom_table(document: object, table: TrueTable) -> None:
    texts = [["" for _ in range(table.cols)] for _ in range(table.rows)]
    spans = {}
    for cell in table.cells:
        texts[cell.row][cell.col] = cell.text
        if cell.row_span * cell.col_span > 1:
            spans[cell.row, cell.col] = (cell.row_span, cell.col_span)
    document.append_table(  # type: ignore[attr-defined]
        rows=table.rows, cols=table.cols, cell_texts=texts, cell_spans=spans
    )


def _merge_hwpx_cells(path: Path, tables: Sequence[TrueTable]) -> None:
    """The library writes merged cells into HWP 5 but not into HWPX: done here."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(path) as package:
        parts = {info: package.read(info) for info in package.infolist()}
    with zipfile.ZipFile(path, "w") as package:
        for info, data in parts.items():
            if info.filename == "Contents/section0.xml":
                root = fromstring(data)
                grids = [node for node in root.iter() if node.tag.endswith("}tbl")]
                for grid, table in zip(grids, tables, strict=True):
                    _merge_grid(grid, table)
                data = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
            package.writestr(info, data)


def _merge_grid(grid: ElementTree.Element, table: TrueTable) -> None:
    places = {(cell.row, cell.col): cell for cell in table.cells}
    for row in [node for node in grid if node.tag.endswith("}tr")]:
        for spot in list(row):
            named = {node.tag.rpartition("}")[2]: node for node in spot}
            address, span = named["cellAddr"], named["cellSpan"]
            cell = places.get((int(address.attrib["rowAddr"]), int(address.attrib["colAddr"])))
            if cell is None:
                row.remove(spot)
            else:
                span.set("rowSpan", str(cell.row_span))
                span.set("colSpan", str(cell.col_span))


def write_odt(truth: Truth, path: Path) -> list[str]:
    """OpenDocument text with a footnote."""
    from odf.opendocument import OpenDocumentText
    from odf.text import H, Note, NoteBody, NoteCitation, P

    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text=truth.title))
    for index, text in enumerate(truth.paragraphs):
        paragraph = P(text=text)
        if index == 0:
            note, body = Note(noteclass="footnote"), NoteBody()
            note.addElement(NoteCitation(text="1"))
            body.addElement(P(text=truth.footnote))
            note.addElement(body)
            paragraph.addElement(note)
        document.text.addElement(paragraph)
        if index == len(truth.paragraphs) // 2:
            document.text.addElement(_odf_table(truth.tables[0]))
    document.text.addElement(_odf_table(truth.tables[1]))
    document.save(str(path))
    return _words(truth, truth.title, truth.footnote)


def _odf_table(table: TrueTable) -> object:
    from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
    from odf.text import P

    made = Table(name="표")
    made.addElement(TableColumn(numbercolumnsrepeated=table.cols))
    by_place = {(cell.row, cell.col): cell for cell in table.cells}
    for row in range(table.rows):
        line = TableRow()
        for col in range(table.cols):
            cell = by_place.get((row, col))
            if cell is None:
                line.addElement(CoveredTableCell())
                continue
            spot = TableCell(numbercolumnsspanned=cell.col_span, numberrowsspanned=cell.row_span)
            spot.addElement(P(text=cell.text))
            line.addElement(spot)
        made.addElement(line)
    return made


WRITERS: dict[str, tuple[str, Writer]] = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", write_docx),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "pptx": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        write_pptx,
    ),
    "hwpx": ("application/hwp+zip", write_hwpx),
    "hwp": ("application/x-hwp", write_hwp),
    "odt": ("application/vnd.oasis.opendocument.text", write_odt),
}
