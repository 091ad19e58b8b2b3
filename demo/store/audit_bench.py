"""How long the audit page takes to open: python -m demo.store.audit_bench [COUNT] [FOLDER]

Writes COUNT rows (100,000), chained as real ones, into a new SQLite, unless FOLDER holds some; then
opens first pages with the filters that the page has, the row about the look itself included, and
walks the chain once.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from demo.store.audit import GENESIS, Audit, row_hash
from demo.store.audit_book import AuditBook, AuditFilters
from demo.store.database import Database, open_engine, utc_now
from demo.store.desk_tables import AuditRow
from demo.store.looking import ROUNDS, run, tell
from demo.store.upgrade import upgrade
from pipelines.settings import Settings

LINES = 50
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
STEP = dt.timedelta(minutes=5)
ACTIONS = ("read", "read", "read", "listed", "assigned", "answered", "originals_opened")
RARE = 5_000
"""Every so manieth row is of an action that hardly happens."""


def write(database: Database, count: int) -> None:
    """Rows of 20 people about some thousand cases, five minutes apart."""
    rng, before = random.Random(1), GENESIS  # noqa: S311 - made-up rows, no secret
    columns = [column.name for column in AuditRow.__table__.columns if column.name != "id"]
    rows: list[dict[str, object]] = []
    for n in range(count):
        row = AuditRow(
            time=FIRST + n * STEP,
            actor=f"user:person{rng.randrange(20)}" if rng.random() > 0.2 else "citizen",
            action=rng.choice(ACTIONS) if n % RARE else "account_shut",
            case_number=f"MW-20260101-{rng.randrange(count // 10 + 1):05d}",
            facts={"n": n},
            before_hash=before,
        )
        row.hash = before = row_hash(row)
        rows.append({name: getattr(row, name) for name in columns})
    with database.write() as session:
        session.execute(sa.insert(AuditRow), rows)


def looks(count: int) -> dict[str, AuditFilters]:
    """Name -> what is asked for."""
    half = FIRST + count // 2 * STEP
    return {
        "everything": AuditFilters(),
        "a person": AuditFilters(actor="person7"),
        "nobody's": AuditFilters(actor="nobody"),
        "a case": AuditFilters(case_number="MW-20260101-00042"),
        "a rare action": AuditFilters(action="account_shut"),
        "a person's rare action": AuditFilters(actor="person7", action="account_shut"),
        "a day long ago": AuditFilters(since=half, until=half + dt.timedelta(days=1)),
        "before a day": AuditFilters(until=half),
        "a person's day": AuditFilters(actor="person7", since=half, until=half + 288 * STEP),
    }


def measure(folder: Path, count: int) -> None:
    """Write where nothing is, then look."""
    engine = open_engine(Settings(data_dir=folder, database_url=""))
    upgrade(engine)
    database = Database(engine)
    audit, book = Audit(database, utc_now), AuditBook(database)
    if not book.page(AuditFilters(), most=1).rows:
        write(database, count)
    sys.stdout.write(f"{audit.newest(1)[0].id} rows, n = {ROUNDS} each\n")
    tell({name: partial(_look, audit, book, filters) for name, filters in looks(count).items()})
    started = time.perf_counter()
    verdict = audit.verify()
    sys.stdout.write(f"chain of {verdict.rows} walked in {time.perf_counter() - started:.1f} s\n")


def _look(audit: Audit, book: AuditBook, filters: AuditFilters) -> None:
    """As the page does it."""
    audit.note("user:bench", "audit_read")
    book.page(filters, most=LINES)
    book.actions()


if __name__ == "__main__":
    run(measure)
