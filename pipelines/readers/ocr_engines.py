"""Tesseract, loaded once for each language and kept: a start of its program costs more than a line.

The library is that of `tesserocr`, the data are those of the system's packages. It gives up the GIL
while it reads, so pages run side by side in threads, each with an engine of its own. It may end the
process on a picture that it can't bear, so pictures of strangers are read where that is one
message: in the worker.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OcrMissing

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

DATA = {"ko": "kor", "en": "eng", "ja": "jpn", "zh": "chi_sim", "es": "spa"}
"""Our languages and the names of Tesseract's data for them."""
FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
)
KEPT = 2
"""Idle engines of one language; each holds 20 to 60 MB."""

_idle: dict[str, list[PyTessBaseAPI]] = {}
_changing = threading.Lock()


def need(language: str) -> None:
    """Raises OcrMissing where `language` can't be read here."""
    if not (folder() / f"{DATA[language]}.traineddata").is_file():
        raise OcrMissing(missing=_package(language))


@cache
def folder() -> Path:
    """Where the data lie: TESSDATA_PREFIX, or where Debian puts them. Raises OcrMissing."""
    named = os.environ.get("TESSDATA_PREFIX", "")
    for path in map(Path, filter(None, (named, *FOLDERS))):
        if any(path.glob("*.traineddata")):
            return path
    raise OcrMissing(missing="tesseract-ocr")


@contextmanager
def lent(language: str) -> Iterator[PyTessBaseAPI]:
    """An engine for the caller alone; one that raised is thrown away. Raises OcrMissing."""
    need(language)
    with _changing:
        waiting = _idle.setdefault(language, [])
        engine = waiting.pop() if waiting else _loaded(language)
    try:
        yield engine
    except BaseException:
        engine.End()
        raise
    engine.Clear()
    with _changing:
        if len(waiting) < KEPT:
            waiting.append(engine)
            return
    engine.End()


def _loaded(language: str) -> PyTessBaseAPI:
    from tesserocr import OEM, PyTessBaseAPI

    try:
        return PyTessBaseAPI(path=str(folder()), lang=DATA[language], oem=OEM.LSTM_ONLY)
    except RuntimeError as exc:  # its file is broken
        raise OcrMissing(missing=_package(language)) from exc


def _package(language: str) -> str:
    return f"tesseract-ocr-{DATA[language]}".replace("_", "-")
