"""The list of the desk to take along: CSV, XLSX or PDF, always masked, each in the audit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from demo.access import User
from demo.form import category_name, department_name
from demo.office.asks import Listing
from demo.office.room import OfficeRoom
from demo.papers.handout import HandedOut
from demo.present import Words
from demo.store.docket import DocketItem
from demo.store.masking import masked
from pipelines.exports import Sheet, as_csv, write_xlsx
from pipelines.readers.flow import FlowDocument
from pipelines.readers.layout import set_pages
from pipelines.readers.pages import Cell, Item, Table

Kind = Literal["csv", "xlsx", "pdf"]
MOST_ROWS = 10_000
MOST_ROWS_PDF = 500
PAGE = 500
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
COLUMNS = ("number", "state", "due_on", "title", "category", "department", "urgency", "place",
           "district", "assignee", "filed_at", "answered_at")  # fmt: skip
IN_PDF = ("number", "state", "due_on", "title", "department", "assignee")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHandout:
    """Makes the files. Heavy: run it in a thread."""

    room: OfficeRoom

    def make(self, user: User, ask: Listing, kind: Kind, words: Words) -> HandedOut:
        """What the list shows, whole. `user` may export, which the caller has checked."""
        most = MOST_ROWS_PDF if kind == "pdf" else MOST_ROWS
        rows = tuple(self._rows(user, ask, words, most))
        self.room.store.audit.note(user.actor, "exported", None, {"kind": kind, "rows": len(rows)})
        sheet = Sheet(
            name=words.plain("heading"),
            header=tuple(words.plain(f"column_{name}") for name in COLUMNS),
            rows=rows,
        )
        content = _csv(sheet) if kind == "csv" else _xlsx(sheet)
        if kind == "pdf":
            content = _pdf(sheet)
        name = f"cases-{self.room.today():%Y%m%d}.{kind}"
        return HandedOut(name=name, media_type=TYPES[kind], content=content)

    def _rows(self, user: User, ask: Listing, words: Words, most: int) -> Iterator[tuple[str, ...]]:
        room, cursor, left = self.room, None, most
        filters = room.found(ask, user, room.today())
        while left > 0:
            page = room.docket.page(filters, sort=ask.sort, cursor=cursor, size=min(PAGE, left))
            yield from (self._row(item, words) for item in page.items)
            left -= len(page.items)
            cursor = page.next
            if cursor is None:
                return

    def _row(self, item: DocketItem, words: Words) -> tuple[str, ...]:
        policy, language = self.room.policy, words.language
        answered = words.time(item.answered_at) if item.answered_at is not None else ""
        return (
            item.number,
            words.plain(f"state.{item.state}"),
            item.due_on.isoformat(),
            item.title,
            category_name(policy, item.category, language),
            department_name(policy, item.department, language),
            words.plain(f"urgency.{item.urgency}"),
            masked(item.place),
            item.district or "",
            item.assignee or "",
            words.time(item.filed_at),
            answered,
        )


def _csv(sheet: Sheet) -> bytes:
    return as_csv(sheet).encode("utf-8")


def _xlsx(sheet: Sheet) -> bytes:
    with tempfile.TemporaryDirectory(prefix="minwon-export-") as folder:
        path = Path(folder) / "cases.xlsx"
        write_xlsx([sheet], path)
        return path.read_bytes()


def _pdf(sheet: Sheet) -> bytes:
    """Fewer columns: what a sheet of paper holds."""
    kept = [COLUMNS.index(name) for name in IN_PDF]
    lines = [sheet.header, *sheet.rows]
    cells = tuple(
        Cell(row=row, col=col, text=str(line[at]))
        for row, line in enumerate(lines)
        for col, at in enumerate(kept)
    )
    table = Table(rows=len(lines), cols=len(kept), cells=cells)
    items = (
        Item(kind="heading", text=sheet.name, level=1),
        Item(kind="table", table=table),
    )
    with tempfile.TemporaryDirectory(prefix="minwon-export-") as folder:
        path = Path(folder) / "cases.pdf"
        set_pages(FlowDocument(items=items, title=sheet.name), path)
        return path.read_bytes()
