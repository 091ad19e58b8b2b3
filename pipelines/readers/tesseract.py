"""What Tesseract reads: glyphs with boxes and confidences, in lines.

Its kor data writes spaces into the plain text only, so the plain text is laid over the glyphs.
"""

from __future__ import annotations

import difflib
import math
import re
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.readers.ocr_engines import lent
from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image
    from tesserocr import PyResultIterator, PyTessBaseAPI

BLOCK_OF_TEXT = 6
"""Its page mode "one uniform block of text": the most exact one for a column of lines."""
SPARSE = 11
TALL = 1.3
"""In usual heights of its line: a taller box of a glyph is a fault of the program."""
DPI = 200


class OcrTimeout(Exception):
    """The page took longer than it may."""


class Budget:
    """The time that one page may take, over all calls for it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_s(self) -> float:
        """Seconds that are left. Raises OcrTimeout where none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OcrTimeout
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One sign on the picture; `box_px` in pixels of it, `confidence` in [0, 1]."""

    text: str
    box_px: Box
    confidence: float
    after_space: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLine:
    """One line of print, left to right."""

    glyphs: tuple[Glyph, ...]
    paragraph: int = 0
    band_px: tuple[float, float] | None = None
    """The top and bottom of its ink, where that was measured."""
    end_px: float = math.inf
    """Where the place for this line ends, to the right."""
    cell: tuple[int, int] | None = None
    """Of print in a drawn table: which table of the sheet, and which of its cells."""

    @property
    def text(self) -> str:
        """Its signs and spaces."""
        return "".join((" " if g.after_space else "") + g.text for g in self.glyphs).strip()

    @property
    def box_px(self) -> Box:
        """Around its signs; boxes that were drawn over the gaps between lines don't count."""
        boxes = [glyph.box_px for glyph in self.glyphs]
        if self.band_px is not None:
            left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
            return left, self.band_px[0], right, self.band_px[1]
        usual = statistics.median([box[3] - box[1] for box in boxes])
        fair = [box for box in boxes if box[3] - box[1] <= TALL * usual] or boxes
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in fair),
            max(box[2] for box in boxes),
            max(box[3] for box in fair),
        )

    @property
    def confidence(self) -> float:
        """The mean over its signs."""
        return sum(glyph.confidence for glyph in self.glyphs) / len(self.glyphs)


def recognise(
    picture: Image, language: str, *, budget: Budget, mode: int = BLOCK_OF_TEXT
) -> list[PrintLine]:
    """Read an upright picture (mode L or RGB). `language` is one of `ocr_engines.DATA`.

    Raises OcrMissing where the language is not installed, OcrTimeout.
    """
    return recognise_many([picture], language, budget=budget, mode=mode)[0]


def recognise_many(
    pictures: Sequence[Image],
    language: str,
    *,
    budget: Budget,
    mode: int = BLOCK_OF_TEXT,
    signs: str = "",
) -> list[list[PrintLine]]:
    """Several small pictures, one after the other. `signs`: only these may come out; empty = all.

    Raises OcrMissing, OcrTimeout.
    """
    with lent(language) as engine:
        engine.SetVariable("tessedit_char_whitelist", signs)
        engine.SetPageSegMode(mode)
        return [_read(engine, picture.convert("L"), budget) for picture in pictures]


def _read(engine: PyTessBaseAPI, picture: Image, budget: Budget) -> list[PrintLine]:
    width, height = picture.size
    engine.SetImageBytes(picture.tobytes(), width, height, 1, width)
    engine.SetSourceResolution(DPI)
    if not engine.Recognize(max(1, round(1000 * budget.left_s()))):
        budget.left_s()
        return []  # it found it too small or too empty to work on
    plain = engine.GetUTF8Text()
    return lines_of(_rows(engine.GetIterator()), plain) if plain.strip() else []


def _rows(found: PyResultIterator) -> Iterator[tuple[int, list[Glyph]]]:
    """(number of its paragraph, glyphs) of each line."""
    from tesserocr import RIL, iterate_level

    paragraph = 0
    row: list[Glyph] = []
    for at in iterate_level(found, RIL.SYMBOL):
        if at.IsAtBeginningOf(RIL.TEXTLINE):
            if row:
                yield paragraph, row
            row = []
            paragraph += at.IsAtBeginningOf(RIL.PARA)
        if at.Empty(RIL.SYMBOL):
            continue  # it raises where there is no text
        text, box = at.GetUTF8Text(RIL.SYMBOL).strip(), at.BoundingBox(RIL.SYMBOL)
        if text and box is not None:
            sure = min(1.0, max(0.0, at.Confidence(RIL.SYMBOL) / 100))
            left, top, right, bottom = map(float, box)
            row.append(Glyph(text=text, box_px=(left, top, right, bottom), confidence=sure))
    if row:
        yield paragraph, row


def lines_of(rows: Iterable[tuple[int, list[Glyph]]], plain: str) -> list[PrintLine]:
    """Rows of glyphs (with their paragraph), and the same page as plain text -> lines."""
    rows = list(rows)
    set_out = iter(_as_printed([glyph for _, row in rows for glyph in row], plain))
    return [
        PrintLine(glyphs=tuple(_trimmed([next(set_out) for _ in row])), paragraph=number)
        for number, row in rows
    ]


def _as_printed(glyphs: list[Glyph], plain: str) -> list[Glyph]:
    """The glyphs with the spaces of the plain text, and its signs where the two disagree."""
    signs = [(text, bool(space)) for space, text in re.findall(r"(\s*)(\S)", plain)]
    places = [(index, sign) for index, glyph in enumerate(glyphs) for sign in glyph.text]
    done = list(glyphs)
    matcher = difflib.SequenceMatcher(
        None, [sign for _, sign in places], [text for text, _ in signs], autojunk=False
    )
    for _, a1, a2, b1, b2 in matcher.get_opcodes():
        for (index, sign), (text, spaced) in zip(places[a1:a2], signs[b1:b2], strict=False):
            glyph = done[index]
            if sign == text and not spaced:
                continue
            same_length = a2 - a1 == b2 - b1 and glyph.text == sign
            done[index] = replace(
                glyph,
                text=text if same_length else glyph.text,
                after_space=glyph.after_space or (spaced and glyph.text.startswith((sign, text))),
            )
    return done


def _trimmed(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Glyph boxes that reach into their right neighbour end where the neighbour begins."""
    for glyph, following in zip(glyphs, [*glyphs[1:], None], strict=True):
        left, top, right, bottom = glyph.box_px
        if following is not None and left < following.box_px[0] < right:
            glyph = replace(glyph, box_px=(left, top, following.box_px[0], bottom))
        yield glyph
