"""Numbers as a sheet shows them."""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines.readers.cell_format import shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234567, '#,##0"원"', "1,234,567원"),
        (-5, '#,##0;[Red]"△"#,##0', "△5"),
        (-5, "#,##0_-;-* #,##0_-", "-5"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (0.256, "0.0%", "25.6%"),
        (3.1, "0.##", "3.1"),
        (7, "000", "007"),
        (10, '0"회 0번"', "10회 0번"),
        (1234567, "#,##0,", "1,235"),
        (12345, "0.00E+00", "1.23E+04"),
        (0.1 + 0.2, "General", "0.3"),
        (1.0, None, "1"),
        (0.5, "# ?/?", "0.5"),
        (True, "General", "TRUE"),
        ("글", "@", "글"),
        (None, "General", ""),
        (dt.datetime(2026, 3, 2, 14, 5), 'yyyy"년" m"월" d"일"', "2026년 3월 2일"),
        (dt.datetime(2026, 3, 2, 14, 5), "yyyy-mm-dd h:mm", "2026-03-02 14:05"),
        (dt.datetime(2026, 3, 2, 14, 5), "h:mm AM/PM", "2:05 PM"),
        (dt.datetime(2026, 3, 2), "mm-dd-yy", "2026-03-02"),
        (dt.date(2026, 3, 2), "yyyy. m. d (aaa)", "2026. 3. 2 (월)"),
        (dt.time(9, 30), "h:mm", "9:30"),
        (dt.timedelta(hours=30, minutes=5), "[h]:mm", "30:05:00"),
    ],
)
def test_values_read_as_the_sheet_shows_them(value: object, code: str | None, text: str) -> None:
    assert shown(value, code) == text
