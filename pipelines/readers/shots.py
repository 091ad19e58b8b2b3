"""Where one shot ends and the next begins, told from frames shrunk to 160 pixels.

A cut is a step that most of the picture takes at once and that is several times what its
neighbours take. A flash steps back; a pan and a shaking hand go on stepping; a caption changes a
part. Measured beside PySceneDetect in docs/decisions/video.md.
"""

from __future__ import annotations

import statistics
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.media.clips import Gray, Picture

SIDE_PX = 160
CELL = 5
"""Small pixels a side of a cell: means over cells don't see noise and compression."""
STEP, WEAK_STEP = 9.0, 4.0
"""Mean change of brightness (of 255) over a cut; the second where most of the picture changed."""
SHARE, MOST = 0.30, 0.55
"""Cells that change in a cut; with a weak step, so many."""
CHANGED = 5.0
RATIO = 3.0
"""A cut's step is so many times the steps around it."""
SHORTEST_S = 0.3
"""Of a shot."""
AHEAD = 4
"""Pictures that are looked at after a step, before it is called a cut."""
LEFT_OUT = 5.5
"""Frames that a skim leaves out in a row, and one."""
SAME = 0.4
"""A flash is over where the picture has come back to this share of the step."""
REMEMBERED = 16
ALIKE_MEAN, ALIKE_CELL = 1.2, 7.0
Cells = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """One frame, shrunk. `cells` (n, h, w): mean brightness, and both colours where known."""

    time_s: float
    luma: Gray
    cells: Cells
    is_key: bool = False


def shrunk(picture: Picture) -> Small:
    """A few hundredths of a millisecond: pixels are picked, not averaged."""
    step = max(1, round(max(picture.size_px) / SIDE_PX))
    luma = np.ascontiguousarray(picture.luma(step))
    planes = luma[None]
    tint = picture.tint(step)
    if tint is not None and tint.shape[1:] == luma.shape:
        planes = np.concatenate([planes, tint])
    return Small(time_s=picture.time_s, luma=luma, cells=_means(planes), is_key=picture.is_key)


def _means(planes: Gray) -> Cells:
    """(n, h, w) -> (n, h / CELL, w / CELL). Line by line: 7 times as fast as a mean over axes."""
    count, height, width = planes.shape
    rows, columns = max(1, height // CELL), max(1, width // CELL)
    high, wide = min(CELL, height), min(CELL, width)
    cut = planes[:, : rows * high, : columns * wide].reshape(count, rows, high, columns * wide)
    lines = cut[:, :, 0].astype(np.uint16)
    for number in range(1, high):
        lines += cut[:, :, number]
    lines = lines.reshape(count, rows, columns, wide)
    sums = lines[..., 0].astype(np.float32)
    for number in range(1, wide):
        sums += lines[..., number]
    means: Cells = sums / np.float32(high * wide)
    return means


def change(a: Small, b: Small) -> tuple[float, float, float]:
    """(mean step, share of the cells that changed, largest change of a cell) between two frames."""
    count = min(len(a.cells), len(b.cells))
    if a.cells.shape[1:] != b.cells.shape[1:]:
        return 255.0, 1.0, 255.0
    apart = np.abs(a.cells[:count] - b.cells[:count])
    most = apart.max(axis=0)
    # Two of three planes are colours, whose range is smaller: they count once more.
    first, *colours = apart.reshape(count, -1).sum(axis=1).tolist()
    mean = first + (sum(colours) / len(colours) if colours else 0.0)
    share = np.count_nonzero(most > CHANGED) / most.size
    return mean / most.size, share, float(most.max())


class Eye:
    """Shrinks each frame once, though several look at it."""

    def __init__(self) -> None:
        self._known: OrderedDict[float, Small] = OrderedDict()

    def small(self, picture: Picture) -> Small:
        """The frame, shrunk."""
        found = self._known.get(picture.time_s)
        if found is None:
            found = self._known[picture.time_s] = shrunk(picture)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def alike(self, a: Picture, b: Picture) -> bool:
        """True where nothing is seen to have changed between two frames."""
        mean, _, cell = change(self.small(a), self.small(b))
        return mean < ALIKE_MEAN and cell < ALIKE_CELL


class CutFinder:
    """Takes frames one by one and says, some frames later, where a cut was."""

    def __init__(self, fps: float = 25.0) -> None:
        self._step_s = 1 / max(fps, 0.01)
        self._frames: deque[Small] = deque(maxlen=2 * AHEAD + 2)
        self._steps: deque[tuple[float, float]] = deque(maxlen=2 * AHEAD + 2)
        """Of each frame, from the one before: (mean, share)."""
        self._last_s = -SHORTEST_S

    def take(self, small: Small) -> float | None:
        """The time of a cut some frames back, once that is sure."""
        mean, share, _ = change(self._frames[-1], small) if self._frames else (0.0, 0.0, 0.0)
        self._frames.append(small)
        self._steps.append((mean, share))
        at = len(self._frames) - 1 - AHEAD
        return self._cut_at(at) if at >= 1 else None

    def rest(self) -> Iterator[float]:
        """The cuts among the last frames."""
        for at in range(max(1, len(self._frames) - AHEAD), len(self._frames)):
            if (found := self._cut_at(at)) is not None:
                yield found

    def _cut_at(self, at: int) -> float | None:
        mean, share = self._steps[at]
        strong = mean >= STEP and share >= SHARE
        if not strong and not (mean >= WEAK_STEP and share >= MOST):
            return None
        around = [step for n, (step, _) in enumerate(self._steps) if n != at and n > 0]
        near = [self._steps[n][0] for n in (at - 1, at + 1) if 0 < n < len(self._steps)]
        usual = max(statistics.median(around) if around else 0.0, min(near, default=0.0))
        if mean < RATIO * usual or self._is_flash(at, mean):
            return None
        before, after = self._frames[at - 1].time_s, self._frames[at].time_s
        # Where a few frames were left out the cut lies among them; a longer hole is the film's own.
        left_out = 1.5 < (after - before) / self._step_s < LEFT_OUT
        time_s = (before + after + self._step_s) / 2 if left_out else after
        if time_s - self._last_s < SHORTEST_S:
            return None
        self._last_s = time_s
        return time_s

    def _is_flash(self, at: int, mean: float) -> bool:
        """The picture comes back, or it comes back to what it was before the step."""
        before, here = self._frames[at - 1], self._frames[at]
        for later in list(self._frames)[at + 1 :]:
            if later.time_s - here.time_s > SHORTEST_S:
                break
            if change(before, later)[0] < SAME * mean:
                return True
        earlier = [f for f in list(self._frames)[: at - 1] if here.time_s - f.time_s <= SHORTEST_S]
        return any(change(frame, here)[0] < SAME * mean for frame in earlier)


def fingerprint(small: Small) -> int:
    """64 bits of which neighbour is brighter: near-duplicates differ in a few (dHash)."""
    from PIL import Image

    tiny = np.asarray(Image.fromarray(small.luma).resize((9, 8), 4), dtype=np.int16)
    bits = (tiny[:, 1:] > tiny[:, :-1] + 2).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def bits_apart(a: int, b: int) -> int:
    """Of 64, how many bits of two fingerprints differ."""
    return (a ^ b).bit_count()
