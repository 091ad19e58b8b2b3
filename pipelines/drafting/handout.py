"""What was found -> sheets that an office takes away: fields, differences, answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.drafting.compare import Change, Clause
from pipelines.drafting.fields import FieldValue
from pipelines.drafting.privacy import mask_rows
from pipelines.exports import Sheet
from pipelines.types import PageSpot


def fields_sheet(values: Sequence[FieldValue], names: dict[str, str]) -> Sheet:
    """One row a field; `names`: sha256 -> file name."""
    return Sheet(
        name="fields",
        header=("file", "field", "value", "as written", "page", "box", "confidence"),
        rows=tuple(
            (
                names.get(value.source, value.source),
                value.name,
                value.value,
                value.text,
                value.where.page_no,
                _box(value.where),
                value.confidence,
            )
            for value in values
        ),
    )


def fields_table(
    by_file: Sequence[tuple[str, Sequence[FieldValue]]], fields: Sequence[str]
) -> Sheet:
    """One row a file, one column a field: forty forms side by side."""
    rows = []
    for name, values in by_file:
        held = {value.name: value.value for value in values}
        rows.append((name, *(held.get(field, "") for field in fields)))
    return Sheet(name="forms", header=("file", *fields), rows=tuple(rows))


def changes_sheet(changes: Sequence[Change]) -> Sheet:
    """One row a difference, old beside new."""
    header = ("change", "clause", "old", "old page", "new", "new page")
    return Sheet(
        name="changes",
        header=header,
        rows=tuple(
            (
                change.kind,
                _clause_name(change.new or change.old),
                change.old.text if change.old else "",
                change.old.spots[0].page_no if change.old else "",
                change.new.text if change.new else "",
                change.new.spots[0].page_no if change.new else "",
            )
            for change in changes
        ),
    )


def masked_sheet(sheet: Sheet) -> Sheet:
    """The sheet with personal data masked; numbers stay numbers."""
    texts = [[str(value) for value in row] for row in sheet.rows]
    head = [list(sheet.header)] if sheet.header else []
    masked = mask_rows([*head, *texts])[len(head) :]
    rows = tuple(
        tuple(new if isinstance(old, str) else old for old, new in zip(row, hidden, strict=True))
        for row, hidden in zip(sheet.rows, masked, strict=True)
    )
    return replace(sheet, rows=rows)


def _clause_name(clause: Clause | None) -> str:
    return " ".join(part for part in (clause.heading, clause.name) if part) if clause else ""


def _box(spot: PageSpot) -> str:
    return " ".join(f"{edge:.1f}" for edge in spot.box_pt)
