"""Which way is up, and which language: found by reading one strip of a level sheet.

A strip costs a tenth of a page. Most pages are upright and in the likeliest language, so that is
tried first; only where it reads badly are the other ways and languages tried beside it.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers import tesseract
from pipelines.readers.paper import Prepared, print_height, threshold, without_rulings
from pipelines.readers.tesseract import Budget, PrintLine
from pipelines.types import Language

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.paper import Gray

GOOD = {"ko": 0.905, "en": 0.975, "es": 0.975, "ja": 0.95, "zh": 0.95}
"""A strip in the right language and the right way up is read at least this surely; a wrong one
up to 0.88 (ko), 0.96 (en), 0.90 (ja, zh)."""
MIN_SYLLABLES, OWN_ALONE = 8, 0.93
STRIP_LINES = 4.0
_OWN = {
    "ko": re.compile(r"[가-힣]"),
    "en": re.compile(r"[A-Za-z]"),
    "es": re.compile(r"[A-Za-zÀ-ÿ]"),
    "ja": re.compile(r"[ぁ-ヿ一-鿿]"),
    "zh": re.compile(r"[一-鿿]"),
}
_KANA = re.compile(r"[ぁ-ヿ]")
_SPANISH = re.compile(r"\b(de|la|el|los|las|que|en|una?|por|con|para|se|del|su|al|y)\b", re.I)
_ENGLISH = re.compile(r"\b(the|of|and|to|in|is|was|for|that|on|with|by|at|be|are|you|we)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The sheet, upright, and its language. `confidence` of the strip, in [0, 1]."""

    sheet: Prepared
    language: Language
    confidence: float

    @property
    def is_sure(self) -> bool:
        """False where nothing was read well: bad print, or no print at all."""
        return self.confidence >= GOOD[self.language]


def way_up(sheet: Prepared, languages: tuple[Language, ...], budget: Budget) -> Way:
    """Raises OcrMissing, OcrTimeout. `languages`: the likeliest first."""
    turned = sheet.turned(2)
    tried: list[Way] = []
    # Spanish is told from English by its words: their letters look alike.
    scripts = [language for language in languages if language != "es" or "en" not in languages]
    for one in (sheet, turned):
        # Frames have more changes between ink and paper than print has: the strip of a form would
        # be a strip of frames.
        band = strip(without_rulings(one.gray, print_height(one.gray) or 28.0))
        for language in scripts:
            way = _read(one, band, language, languages, budget)
            if way.is_sure:
                return way
            tried.append(way)
    return max(tried, key=lambda way: way.confidence - GOOD[way.language])


def _read(
    sheet: Prepared,
    band: Gray,
    language: Language,
    languages: tuple[Language, ...],
    budget: Budget,
) -> Way:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(band))
    lines = tesseract.recognise(picture, language, budget=budget)
    confidence = sureness(lines, language)
    if language == "en" and "es" in languages:
        language = "es" if _is_spanish(" ".join(line.text for line in lines)) else "en"
    return Way(sheet=sheet, language=language, confidence=confidence)


def sureness(lines: Sequence[PrintLine], language: Language) -> float:
    """How surely something was read in this language, in [0, 1]; its own letters count more."""
    signs = [glyph for line in lines for glyph in line.glyphs if glyph.text.isalnum()]
    if not signs:
        return 0.0
    own = [glyph for glyph in signs if _OWN[language].match(glyph.text)]
    if language in ("en", "es"):  # a form in English may be half telephone numbers and dates
        signs = [glyph for glyph in signs if not glyph.text.isdigit()] or signs
    sure = statistics.fmean([glyph.confidence for glyph in signs])
    if language == "ja" and sum(bool(_KANA.match(g.text)) for g in own) < 0.1 * len(own):
        sure *= 0.97  # without kana it is hardly Japanese
    sure *= 0.9 + 0.1 * len(own) / len(signs)
    if language == "ko" and len(own) >= MIN_SYLLABLES:
        # Labels of a form beside figures and addresses of mails, which are another's field.
        sure = max(sure, OWN_ALONE * statistics.fmean([glyph.confidence for glyph in own]))
    return sure


def strip(gray: Gray) -> Gray:
    """The band of a few lines that holds the most ink of print; the whole of a small sheet."""
    tall = print_height(gray) or 28.0
    height = round(STRIP_LINES * 1.8 * tall)
    if gray.shape[0] <= 1.5 * height:
        return gray
    ink = gray < threshold(gray)
    # Solid black is no print: rows count by their changes between ink and paper.
    changes = np.count_nonzero(ink[:, 1:] != ink[:, :-1], axis=1)
    sums = np.concatenate(([0], np.cumsum(changes)))
    top = int(np.argmax(sums[height:] - sums[:-height]))
    return gray[_quiet(changes, top, tall) : _quiet(changes, top + height, tall) + 1]


def _quiet(changes: NDArray[np.intp], row: int, tall: float) -> int:
    """The row nearby with the least print on it, so that no line is cut through."""
    low, high = max(0, row - round(tall)), min(len(changes), row + round(tall) + 1)
    return low + int(np.argmin(changes[low:high])) if high > low else row


def _is_spanish(text: str) -> bool:
    return len(_SPANISH.findall(text)) > 2 * len(_ENGLISH.findall(text))
