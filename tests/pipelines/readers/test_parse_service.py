"""PDFs read by a document-parse service: a server on loopback that answers in its shape."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from pipelines.build import parse_server_of, readers_of
from pipelines.errors import Cancelled, SettingsInvalid
from pipelines.media.worker import Worker
from pipelines.readers.evidence import read_document
from pipelines.readers.page_reader import PageLimits
from pipelines.readers.pages import Page, PagedDocument
from pipelines.readers.parse_service import ParseServer, ServedPages
from pipelines.settings import Settings
from pipelines.types import Cancel, MediaFile, OnEvent, PageSpot, ignore
from pipelines.wording import tell

PDF = "application/pdf"
KEY = "up_for-tests-only"


def element(
    category: str, page: int, box: tuple[float, float, float, float], text: str, html: str = ""
) -> dict[str, Any]:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return {
        "id": 0,
        "category": category,
        "content": {"text": text, "html": html or f"<p>{text}</p>", "markdown": ""},
        "coordinates": [{"x": x, "y": y} for x, y in corners],
        "page": page,
    }


TABLE = (
    "<table><tr><td rowspan='2'>구분</td><td>금액</td></tr><tr><td>30,000원</td></tr></table>"
    "<script>alert(1)</script>"
)
ANSWER = {
    "api": "2.0",
    "model": "document-parse-251217",
    "content": {"text": "", "html": "", "markdown": ""},
    "elements": [
        element("heading1", 1, (0.1, 0.1, 0.5, 0.15), "도로 점용 안내"),
        element("paragraph", 1, (0.1, 0.2, 0.9, 0.3), "3월 2일까지 신청하시기 바랍니다."),
        element("table", 2, (0.1, 0.25, 0.9, 0.75), "구분 금액 30,000원", TABLE),
        element("footnote", 2, (-0.02, 0.9, 0.5, 1.02), "1) 부가세 별도"),
        element("figure", 2, (0.5, 0.8, 0.9, 0.9), ""),
    ],
    "usage": {"pages": 2},
}


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.status = 200
        self.body = json.dumps(ANSWER).encode()
        self.delay_s = 0.0
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/document-digitization"


class Post(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        time.sleep(self.server.delay_s)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # nobody waits any more
            self.send_response(self.server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(self.server.body)))
            self.end_headers()
            self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """No noise."""


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(preload=("pipelines.readers.page_reader",)) as made:
        yield made


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> MediaFile:
    path = tmp_path_factory.mktemp("paper") / "x.pdf"
    with pymupdf.open() as document:
        document.new_page(width=600, height=800)
        document.new_page(width=600, height=800).set_rotation(90)
        document.save(path)
    size = path.stat().st_size
    return MediaFile(path=path, kind="document", media_type=PDF, size_bytes=size, sha256="0" * 64)


class Here:
    """Stands for the reader of this machine."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        blank = Page(page_no=1, width_pt=9, height_pt=9, blocks=())
        return PagedDocument(pages=(blank,), preview=media.path, title="here")


def reader(worker: Worker, url: str, **more: Any) -> ServedPages:
    server = replace(ParseServer(url=url, key=KEY), **more)
    return ServedPages(inner=Here(), server=server, worker=worker, limits=PageLimits())


def test_elements_become_blocks_with_their_boxes(
    worker: Worker, service: Service, paper: MediaFile
) -> None:
    read = reader(worker, service.address).read(paper)
    assert [(page.width_pt, page.height_pt) for page in read.pages] == [(600, 800), (800, 600)]
    heading, text = read.pages[0].blocks
    assert (heading.kind, heading.level, heading.text) == ("heading", 1, "도로 점용 안내")
    assert heading.box_pt == pytest.approx((60, 80, 300, 120))
    assert text.kind == "text"
    table, note = read.pages[1].blocks
    assert table.box_pt == pytest.approx((80, 150, 720, 450))
    assert table.table is not None
    cells = {(cell.row, cell.col): (cell.text, cell.row_span) for cell in table.table.cells}
    assert cells == {(0, 0): ("구분", 2), (0, 1): ("금액", 1), (1, 1): ("30,000원", 1)}
    assert note.kind == "note"
    assert note.box_pt == pytest.approx((0, 540, 400, 600))
    evidence = read_document(read, paper.sha256).evidence
    assert evidence[1].text == "3월 2일까지 신청하시기 바랍니다."
    assert isinstance(evidence[1].where, PageSpot)
    assert evidence[1].confidence < 1.0
    assert not any("alert" in piece.text for piece in evidence)
    assert "2쪽" in tell(read.notes[0], "ko")


def test_the_file_goes_to_the_address_with_the_key_and_without_its_name(
    worker: Worker, service: Service, paper: MediaFile
) -> None:
    reader(worker, service.address).read(replace(paper, name="홍길동.pdf"))
    ((path, headers, body),) = service.got
    assert path == "/v1/document-digitization"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert b'name="model"\r\n\r\ndocument-parse' in body
    assert b'name="document"; filename="document.pdf"' in body
    assert paper.path.read_bytes() in body
    assert "홍길동".encode() not in body


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (401, b"{}", "refused"),
        (302, b"", "strange"),
        (429, b"{}", "busy"),
        (503, b"{}", "busy"),
        (200, b"<html>", "strange"),
        (200, b'{"elements": [{"page": 1}]}', "strange"),
        (
            200,
            json.dumps({"elements": [element("list", 3, (0, 0, 1, 1), "a")]}).encode(),
            "strange",
        ),
        (
            200,
            json.dumps({"elements": [element("list", 1, (0, 0, 9, 1), "a")]}).encode(),
            "strange",
        ),
    ],
)
def test_what_is_no_answer_is_said_and_the_file_is_read_here(
    worker: Worker, service: Service, paper: MediaFile, status: int, body: bytes, problem: str
) -> None:
    service.status, service.body = status, body
    read = reader(worker, service.address).read(paper)
    assert read.title == "here"
    (note,) = read.notes
    assert (note.code, note.facts) == ("document.parser_failed", {"problem": problem})
    for language in ("ko", "en"):
        assert "parser." not in tell(note, language)
        assert KEY not in tell(note, language)


def test_a_server_that_is_gone_or_silent_costs_its_limit_only(
    worker: Worker, service: Service, paper: MediaFile
) -> None:
    service.delay_s = 1.0
    late = reader(worker, service.address, answer_s=0.2).read(paper)
    assert late.notes[0].facts == {"problem": "silent"}
    gone = reader(worker, "http://127.0.0.1:9/v1/x").read(paper)
    assert gone.notes[0].facts == {"problem": "unreachable"}


def test_a_person_who_cancels_does_not_wait_for_the_service(
    worker: Worker, service: Service, paper: MediaFile
) -> None:
    service.delay_s = 2.0
    cancel = Cancel()
    threading.Timer(0.2, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        reader(worker, service.address).read(paper, cancel=cancel)
    assert time.monotonic() - started < 1.5


def test_it_is_off_by_default_and_only_pdf_files_are_sent(worker: Worker, tmp_path: Path) -> None:
    plain = readers_of(Settings(), worker, tmp_path).by_type
    assert not any(isinstance(made, ServedPages) for made in plain.values())
    set_up = Settings(parser_url="https://parser.example/v1/x", parser_key=KEY)  # type: ignore[arg-type]
    made = readers_of(set_up, worker, tmp_path).by_type
    assert [name for name, one in made.items() if isinstance(one, ServedPages)] == [PDF]
    assert KEY not in repr(made[PDF])


@pytest.mark.parametrize(
    "url", ["http://parser.example/v1", "ftp://x/", "https://u:p@parser.example/v1", "parser"]
)
def test_addresses_that_would_leak_are_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        parse_server_of(Settings(parser_url=url))
    assert refused.value.facts["name"] == "MINWON_PARSER_URL"
