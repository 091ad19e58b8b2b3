"""While something moves on the picture, and while it stands still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipelines.readers.shots import Small
from pipelines.types import Box

PIXEL = 18
"""Step of brightness of a picked pixel between two looks, of 255."""
LEAST = 0.003
"""Of all pixels: a counting clock is less, a person who walks by is more."""
GAP_S, SHORTEST_S = 0.8, 0.5
STILL_S = 3.0
"""A stillness worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A stretch of motion or stillness. `box` in shares of the picture's sides: where it moves."""

    moves: bool
    start_s: float
    end_s: float
    box: Box = (0.0, 0.0, 1.0, 1.0)
    share: float = 0.0
    """Of the picture that moves, the mean over the stretch."""


@dataclass(slots=True)
class _Span:
    start_s: float
    end_s: float
    box: Box
    shares: list[float]


@dataclass(slots=True)
class MotionMeter:
    """Takes pairs of frames some tenths of a second apart."""

    _spans: list[_Span] = field(default_factory=list)

    def take(self, before: Small, now: Small, *, jumped: bool) -> None:
        """A cut is no motion."""
        if jumped or before.luma.shape != now.luma.shape:
            return
        moved = np.abs(now.luma.astype(np.int16) - before.luma) > PIXEL
        share = float(moved.mean())
        if share < LEAST:
            return
        rows, columns = np.nonzero(moved.any(axis=1))[0], np.nonzero(moved.any(axis=0))[0]
        high, wide = moved.shape
        box = (
            float(columns[0] / wide),
            float(rows[0] / high),
            float((columns[-1] + 1) / wide),
            float((rows[-1] + 1) / high),
        )
        last = self._spans[-1] if self._spans else None
        if last and before.time_s - last.end_s <= GAP_S:
            last.end_s = now.time_s
            last.box = _around(last.box, box)
            last.shares.append(share)
        else:
            self._spans.append(_Span(before.time_s, now.time_s, box, [share]))

    def spans(self, end_s: float) -> Iterator[Motion]:
        """Motion and, between it, stillness that lasts."""
        at = 0.0
        for span in [s for s in self._spans if s.end_s - s.start_s >= SHORTEST_S]:
            if span.start_s - at >= STILL_S:
                yield Motion(moves=False, start_s=round(at, 2), end_s=round(span.start_s, 2))
            yield Motion(
                moves=True,
                start_s=round(span.start_s, 2),
                end_s=round(span.end_s, 2),
                box=span.box,
                share=round(sum(span.shares) / len(span.shares), 4),
            )
            at = span.end_s
        if end_s - at >= STILL_S or not at:
            yield Motion(moves=False, start_s=round(at, 2), end_s=round(end_s, 2))


def _around(a: Box, b: Box) -> Box:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
