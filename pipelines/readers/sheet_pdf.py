"""One page of A4 with sections of text and a row of pictures, through the owner of PyMuPDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.readers.mupdf import LOCK, library
from pipelines.readers.preview import advance_of_print
from pipelines.readers.typeset import LINE, break_lines

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 42.0
TITLE, UNDER, HEADING, TEXT = 17.0, 8.0, 11.5, 9.5
COLUMNS, GAP = 3, 8.0
CAPTION = 8.0
QUALITY, PICTURE_PX = 85, 640
INK, SOFT, RULE = (0.1, 0.1, 0.12), (0.42, 0.42, 0.45), (0.75, 0.75, 0.78)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its lines; a line may break into several."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with a few words under it."""

    image: Image
    caption: str


def one_page(
    *, title: str, under: str, sections: Sequence[Section], pictures: Sequence[Picture]
) -> bytes:
    """The PDF. What has no room is left out with "…": pictures keep theirs."""
    with LOCK:
        pymupdf = library()
        document = pymupdf.open()
        page = document.new_page(width=WIDTH, height=HEIGHT)
        writer = _Writer(page, pymupdf.Font("cjk"), HEIGHT - MARGIN - _height_of(pictures))
        writer.text(title, TITLE, INK, most=2)
        writer.text(under, UNDER, SOFT, most=1)
        for section in sections:
            writer.section(section)
        _put_pictures(page, pymupdf, pictures, writer)
        writer.write()
        document.subset_fonts()
        out: bytes = document.tobytes(garbage=3, deflate=True)
        document.close()
    return out


class _Writer:
    def __init__(self, page: object, font: object, bottom: float) -> None:
        self._page, self._font, self._bottom = page, font, bottom
        self._advance = advance_of_print()
        self._y = MARGIN
        self._full = False
        self._words: list[tuple[float, float, str, float, tuple[float, float, float]]] = []

    @property
    def y(self) -> float:
        """Where the text ends."""
        return self._y

    def section(self, section: Section) -> None:
        self._y += 8
        self.text(section.heading, HEADING, INK, most=1)
        for line in section.lines:
            self.text(line, TEXT, INK, most=3)

    def text(self, text: str, size: float, color: tuple[float, float, float], *, most: int) -> None:
        whole = " ".join(text.split())
        runs = break_lines(whole, size, WIDTH - 2 * MARGIN, self._advance)
        for number, run in enumerate(runs[:most]):
            if self._full:
                return
            line = whole[run.start : run.stop].strip()
            if self._y + 2 * size * LINE > self._bottom:
                line, self._full = "…", True
            elif number == most - 1 and len(runs) > most:
                line = line[:-1] + "…"
            self._y += size * LINE
            self.put(MARGIN, self._y, line, size, color)

    def put(
        self, x: float, y: float, text: str, size: float, color: tuple[float, float, float]
    ) -> None:
        self._words.append((x, y, text, size, color))

    def write(self) -> None:
        pymupdf = library()
        for color in dict.fromkeys(word[4] for word in self._words):
            writer = pymupdf.TextWriter(self._page.rect)  # type: ignore[attr-defined]
            for x, y, text, size, own in self._words:
                if own == color:
                    writer.append((x, y), text, font=self._font, fontsize=size)
            writer.write_text(self._page, color=color)


def _cell(pictures: Sequence[Picture]) -> tuple[float, float]:
    """(width, height) of a picture's place."""
    wide = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
    ratios = [picture.image.height / picture.image.width for picture in pictures]
    return wide, wide * min(0.75, max(ratios, default=0.56))


def _height_of(pictures: Sequence[Picture]) -> float:
    rows = -(-len(pictures) // COLUMNS)
    return rows * (_cell(pictures)[1] + CAPTION * 2 + GAP) + GAP


def _put_pictures(
    page: object, pymupdf: object, pictures: Sequence[Picture], writer: _Writer
) -> None:
    wide, high = _cell(pictures)
    top = min(HEIGHT - MARGIN - _height_of(pictures), writer.y + 2 * GAP) + GAP
    for number, picture in enumerate(pictures):
        left = MARGIN + number % COLUMNS * (wide + GAP)
        y = top + number // COLUMNS * (high + CAPTION * 2 + GAP)
        factor = min(wide / picture.image.width, high / picture.image.height)
        size = (picture.image.width * factor, picture.image.height * factor)
        x = left + (wide - size[0]) / 2
        box = (x, y, x + size[0], y + size[1])
        page.insert_image(box, stream=_jpeg(picture.image))  # type: ignore[attr-defined]
        page.draw_rect(box, color=RULE, width=0.5)  # type: ignore[attr-defined]
        writer.put(left, y + high + CAPTION * 1.3, picture.caption, CAPTION, SOFT)
    del pymupdf


def _jpeg(image: Image) -> bytes:
    factor = min(1.0, PICTURE_PX / max(image.size))
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    out = io.BytesIO()
    image.resize(size, 3).save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()
