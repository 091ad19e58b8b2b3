"""Columns of a level sheet: Tesseract reads one block of lines best, so each column is one block.

A gutter counts only where prose stands on both sides of it: the columns of a table have gutters
too, and must be read row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

Region = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels."""
MIN_LINES = 5
PROSE_FILL = 0.6
"""How much of a column's width its usual line must fill to be prose."""


def regions(ink: Mask, print_px: float) -> list[Region]:
    """The blocks of a sheet in reading order; one block where there are no columns."""
    height, width = ink.shape
    whole = [(0, 0, width, height)]
    if print_px < 6:
        return whole
    bands = [(top, bottom, _gutter(ink[top:bottom], print_px)) for top, bottom in _bands(ink)]
    merged = _merged(ink, bands, print_px)
    if not any(gutter for _, _, gutter in merged):
        return whole
    found: list[Region] = []
    for top, bottom, gutter in merged:
        sides = [(0, gutter), (gutter, width)] if gutter else [(0, width)]
        found += [(left, top, right, bottom) for left, right in sides]
    return found


def _bands(ink: Mask) -> list[tuple[int, int]]:
    """Rows of ink, line by line."""
    rows = ink.sum(axis=1) > 1
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.view(np.int8), [0]))))
    return [(int(top), int(bottom)) for top, bottom in zip(edges[::2], edges[1::2], strict=True)]


def _gutter(band: Mask, print_px: float) -> int:
    """The middle of the widest white gap near the middle of the sheet, 0 where there is none."""
    width = band.shape[1]
    inked = np.flatnonzero(band.any(axis=0))
    if len(inked) < 2:
        return 0
    starts = np.flatnonzero(np.diff(inked) > 1.2 * print_px)
    gaps = [(int(inked[at]), int(inked[at + 1])) for at in starts]
    middle = [gap for gap in gaps if 0.3 * width < sum(gap) / 2 < 0.7 * width]
    if len(gaps) > 2 or not middle:
        return 0
    left, right = max(middle, key=lambda gap: gap[1] - gap[0])
    return (left + right) // 2


def _merged(
    ink: Mask, bands: list[tuple[int, int, int]], print_px: float
) -> list[tuple[int, int, int]]:
    """Neighbouring bands with the same gutter become one; short ones are no columns."""
    groups: list[list[tuple[int, int, int]]] = []
    for band in bands:
        same = groups and bool(groups[-1][-1][2]) == bool(band[2])
        if same and abs(groups[-1][-1][2] - band[2]) < 4 * print_px:
            groups[-1].append(band)
        else:
            groups.append([band])
    merged: list[tuple[int, int, int]] = []
    for group in groups:
        gutter = int(np.median([band[2] for band in group]))
        if len(group) < MIN_LINES or not _is_prose(ink, group, gutter):
            gutter = 0
        if merged and not gutter and not merged[-1][2]:
            merged[-1] = (merged[-1][0], group[-1][1], 0)
        else:
            merged.append((group[0][0], group[-1][1], gutter))
    return merged


def _is_prose(ink: Mask, bands: list[tuple[int, int, int]], gutter: int) -> bool:
    """True where most lines on both sides are about as long as the longest there."""
    if not gutter:
        return False
    for side in (slice(0, gutter), slice(gutter, ink.shape[1])):
        lengths = []
        for top, bottom, _ in bands:
            inked = np.flatnonzero(ink[top:bottom, side].any(axis=0))
            lengths.append(int(inked[-1] - inked[0]) if len(inked) else 0)
        full = [length > PROSE_FILL * max(lengths) for length in lengths]
        if sum(full) < PROSE_FILL * len(full):
            return False
    return True
