import datetime as dt

import pytest

from pipelines.drafting.clock import due_date, is_working_day


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-23", 7, "2026-12-01"),  # a Monday counts itself: Mon-Fri, Mon, Tue
        ("2026-11-24", 7, "2026-12-02"),
        ("2026-11-28", 7, "2026-12-08"),  # a Saturday counts from the Monday
        ("2026-11-29", 14, "2026-12-17"),
        ("2026-02-13", 7, "2026-02-26"),  # over the Lunar New Year (16, 17, 18)
        ("2026-09-21", 14, "2026-10-14"),  # Chuseok, two substitutes' weeks and Hangul Day
        ("2026-12-24", 7, "2027-01-05"),  # Christmas and New Year
    ],
)
def test_due_dates_counted_by_hand(received: str, days: int, due: str) -> None:
    assert due_date(day(received), days) == day(due)


@pytest.mark.parametrize(
    "holiday",
    [
        "2026-03-02",  # substitute for 1 March, a Sunday
        "2026-05-01",  # Labour Day, a public holiday since 2026
        "2026-07-17",  # Constitution Day, again a public holiday since 2026
        "2026-08-17",  # substitute for Liberation Day, a Saturday
        "2026-10-05",  # substitute for 3 October, a Saturday
        "2027-02-09",  # substitute for the Lunar New Year, a Sunday
        "2027-05-03",  # substitute for Labour Day, a Saturday
        "2027-07-19",  # substitute for Constitution Day, a Saturday
        "2027-09-15",  # Chuseok
        "2027-12-27",  # substitute for Christmas, a Saturday
    ],
)
def test_public_holidays(holiday: str) -> None:
    assert not is_working_day(day(holiday))


@pytest.mark.parametrize("working", ["2025-05-01", "2025-07-17", "2026-11-24", "2026-09-28"])
def test_days_that_are_no_holiday(working: str) -> None:
    assert is_working_day(day(working))


def test_the_due_day_is_always_a_working_day() -> None:
    start = day("2026-01-01")
    for step in range(400):
        assert is_working_day(due_date(start + dt.timedelta(days=step), 7))


def test_short_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="5 days"):
        due_date(day("2026-11-24"), 5)
