"""What a taken-over parser might do; these functions run in the worker only."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import DocumentEncrypted
from pipelines.readers.pages import Block, Cell, Line, Page, PagedDocument, Table
from pipelines.types import MediaFile, Note

BOX = (1.0, 2.0, 3.5, 4.0)


def page(number: int, text: str = "민원") -> Page:
    block = Block(
        kind="table",
        text=text,
        box_pt=BOX,
        lines=(Line(text=text, box_pt=BOX, confidence=0.5),),
        table=Table(rows=1, cols=1, cells=(Cell(row=0, col=0, text=text, box_pt=BOX),)),
    )
    return Page(page_no=number, width_pt=595.0, height_pt=842.0, blocks=(block,))


def pages(count: int) -> Iterator[Page]:
    yield from (page(number) for number in range(1, count + 1))


def document(media: MediaFile, folder: Path) -> PagedDocument:
    assert media.path.read_bytes()
    (folder / "preview.pdf").write_bytes(b"%PDF-")
    return PagedDocument(
        pages=(page(1),),
        preview=folder / "preview.pdf",
        notes=(Note(code="document.macros", facts={"count": 3}),),
    )


def same_file(path: Path) -> PagedDocument:
    return PagedDocument(pages=(), preview=path)


def length(path: Path) -> int:
    return len(path.read_bytes())


def pid() -> int:
    return os.getpid()


def family(_: int) -> list[str]:
    return [name for name in os.environ if name.startswith("MINWON") or "URL" in name]


def locked() -> None:
    raise DocumentEncrypted


def bug() -> None:
    raise KeyError("주민번호 같은 말")


def half_a_sign() -> Note:
    return Note(code="x", facts={"text": "a\ud800b"})


def spin() -> None:
    while True:
        pass


def sleep() -> Iterator[Page]:
    yield page(1)
    time.sleep(60)


def allocate() -> None:
    kept = []
    while True:
        kept.append(bytearray(50_000_000))
        for at in range(0, 50_000_000, 4096):
            kept[-1][at] = 1


def allocate_in_children() -> None:
    for _ in range(6):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1) * 60_000_000)
            time.sleep(60)
            os._exit(len(kept) & 1)
    time.sleep(60)


def fork_bomb() -> None:
    while True:
        os.fork()


def daemon(marker: Path) -> int:
    """A grandchild that tries to outlive everybody."""
    code = "import time; time.sleep(600)"
    try:
        return subprocess.Popen([sys.executable, "-c", code], start_new_session=True).pid
    except PermissionError:
        return subprocess.Popen([sys.executable, "-c", code]).pid


def write_huge() -> None:
    with tempfile.TemporaryFile() as handle:
        while True:
            handle.write(bytes(10_000_000))
            handle.flush()


def write_outside(path: str) -> str:
    try:
        Path(path).write_text("x")
    except OSError as exc:
        return type(exc).__name__
    return "written"


def read_outside(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as exc:
        return type(exc).__name__


def list_outside(path: str) -> str:
    try:
        return str(os.listdir(path))  # noqa: PTH208
    except OSError as exc:
        return type(exc).__name__


def open_socket(port: int) -> str:
    try:
        with socket.socket() as talk:
            talk.connect(("127.0.0.1", port))
    except OSError as exc:
        return type(exc).__name__
    return "connected"


def native_socket(port: int) -> str:
    """Past Python: the C library alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.socket(2, 1, 0)
    if handle < 0:
        return "refused"
    address = (2).to_bytes(2, "little") + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return "connected" if libc.connect(handle, address, 16) == 0 else "refused"


def socket_in_a_program(port: int) -> str:
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    return "refused" if done.returncode else "connected"


def kill_parent(pid: int) -> str:
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError as exc:
        return type(exc).__name__
    return "sent"


def segfault() -> None:
    ctypes.string_at(0)


def abort() -> None:
    os.abort()


def leave() -> None:
    os._exit(3)


def garbage() -> Note:
    for handle in range(3, 20):
        try:
            os.write(handle, b"\xff" * 5000 + b"{}")
        except OSError:
            continue
    os.write(1, b"printed\n" * 1000)
    return Note(code="x")


def print_much() -> Note:
    for _ in range(2000):
        os.write(1, b"x" * 1000)
        os.write(2, b"y" * 1000)
    return Note(code="x")


def wrong_type() -> Note:
    return Note(code="x")


def path_to(path: str) -> PagedDocument:
    return PagedDocument(pages=(), preview=Path(path))


def link_to(folder: Path, target: str) -> PagedDocument:
    (folder / "a.pdf").symlink_to(target)
    return PagedDocument(pages=(), preview=folder / "a.pdf")


def reads_print(path: Path) -> str:
    """Nothing hostile: what the readers of scans do, behind all fences."""
    done = subprocess.run(
        ["tesseract", str(path), "stdout", "--psm", "7"], check=False, capture_output=True
    )
    return done.stdout.decode().strip() or done.stderr.decode()


def opens_pdf(path: Path) -> int:
    import pymupdf

    with pymupdf.open(path) as opened:
        opened[0].get_pixmap(dpi=50)
        return len(opened)
