"""Filled sheets -> a PDF, in the print that PyMuPDF carries for CJK and Latin."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from pipelines.readers.mupdf import LOCK, faults, library
from pipelines.readers.pages import Block
from pipelines.readers.typeset import Advance
from pipelines.types import Box

log = logging.getLogger(__name__)
Foreign: TypeAlias = Any
"""A value of PyMuPDF, which states no types."""
Color = tuple[float, float, float]
BLACK: Color = (0.0, 0.0, 0.0)
GREY: Color = (0.35, 0.35, 0.35)
_FRAME: Color = (0.6, 0.6, 0.6)
MAX_PICTURE_PIXELS = 40_000_000
_PRINT = "cjk"
_AS_IS = frozenset(("PNG", "JPEG"))


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One page while it is being filled; lengths in points, origin at the top left."""

    width: float
    height: float
    y: float
    """Where the next thing goes."""
    blocks: list[Block] = field(default_factory=list)
    words: list[tuple[float, float, str, float, Color]] = field(default_factory=list)
    """(left, base line, text, size, color)."""
    frames: list[Box] = field(default_factory=list)
    pictures: list[tuple[Box, bytes]] = field(default_factory=list)


@cache
def _font() -> Foreign:
    return library().Font(_PRINT)


def advance_of_print() -> Advance:
    """How wide each character is at size 1; remembered, for asking the library costs more."""
    font = _font()
    known: dict[str, float] = {}

    def advance(char: str) -> float:
        width = known.get(char)
        if width is None:
            width = known[char] = float(font.glyph_advance(ord(char))) or 0.5
        return width

    return advance


def picture_px(data: bytes) -> tuple[int, int] | None:
    """(width, height) by the picture's own head; None for what can't be shown."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format in ("EMF", "WMF"):
                return None
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (width, height) if 0 < width * height <= MAX_PICTURE_PIXELS else None


def draw(
    sheets: Sequence[Sheet], preview: Path, title: str, on_page: Callable[[int], object]
) -> None:
    """Write the sheets as one PDF."""
    pymupdf = library()
    font = _font()
    with LOCK, pymupdf.open() as pdf:
        for number, sheet in enumerate(sheets, 1):
            page = pdf.new_page(width=sheet.width, height=sheet.height)
            _draw_words(page, font, sheet)
            if sheet.frames:
                shape = page.new_shape()
                for frame in sheet.frames:
                    shape.draw_rect(pymupdf.Rect(frame))
                shape.finish(color=_FRAME, width=0.5)
                shape.commit()
            for box, data in sheet.pictures:
                _draw_picture(page, box, data)
            on_page(number)
        pdf.set_metadata({"title": title, "producer": "", "creator": ""})
        pdf.subset_fonts()
        pdf.save(str(preview), garbage=3, deflate=True)


def _draw_words(page: Foreign, font: Foreign, sheet: Sheet) -> None:
    writers: dict[Color, Foreign] = {}
    for left, base, words, size, color in sheet.words:
        writer = writers.get(color)
        if writer is None:
            writer = writers[color] = library().TextWriter(page.rect, color=color)
        writer.append((left, base), words, font=font, fontsize=size)
    for writer in writers.values():
        writer.write_text(page)


def _draw_picture(page: Foreign, box: Box, data: bytes) -> None:
    """A picture that turns out to be damaged leaves an empty frame at its place."""
    pymupdf = library()
    rect = pymupdf.Rect(box)
    plain = _plain_picture(data)
    try:
        if plain:
            page.insert_image(rect, stream=plain, keep_proportion=True)
            return
    except faults():
        log.warning("a picture in a document could not be set")
    page.draw_rect(rect, color=_FRAME, width=0.5)


def _plain_picture(data: bytes) -> bytes:
    """PNG and JPEG stay, every other format becomes a PNG, for PDF knows few; b"" if damaged."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format in _AS_IS:
                return data
            out = io.BytesIO()
            mode = "RGBA" if "A" in picture.getbands() else "RGB"
            picture.convert(mode).save(out, format="PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
