"""catalog.toml -> typed rows, and a row -> a model that loads when it is needed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import ModelUnknown, SettingsInvalid
from pipelines.foundation.gguf import GgufModel, GgufOptions
from pipelines.foundation.lazy import LazyModel
from pipelines.foundation.model import Modality
from pipelines.settings import Settings
from pipelines.types import Language
from pipelines.weights import Piece, WeightSpec, assemble

CATALOG = Path(__file__).with_name("catalog.toml")

Words = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberedParts(_Strict):
    """Part packages that differ in a number only: {n} counts from 1."""

    count: int = Field(ge=1)
    package: Words
    path: Words

    def pieces(self) -> tuple[Piece, ...]:
        """(package, path) of every part, in order."""
        numbers = range(1, self.count + 1)
        return tuple((self.package.format(n=n), self.path.format(n=n)) for n in numbers)

    @model_validator(mode="after")
    def _patterns_work(self) -> NumberedParts:
        try:
            self.pieces()
        except (KeyError, IndexError, ValueError) as exc:
            problem = "only {n} may stand in package and path"
            raise ValueError(problem) from exc
        return self


class GgufFields(_Strict):
    """What the embedded engine needs to know."""

    file: Words
    size_bytes: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    parts: NumberedParts


class Row(_Strict):
    """One model. The fields of its engine lie in the table of the engine's name."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: Words
    maker: Words
    licence: Words
    licence_note: Words
    languages: tuple[Language, ...] = Field(min_length=1)
    modalities: frozenset[Modality] = Field(min_length=1)
    parameters: Words
    context: int = Field(ge=1024)
    memory_mb: int = Field(ge=1)
    template_note: str = ""
    engine: Literal["gguf"]
    gguf: GgufFields

    def weights(self) -> WeightSpec:
        """What its file is made of."""
        return WeightSpec(
            name=self.id,
            file=self.gguf.file,
            parts=self.gguf.parts.pieces(),
            size_bytes=self.gguf.size_bytes,
            sha256=self.gguf.sha256,
        )


def load_catalog(path: Path = CATALOG) -> dict[str, Row]:
    """All rows by id, in the file's order. Raises SettingsInvalid that names row and field."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsInvalid(name=path.name, problem=str(exc)) from exc
    rows: dict[str, Row] = {}
    listed = tree.get("model")
    if set(tree) != {"model"} or not isinstance(listed, list):
        raise SettingsInvalid(name=path.name, problem="only [[model]] rows may stand here")
    for number, fields in enumerate(listed, start=1):
        row = _read_row(path.name, number, fields)
        if row.id in rows:
            raise SettingsInvalid(name=f"{path.name}: {row.id}.id", problem="the id is there twice")
        rows[row.id] = row
    return rows


def open_model(settings: Settings, catalog: Mapping[str, Row] | None = None) -> LazyModel:
    """The model that the settings name, not loaded yet. Raises ModelUnknown, SettingsInvalid."""
    rows = load_catalog() if catalog is None else catalog
    row = rows.get(settings.model)
    if row is None:
        raise ModelUnknown(name=settings.model, known=", ".join(rows))

    def load() -> GgufModel:
        path = assemble(row.weights(), settings.cache_dir)
        options = GgufOptions(
            context_tokens=min(settings.context_tokens, row.context), threads=settings.threads
        )
        return GgufModel(row.id, path, options, queue_limit=settings.queue_limit)

    return LazyModel(load, name=row.id, modalities=row.modalities)


def _read_row(file: str, number: int, fields: object) -> Row:
    try:
        return Row.model_validate(fields)
    except ValidationError as exc:
        first = exc.errors()[0]
        named = fields.get("id") if isinstance(fields, dict) else None
        field = ".".join(str(part) for part in first["loc"])
        name = f"{file}: {named or f'row {number}'}.{field}"
        raise SettingsInvalid(name=name, problem=str(first["msg"])) from exc
