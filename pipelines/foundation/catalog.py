"""catalog.toml -> typed rows, and a row -> a model that loads when it is needed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from pipelines.engine_errors import ModelNotHere
from pipelines.errors import ModelUnknown, SettingsInvalid
from pipelines.foundation import folder
from pipelines.foundation.endpoint import Dialect, Endpoint, checked_url
from pipelines.foundation.gguf import GgufModel, GgufOptions
from pipelines.foundation.hf import HfModel, HfOptions
from pipelines.foundation.lazy import LazyModel
from pipelines.foundation.model import FoundationModel, Modality
from pipelines.foundation.remote import RemoteModel
from pipelines.settings import Settings
from pipelines.types import Language
from pipelines.weights import Piece, WeightSpec, assemble

CATALOG = Path(__file__).with_name("catalog.toml")
UNKNOWN = "unknown"

Words = Annotated[str, Field(min_length=1)]
EngineName = Literal["gguf", "hf", "remote"]


def _known(value: object) -> object:
    return None if value == UNKNOWN else value


Said = BeforeValidator(_known)
"""The field must be there; "unknown" is read as None."""


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
    """Weights that come as packages: the embedded engine joins and checks them."""

    file: Words
    size_bytes: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    parts: NumberedParts


class Reasoning(_Strict):
    """How a chat template is told not to think aloud."""

    switch: Literal["none", "unknown", "enable_thinking", "thinking", "reasoning_effort"]
    off: bool | str | None = None
    """The value that turns it off; None where nobody has checked: then nothing is sent."""
    default: Literal["on", "off", "unknown"] = "unknown"

    def template(self) -> dict[str, object]:
        """What the template is told, for answers that must be JSON and nothing else."""
        return {} if self.off is None else {self.switch: self.off}


class Price(_Strict):
    """Of a hosted model: US dollars for a million tokens."""

    prompt: float = Field(ge=0)
    answer: float = Field(ge=0)


class Row(_Strict):
    """One model. None = unknown."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: Words
    maker: Words
    licence: Words
    licence_note: Words
    licence_note_ko: Words
    languages: Annotated[tuple[Language, ...] | None, Said]
    modalities: frozenset[Modality] = Field(min_length=1)
    parameters: Words
    weights_b: Annotated[Annotated[float, Field(gt=0)] | None, Said]
    context: Annotated[Annotated[int, Field(ge=1024)] | None, Said]
    memory_mb: Annotated[Annotated[int, Field(ge=1)] | None, Said]
    architecture: Words
    engines: tuple[EngineName, ...] = Field(min_length=1)
    servers: tuple[Words, ...]
    dialect: Dialect | None = None
    """Of a server that serves nothing but this model."""
    reasoning: Reasoning
    template_note: Words
    hub: Words | None = None
    price: Price | None = None
    gguf: GgufFields | None = None

    @property
    def remote_code(self) -> bool:
        """True where the maker's own code would have to run in this process."""
        return self.architecture == "remote code"

    def weights(self) -> WeightSpec:
        """What its packaged file is made of. Raises ModelNotHere where none is packaged."""
        if self.gguf is None:
            raise ModelNotHere(name=self.id)
        return WeightSpec(
            name=self.id,
            file=self.gguf.file,
            parts=self.gguf.parts.pieces(),
            size_bytes=self.gguf.size_bytes,
            sha256=self.gguf.sha256,
        )


def load_catalog(path: Path = CATALOG, own: Path | None = None) -> dict[str, Row]:
    """All rows by id, in the file's order; rows of the agency's `own` file take their places.

    Raises SettingsInvalid that names row and field.
    """
    rows = _load(path)
    return rows if own is None else rows | _load(own)


def open_model(settings: Settings, catalog: Mapping[str, Row] | None = None) -> LazyModel:
    """The model that the settings name, not loaded yet.

    Raises ModelUnknown, ModelNotHere (nothing is set up that could run it), SettingsInvalid.
    """
    rows = load_catalog(own=settings.catalog_path) if catalog is None else catalog
    row = rows.get(settings.model)
    if row is None:
        raise ModelUnknown(name=settings.model, known=", ".join(rows))
    engine = engine_of(row, settings)
    if engine is None:
        raise ModelNotHere(name=row.id)
    loads: dict[EngineName, Callable[[], FoundationModel]] = {
        "gguf": lambda: _gguf(row, settings),
        "hf": lambda: _hf(row, settings),
        "remote": lambda: _remote(row, settings),
    }
    if engine == "remote":  # an address that can't be used is said at once
        endpoint_of(row, settings)
    takes = TAKES if engine != "gguf" or settings.mmproj_path else frozenset({"text"})
    return LazyModel(loads[engine], name=row.id, modalities=row.modalities & takes)


TAKES: frozenset[Modality] = frozenset({"text", "image"})
"""An ask holds text and pictures; video and sound reach a model as frames and as text."""


def engine_of(row: Row, settings: Settings) -> EngineName | None:
    """The first of the row's engines that is set up here; None where none is.

    Raises SettingsInvalid where the settings ask for one that can't run it.
    """
    if settings.engine and settings.engine not in row.engines:
        problem = f"{row.id} runs on {', '.join(row.engines)}"
        raise SettingsInvalid(name="MINWON_ENGINE", problem=problem)
    for engine in row.engines:
        if settings.engine in ("", engine) and _set_up(engine, row, settings):
            return engine
    return None


def _set_up(engine: EngineName, row: Row, settings: Settings) -> bool:
    path = settings.model_path if settings.model == row.id else None
    match engine:
        case "gguf":
            return row.gguf is not None if path is None else path.suffix == ".gguf"
        case "hf":
            if path is None:
                return bool(settings.allow_hub and row.hub and not row.hub.endswith("gguf"))
            return path.suffix != ".gguf"
        case _:
            return bool(settings.remote_url) and settings.model == row.id


def endpoint_of(row: Row, settings: Settings) -> Endpoint:
    """Where the settings say the model is served. Raises SettingsInvalid."""
    key: SecretStr = settings.remote_key
    return Endpoint(
        url=checked_url(settings.remote_url, allow_plain=settings.remote_allow_http),
        served=settings.remote_model or row.id,
        dialect=settings.remote_dialect or row.dialect or "openai",
        key=key.get_secret_value(),
        ca_file=settings.remote_ca,
        concurrency=settings.remote_concurrency,
        context_tokens=_context(row, settings),
        first_s=settings.remote_first_s,
        stall_s=settings.remote_stall_s,
        template=row.reasoning.template(),
    )


def _context(row: Row, settings: Settings) -> int:
    return min(settings.context_tokens, row.context or settings.context_tokens)


def _gguf(row: Row, settings: Settings) -> GgufModel:
    own = settings.model_path
    if own is not None:
        folder.check_size(row.id, own)
    path = assemble(row.weights(), settings.cache_dir) if own is None else own
    options = GgufOptions(
        context_tokens=_context(row, settings),
        threads=settings.threads,
        mmproj=settings.mmproj_path if "image" in row.modalities else None,
        template=row.reasoning.template(),
    )
    return GgufModel(row.id, path, options, queue_limit=settings.queue_limit)


def _hf(row: Row, settings: Settings) -> HfModel:
    allowed = {name.strip() for name in settings.remote_code.split(",")}
    options = HfOptions(
        architecture=None if row.remote_code else row.architecture,
        context_tokens=_context(row, settings),
        threads=settings.threads,
        dtype=settings.dtype,
        device=settings.device,
        remote_code=row.id in allowed,
        template=row.reasoning.template(),
    )
    source = settings.model_path or row.hub or ""
    return HfModel(
        row.id,
        source,
        options,
        modalities=row.modalities & TAKES,
        queue_limit=settings.queue_limit,
    )


def _remote(row: Row, settings: Settings) -> RemoteModel:
    return RemoteModel(
        row.id,
        endpoint_of(row, settings),
        modalities=row.modalities & TAKES,
        queue_limit=settings.queue_limit,
    )


def _load(path: Path) -> dict[str, Row]:
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


def _read_row(file: str, number: int, fields: object) -> Row:
    try:
        return Row.model_validate(fields)
    except ValidationError as exc:
        errors = exc.errors()
        # A typing mistake in a key says more than the key it should have been.
        first = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
        named = fields.get("id") if isinstance(fields, dict) else None
        field = ".".join(str(part) for part in first["loc"])
        name = f"{file}: {named or f'row {number}'}.{field}"
        raise SettingsInvalid(name=name, problem=str(first["msg"])) from exc
