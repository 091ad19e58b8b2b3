"""Letters, figures and signs inside Korean print, read again by the English data.

Tesseract's Korean data knows no Latin letter at all: "CCTV" comes out as "<(.1". So every run of
glyphs that it isn't sure of is cut out, the cuttings are set on one sheet, read in one call by the
English data, and of the two readings of a run the surer row of glyphs is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.tesseract import Glyph, PrintLine
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

Reader = Callable[["Gray"], list[PrintLine]]
HANGUL = re.compile(r"[가-힣]")
KNOWN = re.compile(r"[가-힣0-9.]")
SURE = 0.985
"""Print that the Korean data knows is read with a higher confidence than this."""
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
CUT_PAD = 0.3
"""Of the height of the usual sign: brackets and tails reach above and below it."""
WHOLE = 0.85
SHEET_WIDTH = 1400


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Glyphs `start` to `end` (exclusive) of line `line`, and their place on the page."""

    line: int
    start: int
    end: int
    box_px: Box


def reread(page: Gray, lines: Sequence[PrintLine], read: Reader) -> list[PrintLine]:
    """The lines with every doubtful run read again by `read`, which takes a gray picture."""
    runs = [run for index, line in enumerate(lines) for run in runs_of(page, index, line)]
    if not runs:
        return list(lines)
    sheet, places = _sheet(page, runs)
    found = [glyph for line in read(sheet) for glyph in line.glyphs]
    rows: dict[int, list[tuple[Run, list[Glyph]]]] = {}
    for run, place in zip(runs, places, strict=True):
        inside = [_moved(glyph, run, place) for glyph in found if _within(glyph.box_px, place)]
        if inside:  # it begins a word on the sheet, whatever stood before it on the page
            inside[0] = replace(inside[0], after_space=False)
        rows.setdefault(run.line, []).append((run, inside))
    return [
        replace(line, glyphs=tuple(_merged(line, rows[index]))) if index in rows else line
        for index, line in enumerate(lines)
    ]


def runs_of(page: Gray, index: int, line: PrintLine) -> list[Run]:
    """The stretches of one line that hold something doubtful; sure Hangul bounds them."""
    found, start = [], 0
    glyphs = line.glyphs
    for at in range(len(glyphs) + 1):
        if at < len(glyphs) and not _sure_hangul(glyphs[at]):
            continue
        if any(_doubtful(glyph) for glyph in glyphs[start:at]):
            found.append(Run(line=index, start=start, end=at, box_px=_cut(page, line, start, at)))
        start = at + 1
    return found


def _sure_hangul(glyph: Glyph) -> bool:
    return bool(HANGUL.match(glyph.text)) and glyph.confidence >= SURE


def _doubtful(glyph: Glyph) -> bool:
    if HANGUL.match(glyph.text):
        return False  # alone it can only be Hangul; with letters beside it, they make the run
    return glyph.confidence < SURE or not KNOWN.fullmatch(glyph.text)


def _cut(page: Gray, line: PrintLine, start: int, end: int) -> Box:
    """The run's place, its sides moved to the widest white gap nearby."""
    left, top, right, bottom = line.box_px
    height = bottom - top
    first, last = line.glyphs[start], line.glyphs[end - 1]
    if start:
        edge, inner = line.glyphs[start - 1].box_px[2], first.box_px[0]
        left = _gap(page, line, min(edge, (edge + inner) / 2))
    if end < len(line.glyphs):
        edge, inner = line.glyphs[end].box_px[0], last.box_px[2]
        right = _gap(page, line, max(edge, (edge + inner) / 2))
    pad = CUT_PAD * height
    return left, top - pad, max(right, left + 1), bottom + pad


def _gap(page: Gray, line: PrintLine, x: float) -> float:
    """The column near `x` with the least ink; between equals, the one nearest to `x`."""
    _, top, _, bottom = line.box_px
    reach = 0.35 * (bottom - top)
    low, high = max(0, int(x - reach)), min(page.shape[1], int(x + reach) + 1)
    strip = page[max(0, int(top)) : int(bottom) + 1, low:high]
    if strip.size == 0:
        return x
    ink = (255 - strip.astype(np.float32)).sum(axis=0) / 255
    columns = np.arange(low, high)
    return float(columns[np.argmin(np.round(ink) + np.abs(columns - x) / (reach + 1))])


def _sheet(page: Gray, runs: Sequence[Run]) -> tuple[Gray, list[Box]]:
    """The cuttings packed into rows with wide white between them, and where each one lies."""
    places: list[Box] = []
    cuts = [_pixels(page, run.box_px) for run in runs]
    gap = round(1.6 * float(np.median([cut.shape[0] for cut in cuts])))
    x, y, row_height, width = gap, gap, 0, SHEET_WIDTH
    for cut in cuts:
        if x > gap and x + cut.shape[1] + gap > SHEET_WIDTH:
            x, y, row_height = gap, y + row_height + gap // 2, 0
        places.append((x, y, x + cut.shape[1], y + cut.shape[0]))
        row_height, width = max(row_height, cut.shape[0]), max(width, x + cut.shape[1] + gap)
        x += cut.shape[1] + gap
    sheet = np.full((y + row_height + gap, width), 255, dtype=np.uint8)
    for cut, place in zip(cuts, places, strict=True):
        left, top, right, bottom = (int(value) for value in place)
        sheet[top:bottom, left:right] = cut
    return sheet, places


def _pixels(page: Gray, box: Box) -> Gray:
    left, top, right, bottom = (round(value) for value in box)
    cut = page[max(0, top) : max(top + 1, bottom), max(0, left) : max(left + 1, right)]
    return cut if cut.size else np.full((8, 8), 255, dtype=np.uint8)


def _within(box: Box, place: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] <= x <= place[2] and place[1] - 4 <= y <= place[3] + 4


def _moved(glyph: Glyph, run: Run, place: Box) -> Glyph:
    dx, dy = run.box_px[0] - place[0], run.box_px[1] - place[1]
    left, top, right, bottom = glyph.box_px
    return replace(glyph, box_px=(left + dx, top + dy, right + dx, bottom + dy))


def _merged(line: PrintLine, rows: Sequence[tuple[Run, list[Glyph]]]) -> list[Glyph]:
    glyphs: list[Glyph] = []
    at = 0
    height = max(1.0, line.box_px[3] - line.box_px[1])
    for run, latin in rows:
        glyphs += line.glyphs[at : run.start]
        own = line.glyphs[run.start : run.end]
        mixed = fuse(own, latin, height) if latin else list(own)
        if mixed and latin:
            before = line.glyphs[run.start - 1].box_px[2] if run.start else -math.inf
            apart = mixed[0].box_px[0] - before > SPACE * height
            mixed[0] = replace(mixed[0], after_space=own[0].after_space or apart)
        glyphs += mixed
        at = run.end
    return [*glyphs, *line.glyphs[at:]]


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
    if not any(HANGUL.match(glyph.text) for glyph in korean) and _is_whole(korean, latin):
        return list(latin)
    steps = [_step(glyph, 0, order, height) for order, glyph in enumerate(korean)]
    before = ["", *(glyph.text for glyph in latin)]
    junk = [_is_junk(glyph, previous) for glyph, previous in zip(latin, before, strict=False)]
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


def _is_whole(korean: Sequence[Glyph], latin: Sequence[Glyph]) -> bool:
    """True where the English reading covers all that the Korean one saw, surely and cleanly."""
    if any(_is_junk(glyph, "0") or glyph.confidence < LETTER_UNSURE for glyph in latin):
        return False
    reach = latin[-1].box_px[2] - latin[0].box_px[0]
    return reach > WHOLE * (korean[-1].box_px[2] - korean[0].box_px[0])


def _is_junk(glyph: Glyph, previous: str) -> bool:
    if glyph.text == "%":
        return glyph.after_space or not previous.isdigit()
    return bool(JUNK.match(glyph.text))


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
