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
from pipelines.drafting.handout import changes_sheet, fields_sheet, fields_table, masked_sheet
from pipelines.drafting.privacy import Kind, cover, mask
from pipelines.drafting.privacy.results import masked_case
from pipelines.drafting.values import FieldType
from pipelines.exports import Sheet, as_csv, as_json, sheets_of_tables, write_xlsx
from pipelines.report import as_json as case_json
from pipelines.types import CaseResult
from pipelines.wording import languages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHEETS = 250
KIND_OF: dict[FieldType, Kind] = {
    "person": "name", "phone": "phone", "email": "email", "address": "address",
}  # fmt: skip


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

    def make(
        self, session: Session, name: str, language: str, *, original: bool = False
    ) -> HandedOut:
        """`name`: fields.csv, fields.json, fields.xlsx, tables.xlsx, changes.xlsx or draft.json.

        Personal data is masked unless `original`. Raises NothingToHandOut.
        """
        makers: dict[str, Callable[[Session, Words, bool], tuple[str, bytes]]] = {
            "fields.csv": lambda s, w, o: ("text/csv; charset=utf-8", _csv(s, w, o)),
            "fields.json": lambda s, w, o: ("application/json", _json(s, w, o)),
            "fields.xlsx": lambda s, w, o: (XLSX, _fields_xlsx(s, w, o)),
            "tables.xlsx": lambda s, w, o: (XLSX, _tables(s, w, o)),
            "changes.xlsx": lambda s, w, o: (XLSX, _changes(s, w, o)),
            "draft.json": lambda s, w, o: ("application/json", _draft(s, w, o)),
        }
        if name not in makers:
            raise NothingToHandOut
        words = Words(language if language in languages() else "ko")
        media_type, content = makers[name](session, words, original)
        stem, _, suffix = name.partition(".")
        shown = f"{words.plain(f'papers.file_{stem}')}.{suffix}"
        return HandedOut(name=shown, media_type=media_type, content=content)


def names_of(session: Session, original: bool = True) -> dict[str, str]:
    """sha256 -> the sender's name."""
    files = ((s.media, s.name) for s in session.all_sheets)
    return {m.sha256: n if original else mask(n) for m, n in files if m is not None}


def _found(session: Session, original: bool) -> FoundFields:
    task = session.latest("fields")
    if task is None or not isinstance(task.result, FoundFields):
        raise NothingToHandOut
    found = task.result
    if original:
        return found
    kinds = {row.name: KIND_OF.get(row.type) for row in found.rows}
    return replace(
        found,
        by_file=tuple(
            (number, tuple(_masked(value, kinds.get(value.name)) for value in values))
            for number, values in found.by_file
        ),
    )


def _masked(value: FieldValue, kind: Kind | None) -> FieldValue:
    """A field that asks for a name holds one, whatever it looks like."""

    def hidden(text: str) -> str:
        return cover(text, kind) if kind else mask(text)

    return replace(value, value=hidden(value.value), text=hidden(value.text))


def _flat(session: Session, words: Words, original: bool) -> Sheet:
    values = [v for _, found in _found(session, original).by_file for v in found]
    return _named(fields_sheet(values, names_of(session, original)), words)


def _named(sheet: Sheet, words: Words) -> Sheet:
    """The sheet with its columns named in the reader's language."""
    header = tuple(words.plain(f"papers.column.{name}") for name in sheet.header)
    return replace(sheet, header=header, name=words.plain(f"papers.column.{sheet.name}"))


def _csv(session: Session, words: Words, original: bool) -> bytes:
    return as_csv(_flat(session, words, original)).encode("utf-8")


def _json(session: Session, words: Words, original: bool) -> bytes:
    _ = words  # names in a JSON file are for programs: they stay
    values = [value for _, found in _found(session, original).by_file for value in found]
    return as_json(fields_sheet(values, names_of(session, original))).encode("utf-8")


def _fields_xlsx(session: Session, words: Words, original: bool) -> bytes:
    found = _found(session, original)
    names = {number: session.sheets[number].name for number, _ in found.by_file}
    named = [
        (names[number] if original else mask(names[number]), values)
        for number, values in found.by_file
    ]
    table = fields_table(named, [row.name for row in found.rows])
    first = words.plain("papers.column.file")
    forms = replace(
        table, header=(first, *table.header[1:]), name=words.plain("papers.column.forms")
    )
    return _workbook([forms, _flat(session, words, original)])


def _tables(session: Session, words: Words, original: bool) -> bytes:
    sheets: list[Sheet] = []
    several = len(session.read) > 1
    for sheet in session.read:
        if sheet.paper is not None:
            made = sheets_of_tables(sheet.paper.pages, words.plain("papers.table"))
            front = f"{sheet.number} " if several else ""
            sheets += [replace(one, name=f"{front}{one.name}") for one in made]
    return _workbook(sheets[:MOST_SHEETS], original)


def _changes(session: Session, words: Words, original: bool) -> bytes:
    task = session.latest("compare")
    if task is None or not isinstance(task.result, Changes):
        raise NothingToHandOut
    sheet = _named(changes_sheet(task.result.changes), words)
    rows = tuple((words.plain(f"papers.change_{row[0]}"), *row[1:]) for row in sheet.rows)
    return _workbook([replace(sheet, rows=rows)], original)


def _draft(session: Session, words: Words, original: bool) -> bytes:
    task = session.latest("draft")
    if task is None or not isinstance(task.result, CaseResult):
        raise NothingToHandOut
    case = task.result if original else masked_case(task.result)
    shown = case_json(case, words.language)
    shown["files"] = [{"name": media.name, "sha256": media.sha256} for media in case.media]
    return json.dumps(shown, ensure_ascii=False, indent=1).encode("utf-8")


def _workbook(sheets: Sequence[Sheet], original: bool = True) -> bytes:
    if not sheets:
        raise NothingToHandOut
    if not original:
        sheets = [masked_sheet(sheet) for sheet in sheets]
    with tempfile.TemporaryDirectory(prefix="minwon-out-") as folder:
        path = Path(folder) / "out.xlsx"
        write_xlsx(sheets, path)
        return path.read_bytes()
