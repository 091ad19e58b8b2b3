"""The process that parses: `python -m pipelines.media.child ANSWERS`, started by `worker` only.

It reads jobs from its standard input (from the parent, which it trusts), writes frames to the
file descriptor ANSWERS (to the parent, which does not trust it), and has nothing else.
"""

from __future__ import annotations

import errno
import importlib
import logging
import os
import pickle
import select
import signal
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipelines.errors import MinwonError
from pipelines.media import fences, wire
from pipelines.refusals import (
    DocumentTooMuchMemory,
    DocumentTooMuchOutput,
    DocumentWorkerDied,
)

READY, ITEM, DONE, FAILED, BROKEN = b"R", b"I", b"D", b"F", b"B"
"""BROKEN is an error after which the process is not used again."""
_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the parent says once. `folder` is the only place that may be written."""

    folder: Path
    preload: tuple[str, ...]
    memory_mb: int
    file_mb: int
    cpu_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call of `target` ("module:function"), in a folder of its own."""

    target: str
    args: tuple[Any, ...]
    folder: Path


def main() -> None:
    """Serve jobs until the input ends."""
    answers = os.fdopen(int(sys.argv[1]), "wb")
    jobs = sys.stdin.buffer
    start: Start = _receive(jobs)
    namespaces = fences.enter_namespaces()
    if namespaces:
        if inner := os.fork():
            _stand_for(inner)
        fences.die_with_parent()
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    fences.limit(
        memory_bytes=start.memory_mb * _MB, file_bytes=start.file_mb * _MB, cpu_s=start.cpu_s
    )
    _import(start.preload)
    fences.drop_powers()
    files = fences.confine_files(_needed(), [start.folder, Path(os.devnull)])
    calls = fences.refuse_system_calls()
    if not (namespaces or calls):
        fences.refuse_python_sockets()
    held = fences.Fences(
        namespaces=namespaces,
        system_calls=calls,
        files=files,
        python_sockets=not (namespaces or calls),
    )
    _send(answers, READY, wire.encode(held))
    while (job := _receive(jobs)) is not None:
        _work(job, answers, start)


def _stand_for(inner: int) -> None:
    """Wait for process 1 of the namespace and end as it ended."""
    gone = select.poll()
    gone.register(0, 0)
    while True:
        pid, status = os.waitpid(inner, os.WNOHANG)
        if pid:
            break
        if gone.poll(100):  # the parent closed its end, or is dead
            os.kill(inner, signal.SIGKILL)
            os.waitpid(inner, 0)
            os._exit(0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        fences.limit(memory_bytes=1 << 40, file_bytes=0, cpu_s=10)
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)


def _end_with_parent() -> None:
    gone = select.poll()
    gone.register(0, 0)
    gone.poll()
    os._exit(0)


def _import(names: tuple[str, ...]) -> None:
    """Heavy modules now, so that the first file doesn't wait for them."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # the job that needs it will say so


def _needed() -> Iterator[Path]:
    """What Python, its packages and the programs that readers start have to read."""
    for name in ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys/devices/system/cpu"):
        yield Path(name)
    for name in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"):
        yield Path(name)
    yield from (Path(entry) for entry in sys.path if entry)
    yield from (Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("purelib")))


def _work(job: Job, answers: IO[bytes], start: Start) -> None:
    os.chdir(job.folder)
    tempfile.tempdir = str(job.folder)
    os.environ["TMPDIR"] = str(job.folder)
    try:
        for value in _values(_function(job.target), job.args):
            _send(answers, ITEM, wire.encode(value))
    except MinwonError as error:
        _send(answers, FAILED, wire.encode_error(error))
    except BaseException as error:  # noqa: BLE001 - whatever a parser throws ends this process only
        _send(answers, BROKEN, wire.encode_error(_translated(error, start)))
    else:
        _send(answers, DONE, b"")
    os.chdir("/")
    tempfile.tempdir = None


def _translated(error: BaseException, start: Start) -> MinwonError:
    if isinstance(error, MemoryError):
        return DocumentTooMuchMemory(limit_mb=start.memory_mb)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return DocumentTooMuchOutput(limit_mb=start.file_mb)
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return DocumentTooMuchMemory(limit_mb=start.memory_mb)
    return DocumentWorkerDied(how=type(error).__name__)


def _function(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _values(function: Callable[..., Any], args: tuple[Any, ...]) -> Iterator[object]:
    result = function(*args)
    if isinstance(result, Iterator):
        yield from result
    else:
        yield result


def _receive(handle: IO[bytes]) -> Any:  # noqa: ANN401 - what the parent pickled; None at the end
    head = handle.read(4)
    if len(head) < 4:
        return None
    return pickle.loads(handle.read(int.from_bytes(head, "big")))  # noqa: S301 - from our parent


def _send(handle: IO[bytes], kind: bytes, body: bytes) -> None:
    handle.write(kind + len(body).to_bytes(4, "big") + body)
    handle.flush()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # what parsers log can hold people's words
    main()
