"""Letters, figures and signs inside Korean print, read again by the English data.

Tesseract's Korean data knows no Latin letter at all: "CCTV" comes out as "<(.1". So every run of
glyphs that it isn't sure of is cut out, the cuttings are set on one sheet, read in one call by the
English data, and of the two readings of a run the surer row of glyphs is kept.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.fuse import HANGUL, SPACE, fuse
from pipelines.readers.tesseract import Glyph, PrintLine
from pipelines.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

Reader = Callable[["Gray"], list[PrintLine]]
KNOWN = re.compile(r"[가-힣0-9.,:₩-]")
SURE = 0.985
"""Print that the Korean data knows is read with a higher confidence than this."""
CUT_PAD = 0.3
"""Of the height of the usual sign: brackets and tails reach above and below it."""
JOINTS, JOINT_SURE = frozenset("-:,.₩"), 0.95
"""Signs that the Korean data knows well, between Hangul and what is no Hangul."""
TAIL_FROM, TAIL_GAP, TAIL_LEAST, INK = 0.1, 0.45, 0.3, 128
"""In heights of the line: where ink behind it begins, how near it stands, how long it is at least;
and how dark it is."""
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
    lines = [_with_won(line) for line in lines]
    runs = [run for index, line in enumerate(lines) for run in runs_of(page, index, line)]
    if not runs:
        return lines
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
        if at < len(glyphs) and not _bounds(glyphs, at):
            continue
        first, last = _after_joints(glyphs, start, at), at
        tail = _tail(page, line) if at == len(glyphs) and first < last else 0.0
        if tail or _may_be_letters(glyphs[first:last], first):
            box = _cut(page, line, first, last)
            box = (box[0], box[1], max(box[2], tail), box[3])
            found.append(Run(line=index, start=first, end=last, box_px=box))
        start = at + 1
    return found


def _may_be_letters(run: Sequence[Glyph], first: int) -> bool:
    if any(_doubtful(glyph) for glyph in run):
        return True
    # "A2026-123": the data knows no A, and is sure of its 4.
    begins = bool(run) and run[0].text.isdigit() and (not first or run[0].after_space)
    return begins and any(glyph.text == "-" for glyph in run)


def _tail(page: Gray, line: PrintLine) -> float:
    """Where the ink ends that follows closely behind the last glyph; 0.0 where there is none.

    The Korean data drops figures at the end of a line.
    """
    _, top, right, bottom = line.box_px
    height = bottom - top
    low, high = max(0, round(top)), round(bottom) + 1
    last = round(min(line.end_px, page.shape[1]))
    strip = page[low:high, max(0, round(right + TAIL_FROM * height)) : last]
    inked = np.flatnonzero((strip < INK).sum(axis=0) >= 2)
    reach, end = TAIL_GAP * height, 0
    for column in inked:
        if column - end > reach:
            break
        end = int(column) + 1
    return right + TAIL_FROM * height + end if end > TAIL_LEAST * height else 0.0


def _bounds(glyphs: Sequence[Glyph], at: int) -> bool:
    """True for sure Hangul; before a hyphen or a colon it need not be as sure."""
    glyph, following = glyphs[at], glyphs[at + 1 : at + 2]
    least = JOINT_SURE if following and _is_joint(following[0]) else SURE
    return bool(HANGUL.match(glyph.text)) and glyph.confidence >= least


def _after_joints(glyphs: Sequence[Glyph], start: int, end: int) -> int:
    """Behind the sure signs between a run and the Hangul before it: cut there, a hyphen is lost."""
    while start and start < end and _is_joint(glyphs[start]):
        start += 1
    return start


def _is_joint(glyph: Glyph) -> bool:
    return glyph.text in JOINTS and glyph.confidence >= JOINT_SURE


def _doubtful(glyph: Glyph) -> bool:
    if HANGUL.match(glyph.text):
        return False  # alone it can only be Hangul; with letters beside it, they make the run
    least = JOINT_SURE if glyph.text in JOINTS else SURE
    return glyph.confidence < least or not KNOWN.fullmatch(glyph.text)


def _with_won(line: PrintLine) -> PrintLine:
    """The Korean data knows the sign of the won by its place on the keyboard: a backslash."""
    glyphs = list(line.glyphs)
    for at, (glyph, following) in enumerate(itertools.pairwise(glyphs)):
        if glyph.text == "\\" and following.text.isdigit() and glyph.confidence >= JOINT_SURE:
            glyphs[at] = replace(glyph, text="₩")
    return replace(line, glyphs=tuple(glyphs))


def _cut(page: Gray, line: PrintLine, start: int, end: int) -> Box:
    """The run's place, its sides moved to the widest white gap nearby."""
    left, top, right, bottom = line.box_px
    height = bottom - top
    pad = CUT_PAD * height
    first, last = line.glyphs[start], line.glyphs[end - 1]
    left, right = left - pad / 2, right + pad / 2  # soft edges of the line's first and last sign
    if start:
        edge, inner = line.glyphs[start - 1].box_px[2], first.box_px[0]
        left = _gap(page, line, min(edge, (edge + inner) / 2))
    if end < len(line.glyphs):
        edge, inner = line.glyphs[end].box_px[0], last.box_px[2]
        right = _gap(page, line, max(edge, (edge + inner) / 2))
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
