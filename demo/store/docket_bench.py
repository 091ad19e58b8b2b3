"""How long the desk's list takes to open: python -m demo.store.docket_bench [COUNT] [FOLDER]

Plants COUNT cases (100,000) into a new SQLite, unless FOLDER holds some, then opens pages with
filters and orders as officials choose them, counts included, and pages far behind.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path

from demo.store.database import Database, data_file, open_engine
from demo.store.docket import OPEN, Docket, Filters
from demo.store.looking import ROUNDS, run, tell
from demo.store.planted import plant
from demo.store.upgrade import upgrade
from pipelines.settings import Settings

TODAY = dt.date(2026, 11, 24)
FAR_PAGES = 40


def looks(docket: Docket) -> dict[str, Callable[[], object]]:
    """Name -> one opening of the list."""
    views = {
        "open, by deadline": Filters(states=OPEN),
        "all": Filters(),
        "a department": Filters(states=OPEN, department="안전건설과"),
        "a category": Filters(category="환경미화"),
        "a district": Filters(district="서울특별시 마포구"),
        "nobody's": Filters(states=OPEN, unassigned=True),
        "emergencies": Filters(urgency="emergency"),
        "overdue": Filters(states=OPEN, due_before=TODAY),
        "a month": Filters(filed_from=dt.date(2026, 3, 1), filed_to=dt.date(2026, 3, 31)),
        "a word of the title": Filters(text="가로등"),
        "words that no title has": Filters(text="없는말 하나"),
    }
    made: dict[str, Callable[[], object]] = {}
    for name, filters in views.items():
        made[name] = lambda f=filters: (docket.page(f), docket.counts(f), docket.overdue(f, TODAY))  # type: ignore[misc]
    made["newest first"] = lambda: docket.page(Filters(), sort="newest")
    cursor = None
    for _ in range(FAR_PAGES):
        cursor = docket.page(Filters(), cursor=cursor).next
    made[f"page {FAR_PAGES + 1}"] = lambda: docket.page(Filters(), cursor=cursor)
    return made


def measure(folder: Path, count: int) -> None:
    """Plant where nothing is, then look."""
    engine = open_engine(Settings(data_dir=folder, database_url=""))
    upgrade(engine)
    docket = Docket(Database(engine))
    if not docket.page(Filters(), size=1).items:
        started = time.monotonic()
        plant(engine, count, 1)
        size_mb = (data_file(engine) or folder).stat().st_size / 1e6
        sys.stdout.write(f"planted in {time.monotonic() - started:.1f} s, {size_mb:.0f} MB\n")
    sys.stdout.write(f"{sum(docket.counts(Filters()).values())} cases, n = {ROUNDS} each\n")
    tell(looks(docket))


if __name__ == "__main__":
    run(measure)
