"""The legal clock: from the day of receipt to the day by which an answer is due."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Literal

KOREA = dt.timezone(dt.timedelta(hours=9), "KST")
SATURDAY = 5
SHORTEST_DAYS = 6
SOON_DAYS = 2
"""So few working days before the deadline people are warned."""
Warn = Literal["fine", "soon", "today", "overdue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """How a deadline stands on a day."""

    due_on: dt.date
    warn: Warn
    working_days: int
    """Left after today, the due day counted; once overdue, how many have passed since."""


def day_in_korea() -> dt.date:
    """The day that it is in Korea, wherever the machine stands."""
    return dt.datetime.now(tz=KOREA).date()


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which the day begins in Korea."""
    return dt.datetime.combine(day, dt.time(), tzinfo=KOREA)


def due_date(received: dt.date, working_days: int) -> dt.date:
    """The last day of a period of `working_days` that starts with the day of receipt.

    Counting rule: Civil Petitions Treatment Act (민원 처리에 관한 법률), article 19 (2): a period
    of six days or more is counted in days, the first day included; public holidays and Saturdays
    are not counted. So what comes in on a Monday with a period of 7 days is due on the Tuesday of
    the next week; what comes in on a Sunday counts from the Monday.
    Holidays: those of public offices in Korea, substitutes included, as the `holidays` package
    knows them; from 2026 on that includes Labour Day (1 May) and Constitution Day (17 July).
    A holiday that the government declares at short notice is not known before the package is.

    Raises ValueError below 6 days: shorter periods are counted in hours (article 19 (1)).
    """
    if working_days < SHORTEST_DAYS:
        raise ValueError(f"{working_days} days: periods below {SHORTEST_DAYS} count in hours")
    day, left = received, working_days
    while True:
        left -= is_working_day(day)
        if not left:
            return day
        day += dt.timedelta(days=1)


def deadline(due_on: dt.date, today: dt.date) -> Deadline:
    """How a deadline stands on a day, both in Korea's days."""
    first, last = sorted((due_on, today))
    days = (first + dt.timedelta(days=n) for n in range(1, (last - first).days + 1))
    count = sum(is_working_day(day) for day in days)
    warn: Warn = "fine"
    if today > due_on:
        warn = "overdue"
    elif today == due_on:
        warn = "today"
    elif count <= SOON_DAYS:
        warn = "soon"
    return Deadline(due_on=due_on, warn=warn, working_days=count)


def is_working_day(day: dt.date) -> bool:
    """False on Saturdays, Sundays and public holidays in Korea."""
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


@functools.cache
def _public_holidays(year: int) -> frozenset[dt.date]:
    import holidays

    return frozenset(holidays.country_holidays("KR", years=year))
