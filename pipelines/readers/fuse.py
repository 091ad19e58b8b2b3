"""Two readings of one stretch of print, Korean and Latin, made into one row of glyphs."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipelines.readers.tesseract import Glyph

HANGUL = re.compile(r"[가-힣]")
OVERLAP = 0.5
"""Of the narrower glyph: neighbours' boxes touch, and are not exact."""
SWITCH_COST = 0.5
HANGUL_BONUS, HANGUL_LEAST = 1.2, 0.85
"""Where the Korean data sees a syllable there mostly is one, even if it doesn't know which."""
LETTER_SURE, LETTER_UNSURE, LETTER_BONUS = 0.985, 0.97, 1.0
"""Letters that are there are read surely by the English data; what it makes of Hangul is not."""
JUNK = re.compile(r"[|\[\]{}\\<>=#°&*~^_!;¢£¥€§©®«»“”‘’„]")
"""What the English data makes of Hangul; seldom true inside a Korean line."""
JUNK_COST = 1.5
FOREIGN_COST = 1.0
"""What is no Hangul is the English data's field."""
SPACE = 0.28
"""Of the height of a line: a wider gap between two readings is a space."""
WHOLE = 0.85
FIGURES = frozenset("0123456789-:,.")
NARROW = 0.42
"""Of the height of a line: figures of one width stand so far apart in one number."""
BROAD, BROAD_LETTERS = 0.75, frozenset("MWmwOQGDHNCUA@%")
"""In heights of a line of Hangul; the letters that may be so wide."""
MIN_LETTERS, MOSTLY = 4, 0.5
MEAN_SURE, LEAST_SURE = 0.975, 0.9


@dataclass(slots=True)
class _Step:
    glyph: Glyph
    source: int
    order: int
    worth: float
    total: float = -math.inf
    before: int = -1


def fuse(korean: Sequence[Glyph], latin: Sequence[Glyph], height: float) -> list[Glyph]:
    """The surest row of glyphs, from either reading, that covers the run without overlap."""
    if len(latin) < len(korean) and all(map(_is_figure, [*korean, *latin])):
        return list(korean)  # the cut went through a sign
    if not any(HANGUL.match(glyph.text) for glyph in korean):
        whole = latin if _is_whole(korean, latin) else _patched(korean, latin)
        if whole:
            return _closed(whole, korean, height)
    steps = [_step(glyph, 0, order, height) for order, glyph in enumerate(korean)]
    before = ["", *(glyph.text for glyph in latin)]
    junk = [
        _is_junk(glyph, previous) or _is_broad(glyph, height)
        for glyph, previous in zip(latin, before, strict=False)
    ]
    steps += [
        _step(glyph, 1, order, height, junk=any(junk[max(0, order - 1) : order + 2]))
        for order, glyph in enumerate(latin)
    ]
    steps.sort(key=lambda step: (step.glyph.box_px[2], step.glyph.box_px[0]))
    best = _surest(steps)
    row: list[_Step] = []
    while best >= 0:
        row.append(steps[best])
        best = steps[best].before
    return _spaced(row[::-1], korean, height)


def _is_figure(glyph: Glyph) -> bool:
    return glyph.text in FIGURES and glyph.confidence >= LETTER_UNSURE


def _patched(korean: Sequence[Glyph], latin: Sequence[Glyph]) -> list[Glyph]:
    """Of letters that the English data mostly reads surely (an address of a mail), all but the
    signs that it can't have meant, which the Korean one saw as figures; else nothing.
    """
    sure = [glyph.text.isalpha() and glyph.confidence >= LEAST_SURE for glyph in latin]
    if sum(sure) < max(MIN_LETTERS, MOSTLY * len(latin)) or not _reaches(korean, latin):
        return []
    patched: list[Glyph] = []
    beside_patch = False
    for glyph in latin:
        if not _is_junk(glyph, "0"):
            patched.append(replace(glyph, after_space=glyph.after_space and not beside_patch))
            beside_patch = False
            continue
        beside_patch = True
        left, _, right, _ = glyph.box_px
        seen = [o for o in korean if left <= (o.box_px[0] + o.box_px[2]) / 2 <= right]
        if not seen or not all(o.text.isdigit() for o in seen):
            return []
        where = glyph if len(seen) == 1 else None
        patched += [
            replace(o, after_space=False, box_px=where.box_px if where else o.box_px) for o in seen
        ]
    return patched


def _reaches(korean: Sequence[Glyph], latin: Sequence[Glyph]) -> bool:
    reach = latin[-1].box_px[2] - latin[0].box_px[0]
    return reach > WHOLE * (korean[-1].box_px[2] - korean[0].box_px[0])


def _is_whole(korean: Sequence[Glyph], latin: Sequence[Glyph]) -> bool:
    """True where the English reading covers all that the Korean one saw, surely and cleanly."""
    if any(_is_junk(glyph, "0") or glyph.confidence < LEAST_SURE for glyph in latin):
        return False
    if sum(glyph.confidence for glyph in latin) < MEAN_SURE * len(latin):
        return False
    return _reaches(korean, latin)


def _closed(latin: Sequence[Glyph], korean: Sequence[Glyph], height: float) -> list[Glyph]:
    """Without the blanks that the English reading alone sees beside a figure ("user1 68")."""
    closed = list(latin[:1])
    for before, glyph in itertools.pairwise(latin):
        gap = glyph.box_px[0] - before.box_px[2]
        figure = before.text.isdigit() or glyph.text.isdigit()
        if glyph.after_space and _in_address(closed, glyph, latin) and gap < height:
            closed.append(replace(glyph, after_space=False))
            continue
        if glyph.after_space and figure and gap < NARROW * height:
            told = any(
                other.after_space and abs(other.box_px[0] - glyph.box_px[0]) < SPACE * height
                for other in korean[1:]
            )
            glyph = replace(glyph, after_space=told)
        closed.append(glyph)
    return closed


def _in_address(before: Sequence[Glyph], glyph: Glyph, whole: Sequence[Glyph]) -> bool:
    """Between two figures of the name before an @, as in "user2 19@"."""
    word = "".join((" " if one.after_space else "") + one.text for one in before).split(" ")[-1]
    begun = word[:1].isalpha() and word[-1:].isdigit() and glyph.text.isdigit()
    return begun and "@" not in word and any(one.text == "@" for one in whole[len(before) :])


def _is_junk(glyph: Glyph, previous: str) -> bool:
    if glyph.text == "%":
        return glyph.after_space or not previous.isdigit()
    return bool(JUNK.match(glyph.text))


def _is_broad(glyph: Glyph, height: float) -> bool:
    """As wide as a syllable: no letter but a few is."""
    wide = glyph.box_px[2] - glyph.box_px[0] > BROAD * height
    return wide and glyph.text.isalnum() and glyph.text not in BROAD_LETTERS


def _step(glyph: Glyph, source: int, order: int, height: float, *, junk: bool = False) -> _Step:
    width = min(glyph.box_px[2] - glyph.box_px[0], 1.5 * height) / height
    hangul = source == 0 and HANGUL.match(glyph.text) is not None
    confidence = max(glyph.confidence, HANGUL_LEAST) if hangul else glyph.confidence
    sure = -math.log(max(1e-3, 1.0 - confidence))
    if hangul:
        sure += HANGUL_BONUS
    elif source == 0:
        sure -= FOREIGN_COST
    elif junk:
        sure -= JUNK_COST
    elif confidence >= LETTER_SURE:
        sure += LETTER_BONUS
    elif confidence < LETTER_UNSURE:
        sure -= LETTER_BONUS
    return _Step(glyph=glyph, source=source, order=order, worth=max(width, 0.15) * sure)


def _surest(steps: Sequence[_Step]) -> int:
    """Weighted interval scheduling over both readings; the index of the last step."""
    best = -1
    for index, step in enumerate(steps):
        step.total = step.worth
        for earlier in range(index - 1, max(-1, index - 40), -1):
            other = steps[earlier]
            if not _fits(other, step):
                continue
            cost = SWITCH_COST if other.source != step.source else 0.0
            if other.total - cost + step.worth > step.total:
                step.total, step.before = other.total - cost + step.worth, earlier
        if best < 0 or step.total > steps[best].total:
            best = index
    return best


def _fits(left: _Step, right: _Step) -> bool:
    if left.source == right.source and left.order + 1 == right.order:
        return True  # neighbours in their own reading, however their boxes were drawn
    first, second = left.glyph.box_px, right.glyph.box_px
    over = first[2] - second[0]
    narrow = min(first[2] - first[0], second[2] - second[0])
    return over <= OVERLAP * max(narrow, 1.0) and first[0] < second[0]


def _spaced(row: Sequence[_Step], korean: Sequence[Glyph], height: float) -> list[Glyph]:
    glyphs: list[Glyph] = []
    for index, step in enumerate(row):
        glyph = step.glyph
        if index and row[index - 1].source != step.source:
            gap = glyph.box_px[0] - row[index - 1].glyph.box_px[2]
            told = any(
                other.after_space and abs(other.box_px[0] - glyph.box_px[0]) < SPACE * height
                for other in korean
            )
            spaced = glyph.after_space or told or gap > SPACE * height
            glyph = replace(glyph, after_space=spaced)
        glyphs.append(glyph)
    return glyphs
