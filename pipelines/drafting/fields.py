"""Named fields out of forms and letters, each with the box of its value; the office edits the list.

A form prints a label and its value beside or below it: as cells of a table, as "label: value", as
two pieces of a line, or as a form field. All of these are looked at, the best fitting one wins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipelines.drafting.labels import Label, Labels
from pipelines.drafting.pairs import Pair, pairs_of
from pipelines.drafting.values import FieldType, normalise
from pipelines.errors import PolicyInvalid
from pipelines.readers.pages import PagedDocument
from pipelines.settings import ASSETS
from pipelines.types import Language, PageSpot

FIELDS_PATH = ASSETS / "policy" / "fields.toml"
SOMEBODY_ELSE = 0.6
"""What a value loses that stands under "agent", "guardian", ..."""
SURE_ENOUGH = 0.5
"""A value that is less sure is left out: an empty field is better than somebody else's number."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    type: FieldType
    names: dict[Language, Annotated[tuple[Text, ...], Field(min_length=1)]]
    pattern: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    others: tuple[Text, ...] = ()
    field: Annotated[tuple[_Row, ...], Field(min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One field that the office wants."""

    name: str
    type: FieldType
    names: dict[str, tuple[str, ...]]
    pattern: re.Pattern[str] | None = None

    def value(self, text: str) -> str | None:
        """The value in its plain form; None where the text is none."""
        value = normalise(text, self.type)
        fits = value is not None and (self.pattern is None or self.pattern.fullmatch(value))
        return value if fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All fields, and the words under which somebody else than the applicant stands."""

    specs: tuple[Spec, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """One field that was found."""

    name: str
    value: str
    """In its plain form: 2026-03-02, 120000000, 010-1234-5678."""
    text: str
    """As it is written."""
    source: str
    """sha256 of the file."""
    where: PageSpot
    confidence: float
    """0 to 1: how surely label and value belong together, times how surely they were read."""


def load_fields(path: Path = FIELDS_PATH) -> Plan:
    """Read and check the list. Raises PolicyInvalid that names the file and the exact problem."""
    try:
        rows = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise PolicyInvalid(path=str(path), problem=str(exc)) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise PolicyInvalid(path=str(path), problem=f"{place}: {first['msg']}") from exc
    seen: set[str] = set()
    for row in rows.field:
        if row.name in seen:
            raise PolicyInvalid(path=str(path), problem=f"{row.name}: is there twice")
        seen.add(row.name)
    return Plan(specs=tuple(_spec(row, path) for row in rows.field), others=rows.others)


def _spec(row: _Row, path: Path) -> Spec:
    try:
        pattern = re.compile(row.pattern) if row.pattern else None
    except re.error as exc:
        raise PolicyInvalid(path=str(path), problem=f"{row.name}.pattern: {exc}") from exc
    names = {str(language): texts for language, texts in row.names.items()}
    return Spec(name=row.name, type=row.type, names=names, pattern=pattern)


Fallback = Callable[[Spec, PagedDocument], FieldValue | None]


def extract(
    document: PagedDocument, source: str, plan: Plan, fallback: Fallback | None = None
) -> tuple[FieldValue, ...]:
    """The fields that a document has, in the order of the plan; what isn't there is left out.

    `fallback` is asked for what no label led to (a model, say).
    """
    labels = Labels(
        (Label(field=spec.name, text=text) for spec in plan.specs for text in _texts(spec)),
        plan.others,
    )
    pairs = pairs_of(document, labels)
    found = []
    for spec in plan.specs:
        value = _best(spec, pairs, source)
        if value is None and fallback is not None:
            value = fallback(spec, document)
        if value is not None:
            found.append(value)
    return tuple(found)


def _texts(spec: Spec) -> Iterable[str]:
    return (text for texts in spec.names.values() for text in texts)


def _best(spec: Spec, pairs: Sequence[Pair], source: str) -> FieldValue | None:
    best: tuple[float, FieldValue] | None = None
    for order, pair in enumerate(p for p in pairs if p.field == spec.name):
        value = spec.value(pair.text)
        if value is None:
            continue
        score = pair.sureness - (SOMEBODY_ELSE if pair.of_other else 0.0) - 0.001 * order
        if score >= SURE_ENOUGH and (best is None or score > best[0]):
            found = FieldValue(
                name=spec.name,
                value=value,
                text=" ".join(pair.text.split()),
                source=source,
                where=PageSpot(page_no=pair.page_no, box_pt=pair.box_of_value(pair.text)),
                confidence=round(max(score, 0.05) * pair.read, 3),
            )
            best = (score, found)
    return best[1] if best else None
