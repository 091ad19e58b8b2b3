"""The agency's policy file -> Policy: categories, clocks, words and reply templates."""

from __future__ import annotations

import string
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipelines.drafting.control import Control
from pipelines.errors import PolicyInvalid
from pipelines.types import LANGUAGES, Language

SLOTS = frozenset(
    {"agency", "department", "category", "topic", "place", "request", "due_date", "receipt"}
)
"""What a reply template may name; each is filled with a checked fact."""
REPLY_KINDS = ("with_place", "without_place", "emergency_with_place", "emergency_without_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One class of complaints, with what is needed to recognise and to answer it."""

    code: str
    """The AI-Hub name: 건축허가, 경제, 공통, ..."""
    department: str
    working_days: int
    descriptions: tuple[str, ...]
    examples: tuple[str, ...]
    keywords: tuple[str, ...]
    names: dict[str, str]
    """language -> what people who speak it call the category; "ko" is always there."""
    departments: dict[str, str]
    """language -> the department's name in it; "ko" is always there and equals `department`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the agency decides and may edit; everything else in the product follows it."""

    agency: str
    agency_names: dict[str, str]
    """language -> the agency's name in it; "ko" is always there and equals `agency`."""
    categories: tuple[Category, ...]
    area: str
    """The office's own area ("서울특별시 마포구"): which of many namesakes a place means."""
    unsure_below: float
    """Below this confidence the best category is only a suggestion."""
    vocabulary: tuple[str, ...]
    """Korean words that recognition should know: street furniture, offices, district names."""
    vocabulary_by_language: dict[str, tuple[str, ...]]
    """language -> its words; "ko" equals `vocabulary`."""
    replies: dict[str, dict[str, str]]
    """language -> {"with_place": template, "without_place": template, "emergency_with_place": ...,
    "emergency_without_place": ...}; slots are {slot}, all of them in SLOTS."""
    emergency_words: dict[str, tuple[str, ...]]
    """language -> words that lift the urgency to at least "high"."""
    control: Control = field(default_factory=Control)
    """What is held before and after the model."""

    @property
    def departments(self) -> tuple[str, ...]:
        """Each once, in the order of the categories."""
        return tuple(dict.fromkeys(entry.department for entry in self.categories))

    def category(self, code: str) -> Category:
        """The category of that code. Raises KeyError."""
        return {entry.code: entry for entry in self.categories}[code]


T = TypeVar("T")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _CategoryRow(_Row):
    code: Text
    department: Text
    working_days: int = Field(ge=1, le=60)
    names: dict[Language, Text] = {}
    departments: dict[Language, Text] = {}
    descriptions: Texts
    keywords: Texts


class _PolicyFile(_Row):
    agency: Text
    agency_names: dict[Language, Text] = {}
    area: str = ""
    unsure_below: float = Field(ge=0, le=1)
    category: Annotated[tuple[_CategoryRow, ...], Field(min_length=2)]
    examples: dict[Text, Texts]
    vocabulary: dict[Language, Texts]
    replies: dict[Language, dict[str, Text]]
    emergency_words: dict[Language, Texts]
    control: Control = Control()


def load_policy(path: Path) -> Policy:
    """Read and check a policy: `path` and the files beside it that its `parts` names.

    Raises PolicyInvalid that names the file and the exact problem.
    """
    tree = _read(path)
    parts = tree.pop("parts", [])
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise PolicyInvalid(path=str(path), problem="parts: a list of file names is needed")
    for part in parts:
        if Path(part).name != part:
            raise PolicyInvalid(path=str(path), problem=f"parts: {part!r} is not a file beside it")
        for key, value in _read(path.parent / part).items():
            if key in tree:
                raise PolicyInvalid(path=str(path.parent / part), problem=f"{key}: given twice")
            tree[key] = value
    try:
        rows = _PolicyFile.model_validate(tree)
    except ValidationError as exc:
        errors = (
            exc.errors()
        )  # a typing mistake in a key says more than the key it should have been
        first = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
        where = ".".join(str(step) for step in first["loc"])
        raise PolicyInvalid(path=str(path), problem=f"{where}: {first['msg']}") from exc
    for problem in _problems(rows):
        raise PolicyInvalid(path=str(path), problem=problem)
    return _policy(rows)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise PolicyInvalid(path=str(path), problem=exc.strerror or "can't be read") from exc
    except UnicodeDecodeError as exc:
        raise PolicyInvalid(path=str(path), problem="not UTF-8 text") from exc
    except tomllib.TOMLDecodeError as exc:
        raise PolicyInvalid(path=str(path), problem=str(exc)) from exc


def _problems(rows: _PolicyFile) -> Iterable[str]:
    """What types alone can't say: doubles, missing languages, slots that nobody fills."""
    yield from _doubles("category code", (row.code for row in rows.category))
    yield from _doubles("example", (text for texts in rows.examples.values() for text in texts))
    for code in rows.examples.keys() - {row.code for row in rows.category}:
        yield f"examples.{code}: no category has this code"
    for row in rows.category:
        if row.code not in rows.examples:
            yield f"examples.{row.code}: is missing"
        yield from _doubles(f"keyword of {row.code}", row.keywords)
    for language, words in rows.vocabulary.items():
        yield from _doubles(f"vocabulary.{language}", words)
    if "ko" not in rows.vocabulary:
        yield "vocabulary.ko: is missing"
    for language in LANGUAGES:
        if language not in rows.emergency_words:
            yield f"emergency_words.{language}: is missing"
        yield from _template_problems(language, rows.replies.get(language, {}))
    yield from _control_problems(rows)


def _control_problems(rows: _PolicyFile) -> Iterable[str]:
    yield from rows.control.problems()
    for language, templates in rows.replies.items():
        for kind, template in templates.items():
            if bad := rows.control.forbidden_in(template, language):
                yield f"replies.{language}.{kind}: {bad!r} is forbidden by the control rules"


def _doubles(what: str, values: Iterable[str]) -> Iterable[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{what}: {value!r} is there {count} times"


def _template_problems(language: str, templates: Mapping[str, str]) -> Iterable[str]:
    for kind in REPLY_KINDS:
        if kind not in templates:
            yield f"replies.{language}.{kind}: is missing"
    for kind, template in templates.items():
        if kind not in REPLY_KINDS:
            yield f"replies.{language}.{kind}: unknown; there are {', '.join(REPLY_KINDS)}"
        try:
            slots = {
                slot for _, slot, _, _ in string.Formatter().parse(template) if slot is not None
            }
        except ValueError as exc:
            yield f"replies.{language}.{kind}: {exc}"
            continue
        for slot in sorted(slots - SLOTS):
            yield f"replies.{language}.{kind}: unknown slot {{{slot}}}"
        if ("place" in slots) != kind.endswith("with_place"):
            yield f"replies.{language}.{kind}: {{place}} belongs in the *with_place templates only"


def _by_language(values: Mapping[Language, T]) -> dict[str, T]:
    return {str(language): value for language, value in values.items()}


def _policy(rows: _PolicyFile) -> Policy:
    return Policy(
        agency=rows.agency,
        agency_names={**_by_language(rows.agency_names), "ko": rows.agency},
        categories=tuple(
            Category(
                code=row.code,
                department=row.department,
                working_days=row.working_days,
                descriptions=row.descriptions,
                examples=rows.examples[row.code],
                keywords=row.keywords,
                names={"ko": row.code, **_by_language(row.names)},
                departments={**_by_language(row.departments), "ko": row.department},
            )
            for row in rows.category
        ),
        area=rows.area,
        unsure_below=rows.unsure_below,
        vocabulary=rows.vocabulary["ko"],
        vocabulary_by_language=_by_language(rows.vocabulary),
        replies={language: dict(texts) for language, texts in rows.replies.items()},
        emergency_words=_by_language(rows.emergency_words),
        control=rows.control,
    )
