"""What crosses the pipe from the process that parses: JSON of known values, never pickled objects.

The sender may have been taken over by the file it reads, so every value is built anew from plain
JSON and checked against the type that the receiver asked for; a path must lie where the sender
was allowed to write.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from pipelines.errors import Fact, MinwonError
from pipelines.refusals import DocumentWorkerDied

T = TypeVar("T")
FRAME_BYTES = 64 << 20
"""The longest frame that is taken; a page of text has some ten kilobytes."""
_FACT_CHARS = 200
_FACTS = 16


def encode(value: object) -> bytes:
    """A dataclass or a plain value -> JSON with the name of its type in front.

    Text that can't be UTF-8 (half a surrogate pair, as broken fonts yield) loses those signs.
    """
    kind: Any = type(value)
    try:
        body = bytes(_adapter(kind).dump_json(value))
    except (PydanticSerializationError, UnicodeEncodeError):
        plain = _adapter(kind).dump_python(value, mode="python")
        text = json.dumps(plain, ensure_ascii=False, default=str)
        body = text.encode("utf-8", "replace")
    return type(value).__name__.encode() + b"\n" + body


def decode(frame: bytes, kinds: Iterable[type[T]]) -> T:
    """The value of a frame, if it is of one of `kinds`. Raises DocumentWorkerDied."""
    name, _, body = frame.partition(b"\n")
    for kind in kinds:
        adapter = _adapter(kind)  # type: ignore[arg-type]
        if kind.__name__.encode() == name:
            try:
                value: T = adapter.validate_json(body, strict=True)
            except (ValidationError, RecursionError) as exc:
                raise DocumentWorkerDied(how="answer") from exc
            return value
    raise DocumentWorkerDied(how="answer")


def encode_error(error: MinwonError) -> bytes:
    """Code and facts of an error of ours."""
    return json.dumps([error.code, error.facts], ensure_ascii=True).encode()


def decode_error(frame: bytes) -> MinwonError:
    """The error that the frame names, built anew; DocumentWorkerDied where it names none."""
    try:
        code, facts = _error_adapter().validate_json(frame, strict=True)
    except ValidationError:
        return DocumentWorkerDied(how="answer")
    known = _errors().get(code)
    if known is None or len(facts) > _FACTS:
        return DocumentWorkerDied(how="answer")
    short = {n: v[:_FACT_CHARS] if isinstance(v, str) else v for n, v in facts.items()}
    return known(**short)


def map_paths(value: T, change: Callable[[Path], Path]) -> T:
    """The same value with each path in it, however deep, put through `change`."""
    if isinstance(value, Path):
        return change(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(map_paths(item, change) for item in value)  # type: ignore[return-value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed: dict[str, Any] = {}
        for field in dataclasses.fields(value):
            old = getattr(value, field.name)
            new = map_paths(old, change) if _may_hold_path(old) else old
            if new is not old:
                changed[field.name] = new
        return dataclasses.replace(value, **changed) if changed else value
    return value


def _may_hold_path(value: object) -> bool:
    if isinstance(value, tuple):
        return any(_may_hold_path(item) for item in value)
    return isinstance(value, Path) or (
        dataclasses.is_dataclass(value) and _type_holds_path(type(value))  # type: ignore[arg-type]
    )


@functools.cache
def _type_holds_path(kind: Any) -> bool:  # noqa: ANN401 - a class
    """By the words of its annotations: a class without one that names a Path, or another class of
    ours that holds one, is not walked."""
    schema = json.dumps(_adapter(kind).json_schema())
    return '"format": "path"' in schema


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a class
    return TypeAdapter(kind)


@functools.cache
def _error_adapter() -> TypeAdapter[tuple[str, dict[str, Fact]]]:
    return TypeAdapter(tuple[str, dict[str, Fact]])


def _errors() -> dict[str, type[MinwonError]]:
    found: dict[str, type[MinwonError]] = {}
    waiting: list[type[MinwonError]] = [MinwonError]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found
