"""Where the letters of a block stand: from stretches of its text to boxes on the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from pipelines.readers.pages import Block, Line
from pipelines.types import Box
from pipelines.writing import squeezed

WIDE = 2
"""An East Asian sign is about twice as wide as a Latin letter."""


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all. Raises ValueError without any."""
    edges = tuple(zip(*boxes, strict=True))
    if not edges:
        raise ValueError("no box")
    return min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def scaled_block(block: Block, factor: float, left: float = 0.0, top: float = 0.0) -> Block:
    """The block on a page that is `factor` times as large, moved to (left, top)."""

    def of(box: Box) -> Box:
        x0, y0, x1, y1 = (value * factor for value in box)
        return x0 + left, y0 + top, x1 + left, y1 + top

    table = block.table
    if table is not None:
        cells = (
            replace(cell, box_pt=of(cell.box_pt)) if cell.box_pt else cell for cell in table.cells
        )
        table = replace(table, cells=tuple(cells))
    lines = (
        replace(line, box_pt=of(line.box_pt), letters=tuple(map(of, line.letters)))
        for line in block.lines
    )
    return replace(block, box_pt=of(block.box_pt), lines=tuple(lines), table=table)


class Placed:
    """A stretch of a block's text and the printed lines that its letters stand on."""

    def __init__(
        self,
        text: str,
        lines: Sequence[Line],
        box: Box,
        at: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """`at`: of each letter, (line, letter of the line); (-1, -1) where nobody knows."""
        self.text = text
        self._lines = tuple(lines)
        self._whole = box
        self._at = list(at) if at is not None else _align(text, self._lines)

    @property
    def box(self) -> Box:
        """Around all of its letters."""
        return self._box(0, len(self.text))

    def part(self, start: int, end: int) -> Placed:
        """A stretch of it."""
        return Placed(self.text[start:end], self._lines, self._whole, self._at[start:end])

    def line_starts(self) -> list[int]:
        """Where in the text a new printed line begins."""
        found, before = [], -2
        for index, (line, _) in enumerate(self._at):
            if line >= 0 and line != before:
                found.append(index)
                before = line
        return found

    def wraps(self, at: int, end: float) -> bool:
        """True where the printed line before the letter `at` is full, so that the text goes on.

        `end` is how far to the right lines go there: the next line's first word had no room.
        """
        before = next((line for line, _ in reversed(self._at[:at]) if line >= 0), -1)
        after = next((line for line, _ in self._at[at:] if line >= 0), -1)
        if before < 0 or after in (-1, before):
            return False
        first, second = self._lines[before], self._lines[after]
        word = second.text.lstrip().partition(" ")[0]
        left, _, right, _ = _stretch(second, 0, len(word))
        return second.box_pt[1] > first.box_pt[1] and first.box_pt[2] + right - left > end

    def box_of(self, part: str) -> Box | None:
        """Around the first place where `part` stands, spacing and case aside; None: nowhere."""
        wanted = squeezed(part)
        packed, origin = [], []
        for index, sign in enumerate(self.text):
            for plain in squeezed(sign):
                packed.append(plain)
                origin.append(index)
        start = "".join(packed).find(wanted) if wanted else -1
        if start < 0:
            return None
        return self._box(origin[start], origin[start + len(wanted) - 1] + 1)

    def confidence(self, default: float) -> float:
        """The mean of its lines' confidences; `default` where it has none."""
        used = {line for line, _ in self._at if line >= 0}
        return fmean(self._lines[line].confidence for line in used) if used else default

    def _box(self, start: int, end: int) -> Box:
        held: dict[int, list[int]] = {}
        for line, letter in self._at[start:end]:
            if line >= 0:
                held.setdefault(line, []).append(letter)
        boxes = [_stretch(self._lines[i], min(on), max(on) + 1) for i, on in held.items()]
        return union(boxes) if boxes else self._whole


def _align(text: str, lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Which letter of which line each letter of the text is: both walk on, blanks aside.

    A reader may have dropped a hyphen or joined lines without a blank, so a letter that differs is
    looked for a little further on.
    """
    flow = [
        (sign, line, letter)
        for line, found in enumerate(lines)
        for letter, sign in enumerate(found.text)
        if not sign.isspace()
    ]
    at, next_one = [], 0
    for sign in text:
        ahead = range(next_one, min(next_one + 4, len(flow)))
        hit = None if sign.isspace() else next((i for i in ahead if flow[i][0] == sign), None)
        at.append((-1, -1) if hit is None else flow[hit][1:])
        next_one = next_one if hit is None else hit + 1
    return at


def _stretch(line: Line, start: int, end: int) -> Box:
    """The part of a line's box that some of its letters take: where the reader saw them, or by
    their usual widths.
    """
    if end > start and len(line.letters) == len(line.text):
        return union(line.letters[start:end])
    left, top, right, bottom = line.box_pt
    ends = [0]
    for sign in line.text:
        ends.append(ends[-1] + (WIDE if unicodedata.east_asian_width(sign) in "WF" else 1))
    if not ends[-1] or (start == 0 and end == len(line.text)):
        return line.box_pt
    scale = (right - left) / ends[-1]
    return left + ends[start] * scale, top, left + ends[end] * scale, bottom
