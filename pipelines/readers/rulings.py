"""The straight lines that are drawn on a level sheet: found, measured, painted over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.readers.grids import Ruling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

ACROSS, MIN_ACROSS_PX = 5.0, 60.0
DOWN, MIN_DOWN_PX = 2.2, 50.0
"""The shortest line, in heights of the print: strokes of letters that touch are shorter."""
THICK = 0.5
"""In heights of the print: what is thicker is a filled field, no line."""
BREAK_PX = 2
"""A line may be broken so far: noise, a fold."""


def _across(ink: Mask, print_px: float) -> Mask:
    """Where lines run across."""
    return long_runs(ink, round(max(MIN_ACROSS_PX, ACROSS * print_px)))


def _down(turned: Mask, print_px: float) -> Mask:
    """Where lines run down, of a turned sheet; turned too."""
    return long_runs(turned, round(max(MIN_DOWN_PX, DOWN * print_px)))


def rulings_of(ink: Mask, print_px: float) -> list[Ruling]:
    """The lines of a sheet, in pixels; only those across where they can't make a table."""
    thick = max(4.0, THICK * print_px)
    across = _lines(_across(_mended(ink), print_px), thick, across=True)
    if len(across) < 2:
        return across
    return [*across, *_lines(_down(_mended(ink.T), print_px), thick, across=False)]


def painted_over(gray: Gray, ink: Mask, print_px: float) -> Gray:
    """The sheet without its lines (of tables, boxes, underlines)."""
    lines = _across(ink, print_px) | _down(ink.T, print_px).T
    cleaned = gray.copy()
    if lines.any():
        cleaned[_grown(lines)] = 255
    return cleaned


def long_runs(ink: Mask, length: int) -> Mask:
    """Where at least `length` pixels of ink stand side by side."""
    if ink.shape[1] < length:
        return np.zeros_like(ink)
    starts = ink  # of runs of `known` pixels; most sheets have none long before `length`
    known = 1
    while known < length and starts.any():
        step = min(known, length - known)
        starts = starts[:, :-step] & starts[:, step:]
        known += step
    found = np.zeros_like(ink)
    if known < length or not starts.any():
        return found
    found[:, : starts.shape[1]] = starts
    known = 1
    while known < length:
        step = min(known, length - known)
        found[:, step:] |= found[:, :-step].copy()
        known += step
    return found


def _mended(ink: Mask) -> Mask:
    """Short breaks along the rows closed."""
    closed = ink.copy()
    for step in range(1, BREAK_PX + 1):
        closed[:, :-step] |= ink[:, step:]
    return closed


def _grown(mask: Mask) -> Mask:
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


@dataclass(slots=True)
class _Stroke:
    """Runs in rows that follow each other."""

    top: int
    bottom: int
    start: int
    end: int


def _lines(mask: Mask, thick: float, *, across: bool) -> list[Ruling]:
    """Runs of one line lie over each other in neighbouring rows: its thickness, and its slant."""
    open_: list[_Stroke] = []
    done: list[_Stroke] = []
    for row in np.flatnonzero(mask.any(axis=1)):
        done += [stroke for stroke in open_ if stroke.bottom < row - 2]
        open_ = [stroke for stroke in open_ if stroke.bottom >= row - 2]
        edges = np.flatnonzero(np.diff(np.concatenate(([0], mask[row].view(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            same = next((s for s in open_ if s.start <= end and start <= s.end), None)
            if same is None:
                open_.append(_Stroke(top=int(row), bottom=int(row), start=int(start), end=int(end)))
            else:
                same.bottom = int(row)
                same.start, same.end = min(same.start, int(start)), max(same.end, int(end))
    return [
        Ruling(
            across=across,
            at=(stroke.top + stroke.bottom + 1) / 2,
            start=float(stroke.start),
            end=float(stroke.end),
        )
        for stroke in (*done, *open_)
        if stroke.bottom - stroke.top < thick
    ]
