"""The list of wanted fields as an official edits it, and what was found for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pipelines.drafting.fields import FieldValue, Plan, Spec, extract
from pipelines.drafting.values import FieldType
from pipelines.readers.pages import PagedDocument

MOST_ROWS = 40
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class Row(BaseModel):
    """One wanted field: what it is called here, its kind, other names that forms print for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Label
    type: FieldType
    also: Annotated[str, StringConstraints(max_length=600)] = ""
    """Separated by commas."""


Rows = Annotated[tuple[Row, ...], Field(min_length=1, max_length=MOST_ROWS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFields:
    """What the files say for each field; the values carry their place."""

    rows: tuple[Row, ...]
    by_file: tuple[tuple[int, tuple[FieldValue, ...]], ...]
    """(number of the file, its values)."""


def rows_of(plan: Plan, language: str) -> tuple[Row, ...]:
    """The office's own list, under its names in `language`; all other names are kept beside."""
    return tuple(_row(spec, language) for spec in plan.specs)


def _row(spec: Spec, language: str) -> Row:
    names = spec.names.get(language) or next(iter(spec.names.values()))
    first = names[0]
    others = [name for texts in spec.names.values() for name in texts if name != first]
    also = ", ".join(dict.fromkeys(others))
    while len(also) > 600:
        also = also.rpartition(", ")[0]
    return Row(name=first[:1].upper() + first[1:], type=spec.type, also=also)


def plan_of(rows: Sequence[Row], others: tuple[str, ...]) -> Plan:
    """The edited list as a plan; of two rows with one name the first counts."""
    specs: dict[str, Spec] = {}
    for row in rows:
        also = [text.strip()[:80] for text in row.also.split(",")]
        labels = tuple(dict.fromkeys([row.name, *(text for text in also if text)]))
        specs.setdefault(row.name, Spec(name=row.name, type=row.type, names={"": labels}))
    return Plan(specs=tuple(specs.values()), others=others)


def found_in(
    pages: Sequence[tuple[int, str, PagedDocument]], rows: tuple[Row, ...], others: tuple[str, ...]
) -> FoundFields:
    """`pages`: (number of the file, its sha256, its pages)."""
    plan = plan_of(rows, others)
    by_file = tuple((number, extract(document, source, plan)) for number, source, document in pages)
    return FoundFields(rows=rows, by_file=by_file)
