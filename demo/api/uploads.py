"""The body of a call that brings files or words, taken as it comes in."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from demo.admission import Upload
from demo.counter import MAX_TEXT
from demo.store.tables import Json
from pipelines.interface_errors import ApiInvalid
from pipelines.types import LANGUAGES

TEXT, LANGUAGE = "text", "language"
FILES = "files"
MAX_TEXT_BYTES = 200_000


def described(*fields: str) -> Json:
    """For openapi.json: the body is read by hand, so that it can be cut off while it comes."""
    known: Json = {
        "text": {"type": "string", "maxLength": MAX_TEXT},
        "language": {"type": "string", "enum": list(LANGUAGES)},
    }
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    properties = {name: known[name] for name in fields} | {FILES: files}
    schema = {"type": "object", "properties": properties}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What came; the files are gone after the block."""

    files: list[Upload]
    text: str
    language: str | None


@contextlib.asynccontextmanager
async def brought(request: Request, most_files: int, *fields: str) -> AsyncIterator[Brought]:
    """multipart/form-data with `files` and these fields, TEXT or LANGUAGE. Raises ApiInvalid."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise ApiInvalid(field="Content-Type", problem="value")
    async with request.form(
        max_files=most_files, max_fields=len(fields), max_part_size=MAX_TEXT_BYTES
    ) as form:
        with tempfile.TemporaryDirectory(prefix="minwon-call-") as folder:
            files = await run_in_threadpool(_kept, form, Path(folder), fields)
            language = _text(form, LANGUAGE) or None
            if language is not None and language not in LANGUAGES:
                raise ApiInvalid(field=LANGUAGE, problem="value")
            yield Brought(files=files, text=_text(form, TEXT), language=language)


def _kept(form: FormData, folder: Path, fields: Sequence[str]) -> list[Upload]:
    """The files under names of ours; the sender's are for showing only."""
    kept: list[Upload] = []
    for name, value in form.multi_items():
        if name != FILES and name not in fields:
            raise ApiInvalid(field="unknown", problem="unknown")
        if name != FILES:
            continue
        if not isinstance(value, UploadFile):
            raise ApiInvalid(field=FILES, problem="value")
        path = folder / str(len(kept))
        with path.open("xb") as out:
            shutil.copyfileobj(value.file, out)
        kept.append((path, value.filename or ""))
    return kept


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise ApiInvalid(field=name, problem="value")
    return value
