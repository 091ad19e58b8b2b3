"""Where words stand on the frames of a video, followed over time, so that each is read once.

Print is dense strokes in a wide, low patch. A patch is followed while its strokes stay: those that
stay over a moving background are the letters, the rest is the background. Only the sharpest look
of a patch goes to Tesseract (`captions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipelines.media.clips import Gray, Picture
from pipelines.readers.boxes import overlap
from pipelines.readers.plates import regions
from pipelines.types import Box

SIDE_PX = 640
"""Strokes are looked for in a frame of this size."""
STROKE = 26
"""Step of brightness between neighbours that counts as the edge of a stroke, of 255."""
CELL = (4, 8)
DENSE, FULL = 0.14, 0.06
"""Edges in a cell that may hold print; in a whole patch."""
SMALLEST = (2, 3)
"""Cells down and across of the smallest patch."""
LETTER_GAP = 0.9
"""Of its height: parts of a line that lie closer are one."""
TALLEST = 0.3
"""Of the picture's height: a larger patch is a texture."""
STAY = 0.62
"""The share of a patch's lasting strokes that must be there still."""
MEMORY = 0.35
"""How much the newest look counts for what lasts."""
OVERLAP = 0.5
MARGIN, BESIDE = 0.25, 4
"""Of its height above a patch, and cells beside it, for reading."""
EDGE, STROKES, STROKES_A_ROW = 40, 0.62, 3.0
"""Of print: a step over two pixels is an edge; strokes a row for a stretch as long as the rows with
print are high, and strokes in such a row."""
BAND, BAND_ROWS = 0.4, 8
LOOKS, LOOK_EVERY_S = 2, 1.3
"""Of one patch, kept beside the sharpest."""
MIN_LOOKS, MIN_SPAN_S = 2, 0.3
AGAIN_S = 1.0
"""A patch in the place of one that is read already waits for so long: counters and moving signs
would be read at every look."""
MAX_LIVE = 24
Mask = npt.NDArray[np.bool_]
Cells = tuple[int, int, int, int]
"""(left, top, right, bottom) in cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Something that looks like print, and while it does. `box_px` in pixels of the frame."""

    box_px: Box
    start_s: float
    end_s: float
    look: Gray
    """The sharpest look, at full resolution, with a margin."""
    look_s: float
    look_box_px: Box
    """The part of the frame that `look` shows."""
    later: tuple[tuple[float, Gray], ...] = ()
    """Some more looks and their times: a clock reads differently on each."""

    @property
    def inner(self) -> Gray:
        """The look without its margin."""
        return _within(self.look, self.look_box_px, self.box_px)


def looks_printed(inner: Gray) -> bool:
    """False for most windows, fences and leaves: letters have more strokes for their height.

    Only the rows with most strokes are looked at: a sign may hang together with what is below it.
    """
    if min(inner.shape) < 8:
        return False
    wide = inner.astype(np.int16)
    step = wide[:, 2:] - wide[:, :-2]
    counts = np.minimum(_starts(step > EDGE), _starts(step < -EDGE))
    band = counts[counts >= max(STROKES_A_ROW, BAND * float(counts.max()))]
    return len(band) >= BAND_ROWS and float(band.mean()) * len(band) / inner.shape[1] >= STROKES


def _within(look: Gray, outer: Box, box: Box) -> Gray:
    x0, y0 = max(0, round(box[0] - outer[0])), max(0, round(box[1] - outer[1]))
    wide, high = round(box[2] - box[0]), round(box[3] - box[1])
    return look[y0 : y0 + high, x0 : x0 + wide]


def _starts(mask: Mask) -> npt.NDArray[np.intp]:
    """(rows,): how many runs of True each row has."""
    found: npt.NDArray[np.intp] = np.count_nonzero(mask[:, 1:] & ~mask[:, :-1], axis=1)
    return found


@dataclass(slots=True)
class _Track:
    cells: Cells
    start_s: float
    end_s: float
    lasting: npt.NDArray[np.float32]
    look: Gray
    look_s: float
    look_box: Box
    sharpness: float
    looks: int = 1
    later: list[tuple[float, Gray]] = field(default_factory=list)
    quiet: bool = False
    """It stands where another was read a moment ago."""


@dataclass(slots=True)
class Watch:
    """Takes frames in their order; gives patches once they are gone, or for good at the end."""

    _tracks: list[_Track] = field(default_factory=list)
    _read: list[tuple[Cells, float]] = field(default_factory=list)
    last_s: float = 0.0
    scale: int = 1

    def unchanged(self, time_s: float) -> None:
        """A frame on which nothing changed since the last."""
        for track in self._tracks:
            track.end_s = time_s
            track.looks += 1
        self.last_s = time_s

    def take(self, picture: Picture, *, cut: bool = False) -> Iterator[Patch]:
        """Look at one frame; `cut` = the scene changed before it."""
        self.scale = max(1, round(max(picture.size_px) / SIDE_PX))
        strokes = _strokes(picture.luma(self.scale))
        time_s = picture.time_s
        gone = [track for track in self._tracks if cut or not _stays(track, strokes)]
        for track in self._tracks:
            if track not in gone:
                self._follow(track, strokes, picture)
        self._tracks = [track for track in self._tracks if track not in gone]
        for track in gone:
            # It was last seen on the frame before, and is gone on this one.
            if not cut:
                track.end_s = max(track.end_s, (self.last_s + time_s) / 2)
            yield from self._done(track)
        for cells in _patches(strokes):
            if len(self._tracks) >= MAX_LIVE:
                break
            if all(overlap(cells, track.cells) < OVERLAP for track in self._tracks):
                look, box = _look(picture, cells, self.scale)
                if looks_printed(_within(look, box, _box_px(cells, self.scale))):
                    self._tracks.append(self._new(cells, strokes, time_s, cut, (look, box)))
        self.last_s = time_s

    def rest(self, end_s: float) -> Iterator[Patch]:
        """Those that stand to the end."""
        for track in self._tracks:
            track.end_s = end_s
            yield from self._done(track)
        self._tracks = []

    def _new(
        self, cells: Cells, strokes: Mask, time_s: float, cut: bool, seen: tuple[Gray, Box]
    ) -> _Track:
        look, box = seen
        first = self.last_s == 0.0 or cut
        recent = [when for old, when in self._read if overlap(old, cells) > OVERLAP]
        return _Track(
            cells=cells,
            start_s=time_s if first else (self.last_s + time_s) / 2,
            end_s=time_s,
            lasting=_part(strokes, cells).astype(np.float32),
            look=look,
            look_s=time_s,
            look_box=box,
            sharpness=_sharpness(look),
            quiet=bool(recent) and time_s - max(recent) < AGAIN_S,
        )

    def _follow(self, track: _Track, strokes: Mask, picture: Picture) -> None:
        now = _part(strokes, track.cells)
        track.lasting += MEMORY * (now - track.lasting)
        track.end_s = picture.time_s
        track.looks += 1
        if track.looks <= 6:  # while it fades in
            look, box = _look(picture, track.cells, self.scale)
            if (sharp := _sharpness(look)) > 1.02 * track.sharpness:
                track.look, track.look_box, track.sharpness = look, box, sharp
                track.look_s = picture.time_s
        seen_s = track.later[-1][0] if track.later else track.start_s
        if len(track.later) < LOOKS and picture.time_s - seen_s >= LOOK_EVERY_S:
            track.later.append((picture.time_s, _look(picture, track.cells, self.scale)[0]))

    def _done(self, track: _Track) -> Iterator[Patch]:
        span = track.end_s - track.start_s
        if track.looks < MIN_LOOKS or span < MIN_SPAN_S:
            return
        if track.quiet and span < AGAIN_S:
            return
        self._read = [(c, w) for c, w in self._read if track.end_s - w < AGAIN_S]
        self._read.append((track.cells, track.end_s))
        yield Patch(
            box_px=_box_px(track.cells, self.scale),
            start_s=track.start_s,
            end_s=track.end_s,
            look=track.look,
            look_s=track.look_s,
            look_box_px=track.look_box,
            later=tuple(track.later),
        )


def _box_px(cells: Cells, scale: int) -> Box:
    left, top, right, bottom = cells
    down, across = CELL[0] * scale * 2, CELL[1] * scale
    return (left * across, top * down, right * across, bottom * down)


def _strokes(luma: Gray) -> Mask:
    """(h / 2, w - 1): upright edges on every other row."""
    rows = luma[::2].astype(np.int16)
    edges: Mask = np.abs(rows[:, 1:] - rows[:, :-1]) > STROKE
    return edges


def _patches(strokes: Mask) -> list[Cells]:
    """Wide, low regions of dense strokes, the densest first."""
    down, across = CELL
    rows, columns = strokes.shape[0] // down, strokes.shape[1] // across
    cut = strokes[: rows * down, : columns * across]
    density = cut.reshape(rows, down, columns, across).mean(axis=(1, 3))
    mask = density > DENSE
    joined = mask.copy()
    joined[:, 1:] |= mask[:, :-1]
    joined[:, :-1] |= mask[:, 1:]
    found = []
    for left, top, right, bottom in regions(joined):
        high, wide = bottom - top, right - left
        if high < SMALLEST[0] or wide < SMALLEST[1] or high > TALLEST * rows:
            continue
        share = float(density[top:bottom, left:right].mean())
        if share >= FULL and wide >= 1.2 * high * 2 * down / across * 0.5:
            found.append((share, (left, top, right, bottom)))
    return _one_line([cells for _, cells in sorted(found, reverse=True)])


def _one_line(patches: list[Cells]) -> list[Cells]:
    """Parts of one line, less than a letter from each other, as one patch."""
    done: list[Cells] = []
    for cells in patches:
        grown = cells
        for other in [old for old in done if _in_line(old, grown)]:
            done.remove(other)
            grown = (
                min(grown[0], other[0]),
                min(grown[1], other[1]),
                max(grown[2], other[2]),
                max(grown[3], other[3]),
            )
        done.append(grown)
    return done


def _in_line(a: Cells, b: Cells) -> bool:
    high = min(a[3] - a[1], b[3] - b[1])
    common = min(a[3], b[3]) - max(a[1], b[1])
    gap = max(a[0], b[0]) - min(a[2], b[2])
    near = gap * CELL[1] <= LETTER_GAP * 2 * CELL[0] * high
    return common >= 0.75 * max(a[3] - a[1], b[3] - b[1]) and near


def _part(strokes: Mask, cells: Cells) -> Mask:
    left, top, right, bottom = cells
    return strokes[top * CELL[0] : bottom * CELL[0], left * CELL[1] : right * CELL[1]]


def _stays(track: _Track, strokes: Mask) -> bool:
    """True where most of the strokes that lasted so far are there, and few are new."""
    now = _part(strokes, track.cells)
    if now.shape != track.lasting.shape:
        return False
    lasting = track.lasting > 0.6
    count = int(lasting.sum())
    if count < 8:
        return False
    return float(now[lasting].mean()) >= STAY


def _look(picture: Picture, cells: Cells, scale: int) -> tuple[Gray, Box]:
    """The place with a margin, at full resolution."""
    luma = picture.luma()
    left, top, right, bottom = cells
    x0, x1 = left * CELL[1] * scale, right * CELL[1] * scale
    y0, y1 = top * CELL[0] * scale * 2, bottom * CELL[0] * scale * 2
    # A letter of few strokes at an end may lie in a cell of its own.
    above, beside = round(MARGIN * (y1 - y0)), BESIDE * CELL[1] * scale
    x0, y0 = max(0, x0 - beside), max(0, y0 - above)
    x1, y1 = min(luma.shape[1], x1 + beside), min(luma.shape[0], y1 + above)
    return luma[y0:y1, x0:x1].copy(), (float(x0), float(y0), float(x1), float(y1))


def _sharpness(look: Gray) -> float:
    if look.shape[1] < 2:
        return 0.0
    return float(np.abs(np.diff(look[::2].astype(np.int16), axis=1)).mean())
