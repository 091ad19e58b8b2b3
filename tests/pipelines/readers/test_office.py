"""Flow formats: what stands in them, what is refused by name, what is only reported."""

from __future__ import annotations

import random
import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from pipelines.errors import DocumentDamaged, DocumentEncrypted, MediaEmpty, MinwonError
from pipelines.evaluation import office as measure_office
from pipelines.evaluation.office_files import WRITERS
from pipelines.evaluation.office_truth import make_truth
from pipelines.readers.flow import FlowDocument
from pipelines.readers.office import READERS, read_document
from pipelines.refusals import DocumentNoText, DocumentOldFormat, DocumentUnsupported
from tests.pipelines.readers import flow_kit as kit

PLAIN = tuple(t for t in READERS if t.startswith(("text/", "message/")))


def texts(document: FlowDocument, *kinds: str) -> list[str]:
    return [item.text for item in document.items if not kinds or item.kind in kinds]


def codes(document: FlowDocument) -> dict[str, dict[str, object]]:
    return {note.code: dict(note.facts) for note in document.notes}


def grid(document: FlowDocument) -> list[tuple[int, int, str, int, int]]:
    table = next(item.table for item in document.items if item.table is not None)
    return [(c.row, c.col, c.text, c.row_span, c.col_span) for c in table.cells]


# --- every format, from known words -------------------------------------------------------------


def test_generated_documents_lose_nothing() -> None:
    lines = {line.name: line for line in measure_office.measure("dev", documents=2)}
    assert len(lines) == 2 * len(WRITERS)
    for name, line in lines.items():
        assert line.figure.value >= 0.995, name
        assert line.figure.n > 40, name


def test_docx_keeps_boxes_notes_boxes_to_tick_and_the_final_text(tmp_path: Path) -> None:
    body = (
        kit.w_p("본문 첫 줄")
        + "<w:p><w:r><w:t>금액은 </w:t></w:r><w:del w:id='1' w:author='가'><w:r><w:delText>백만"
        "</w:delText></w:r></w:del><w:ins w:id='2' w:author='가'><w:r><w:t>이백만</w:t></w:r>"
        "</w:ins><w:r><w:t> 원</w:t></w:r></w:p>"
        "<w:p><w:r><w:pict><v:shape xmlns:v='urn:schemas-microsoft-com:vml'><v:textbox>"
        "<w:txbxContent>" + kit.w_p("글상자 안의 글") + "</w:txbxContent></v:textbox></v:shape>"
        "</w:pict></w:r></w:p>"
        "<w:p><w:r><w:t>주석이 달린 글</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
    )
    notes = (
        "<w:footnotes xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        "<w:footnote w:id='2'>" + kit.w_p("각주의 글") + "</w:footnote></w:footnotes>"
    )
    path = kit.docx(
        tmp_path / "a.docx",
        body,
        word__footnotes_dot_xml=notes,
        word___rels__document_dot_xml_dot_rels=kit.relations(
            ("r9", "footnotes", "footnotes.xml", False)
        ),
    )
    document = read_document(path, kit.DOCX)
    whole = "\n".join(texts(document))
    assert "금액은 이백만 원" in whole
    assert "백만 원" not in whole.replace("이백만 원", "")
    assert "글상자 안의 글" in whole
    assert texts(document, "note") == ["[1] 각주의 글"]
    assert "document.tracked_changes" in codes(document)


def test_docx_cells_that_are_merged_both_ways(tmp_path: Path) -> None:
    def tc(text: str, marks: str = "") -> str:
        return f"<w:tc><w:tcPr>{marks}</w:tcPr>{kit.w_p(text)}</w:tc>"

    wide, begin, go = "<w:gridSpan w:val='2'/>", "<w:vMerge w:val='restart'/>", "<w:vMerge/>"
    rows = (
        tc("가", wide + begin) + tc("나"),
        tc("", wide + go) + tc("다", begin),
        tc("라") + tc("마") + tc("", go),
    )
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    columns = "<w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>"
    path = kit.docx(tmp_path / "a.docx", f"<w:tbl>{columns}{table}</w:tbl>")
    assert grid(read_document(path, kit.DOCX)) == [
        (0, 0, "가", 2, 2),
        (0, 2, "나", 1, 1),
        (1, 2, "다", 2, 1),
        (2, 0, "라", 1, 1),
        (2, 1, "마", 1, 1),
    ]


def test_xlsx_shows_what_the_sheet_shows_and_names_hidden_sheets(tmp_path: Path) -> None:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["금액", "날짜", "비율", "합계"])
    sheet.append([1234567, dt.date(2026, 3, 2), 0.256, "=A2*2"])
    sheet["A2"].number_format = '#,##0"원"'
    sheet["B2"].number_format = 'yyyy"년" m"월" d"일"'
    sheet["C2"].number_format = "0.0%"
    sheet["F40"] = "먼 칸"
    hidden = book.create_sheet("숨김")
    hidden["A1"] = "숨은 글"
    hidden.sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    document = read_document(tmp_path / "a.xlsx", kit.XLSX)
    cells = {text for _, _, text, _, _ in grid(document)}
    assert {"1,234,567원", "2026년 3월 2일", "25.6%", "=A2*2", "먼 칸"} <= cells
    assert "숨은 글" in texts(document, "table")
    assert codes(document)["document.hidden_parts"] == {"count": 1, "names": "숨김"}
    assert codes(document)["document.formulas"] == {"count": 1}
    assert {item.part for item in document.items} == {sheet.title, "숨김"}


def test_a_sheet_that_claims_a_million_rows_costs_what_it_holds(tmp_path: Path) -> None:
    rows = (
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>처음'
        '</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>'
    )
    path = kit.xlsx(tmp_path / "a.xlsx", {"표": rows})
    assert grid(read_document(path, kit.XLSX)) == [(0, 0, "처음", 1, 1), (2, 2, "7", 1, 1)]


def test_a_book_without_sheets_is_no_silent_success(tmp_path: Path) -> None:
    with pytest.raises((DocumentNoText, DocumentDamaged)):
        read_document(kit.xlsx(tmp_path / "a.xlsx", {}), kit.XLSX)


def test_pptx_reads_notes_and_names_hidden_slides(tmp_path: Path) -> None:
    import pptx

    show = pptx.Presentation()
    for number in range(2):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"제목 {number}"
        slide.placeholders[1].text = f"본문 {number}"
        slide.notes_slide.notes_text_frame.text = f"발표자 메모 {number}"
    show.slides[1]._element.set("show", "0")
    show.save(str(tmp_path / "a.pptx"))
    document = read_document(tmp_path / "a.pptx", kit.PPTX)
    assert texts(document, "heading") == ["제목 0", "제목 1"]
    assert texts(document, "note") == ["발표자 메모 0", "발표자 메모 1"]
    assert [item.part for item in document.items] == ["1", "1", "1", "2", "2", "2"]
    assert codes(document)["document.hidden_parts"] == {"count": 1, "names": "2"}


def test_ods_bounds_what_is_repeated(tmp_path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    sheet = Table(name="시트")
    for text, repeat in (("처음", 1), ("", 1_048_574), ("끝", 1)):
        row = TableRow(numberrowsrepeated=repeat)
        cell = TableCell(numbercolumnsrepeated=1 if text else 16_384)
        if text:
            cell.addElement(P(text=text))
        row.addElement(cell)
        sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.save(str(tmp_path / "a.ods"))
    document = read_document(tmp_path / "a.ods", kit.ODS)
    assert texts(document) == ["시트", "처음\n끝"]


# --- texts, pages, mails ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "text", "told"),
    [
        ("utf-8", "도로가 파손되었습니다.", False),
        ("utf-8-sig", "도로가 파손되었습니다.", False),
        ("utf-16", "도로가 파손되었습니다.", False),
        ("cp949", "성산동 도로가 파손되었습니다. 빠른 조치 부탁드립니다.", True),
        ("cp932", "道路が壊れています。早めの対応をお願いします。", True),
        ("gb18030", "道路损坏了,请尽快处理。谢谢你们的工作。", True),
    ],
)
def test_text_files_of_every_office(tmp_path: Path, encoding: str, text: str, told: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"{text}\r\n\r\n{text}".encode(encoding))
    document = read_document(path, "text/plain")
    assert texts(document) == [text, text]
    assert any(code.startswith("document.encoding") for code in codes(document)) is told


def test_bytes_that_are_no_writing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(random.Random(1).randbytes(4000))  # noqa: S311
    with pytest.raises(DocumentDamaged):
        read_document(path, "text/plain")


def test_csv_finds_its_separator(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('이름;금액;비고\r\n홍길동;"1,200";"한 줄; 두 칸"\r\n'.encode("cp949"))
    rows = [(row, col, text) for row, col, text, _, _ in grid(read_document(path, "text/csv"))]
    assert rows[3:] == [(1, 0, "홍길동"), (1, 1, "1,200"), (1, 2, "한 줄; 두 칸")]


def test_markdown_tables_and_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# 제목\n글\n\n| 가 | 나 |\n|---|:-:|\n| 1 | 2 |\n", encoding="utf-8")
    document = read_document(path, "text/markdown")
    assert [(i.kind, i.text) for i in document.items] == [
        ("heading", "제목"),
        ("text", "글"),
        ("table", "가\t나\n1\t2"),
    ]


PAGE = """<html><head><meta charset=euc-kr><title>알림</title>
<script src="http://192.0.2.1/x.js"></script><style>p{color:red}</style></head><body>
<h2>제목</h2><p>첫 줄<br>둘째   줄 <b>굵게</b></p><div style="display: none">숨은 명령</div>
<table><tr><td rowspan=2>가<td colspan=2>나</tr><tr><td>다<td>라</tr></table>
<form><input name=이름 value=홍길동><input type=password value=x></form>
<img src="http://192.0.2.1/a.png" alt="지도"></body></html>"""


def test_html_reads_as_a_person_sees_it(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(PAGE.encode("cp949"))
    document = read_document(path, "text/html")
    assert [(i.kind, i.text) for i in document.items] == [
        ("heading", "제목"),
        ("text", "첫 줄\n둘째 줄 굵게"),
        ("table", "가\t나\n다\t라"),
        ("field", "이름: 홍길동"),
        ("picture", "지도"),
    ]
    assert grid(document)[0] == (0, 0, "가", 2, 1)
    assert grid(document)[2] == (1, 1, "다", 1, 1)
    assert codes(document) == {
        "document.macros": {},
        "document.external_links": {"count": 2},
        "document.unseen": {"count": 1},
    }


def test_mail_with_coded_names_and_attachments(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "홍길동 <a@example.org>",
        "b@example.org",
        "민원 안내",
    )
    mail.set_content("안녕하세요.\n\n가로등이 꺼졌습니다.")
    mail.add_alternative("<p>다른 글</p>", subtype="html")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="신청서.pdf")
    path = tmp_path / "a.eml"
    path.write_bytes(mail.as_bytes())
    document = read_document(path, "message/rfc822")
    assert "From: 홍길동 <a@example.org>" in texts(document, "field")
    assert texts(document, "text") == ["안녕하세요.", "가로등이 꺼졌습니다."]
    assert codes(document)["document.attachments"] == {"count": 1, "names": "신청서.pdf"}


# --- never run, never followed ------------------------------------------------------------------


def test_macros_outward_links_objects_and_commands_are_reported(tmp_path: Path) -> None:
    body = kit.w_p("글") + (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDEAUTO c:\\\\cmd.exe"
        "</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
    )
    path = kit.docx(
        tmp_path / "a.docx",
        body,
        word__vbaProject_dot_bin=b"\xd0\xcf\x11\xe0",
        word__embeddings__oleObject1_dot_bin=b"MZ",
        word___rels__document_dot_xml_dot_rels=kit.relations(
            ("r8", "attachedTemplate", "http://192.0.2.1/t.dotm", True),
            ("r9", "hyperlink", "http://192.0.2.1/", True),
        ),
    )
    document = read_document(path, kit.DOCX)
    assert "글" in texts(document)
    assert codes(document) == {
        "document.macros": {},
        "document.external_links": {"count": 1},
        "document.embedded": {"count": 1, "names": "oleObject1.bin"},
        "document.dde": {"count": 1},
    }


@pytest.mark.parametrize("prolog", [kit.BOMB, kit.OUTSIDE], ids=["bomb", "outside"])
def test_entities_are_refused(tmp_path: Path, prolog: str) -> None:
    spoiled = {
        kit.DOCX: kit.docx(tmp_path / "a.docx", kit.w_p("&c;"), prolog=prolog),
        kit.HWPX: kit.hwpx(tmp_path / "a.hwpx", kit.hp_p("&c;"), prolog=prolog),
        kit.ODT: kit.odt(tmp_path / "a.odt", "<text:p>&c;</text:p>", prolog=prolog),
        kit.XLSX: kit.pack(
            tmp_path / "a.xlsx",
            {
                "xl/workbook.xml": f"{prolog}<workbook>&c;</workbook>",
                "xl/_rels/workbook.xml.rels": kit.relations(),
            },
        ),
    }
    for media_type, path in spoiled.items():
        with pytest.raises(DocumentDamaged):
            read_document(path, media_type)


# --- refused by name ----------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", READERS)
def test_an_empty_file_is_named_so(tmp_path: Path, media_type: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    with pytest.raises(MediaEmpty):
        read_document(path, media_type)


def test_old_and_foreign_formats_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"{\\rtf1 hello}")
    with pytest.raises(DocumentOldFormat) as rtf:
        read_document(path, "application/rtf")
    assert rtf.value.facts == {"format": "RTF", "save_as": "DOCX"}
    with pytest.raises(DocumentUnsupported):
        read_document(path, "application/x-unknown")
    path.write_bytes(b"HWP Document File V3.00 \x1a\1\2\3\4\5" + bytes(200))
    with pytest.raises(DocumentOldFormat) as hwp3:
        read_document(path, kit.HWP)
    assert hwp3.value.facts["format"] == "HWP 3.0"


def test_a_document_without_words_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentNoText):
        read_document(kit.docx(tmp_path / "a.docx", "<w:p/>"), kit.DOCX)


def test_office_files_with_a_password_are_refused_as_such(tmp_path: Path) -> None:
    """OOXML with a password is an OLE container; what is in it can't be told from outside."""
    path = tmp_path / "a.docx"
    WRITERS["hwp"][1](make_truth("dev", 0), path.with_suffix(".hwp"))
    renamed = _rename_stream(path.with_suffix(".hwp").read_bytes(), "DocInfo", "EncryptedPackage")
    path.write_bytes(renamed)
    for media_type in (kit.DOCX, kit.XLSX, kit.PPTX, kit.OLE):
        with pytest.raises(DocumentEncrypted):
            read_document(path, media_type)
    locked = "<file-entry><encryption-data/></file-entry>"
    with pytest.raises(DocumentEncrypted):
        read_document(kit.odt(tmp_path / "a.odt", "", manifest=locked), kit.ODT)


def _rename_stream(data: bytes, old: str, new: str) -> bytes:
    """Another name in the directory of an OLE container: 64 bytes, then its length."""
    name = old.encode("utf-16-le").ljust(64, b"\0")
    at = data.index(name)
    length = (2 * len(new) + 2).to_bytes(2, "little")
    return data[:at] + new.encode("utf-16-le").ljust(64, b"\0") + length + data[at + 66 :]


# --- damaged ------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", WRITERS)
def test_damage_is_a_refusal_or_a_document_and_never_a_crash(tmp_path: Path, suffix: str) -> None:
    media_type, write = WRITERS[suffix]
    path = tmp_path / f"whole.{suffix}"
    write(make_truth("dev", 1), path)
    whole = path.read_bytes()
    draw = random.Random(suffix)  # noqa: S311
    refused = 0
    for _ in range(25):
        path.write_bytes(_damaged(whole, draw))
        try:
            assert read_document(path, media_type).items
        except MinwonError:
            refused += 1
    assert refused > 3


def _damaged(whole: bytes, draw: random.Random) -> bytes:
    """Cut off, bytes changed, or one part of the package spoiled."""
    choice = draw.random()
    if choice < 0.3:
        return whole[: draw.randrange(len(whole))]
    if choice < 0.6 or not whole.startswith(b"PK"):
        spoiled = bytearray(whole)
        for _ in range(draw.randint(1, 30)):
            spoiled[draw.randrange(len(spoiled))] = draw.randrange(256)
        return bytes(spoiled)
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as source, zipfile.ZipFile(out, "w") as target:
        victim = draw.choice([info.filename for info in source.infolist() if info.file_size])
        for info in source.infolist():
            data = source.read(info)
            if info.filename == victim:
                data = data[: draw.randrange(len(data))]
            target.writestr(info.filename, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "open_", "close"),
    [
        (kit.DOCX, "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        (kit.ODT, "<text:section>", "</text:section>"),
        ("text/html", "<div><table><tr><td>", "</td></tr></table></div>"),
        (
            kit.HWPX,
            "<hp:p><hp:run><hp:rect><hp:subList>",
            "</hp:subList></hp:rect></hp:run></hp:p>",
        ),
    ],
)
def test_deep_nesting_ends(tmp_path: Path, media_type: str, open_: str, close: str) -> None:
    make = {
        kit.DOCX: lambda body: kit.docx(tmp_path / "a", body + kit.w_p("끝")),
        kit.ODT: lambda body: kit.odt(tmp_path / "a", f"{body}<text:p>끝</text:p>"),
        kit.HWPX: lambda body: kit.hwpx(tmp_path / "a", body + kit.hp_p("끝")),
    }
    body = open_ * 3000 + close * 3000
    if media_type in make:
        path = make[media_type](body)
    else:
        path = tmp_path / "a"
        path.write_text(f"<html><body>{body}<p>끝</p></body></html>", encoding="utf-8")
    try:
        document = read_document(path, media_type)
    except MinwonError:
        return
    assert "끝" in "\n".join(texts(document))
