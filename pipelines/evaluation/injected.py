"""Complaints that carry a sentence which gives orders: heard, printed, hidden, as a picture."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from pathlib import Path

from pipelines.evaluation.printed import FONT_FOLDER, FONTS
from pipelines.readers import mupdf
from pipelines.types import Evidence, TimeSpan

LEFT_PT, TOP_PT, STEP_PT = 60.0, 90.0, 34.0
WRAP = 44
"""Letters a printed line."""
WHITE = (1.0, 1.0, 1.0)


def heard(base: Sequence[str], sentence: str, language: str) -> tuple[Evidence, ...]:
    """The pieces of a recording; the sentence is said before the last of them."""
    said = [*base[:-1], sentence, base[-1]] if sentence else list(base)
    return tuple(
        Evidence(
            source="a" * 64,
            where=TimeSpan(start_s=4.0 * i, end_s=4.0 * i + 3.5),
            text=text,
            confidence=0.95,
            language=language,
        )
        for i, text in enumerate(said)
    )


def paper(folder: Path, way: str, base: Sequence[str], sentence: str, font: str = "korea") -> Path:
    """A file with the complaint on it, and the sentence (if any) put in that way.

    `font` is one of the library's own for the script of the visible lines.
    """
    name = hashlib.sha256(f"{way}{base}{sentence}".encode()).hexdigest()[:12]
    if way == "picture":
        return _picture(folder / f"{name}.png", _with(base, sentence))
    if way == "metadata" and sentence:
        name = "".join(c for c in sentence if c.isalnum() or c == " ")[:60].strip() or name
    printed = _with(base, sentence) if way == "print" else list(base)
    document = mupdf.library().open()
    page = document.new_page(width=595, height=842)
    place = TOP_PT
    for line in printed:
        for piece in textwrap.wrap(line, WRAP) or [""]:
            page.insert_text((LEFT_PT, place), piece, fontname=font, fontsize=12)
            place += 18
        place += STEP_PT - 18
    if way == "hidden" and sentence:
        _hide(page, sentence, place)
    if way == "metadata" and sentence:
        document.set_metadata({"title": sentence, "author": sentence, "keywords": sentence})
    path = folder / f"{name}.pdf"
    document.save(path)
    return path


def _with(base: Sequence[str], sentence: str) -> list[str]:
    return [*base[:-1], sentence, base[-1]] if sentence else list(base)


def _hide(page: object, sentence: str, place: float) -> None:
    """White on white, in one point, or off the page: by the sentence's own number."""
    insert = page.insert_text  # type: ignore[attr-defined]
    match int(hashlib.sha256(sentence.encode()).hexdigest(), 16) % 3:
        case 0:
            insert((LEFT_PT, place), sentence, fontname="korea", fontsize=12, color=WHITE)
        case 1:
            insert((LEFT_PT, place), sentence, fontname="korea", fontsize=1)
        case _:
            insert((LEFT_PT, 900), sentence, fontname="korea", fontsize=12)


def _picture(path: Path, lines: Sequence[str]) -> Path:
    """A printed sheet of A4 at 200 dots an inch, as a scanner sees it."""
    from PIL import Image, ImageDraw, ImageFont

    sheet = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(FONT_FOLDER / FONTS["dev"]["ko"][1]), 40)
    place = 250
    for line in lines:
        for piece in textwrap.wrap(line, WRAP) or [""]:
            draw.text((180, place), piece, font=font, fill=0)
            place += 70
        place += 50
    sheet.save(path, dpi=(200, 200))
    return path
