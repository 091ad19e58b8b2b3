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
from pipelines.readers.cells import frames_of, read_cells, without
from pipelines.readers.columns import regions
from pipelines.readers.grids import Frame
from pipelines.readers.pages import Page
from pipelines.readers.paper import Prepared, prepare, print_height, threshold, without_rulings
from pipelines.readers.scan_page import Geometry, page_of, snapped
from pipelines.readers.scenes import look_at, small_sheet, spotted, surest
from pipelines.readers.strips import GOOD, Way, sureness, way_up
from pipelines.readers.tesseract import Budget, OcrTimeout, PrintLine
from pipelines.types import Cancel, Language

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_CONFIDENCE, MIN_UNSURE = 0.93, 0.97
"""Lines below are no print: textures, drawings, handwriting. (Right print is read at 0.97 on.) The
second holds where the page as a whole was not read well: a photo with words here and there."""
MIN_IN_CELL = 0.88
MIN_SHARE = 0.15
"""Of all signs on such a photo: where fewer stand in good lines, those are chance too."""
SCENE_S, UNSURE_S, WAY_S, SCATTERED_S = 3.0, 8.0, 30.0, 10.0
"""What the words of a scene may take; finding the way up and the language of what may be a scene,
and of a page; and the words of a page that is in no language.
"""
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
        if min(gray.shape) < MIN_SIDE_PX or np.ptp(gray) < MIN_CONTRAST:
            return self._done(scan, small_sheet(gray), _Read(clean=gray))
        look = look_at(gray)
        if look == "scene":
            return self._scattered(scan, small_sheet(gray), SCENE_S)
        sheet = prepare(gray)
        read, language, slow = _Read(clean=sheet.gray), self.languages[0], False
        try:
            budget = Budget(self.timeout_s)
            way, read = self._block(sheet, budget, WAY_S if look == "paper" else UNSURE_S)
            if not way.is_sure and look == "paper":
                return self._scattered(scan, way.sheet, SCATTERED_S)
            if not way.is_sure:
                return self._scattered(scan, small_sheet(gray), SCENE_S)
            sheet, language = way.sheet, way.language
            self._before = language
        except OcrTimeout:
            slow = True
        return self._done(scan, sheet, read, language, slow=slow)

    def _scattered(self, scan: Scan, sheet: Prepared, seconds: float) -> ReadScan:
        """No lines of print, or none that can be read: the words that stand out."""
        budget = Budget(min(seconds, self.timeout_s))
        lines = words_here_and_there(sheet.gray, self.languages[:2], budget)
        return self._done(scan, sheet, _Read(clean=sheet.gray, lines=lines))

    def _done(
        self,
        scan: Scan,
        sheet: Prepared,
        read: _Read,
        language: Language | None = None,
        *,
        slow: bool = False,
    ) -> ReadScan:
        page = page_of(scan.page_no, _geometry(scan, sheet), read.lines, read.frames)
        sure = statistics.fmean([line.confidence for line in read.lines]) if read.lines else 0.0
        language = language or self.languages[0]
        return ReadScan(page=page, language=language, confidence=sure, slow=slow)

    def _block(self, sheet: Prepared, budget: Budget, way_s: float) -> tuple[Way, _Read]:
        """The page as lines of print in its language; no lines where it isn't sure of that.

        First in the last page's language and upright: where that is right it saves the strip, a
        quarter of the time. English tells nothing: Spanish would pass for it.
        """
        if self._before is not None and self._before not in ("en", "es"):
            way = Way(sheet=sheet, language=self._before, confidence=1.0)
            read = _columns(way, budget)
            if sureness(read.lines, self._before) >= GOOD[self._before]:
                return way, self._finished(read, way.language, budget)
        try:
            way = way_up(sheet, self.languages, Budget(min(way_s, budget.left_s())))
        except OcrTimeout:
            budget.left_s()  # the page itself took too long
            way = Way(sheet=sheet, language=self.languages[0], confidence=0.0)
        if not way.is_sure:
            return way, _Read(clean=way.sheet.gray)
        return way, self._finished(_columns(way, budget), way.language, budget)

    def _finished(self, read: _Read, language: Language, budget: Budget) -> _Read:
        # A cell may hold nothing but Latin letters, which the Korean data can't read: it is judged
        # after they were read again.
        ink = read.clean < threshold(read.clean)
        lines = [
            snapped(line, ink) for line in read.lines if line.cell is not None or is_print(line)
        ]
        if language == "ko":
            lines = self._korean(read.clean, lines, budget)
        kept = [line for line in lines if line.cell is None or is_print(line)]
        return replace(read, lines=kept)

    def _korean(
        self, clean: latin.Gray, lines: Sequence[PrintLine], budget: Budget
    ) -> list[PrintLine]:
        from pipelines.korean import likelihood

        read_again = list(lines)
        with suppress(OcrTimeout):  # what was read first is better than nothing
            read_again = latin.reread(clean, lines, lambda sheet: _recognise(sheet, "en", budget))
        return [syllables.repaired(line, likelihood) for line in read_again]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A sheet without rulings, its tables and every line of print on it."""

    clean: latin.Gray
    lines: Sequence[PrintLine] = ()
    frames: Sequence[Frame] = ()


def _columns(way: Way, budget: Budget) -> _Read:
    """Column by column, then the tables cell by cell."""
    tall = print_height(way.sheet.gray)
    clean = without_rulings(way.sheet.gray, tall or 28.0)
    dark = threshold(clean)
    ink = clean < dark
    print_px = print_height(clean) or tall or 28.0
    lined = not np.array_equal(clean, way.sheet.gray)
    frames = frames_of(way.sheet.gray < threshold(way.sheet.gray), print_px) if lined else []
    rest = without(clean, frames, print_px, dark) if frames else clean
    spaced = way.language not in ("ja", "zh")
    lines: list[PrintLine] = []
    for left, top, right, bottom in regions(rest < dark, tall) if rest.size else ():
        found = _recognise(rest[top:bottom, left:right], way.language, budget)
        lines += [_shifted(line, left, top, spaced=spaced) for line in found]
    in_cells = read_cells(
        clean, ink, frames, print_px, lambda sheet: _recognise(sheet, way.language, budget)
    )
    lines += [_shifted(line, 0, 0, spaced=spaced) for line in in_cells]
    return _Read(clean=clean, lines=lines, frames=frames)


def words_here_and_there(
    gray: latin.Gray, languages: Sequence[Language], budget: Budget
) -> list[PrintLine]:
    """Signs, labels, screens on a photo; of readings of one place the surest is kept."""
    found = spotted(
        gray, languages, lambda shade, spoken: _recognise(shade, spoken, budget, tesseract.SPARSE)
    )
    good = [line for line in found if is_print(line, MIN_UNSURE)]
    return surest(good) if _signs(good) >= MIN_SHARE * _signs(found) else []


def _recognise(
    gray: latin.Gray, language: str, budget: Budget, mode: int = tesseract.BLOCK_OF_TEXT
) -> list[PrintLine]:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(gray))
    return tesseract.recognise(picture, language, budget=budget, mode=mode)


def is_print(line: PrintLine, least: float = MIN_CONFIDENCE) -> bool:
    """False for what Tesseract makes of textures and drawings; in a drawn cell there is print."""
    signs = [glyph for glyph in line.glyphs if glyph.text.isalnum()]
    if not signs or len(signs) < 0.4 * len(line.glyphs):
        return False
    sure = statistics.median([glyph.confidence for glyph in signs])
    if line.cell is not None:
        return sure >= MIN_IN_CELL
    return sure >= (least if len(signs) > 2 else MIN_UNSURE)


def _signs(lines: Sequence[PrintLine]) -> int:
    return sum(len(line.glyphs) for line in lines)


def _geometry(scan: Scan, sheet: Prepared) -> Geometry:
    width, height = scan.picture.size
    return Geometry(sheet=sheet, points_per_px=scan.points_per_px, width_px=width, height_px=height)


def _shifted(line: PrintLine, dx: float, dy: float, *, spaced: bool) -> PrintLine:
    if not dx and not dy and spaced:
        return line
    glyphs = []
    for glyph in line.glyphs:
        left, top, right, bottom = glyph.box_px
        box = (left + dx, top + dy, right + dx, bottom + dy)
        glyphs.append(replace(glyph, box_px=box, after_space=glyph.after_space and spaced))
    return replace(line, glyphs=tuple(glyphs))
