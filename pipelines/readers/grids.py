"""Tables of a digital page: from its ruling lines, or from columns of words that stand aligned.

Everything here is geometry in points; nothing knows of PDF. A page without rulings and without
aligned words costs next to nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.readers.pages import Cell, Table
from pipelines.types import Box

NEAR = 2.5
"""Lines closer than this, in points, are one line."""
MIN_LENGTH = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A straight line: at `at` on its own axis, from `start` to `end` along the other."""

    across: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word and its place."""

    text: str
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table found on a page, and its place."""

    table: Table
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The drawn cells of one table, still without words: at least two."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, int, int, int], ...]
    """(row, col, row span, col span)."""

    @property
    def box(self) -> Box:
        """Around all of it."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def box_of(self, cell: tuple[int, int, int, int]) -> Box:
        """Between the lines around one cell."""
        row, col, high, wide = cell
        return self.xs[col], self.ys[row], self.xs[col + wide], self.ys[row + high]

    def filled(self, texts: Sequence[str]) -> Table:
        """The table; one text a cell."""
        cells = tuple(
            Cell(
                row=cell[0],
                col=cell[1],
                row_span=cell[2],
                col_span=cell[3],
                box_pt=self.box_of(cell),
                text=text,
            )
            for cell, text in zip(self.cells, texts, strict=True)
        )
        return Table(rows=len(self.ys) - 1, cols=len(self.xs) - 1, cells=cells)


def ruled(rulings: Sequence[Ruling], words: Sequence[Token]) -> list[Grid]:
    """Tables whose rows and columns are drawn; at least 2 x 1 or 1 x 2 cells with words."""
    found = []
    for frame in framed(rulings):
        inside = ([w for w in words if within(w.middle, frame.box_of(c))] for c in frame.cells)
        table = frame.filled([as_lines(held) for held in inside])
        if sum(bool(cell.text) for cell in table.cells) >= 2:
            found.append(Grid(table=table, box=frame.box))
    return found


def framed(rulings: Sequence[Ruling]) -> list[Frame]:
    """The cells that lines make, table by table; two cells at least."""
    found = []
    for group in _connected(_joined(rulings)):
        across = [line for line in group if line.across]
        down = [line for line in group if not line.across]
        if len(across) >= 2 and down:
            frame = _from_lines(across, down)
            if frame is not None and len(frame.cells) >= 2:
                found.append(frame)
    return found


def _joined(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Pieces of one line become one line."""
    joined: list[Ruling] = []
    for line in sorted(rulings, key=lambda line: (line.across, round(line.at / NEAR), line.start)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.across == line.across
            and abs(last.at - line.at) <= NEAR
            and line.start <= last.end + NEAR
        ):
            joined[-1] = Ruling(
                across=last.across, at=last.at, start=last.start, end=max(last.end, line.end)
            )
        else:
            joined.append(line)
    return [line for line in joined if line.end - line.start >= MIN_LENGTH]


def _connected(lines: Sequence[Ruling]) -> list[list[Ruling]]:
    """Groups of lines that touch each other."""
    parent = list(range(len(lines)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    across = [index for index, line in enumerate(lines) if line.across]
    down = [index for index, line in enumerate(lines) if not line.across]
    for i in across:
        for j in down:
            if _touch(lines[i], lines[j]):
                parent[root(i)] = root(j)
    groups: dict[int, list[Ruling]] = {}
    for index, line in enumerate(lines):
        groups.setdefault(root(index), []).append(line)
    return [group for group in groups.values() if len(group) > 2]


def _touch(across: Ruling, down: Ruling) -> bool:
    return (
        across.start - NEAR <= down.at <= across.end + NEAR
        and down.start - NEAR <= across.at <= down.end + NEAR
    )


def _from_lines(across: Sequence[Ruling], down: Sequence[Ruling]) -> Frame | None:
    # The sides of a table are often left open: its outermost lines' ends stand for them.
    xs = _distinct(
        [*(line.at for line in down), *_ends(across, down)],
    )
    ys = _distinct([*(line.at for line in across), *_ends(down, across)])
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) < 2:
        return None
    cells = _cells(xs, ys, across, down)
    return Frame(xs=tuple(xs), ys=tuple(ys), cells=tuple(cells))


def _ends(lines: Sequence[Ruling], crossing: Sequence[Ruling]) -> list[float]:
    """Where the longest lines begin and end, if that is clearly beyond the crossing ones."""
    low = min(line.start for line in lines)
    high = max(line.end for line in lines)
    first, last = min(line.at for line in crossing), max(line.at for line in crossing)
    return [*([low] if low < first - 3 * NEAR else []), *([high] if high > last + 3 * NEAR else [])]


def _distinct(values: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > NEAR:
            kept.append(value)
    return kept


def _cells(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Ruling], down: Sequence[Ruling]
) -> list[tuple[int, int, int, int]]:
    """(row, col, row span, col span): neighbours without a line between them are one cell."""
    rows, cols = len(ys) - 1, len(xs) - 1
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for col in range(cols):
            if (row, col) in taken:
                continue
            wide, high = 1, 1
            while col + wide < cols and not _drawn(
                down, xs[col + wide], (ys[row] + ys[row + 1]) / 2
            ):
                wide += 1
            while row + high < rows and not _drawn(
                across, ys[row + high], (xs[col] + xs[col + 1]) / 2
            ):
                high += 1
            taken |= {(row + i, col + j) for i in range(high) for j in range(wide)}
            cells.append((row, col, high, wide))
    return cells


def _drawn(lines: Sequence[Ruling], at: float, through: float) -> bool:
    return any(
        abs(line.at - at) <= NEAR and line.start - NEAR <= through <= line.end + NEAR
        for line in lines
    )


def within(point: tuple[float, float], box: Box) -> bool:
    """True where the point lies in the box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def as_lines(words: Sequence[Token]) -> str:
    """Words -> text: rows by newline, words by a space, in the order of their rows."""
    return "\n".join(" ".join(word.text for word in row) for row in as_rows(words))


def as_rows(words: Sequence[Token]) -> list[list[Token]]:
    """Words by rows, top down, each from left to right."""
    rows: list[list[Token]] = []
    for word in sorted(words, key=lambda word: word.middle[1]):
        tall = word.box[3] - word.box[1]
        if rows and abs(_middle(rows[-1]) - word.middle[1]) <= 0.5 * tall:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.box[0]) for row in rows]


def _middle(row: Sequence[Token]) -> float:
    return statistics.fmean(word.middle[1] for word in row)
