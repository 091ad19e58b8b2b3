"""What an official takes away: fields, tables, differences, the draft with its citations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demo.papers.schema import FoundFields
from demo.papers.session import Changes, Session
from demo.present import Words
from pipelines.drafting.fields import FieldValue
from pipelines.drafting.handout import changes_sheet, fields_sheet, fields_table
from pipelines.exports import Sheet, as_csv, as_json, sheets_of_tables, write_xlsx
from pipelines.report import as_json as case_json
from pipelines.types import CaseResult
from pipelines.wording import languages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHEETS = 250


class NothingToHandOut(LookupError):
    """There is no such thing in the session yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A file to save."""

    name: str
    media_type: str
    content: bytes


class Handout:
    """Makes exports out of what a session holds; nothing is kept."""

    def make(self, session: Session, name: str, language: str) -> HandedOut:
        """`name`: fields.csv, fields.json, fields.xlsx, tables.xlsx, changes.xlsx or draft.json.

        Raises NothingToHandOut.
        """
        makers: dict[str, Callable[[Session, Words], tuple[str, bytes]]] = {
            "fields.csv": lambda s, w: ("text/csv; charset=utf-8", _csv(s, w)),
            "fields.json": lambda s, w: ("application/json", _json(s, w)),
            "fields.xlsx": lambda s, w: (XLSX, _fields_xlsx(s, w)),
            "tables.xlsx": lambda s, w: (XLSX, _tables(s, w)),
            "changes.xlsx": lambda s, w: (XLSX, _changes(s, w)),
            "draft.json": lambda s, w: ("application/json", _draft(s, w)),
        }
        if name not in makers:
            raise NothingToHandOut
        words = Words(language if language in languages() else "ko")
        media_type, content = makers[name](session, words)
        stem, _, suffix = name.partition(".")
        shown = f"{words.plain(f'papers.file_{stem}')}.{suffix}"
        return HandedOut(name=shown, media_type=media_type, content=content)


def names_of(session: Session) -> dict[str, str]:
    """sha256 -> the sender's name."""
    return {s.media.sha256: s.name for s in session.all_sheets if s.media is not None}


def _found(session: Session) -> FoundFields:
    task = session.latest("fields")
    if task is None or not isinstance(task.result, FoundFields):
        raise NothingToHandOut
    return task.result


def _flat(session: Session, words: Words) -> Sheet:
    values: list[FieldValue] = [v for _, found in _found(session).by_file for v in found]
    return _named(fields_sheet(values, names_of(session)), words)


def _named(sheet: Sheet, words: Words) -> Sheet:
    """The sheet with its columns named in the reader's language."""
    header = tuple(words.plain(f"papers.column.{name}") for name in sheet.header)
    return replace(sheet, header=header, name=words.plain(f"papers.column.{sheet.name}"))


def _csv(session: Session, words: Words) -> bytes:
    return as_csv(_flat(session, words)).encode("utf-8")


def _json(session: Session, words: Words) -> bytes:
    _ = words  # names in a JSON file are for programs: they stay
    values = [value for _, found in _found(session).by_file for value in found]
    return as_json(fields_sheet(values, names_of(session))).encode("utf-8")


def _fields_xlsx(session: Session, words: Words) -> bytes:
    found = _found(session)
    named = [(session.sheets[number].name, values) for number, values in found.by_file]
    table = fields_table(named, [row.name for row in found.rows])
    first = words.plain("papers.column.file")
    forms = replace(
        table, header=(first, *table.header[1:]), name=words.plain("papers.column.forms")
    )
    return _workbook([forms, _flat(session, words)])


def _tables(session: Session, words: Words) -> bytes:
    sheets: list[Sheet] = []
    several = len(session.read) > 1
    for sheet in session.read:
        if sheet.paper is not None:
            made = sheets_of_tables(sheet.paper.pages, words.plain("papers.table"))
            front = f"{sheet.number} " if several else ""
            sheets += [replace(one, name=f"{front}{one.name}") for one in made]
    return _workbook(sheets[:MOST_SHEETS])


def _changes(session: Session, words: Words) -> bytes:
    task = session.latest("compare")
    if task is None or not isinstance(task.result, Changes):
        raise NothingToHandOut
    sheet = _named(changes_sheet(task.result.changes), words)
    rows = tuple((words.plain(f"papers.change_{row[0]}"), *row[1:]) for row in sheet.rows)
    return _workbook([replace(sheet, rows=rows)])


def _draft(session: Session, words: Words) -> bytes:
    task = session.latest("draft")
    if task is None or not isinstance(task.result, CaseResult):
        raise NothingToHandOut
    shown = case_json(task.result, words.language)
    shown["files"] = [{"name": media.name, "sha256": media.sha256} for media in task.result.media]
    return json.dumps(shown, ensure_ascii=False, indent=1).encode("utf-8")


def _workbook(sheets: Sequence[Sheet]) -> bytes:
    if not sheets:
        raise NothingToHandOut
    with tempfile.TemporaryDirectory(prefix="minwon-out-") as folder:
        path = Path(folder) / "out.xlsx"
        write_xlsx(sheets, path)
        return path.read_bytes()
