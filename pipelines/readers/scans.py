"""Print on pictures -> pages: scans, photos of paper, pages of a PDF that hold a picture only.

A page is made level and even, its language and the way up are found by reading one strip, its
columns are read block by block, and in Korean print letters and rare syllables are read again.
One point of a picture's page is one pixel of it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers import latin, syllables, tesseract
from pipelines.readers.columns import regions
from pipelines.readers.pages import Block, Line, Page
from pipelines.readers.paper import Prepared, prepare, print_height, threshold, without_rulings
from pipelines.readers.strips import GOOD, Way, sureness, way_up
from pipelines.readers.tesseract import Budget, OcrTimeout, PrintLine
from pipelines.types import Box, Cancel, Language

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_CONFIDENCE, MIN_UNSURE = 0.93, 0.97
"""Lines below are no print: textures, drawings, handwriting. (Right print is read at 0.97 on.) The
second holds where the page as a whole was not read well: a photo with words here and there."""
MIN_SHARE = 0.15
"""Of all signs on such a photo: where fewer stand in good lines, those are chance too."""
HEADING_GROWTH = 1.3
MIN_SIDE_PX, MIN_CONTRAST = 8, 16
"""Smaller or paler pictures hold no print, whatever they show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One picture to be read; `points_per_px` turns its pixels into points of its page."""

    picture: Image
    page_no: int
    points_per_px: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScan:
    """A page, and how it was read. `slow` is True where time ran out before the end."""

    page: Page
    language: Language
    confidence: float
    slow: bool = False


@dataclass(slots=True)
class ScanReader:
    """Reads pictures of print. `workers` pages at a time, each in processes of its own.

    `languages` are the ones that a page may be in, the likeliest first.
    """

    timeout_s: float = 90.0
    workers: int = 2
    languages: tuple[Language, ...] = ("ko", "en", "ja", "zh", "es")
    _before: Language | None = field(default=None, init=False)

    def read_all(
        self, scans: Iterable[Scan], *, cancel: Cancel | None = None
    ) -> Iterator[ReadScan]:
        """Pages in their order, several under way at once; pictures are taken as needed.

        Raises OcrMissing, Cancelled.
        """
        waiting: list[Future[ReadScan]] = []
        source = iter(scans)
        with ThreadPoolExecutor(self.workers) as pool:
            while True:
                while len(waiting) < self.workers and (scan := next(source, None)) is not None:
                    waiting.append(pool.submit(self.read, scan))
                if not waiting:
                    return
                done = waiting.pop(0).result()
                if cancel is not None:
                    cancel.check()
                yield done

    def read(self, scan: Scan) -> ReadScan:
        """One picture. Raises OcrMissing; a page that takes too long comes back as it stands."""
        gray = np.asarray(scan.picture.convert("L"))
        sheet = prepare(gray)
        if min(gray.shape) < MIN_SIDE_PX or np.ptp(gray) < MIN_CONTRAST:
            return ReadScan(page=_page(scan, sheet, ()), language=self.languages[0], confidence=0.0)
        lines: list[PrintLine] = []
        language, slow = self.languages[0], False
        try:
            budget = Budget(self.timeout_s)
            way, lines = self._block(sheet, budget)
            if not way.is_sure:
                lines = words_here_and_there(way.sheet.gray, self.languages[:2], budget)
            sheet, language = way.sheet, way.language
            self._before = language if way.is_sure else self._before
        except OcrTimeout:
            slow = True
        page = _page(scan, sheet, lines)
        confidence = statistics.fmean([line.confidence for line in lines]) if lines else 0.0
        return ReadScan(page=page, language=language, confidence=confidence, slow=slow)

    def _block(self, sheet: Prepared, budget: Budget) -> tuple[Way, list[PrintLine]]:
        """The page as lines of print in its language; no lines where it isn't sure of that.

        First in the last page's language and upright: where that is right it saves the strip, a
        quarter of the time. English tells nothing: Spanish would pass for it.
        """
        if self._before is not None and self._before not in ("en", "es"):
            way = Way(sheet=sheet, language=self._before, confidence=1.0)
            clean, raw = _columns(way, budget)
            if sureness(raw, self._before) >= GOOD[self._before]:
                return way, self._finished(clean, raw, way.language, budget)
        way = way_up(sheet, self.languages, budget)
        if not way.is_sure:
            return way, []
        clean, raw = _columns(way, budget)
        return way, self._finished(clean, raw, way.language, budget)

    def _finished(
        self, clean: latin.Gray, raw: Sequence[PrintLine], language: Language, budget: Budget
    ) -> list[PrintLine]:
        lines = [line for line in raw if is_print(line)]
        return self._korean(clean, lines, budget) if language == "ko" else lines

    def _korean(
        self, clean: latin.Gray, lines: Sequence[PrintLine], budget: Budget
    ) -> list[PrintLine]:
        from pipelines.korean import likelihood

        read_again = list(lines)
        with suppress(OcrTimeout):  # what was read first is better than nothing
            read_again = latin.reread(clean, lines, lambda sheet: _recognise(sheet, "en", budget))
        return [syllables.repaired(line, likelihood) for line in read_again]


def _columns(way: Way, budget: Budget) -> tuple[latin.Gray, list[PrintLine]]:
    """The sheet without rulings, and every line of its columns."""
    tall = print_height(way.sheet.gray)
    clean = without_rulings(way.sheet.gray, tall or 28.0)
    spaced = way.language not in ("ja", "zh")
    lines: list[PrintLine] = []
    for left, top, right, bottom in regions(clean < threshold(clean), tall):
        found = _recognise(clean[top:bottom, left:right], way.language, budget)
        lines += [_shifted(line, left, top, spaced=spaced) for line in found]
    return clean, lines


def words_here_and_there(
    gray: latin.Gray, languages: Sequence[Language], budget: Budget
) -> list[PrintLine]:
    """Signs, labels, screens on a photo: dark on light and light on dark, in each language.

    Of readings of one place the surest is kept.
    """
    found: list[PrintLine] = []
    for shade in (gray, 255 - gray):
        for language in languages:
            found += _recognise(shade, language, budget, tesseract.SPARSE)
    good = [line for line in found if is_print(line, MIN_UNSURE)]
    if _signs(good) < MIN_SHARE * _signs(found):
        return []
    kept: list[PrintLine] = []
    for line in sorted(good, key=lambda line: -line.confidence):
        if not any(_overlap(line.box_px, other.box_px) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda line: (line.box_px[1], line.box_px[0]))


def _overlap(a: Box, b: Box) -> bool:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width > 0 and height > 0.3 * min(a[3] - a[1], b[3] - b[1])


def _recognise(
    gray: latin.Gray, language: str, budget: Budget, mode: int = tesseract.BLOCK_OF_TEXT
) -> list[PrintLine]:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(gray))
    return tesseract.recognise(picture, language, budget=budget, mode=mode)


def is_print(line: PrintLine, least: float = MIN_CONFIDENCE) -> bool:
    """False for what Tesseract makes of textures and drawings."""
    signs = [glyph for glyph in line.glyphs if glyph.text.isalnum()]
    if not signs or len(signs) < 0.4 * len(line.glyphs):
        return False
    sure = statistics.median([glyph.confidence for glyph in signs])
    return sure >= (least if len(signs) > 2 else MIN_UNSURE)


def _signs(lines: Sequence[PrintLine]) -> int:
    return sum(len(line.glyphs) for line in lines)


def _shifted(line: PrintLine, dx: float, dy: float, *, spaced: bool) -> PrintLine:
    glyphs = []
    for glyph in line.glyphs:
        left, top, right, bottom = glyph.box_px
        box = (left + dx, top + dy, right + dx, bottom + dy)
        glyphs.append(replace(glyph, box_px=box, after_space=glyph.after_space and spaced))
    return replace(line, glyphs=tuple(glyphs))


def _page(scan: Scan, sheet: Prepared, lines: Sequence[PrintLine]) -> Page:
    scale = scan.points_per_px
    width, height = scan.picture.size
    blocks = []
    usual = _usual_height(lines)
    for group in _paragraphs(lines, usual):
        printed = tuple(
            Line(
                text=line.text,
                box_pt=_scaled(sheet.to_picture(line.box_px), scale, width, height),
                confidence=round(line.confidence, 4),
            )
            for line in group
        )
        large = usual and _height(group[0]) > HEADING_GROWTH * usual and len(group) <= 2
        blocks.append(
            Block(
                kind="heading" if large else "text",
                level=1 if large else 0,
                text="\n".join(line.text for line in printed),
                box_pt=_around([line.box_pt for line in printed]),
                lines=printed,
                confidence=round(statistics.fmean([line.confidence for line in printed]), 4),
            )
        )
    return Page(
        page_no=scan.page_no,
        width_pt=width * scale,
        height_pt=height * scale,
        blocks=tuple(blocks),
        by_ocr=True,
    )


def _paragraphs(lines: Sequence[PrintLine], usual: float) -> Iterator[list[PrintLine]]:
    """Lines that follow each other closely, in one column and one size."""
    group: list[PrintLine] = []
    for line in lines:
        if group and _starts_anew(group[-1], line, usual):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _starts_anew(before: PrintLine, line: PrintLine, usual: float) -> bool:
    gap = line.box_px[1] - before.box_px[3]
    taller, lower = max(_height(before), _height(line)), min(_height(before), _height(line))
    return gap > 1.3 * usual or gap < -usual or taller > HEADING_GROWTH * 1.1 * max(lower, 1.0)


def _height(line: PrintLine) -> float:
    """Of the usual glyph of a line: one bracket must not make it tall."""
    return statistics.median([glyph.box_px[3] - glyph.box_px[1] for glyph in line.glyphs])


def _usual_height(lines: Sequence[PrintLine]) -> float:
    return statistics.median([_height(line) for line in lines]) if lines else 0.0


def _scaled(box: Box, scale: float, width: float, height: float) -> Box:
    left, top, right, bottom = box
    return (
        max(0.0, left) * scale,
        max(0.0, top) * scale,
        min(width, right) * scale,
        min(height, bottom) * scale,
    )


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
