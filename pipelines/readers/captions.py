"""Patches of print -> what they say: captions, signs and burnt-in clocks, each with its times.

Each patch is read as it is and with its letters cut out of what lies behind them; the surest
reading is kept. The same words on frames that follow each other are one text. A clock is read
several times, and what most readings agree on is what it showed.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.media.clips import Gray
from pipelines.readers import tesseract
from pipelines.readers.lettering import Patch
from pipelines.readers.scans import MIN_CONFIDENCE, is_print
from pipelines.readers.screen_texts import ScreenText, clock_text, is_clocklike, over
from pipelines.readers.strips import sureness
from pipelines.readers.tesseract import Budget, Glyph, OcrTimeout, PrintLine
from pipelines.types import Language

if TYPE_CHECKING:
    from PIL.Image import Image

TALL_PX = 64
"""Looks are made this tall: letters of some 36 pixels."""
FILL = 0.72
"""Of the brightest: from there on it is a letter of a bright caption."""
SURE, VERY_SURE = 0.93, 0.99
"""A reading this sure is not tried in other languages; in other ways."""
MARKS = 0.3
"""What a reading loses that is marks alone."""
LONE = 0.02
"""What it loses for a single sign at an end."""
ONE_LINE = 7
LEAST_SIGNS = 2
SHORT, SURE_SHORT = 3, 0.96
"""A text of so few signs, or in a language that is only tried, must be read this surely."""
_ENDS = re.compile(r"^[\s|,'`~_·:;.\-=]+|[\s|,'`~_·:;\-=]+$")
_SENTENCE = re.compile(r"[다요오죠음함임][.]$|[a-z][.]$")
SHORT_WORD, SURE_BARE = 5, 0.98
"""Bare figures, and short words in a language that is only tried: walls and grass read so."""
SIGNS_SHARE = 0.7
_LOOSE = re.compile("[ㄱ-ㅎㅏ-ㅣ『』「」]")
"""No sign or caption has loose parts of syllables in it."""
_BARS = frozenset("ㅣㅏㅑㅓㅕㅡㅜIl1|ㆍ")
CLOCK_WAYS = (
    ("en", "plain", False),
    ("ko", "fill", True),
    ("en", "fill", False),
    ("ko", "plain", False),
)
"""(language, way, one look of each only): on and on until each clock is sure; the second is there
for the dates, which stand still."""
FIGURES = 0.85
"""Of the signs of a first reading: it is a clock, no other language need be tried."""
DIGITS = "0123456789:-./ "
AGREE = 2
"""Readings that must fit one clock."""
_CLOCK = re.compile(
    r"(?:(?P<y>20\d\d)\D(?P<mo>[01]\d)\D(?P<d>[0-3]\d)\D{0,3}|(?<!\d))"
    r"(?P<h>[01]\d|2[0-3])[\d:.](?P<m>[0-5]\d)(?:[\d:.](?P<s>[0-5]\d))?(?!\d)"
)


def read(
    patches: Sequence[Patch],
    languages: tuple[Language, ...],
    budget: Budget,
    known: Sequence[ScreenText] = (),
) -> list[ScreenText]:
    """What each patch says; patches that say nothing are left out.

    `known` are clocks that were read before: one that goes on is looked at once.

    Raises OcrMissing. What can't be read in the budget is left out.
    """
    found: list[ScreenText] = []
    with contextlib.suppress(OcrTimeout):
        found += _going_on(patches, known, budget)
        sure = {text.start_s for text in found}
        patches = [patch for patch in patches if round(patch.start_s, 2) not in sure]
        best = _best(patches, languages, budget)
        told = [_told(lines) for lines, _ in best]
        clocks = _clocks([patches[n] for n, text in enumerate(told) if is_clocklike(text)], budget)
        for patch, text, (lines, language) in zip(patches, told, best, strict=True):
            if text:
                found.append(clocks.get(id(patch)) or _plain(patch, text, lines, language))
    return found


def _going_on(
    patches: Sequence[Patch], known: Sequence[ScreenText], budget: Budget
) -> list[ScreenText]:
    """Patches in the place of a clock that show what it must show by now."""
    pairs = [
        (patch, clock)
        for patch in patches
        if (clock := next((c for c in known if over(c.box_px, patch.box_px) >= 0.5), None))
    ]
    looks = [_ready(patch.look, "plain") for patch, _ in pairs]
    readings = tesseract.recognise_many(looks, "en", budget=budget, mode=ONE_LINE, signs=DIGITS)
    found = []
    for (patch, clock), lines in zip(pairs, readings, strict=True):
        shown = _CLOCK.search(" ".join(line.text for line in lines))
        now = _seconds(shown) + 0.5 if shown else -99.0
        must = (clock.clock_s or 0.0) + patch.look_s - clock.start_s
        if abs(now - must) <= 1.0:
            start = must - (patch.look_s - patch.start_s)
            votes = Counter({round(start): AGREE})
            dates = Counter(["-".join(shown.group("y", "mo", "d"))] if shown and shown["y"] else [])
            if (text := _agreed(patch, votes, dates)) is not None:
                found.append(text)
    return found


def _seconds(shown: re.Match[str]) -> int:
    return int(shown["h"]) * 3600 + int(shown["m"]) * 60 + int(shown["s"] or 0)


def _best(
    patches: Sequence[Patch], languages: tuple[Language, ...], budget: Budget
) -> list[tuple[list[PrintLine], Language]]:
    """Of each patch the surest reading: one line first, then a block, then other languages."""
    best: list[tuple[float, list[PrintLine], Language]] = [(0.0, [], languages[0]) for _ in patches]
    for language, mode, views, least in _tries(languages):
        unsure = [
            n
            for n, (sure, lines, _) in enumerate(best)
            if sure < least and not is_clocklike(_told(lines), FIGURES)
        ]
        pictures = [
            _ready(patches[n].inner if tight else patches[n].look, way)
            for n in unsure
            for way, tight in views
        ]
        readings = tesseract.recognise_many(pictures, language, budget=budget, mode=mode)
        for at, n in enumerate(unsure):
            for lines in readings[len(views) * at : len(views) * (at + 1)]:
                printed = [line for line in map(_trimmed, lines) if _is_sure(line, language)]
                # A stray sign at the edge of a right reading costs less than a lost letter.
                sure = sureness(printed, language) - 0.01 * (len(lines) - len(printed))
                sure -= MARKS * _marks(printed) + LONE * _lone_ends(printed)
                if sure > best[n][0]:
                    best[n] = (sure, printed, language)
    return [(lines, language) for _, lines, language in best]


def _tries(
    languages: tuple[Language, ...],
) -> list[tuple[Language, int, tuple[tuple[str, bool], ...], float]]:
    """(language, page mode, views, for readings less sure than this); a view is (way, tight).

    A board's frame misleads and an outline needs its margin: with and without what lies around it.
    """
    plain, fill = ("plain", False), ("fill", False)
    first = languages[0]
    others = ((language, ONE_LINE, (plain, fill), SURE) for language in languages[1:])
    return [
        (first, ONE_LINE, (plain,), 2.0),
        (first, ONE_LINE, (fill, ("plain", True), ("fill", True)), VERY_SURE),
        (first, tesseract.BLOCK_OF_TEXT, (plain, fill), SURE),
        *others,
    ]


def _lone_ends(lines: Sequence[PrintLine]) -> int:
    """Single signs at an end of a line: often the edge of a board or a wall beside it."""
    words = [line.text.split() for line in lines]
    return sum(len(row[at]) == 1 for row in words for at in (0, -1) if len(row) > 1)


def _marks(lines: Sequence[PrintLine]) -> float:
    """The share of signs between letters that are none: outlines are read as stops and colons."""
    signs = [glyph.text for line in lines for glyph in line.glyphs]
    return sum(not sign.isalnum() for sign in signs) / max(1, len(signs))


def _is_sure(line: PrintLine, language: Language) -> bool:
    text = "".join(line.text.split())
    signs = sum(sign.isalnum() for sign in text)
    if signs < SIGNS_SHARE * len(text) or _LOOSE.search(text):
        return False
    least = SURE_SHORT if signs <= SHORT or language != "ko" else MIN_CONFIDENCE
    if text.isdigit() or (language != "ko" and signs <= SHORT_WORD):
        least = SURE_BARE
    return is_print(line, least)


def _trimmed(line: PrintLine) -> PrintLine:
    """Without single signs at its ends that the edge of a sign or a wall was taken for."""
    words: list[list[Glyph]] = []
    for glyph in line.glyphs:
        if glyph.after_space or not words:
            words.append([])
        words[-1].append(glyph)
    for at in (0, -1):
        while len(words) > 1 and _is_stray(words[at]):
            words.pop(at)
    return replace(line, glyphs=tuple(glyph for word in words for glyph in word))


def _is_stray(word: list[Glyph]) -> bool:
    if len(word) > 1:
        solid = [glyph for glyph in word if glyph.text.isalnum() and glyph.text not in _BARS]
        return len(solid) < (2 if len(solid) < len(word) else 1)
    text, sure = word[0].text, word[0].confidence
    return not text.isalnum() or text in _BARS or (sure < SURE_SHORT and not text.isdigit())


def _ready(look: Gray, way: str) -> Image:
    """Dark letters on white, in the height that Tesseract reads best."""
    from PIL import Image as images
    from PIL import ImageOps

    factor = max(1.0, min(4.0, TALL_PX / look.shape[0]))
    size = (max(1, round(look.shape[1] * factor)), max(1, round(look.shape[0] * factor)))
    picture = images.fromarray(look).resize(size, images.Resampling.LANCZOS)
    if way == "fill":
        values = np.asarray(picture, dtype=np.float32)
        top = float(np.percentile(values, 99.5))
        ink = 255 - np.clip((values - FILL * top) / max(1.0, (1 - FILL) * top), 0, 1) * 255
        return ImageOps.expand(images.fromarray(ink.astype(np.uint8)), 16, fill=255)
    edge = np.concatenate([look[0], look[-1], look[:, 0], look[:, -1]])
    if np.median(edge) < 128:
        picture = ImageOps.invert(picture)
    return ImageOps.expand(ImageOps.autocontrast(picture, 1), 16, fill=255)


def _told(lines: Sequence[PrintLine]) -> str:
    """The lines as one text."""
    text = " ".join(" ".join(line.text.split()) for line in lines)
    text = _ENDS.sub("", text)
    if text.endswith(".") and not _SENTENCE.search(text):
        text = text[:-1].rstrip()
    return text if sum(sign.isalnum() for sign in text) >= LEAST_SIGNS else ""


def _plain(patch: Patch, text: str, lines: Sequence[PrintLine], language: Language) -> ScreenText:
    sure = sum(line.confidence for line in lines) / max(len(lines), 1)
    return ScreenText(
        text=text,
        confidence=round(min(1.0, sure), 3),
        language=language,
        start_s=round(patch.start_s, 2),
        end_s=round(patch.end_s, 2),
        box_px=patch.box_px,
    )


def _clocks(patches: Sequence[Patch], budget: Budget) -> dict[int, ScreenText]:
    """Of patches that may be clocks (by id): what each showed at its start.

    A colon is often read as a figure; readings at different times that fit one clock are no chance.
    """
    votes: dict[int, Counter[int]] = {id(patch): Counter() for patch in patches}
    dates: dict[int, Counter[str]] = {id(patch): Counter() for patch in patches}
    found: dict[int, ScreenText] = {}
    for language, way, first_only in CLOCK_WAYS:
        open_ = [patch for patch in patches if id(patch) not in found or first_only]
        looks = [
            (patch, at, look)
            for patch in open_
            for at, look in ((patch.look_s, patch.look), *(() if first_only else patch.later))
        ]
        pictures = [_ready(look, way) for _, _, look in looks]
        readings = tesseract.recognise_many(
            pictures, language, budget=budget, mode=ONE_LINE, signs=DIGITS
        )
        for (patch, at, _), lines in zip(looks, readings, strict=True):
            shown = _CLOCK.search(" ".join(line.text for line in lines))
            if shown:
                # What shows 14 is, on the average, half a second past it.
                votes[id(patch)][round(_seconds(shown) + 0.5 - (at - patch.start_s))] += 1
                if shown["y"]:
                    dates[id(patch)]["-".join(shown.group("y", "mo", "d"))] += 1
        for patch in open_:
            if (clock := _agreed(patch, votes[id(patch)], dates[id(patch)])) is not None:
                found[id(patch)] = clock
    return found


def _agreed(patch: Patch, votes: Counter[int], dates: Counter[str]) -> ScreenText | None:
    if not votes:
        return None
    around = {t: votes[t] + votes[t - 1] + votes[t + 1] for t in list(votes)}
    best = max(votes, key=lambda t: (around.get(t, 0), votes[t]))
    if around[best] < AGREE:
        return None
    date = dates.most_common(1)[0][0] if dates else ""
    return ScreenText(
        text=clock_text(best, date),
        confidence=round(around[best] / max(1, votes.total()), 3),
        language="en",
        start_s=round(patch.start_s, 2),
        end_s=round(patch.end_s, 2),
        box_px=patch.box_px,
        clock_s=float(best),
        votes=around[best],
        dates=tuple(dates.items()),
    )
