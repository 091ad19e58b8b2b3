"""What a citizen may change, and whether a change can be kept. Pure; the store keeps the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from demo.store.views import merged
from pipelines.drafting.case import CaseDraft
from pipelines.errors import CaseFieldInvalid

EDITABLE = ("title", "summary", "request", "place", "urgency", "category")
MAX_EVIDENCE_CHARS = 20_000

OnCategory = Callable[[CaseDraft, str], Mapping[str, str]]
"""(draft, chosen category) -> the fields that follow from it (department, due_date as ISO text).
Raises KeyError for a category that the policy doesn't have."""


def edited(
    drafted: CaseDraft,
    before: Mapping[str, str],
    fields: Mapping[str, str],
    on_category: OnCategory | None,
) -> dict[str, str]:
    """All changed fields after this edit, with what follows from the category.

    A value equal to the model's is no change. Raises CaseFieldInvalid.
    """
    for name, value in fields.items():
        if name not in EDITABLE:
            raise CaseFieldInvalid(field="unknown", problem="unknown")
        check_characters(name, value)
    after = {**before, **{name: value.strip() for name, value in fields.items()}}
    if "category" in fields and on_category is not None:
        try:
            after |= on_category(drafted, after["category"])
        except KeyError as exc:
            raise CaseFieldInvalid(field="category", problem="value") from exc
    try:
        merged(drafted, after)
    except ValidationError as exc:
        raise _invalid(exc) from exc
    own = drafted.model_dump(mode="json")
    return {name: value for name, value in after.items() if own[name] != value}


def corrected_text(text: str) -> str:
    """A corrected transcript on one line. Raises CaseFieldInvalid."""
    line = " ".join(text.split())
    check_characters("evidence", line)
    if not line or len(line) > MAX_EVIDENCE_CHARS:
        raise CaseFieldInvalid(field="evidence", problem="length", limit=MAX_EVIDENCE_CHARS)
    return line


def check_characters(field: str, value: str) -> None:
    """Raise CaseFieldInvalid for what no database keeps: control characters, half pairs."""
    for symbol in value:
        if (symbol < " " and symbol not in "\n\t") or "\ud800" <= symbol <= "\udfff":
            raise CaseFieldInvalid(field=field, problem="characters")


def _invalid(exc: ValidationError) -> CaseFieldInvalid:
    first = exc.errors(include_input=False, include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "draft"
    if first["type"] == "string_too_long":
        return CaseFieldInvalid(field=field, problem="length", limit=first["ctx"]["max_length"])
    return CaseFieldInvalid(field=field, problem="value")
