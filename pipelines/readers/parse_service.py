"""PDF files read by a document-parse service; settings.py and docs/decisions/engines.md say whose.

Off unless the operator names an address: the whole file leaves this machine. Only PDFs are sent,
photos never: they hold faces and positions. Where the service does not answer, the file is read
here as ever, and a note says why.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from pipelines.errors import DocumentDamaged
from pipelines.readers.boxes import union
from pipelines.readers.documents import DocumentReader
from pipelines.readers.flow import Collector, clean, table_text
from pipelines.readers.page_reader import PageLimits, pdf_sheets
from pipelines.readers.pages import Block, BlockKind, Page, PagedDocument, Table
from pipelines.readers.web import add_html
from pipelines.types import Cancel, MediaFile, Note, OnEvent, Progress, ignore

if TYPE_CHECKING:
    import httpx

    from pipelines.media.worker import Worker

log = logging.getLogger(__name__)

SURE = 0.95
"""The service does not say how sure it is of its reading."""
LARGEST_BYTES = 64_000_000
"""Of an answer."""
MOST_PAGES = 100
"""The service answers at once for so many; longer files are read here."""
POLL_S = 0.1
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
KINDS: dict[str, BlockKind] = {
    "heading1": "heading",
    "table": "table",
    "header": "header",
    "footer": "footer",
    "footnote": "note",
    "figure": "picture",
    "chart": "picture",
}
"""Category -> kind of block; text where it is none of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseServer:
    """Where the service is. The address must have passed `foundation.endpoint.checked_url`."""

    url: str
    """The whole of it, up to what files are posted to."""
    model: str = "document-parse"
    key: str = field(default="", repr=False)
    ca_file: Path | None = None
    connect_s: float = 5.0
    answer_s: float = 180.0


class _Failed(Exception):
    """The service gave no answer that can be used. `problem`: a key of [parser] in the texts."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class _Point(BaseModel):
    x: float = Field(ge=-0.1, le=1.1)
    y: float = Field(ge=-0.1, le=1.1)


class _Content(BaseModel):
    text: str = ""
    html: str = ""
    markdown: str = ""


class _Element(BaseModel):
    category: str = "paragraph"
    content: _Content
    coordinates: list[_Point] = Field(min_length=1)
    """Corners, as shares of the page."""
    page: int = Field(ge=1)


class _Answer(BaseModel):
    elements: list[_Element]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPages:
    """A DocumentReader of PDFs in front of the one that reads them here."""

    inner: DocumentReader
    server: ParseServer
    worker: Worker
    limits: PageLimits

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Raises what `inner` raises, and Cancelled."""
        on_event(Progress(stage="reading"))
        sheets = pdf_sheets(self.worker, media.path, self.limits)
        try:
            if len(sheets) > MOST_PAGES:
                raise _Failed("too_long")
            pages = pages_of(self._ask(media.path, cancel), sheets)
        except _Failed as exc:
            log.warning("the document service: %s", exc.problem)
            read = self.inner.read(media, on_event, cancel)
            return _noted(read, Note(code="document.parser_failed", facts={"problem": exc.problem}))
        on_event(Progress(stage="reading", fraction=1.0))
        read = PagedDocument(pages=pages, preview=media.path)
        return _noted(read, Note(code="document.parsed_elsewhere", facts={"count": len(pages)}))

    def _ask(self, path: Path, cancel: Cancel | None) -> _Answer:
        """Raises _Failed, and Cancelled at once: what the service still says is not waited for."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="parse-service")
        try:
            sent: Future[bytes] = pool.submit(_post, self.server, path)
            while True:
                if cancel is not None:
                    cancel.check()
                try:
                    body = sent.result(timeout=POLL_S)
                    break
                except TimeoutError:
                    continue
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        try:
            return _Answer.model_validate_json(body)
        except ValidationError as exc:
            raise _Failed("strange") from exc


def _post(server: ParseServer, path: Path) -> bytes:
    """The body of the answer. Raises _Failed."""
    import httpx

    wishes = {
        "model": server.model,
        "ocr": "force",  # read as it is seen: text that nobody sees is not read
        "coordinates": "true",
        "output_formats": "['text', 'html']",
    }
    try:
        with _client(server) as client, path.open("rb") as handle:
            files = {"document": ("document.pdf", handle, "application/pdf")}
            with client.stream("POST", server.url, data=wishes, files=files) as response:
                return _body(response)
    except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
        raise _Failed("unreachable") from exc
    except httpx.TimeoutException as exc:
        raise _Failed("silent") from exc
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as exc:
        raise _Failed("broke") from exc


def _client(server: ParseServer) -> httpx.Client:
    """No proxies, no .netrc, no redirects: the file goes to the named address and nowhere else."""
    import httpx

    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if server.key:
        headers["Authorization"] = f"Bearer {server.key}"
    trusted: ssl.SSLContext | bool = server.url.startswith("https:")
    try:
        if trusted:
            trusted = ssl.create_default_context(cafile=server.ca_file)
    except OSError as exc:
        raise _Failed("unreachable") from exc
    return httpx.Client(
        headers=headers,
        verify=trusted,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(server.answer_s, connect=server.connect_s),
    )


def _body(response: httpx.Response) -> bytes:
    if response.status_code in BUSY:
        raise _Failed("busy")
    if not response.is_success:
        raise _Failed("refused" if response.status_code >= 400 else "strange")
    found = bytearray()
    for piece in response.iter_bytes():
        found += piece
        if len(found) > LARGEST_BYTES:
            raise _Failed("strange")
    return bytes(found)


def pages_of(answer: _Answer, sheets: Sequence[tuple[float, float]]) -> tuple[Page, ...]:
    """The elements as blocks of their pages, in the order of the answer.

    `sheets`: (width, height) of each page in points. Raises _Failed where an element stands on a
    page that the file does not have.
    """
    if any(element.page > len(sheets) for element in answer.elements):
        raise _Failed("strange")
    return tuple(
        Page(
            page_no=number,
            width_pt=width,
            height_pt=height,
            blocks=tuple(
                block
                for element in answer.elements
                if element.page == number
                for block in _blocks(element, width, height)
            ),
            by_ocr=True,
        )
        for number, (width, height) in enumerate(sheets, start=1)
    )


def _blocks(element: _Element, width: float, height: float) -> Iterator[Block]:
    corners = [(min(1.0, max(0.0, p.x)), min(1.0, max(0.0, p.y))) for p in element.coordinates]
    left, top, right, bottom = union((x, y, x, y) for x, y in corners)
    kind = KINDS.get(element.category, "text")
    table = _table(element.content.html) if kind == "table" else None
    if table is not None:
        text = table_text(table)
    else:
        text = clean(element.content.text or element.content.markdown).strip()
        kind = "text" if kind == "table" else kind
    if text:
        yield Block(
            kind=kind,
            text=text,
            box_pt=(left * width, top * height, right * width, bottom * height),
            level=1 if kind == "heading" else 0,
            table=table,
            confidence=SURE,
        )


def _table(html: str) -> Table | None:
    out = Collector()
    try:
        add_html(html, out)
    except DocumentDamaged:
        return None
    return next((item.table for item in out.items if item.table is not None), None)


def _noted(read: PagedDocument, note: Note) -> PagedDocument:
    return replace(read, notes=(*read.notes, note))
