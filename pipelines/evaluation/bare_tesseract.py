"""Debian's Tesseract as a program of its own: the peer of scanned pages and of frames."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

BOXES = ("-c", "hocr_char_boxes=1", "txt", "hocr")
"""What it has to be told to say where each letter stands, as our reader does."""


def read(
    picture: Image, *, data: str = "kor", mode: int = 6, told: tuple[str, ...] = ("txt",)
) -> str:
    """The text of an upright picture, in one start with one thread. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="minwon-peer-") as folder:
        page = Path(folder) / "page.pgm"
        picture.convert("L").save(page)
        command = ["tesseract", str(page), str(page.with_suffix("")), "-l", data]
        command += ["--psm", str(mode), "--dpi", "200", *told]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
        return page.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")
