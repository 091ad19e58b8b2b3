"""Small PDFs and pictures, made on the spot, for the tests of the page formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from pipelines.readers import mupdf

LATIN = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def pdf(path: Path, *pages: Callable[[Any], object], **saved: Any) -> Path:
    """One page for each drawing function, A4; further arguments go to the saving."""
    document = mupdf.library().open()
    for draw in pages:
        draw(document.new_page(width=595, height=842))
    document.save(path, **saved)
    return path


def text(words: str, at: tuple[float, float] = (72, 100), **style: Any) -> Callable[[Any], object]:
    """A page with one line."""
    return lambda page: page.insert_text(at, words, **style)


def broken_pdf(path: Path, pages: str) -> Path:
    """A hand-made PDF whose page tree is `pages`."""
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj"
        + pages.encode()
        + b"endobj\ntrailer<</Root 1 0 R>>\n"
    )
    return path


def print_picture(words: str, size: tuple[int, int] = (900, 300), mode: str = "RGB") -> Image.Image:
    """Black letters on white."""
    from PIL import ImageFont

    picture = Image.new("RGB", size, "white")
    font = ImageFont.truetype(LATIN, 34)
    ImageDraw.Draw(picture).multiline_text((40, 40), words, fill="black", font=font, spacing=16)
    return picture.convert(mode)


def seen(document: Any) -> str:
    """The text that a person sees."""
    return "\n".join(b.text for page in document.pages for b in page.blocks if not b.hidden)
