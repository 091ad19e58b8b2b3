"""The order in which a person reads the blocks of a page: columns, and what runs across them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pipelines.types import Box

MIN_GUTTER_PT = 6.0
MIN_SIDE = 0.18
"""A column takes at least this share of the width."""

MIN_WIDTH = 0.06


class Placed(Protocol):
    """Anything with a place on the page."""

    @property
    def box_pt(self) -> Box: ...


P = TypeVar("P", bound=Placed)


def reading_order(blocks: Sequence[P]) -> list[P]:
    """Top down; where columns stand side by side, each column as a whole, from left to right."""
    if len(blocks) < 3:
        return _by_rows(blocks)
    gutter = _gutter(blocks)
    if gutter is None:
        return _by_rows(blocks)
    ordered: list[P] = []
    waiting: list[P] = []
    for block in sorted(blocks, key=lambda block: block.box_pt[1]):
        if block.box_pt[0] < gutter < block.box_pt[2]:  # it runs across: what is above comes first
            ordered += _columns(waiting, gutter)
            ordered.append(block)
            waiting = []
        else:
            waiting.append(block)
    return [*ordered, *_columns(waiting, gutter)]


def _columns(blocks: Sequence[P], gutter: float) -> list[P]:
    left = [block for block in blocks if block.box_pt[2] <= gutter]
    right = [block for block in blocks if block.box_pt[2] > gutter]
    return [*reading_order(left), *reading_order(right)]


def _by_rows(blocks: Sequence[P]) -> list[P]:
    """By rows: what overlaps for more than half of the lower one's height stands in one row."""
    rows: list[list[P]] = []
    for block in sorted(blocks, key=lambda block: block.box_pt[1]):
        if rows and _beside(rows[-1][0].box_pt, block.box_pt):
            rows[-1].append(block)
        else:
            rows.append([block])
    return [block for row in rows for block in sorted(row, key=lambda block: block.box_pt[0])]


def _beside(a: Box, b: Box) -> bool:
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return shared > 0.5 * min(a[3] - a[1], b[3] - b[1])


def _gutter(blocks: Sequence[Placed]) -> float | None:
    """The x of a white gap with tall columns on both sides, crossed by as little as can be."""
    low = min(block.box_pt[0] for block in blocks)
    high = max(block.box_pt[2] for block in blocks)
    # A page number between the columns is no column.
    blocks = [b for b in blocks if b.box_pt[2] - b.box_pt[0] > MIN_WIDTH * (high - low)]
    edges = sorted({block.box_pt[0] - 0.5 for block in blocks if block.box_pt[0] > low})
    best: tuple[float, float] | None = None
    for x in edges:
        if not low + MIN_SIDE * (high - low) < x < high - MIN_SIDE * (high - low):
            continue
        cost = _cost(blocks, x)
        if cost is not None and (best is None or cost < best[0]):
            best = (cost, x)
    return best[1] if best else None


def _cost(blocks: Sequence[Placed], x: float) -> float | None:
    """The height of what crosses x; None where x is no gutter between columns."""
    left = [block.box_pt for block in blocks if block.box_pt[2] <= x]
    right = [block.box_pt for block in blocks if block.box_pt[0] >= x]
    crossing = [block.box_pt for block in blocks if block.box_pt[0] < x < block.box_pt[2]]
    if not left or not right or x - max(box[2] for box in left) < MIN_GUTTER_PT - 0.5:
        return None
    side = min(_height(left), _height(right))
    across = _height(crossing)
    tall = max(box[3] for box in (*left, *right)) - min(box[1] for box in (*left, *right))
    if across > side or side < 0.35 * tall:
        return None
    # Two blocks in one row are no columns: both sides must be taller than single lines.
    if max(_tallest(left), _tallest(right)) < 30 and len(left) + len(right) < 6:
        return None
    return across


def _height(boxes: Sequence[Box]) -> float:
    return sum(box[3] - box[1] for box in boxes)


def _tallest(boxes: Sequence[Box]) -> float:
    return max(box[3] - box[1] for box in boxes)
