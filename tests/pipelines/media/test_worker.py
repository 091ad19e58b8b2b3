"""The process that parses: whatever happens in it is one error out here, and nothing is left."""

from __future__ import annotations

import os
import select
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipelines.errors import Cancelled, DocumentEncrypted, MinwonError
from pipelines.evaluation.fuzz_seeds import pdf
from pipelines.media import wire
from pipelines.media.process import Child
from pipelines.media.worker import JOB_FOLDER, Limits, Worker, keep
from pipelines.readers.pages import Page, PagedDocument
from pipelines.refusals import (
    DocumentTooManyProcesses,
    DocumentTooMuchMemory,
    DocumentTooMuchOutput,
    DocumentTooMuchTime,
    DocumentWorkerDied,
)
from pipelines.types import Cancel, MediaFile, Note
from tests.pipelines.media import hostile

HERE = "tests.pipelines.media.hostile"
LIMITS = Limits(wall_s=20, cpu_s=10, memory_mb=400, file_mb=30, processes=8)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(limits=LIMITS) as made:
        yield made


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def call(worker: Worker, name: str, *args: object, of: type[object] = str) -> object:
    return worker.call(f"{HERE}:{name}", *args, of=of)


def goes_on(worker: Worker) -> None:
    assert call(worker, "wrong_type", of=Note) == Note(code="x")
    ours = psutil.Process().children(recursive=True)
    assert [child for child in ours if child.status() == psutil.STATUS_ZOMBIE] == []


def test_a_child_that_waited_for_its_first_job_longer_than_a_start_may_take(tmp_path: Path) -> None:
    child = Child(tmp_path, Limits(), ())
    try:
        select.select([child._answers], [], [], 60)
        child._deadline = time.monotonic() - 1.0
        assert child.fences().python_sockets or child.fences().network
    finally:
        child.kill()


def test_pages_come_as_they_were_made(worker: Worker) -> None:
    got = list(worker.stream(f"{HERE}:pages", 30, of=(Page,)))
    assert got == [hostile.page(number) for number in range(1, 31)]


def test_files_go_in_and_come_out(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "민원 신청서.pdf"
    path.write_bytes(b"abc")
    media = MediaFile(path=path, kind="document", media_type="a/b", size_bytes=3, sha256="0")
    stream = worker.stream(f"{HERE}:document", media, JOB_FOLDER, of=(PagedDocument,))
    for document in stream:
        assert document.notes == (Note(code="document.macros", facts={"count": 3}),)
        kept = keep(document.preview, tmp_path / "kept.pdf")
    assert kept.read_bytes() == b"%PDF-"
    assert not document.preview.exists()
    assert call(worker, "length", path, of=int) == 3
    same = worker.call(f"{HERE}:same_file", path, of=PagedDocument)
    assert same.preview == path


def test_errors_of_ours_come_out_as_they_are(worker: Worker) -> None:
    before = call(worker, "pid", of=int)
    with pytest.raises(DocumentEncrypted):
        call(worker, "locked")
    assert call(worker, "pid", of=int) == before
    goes_on(worker)


def test_a_bug_of_a_parser_is_one_error_without_its_words(worker: Worker) -> None:
    with pytest.raises(DocumentWorkerDied) as caught:
        call(worker, "bug")
    assert caught.value.facts == {"how": "KeyError"}
    goes_on(worker)


def test_text_that_is_no_text(worker: Worker) -> None:
    note = call(worker, "half_a_sign", of=Note)
    assert isinstance(note, Note)
    assert note.facts == {"text": "a?b"}


def test_honest_readers_work_behind_the_fences(tmp_path: Path) -> None:
    """Native libraries, fonts, and programs that a reader starts."""
    (tmp_path / "a.pdf").write_bytes(pdf())
    image = Image.new("L", (400, 60), 255)
    font = ImageFont.load_default(32)
    ImageDraw.Draw(image).text((20, 10), "LAMP 2026", font=font, fill=0)
    image.save(tmp_path / "a.png")
    with Worker() as worker:
        assert call(worker, "opens_pdf", tmp_path / "a.pdf", of=int) == 1
        if shutil.which("tesseract"):
            assert call(worker, "reads_print", tmp_path / "a.png") == "LAMP 2026"


@pytest.mark.parametrize(
    ("name", "error", "facts", "limits"),
    [
        ("spin", DocumentTooMuchTime, {"limit_s": 1}, {"wall_s": 1.0}),
        ("spin", DocumentTooMuchTime, {"limit_s": 1}, {"cpu_s": 1.0}),
        ("sleep", DocumentTooMuchTime, {"limit_s": 1}, {"wall_s": 1.0}),
        ("allocate", DocumentTooMuchMemory, {"limit_mb": 400}, {}),
        ("allocate_in_children", DocumentTooMuchMemory, {"limit_mb": 300}, {"memory_mb": 300}),
        ("fork_bomb", DocumentTooManyProcesses, {"limit_processes": 8}, {}),
        ("write_huge", DocumentTooMuchOutput, {"limit_mb": 30}, {}),
        ("segfault", DocumentWorkerDied, {"how": "SIGSEGV"}, {}),
        ("leave", DocumentWorkerDied, {"how": "exit 3"}, {}),
        ("garbage", DocumentWorkerDied, {"how": "answer"}, {}),
        ("wrong_type", DocumentWorkerDied, {"how": "answer"}, {}),
    ],
)
def test_each_end_is_one_error_and_the_server_goes_on(
    worker: Worker,
    name: str,
    error: type[MinwonError],
    facts: dict[str, object],
    limits: dict[str, float],
) -> None:
    from dataclasses import replace

    started = time.monotonic()
    with pytest.raises(error) as caught:
        list(worker.stream(f"{HERE}:{name}", of=(Page,), limits=replace(LIMITS, **limits)))
    assert caught.value.facts == facts
    assert time.monotonic() - started < 15
    goes_on(worker)


def test_an_abort_is_a_death(worker: Worker) -> None:
    with pytest.raises(DocumentWorkerDied) as caught:
        call(worker, "abort")
    assert caught.value.facts["how"] in {"SIGABRT", "SIGSEGV"}  # process 1 can't be aborted softly
    goes_on(worker)


def test_what_is_printed_goes_nowhere(worker: Worker, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(worker, "print_much", of=Note) == Note(code="x")
    assert capfd.readouterr() == ("", "")


def test_no_network_by_any_way(worker: Worker, listening: int) -> None:
    assert worker.fences.network
    assert call(worker, "open_socket", listening) != "connected"
    assert call(worker, "native_socket", listening) == "refused"
    assert call(worker, "socket_in_a_program", listening) == "refused"
    with socket.create_connection(("127.0.0.1", listening)):
        pass  # the address itself does answer


def test_nothing_outside_its_folder(worker: Worker, tmp_path: Path) -> None:
    if not worker.fences.files:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "other.txt").write_text("다른 사람의 민원")
    assert call(worker, "read_outside", str(tmp_path / "other.txt")) == "PermissionError"
    assert call(worker, "list_outside", str(tmp_path)) == "PermissionError"
    assert call(worker, "write_outside", str(tmp_path / "new.txt")) == "PermissionError"
    assert call(worker, "write_outside", "/etc/minwon-test") == "PermissionError"
    assert call(worker, "read_outside", f"/proc/{os.getpid()}/environ") != ""
    assert not (tmp_path / "new.txt").exists()


def test_it_can_not_signal_its_parent(worker: Worker) -> None:
    if not worker.fences.namespaces:
        pytest.skip("no process-id namespace here")
    assert call(worker, "kill_parent", os.getpid()) == "ProcessLookupError"


def test_no_secret_is_in_its_environment() -> None:
    os.environ["MINWON_DATABASE_URL"] = "postgresql://user:secret@host/db"
    try:
        with Worker(limits=LIMITS) as worker:
            assert worker.call(f"{HERE}:family", 1, of=list) == []
    finally:
        del os.environ["MINWON_DATABASE_URL"]


@pytest.mark.parametrize("path", ["/etc/passwd", "/", "../../x", "a.pdf"])
def test_paths_in_answers_stay_in_the_folder(worker: Worker, path: str) -> None:
    with pytest.raises(DocumentWorkerDied):
        call(worker, "path_to", path, of=PagedDocument)
    goes_on(worker)


def test_links_in_answers_are_not_followed(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(DocumentWorkerDied):
        call(worker, "link_to", JOB_FOLDER, "/etc/passwd", of=PagedDocument)
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(DocumentWorkerDied):
        keep(tmp_path / "link", tmp_path / "kept")


def test_cancel_ends_the_family_at_once() -> None:
    cancel = Cancel()
    with Worker(limits=LIMITS) as worker:
        stream = worker.stream(f"{HERE}:sleep", of=(Page,), cancel=cancel)
        assert next(stream) == hostile.page(1)
        threading.Timer(0.2, cancel.set).start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            next(stream)
        assert time.monotonic() - started < 2
        goes_on(worker)


def test_a_stream_that_nobody_reads_on_is_ended() -> None:
    with Worker(limits=LIMITS) as worker:
        stream = worker.stream(f"{HERE}:sleep", of=(Page,))
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        goes_on(worker)


def test_grandchildren_die_with_it(tmp_path: Path) -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with Worker(limits=LIMITS) as worker:
        worker.call(f"{HERE}:daemon", tmp_path, of=int)
        born = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        assert len(born) >= 2
    _, alive = psutil.wait_procs(born, timeout=3)
    assert alive == []


def test_it_is_replaced_after_some_files() -> None:
    with Worker(limits=Limits(files_per_child=2, memory_mb=400)) as worker:
        children = set()
        for _ in range(6):
            assert worker.call(f"{HERE}:wrong_type", of=Note)
            children |= {process.pid for process in psutil.Process().children()}
        assert len(children) >= 3


def test_nothing_is_left_after_closing() -> None:
    before = set(psutil.Process().children(recursive=True))
    with Worker(limits=LIMITS) as worker:
        folder = worker._folder
        worker.call(f"{HERE}:wrong_type", of=Note)
        born = set(psutil.Process().children(recursive=True)) - before
        assert born
    assert not folder.exists()
    _, alive = psutil.wait_procs(born, timeout=3)
    assert alive == []


def test_unknown_errors_and_foreign_facts_are_not_believed() -> None:
    assert isinstance(wire.decode_error(b"nonsense"), DocumentWorkerDied)
    assert isinstance(wire.decode_error(b'["no.such.code", {}]'), DocumentWorkerDied)
    assert isinstance(wire.decode_error(b'["document.encrypted", {"a": [1]}]'), DocumentWorkerDied)
    long = wire.decode_error(b'["document.worker_died", {"how": "' + b"x" * 5000 + b'"}]')
    assert len(str(long.facts["how"])) == 200


@pytest.mark.parametrize(
    "frame",
    [
        b'Page\n{"page_no": "1", "width_pt": 1, "height_pt": 1, "blocks": []}',
        b'Page\n{"page_no": 1}',
        b"Page\n[" + b"[" * 100_000,
        b"Note\n{}",
        b"",
    ],
)
def test_frames_of_the_wrong_shape(frame: bytes) -> None:
    with pytest.raises(DocumentWorkerDied):
        wire.decode(frame, (Page,))
