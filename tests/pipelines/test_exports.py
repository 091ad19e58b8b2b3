"""What leaves as a file opens everywhere and runs nothing."""

from __future__ import annotations

import csv
import io
import json
import warnings
from pathlib import Path

import pytest

from pipelines.drafting.compare import compare
from pipelines.drafting.fields import extract, load_fields
from pipelines.drafting.handout import changes_sheet, fields_sheet, fields_table
from pipelines.exports import Sheet, as_csv, as_json, safe, sheets_of_tables, write_xlsx
from tests.pipelines.drafting.paper_kit import paged, read

HOSTILE = ["=1+1", "+82", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "=1+1", "\r=2"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    sheet = Sheet(name="x", header=("name", text), rows=((1, text),))
    rows = list(csv.reader(io.StringIO(as_csv(sheet).removeprefix("\ufeff"))))
    assert rows[0][1].startswith("'")
    assert rows[1][1].startswith("'")
    write_xlsx([sheet], tmp_path / "x.xlsx")
    cell = load_workbook(tmp_path / "x.xlsx")["x"]["B2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


def test_numbers_and_words_stay_as_they_are() -> None:
    assert [safe(-5), safe(1.5), safe("김가람"), safe("3-4월")] == [-5, 1.5, "김가람", "3-4월"]


def test_signs_that_no_xml_holds_do_not_break_the_file(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_xlsx(
        [Sheet(name="a/b:c*?[d]'", header=("\x00h",), rows=(("\x07말\ud800",),))],
        tmp_path / "x.xlsx",
    )
    page = load_workbook(tmp_path / "x.xlsx").worksheets[0]
    assert page["A2"].value == "말"


def test_json_holds_the_values_themselves() -> None:
    sheet = Sheet(name="x", header=("field", "value"), rows=(("phone", "+82-10"),))
    assert json.loads(as_json(sheet)) == [{"field": "phone", "value": "+82-10"}]


def test_tables_of_a_document_become_sheets(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    body = "# 요금\n\n| 구분 | 하루 |\n| 소형 | 6,000원 |\n---\n| 층 | 시설 |\n| 1 | 헬스장 |"
    sheets = sheets_of_tables(paged(body))
    write_xlsx(sheets, tmp_path / "tables.xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == ["p1 table 1", "p2 table 1"]
    assert book["p1 table 1"]["B2"].value == "6,000원"
    assert not (tmp_path / ".tables.xlsx.part").exists()


def test_sheets_of_one_name_get_numbers(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_xlsx([Sheet(name="a" * 40, header=("x",), rows=())] * 3, tmp_path / "x.xlsx")
    names = load_workbook(tmp_path / "x.xlsx").sheetnames
    assert len(set(names)) == 3
    assert all(len(name) <= 31 for name in names)


def test_nothing_to_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no sheet"):
        write_xlsx([], tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_forms_stand_side_by_side_and_differences_old_beside_new() -> None:
    plan = load_fields()
    first = extract(paged("성명: 김가람\n\n금액: 5만 원"), "a", plan)
    second = extract(paged("성명: 이누리"), "b", plan)
    table = fields_table([("a.pdf", first), ("=b.pdf", second)], ["applicant", "amount"])
    assert table.rows == (("a.pdf", "김가람", "50000"), ("=b.pdf", "이누리", ""))
    assert "'=b.pdf" in as_csv(table)
    single = fields_sheet(first, {"a": "a.pdf"})
    assert [row[1] for row in single.rows] == ["applicant", "amount"]
    changes = compare(read("# 조례\n\n① 요금은 5원이다."), read("# 조례\n\n① 요금은 6원이다."))
    (row,) = changes_sheet(changes).rows
    assert row == ("changed", "①", "① 요금은 5원이다.", 1, "① 요금은 6원이다.", 1)
