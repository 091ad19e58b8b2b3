"""What a language model may do here through MCP. Words and bytes come in the call; a path or an
address in it is only words, nothing is opened or fetched.
"""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from starlette.requests import Request

from demo.admission import Upload
from demo.api.cases import Api
from demo.api.shapes import case_out
from demo.counter import Call
from demo.store.desk_tables import DocketState
from demo.store.docket import Filters
from pipelines.interface_errors import ApiInvalid
from pipelines.types import LANGUAGES

MAX_FILE_BYTES = 10_000_000
MAX_CALL_BYTES = 16_000_000
"""Of a whole call: the file in base64, and words."""
MOST_FOUND = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Each method is one tool; answers are JSON as text, so that none is taken for a file."""

    api: Api
    refused: Callable[[str], None]

    def categories(self, request: Request) -> str:
        """The categories of complaints that this office knows, with department and working days."""
        return _json([category.model_dump() for category in self.api.categories(request)])

    def draft(
        self, request: Request, text: str, file_base64: str, file_name: str, language: str
    ) -> str:
        """Open a case; nothing is handed in. Raises what `Counter.open` raises."""
        if language not in ("", *LANGUAGES):
            raise ApiInvalid(field="language", problem="value")
        call = Call(who=self.api.who(request))
        with tempfile.TemporaryDirectory(prefix="minwon-tool-") as folder:
            files: list[Upload] = []
            if file_base64:
                path = Path(folder) / "file"
                path.write_bytes(_bytes(file_base64))
                files.append((path, file_name))
            receipt = self.api.counter.open(call, files, text, language=language or None)
        return _json({"number": receipt.number, "secret": receipt.secret})

    def status(self, request: Request, number: str, secret: str) -> str:
        """The case of a receipt. Raises CaseNotFound, ApiTooMany."""
        view = self.api.counter.find(self.api.who(request), number, secret)
        told = case_out(view, self.api.language(request))
        return told.model_dump_json(exclude={"evidence", "history", "files"})

    def search(self, request: Request, text: str, state: str, category: str) -> str:
        """Filed cases, masked. Raises ApiKeyNeeded, ApiRightNeeded, ApiInvalid."""
        caller = self.api.door.enter(request, "read")
        if state not in ("", *get_args(DocketState)):
            raise ApiInvalid(field="state", problem="value")
        filters = Filters(
            states=(cast("DocketState", state),) if state else (),
            category=category or None,
            text=text,
        )
        found = self.api.page(caller, filters, sort="newest", cursor=None, size=MOST_FOUND)
        return found.model_dump_json()


def _bytes(encoded: str) -> bytes:
    """Raises ApiInvalid."""
    if len(encoded) > MAX_FILE_BYTES * 4 // 3 + 4:
        raise ApiInvalid(field="file_base64", problem="length", limit=MAX_FILE_BYTES)
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ApiInvalid(field="file_base64", problem="value") from exc


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
