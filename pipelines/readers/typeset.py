"""Where lines break and how wide columns are: arithmetic alone, no page and no library.

All lengths in points. `Advance` says how wide one character is at size 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.readers.pages import Cell, Table

Advance = Callable[[str], float]
LINE = 1.35
"""Height of a line, in sizes of its print."""
TAB = "    "
MAX_LINES = 4_000
"""Of one paragraph or cell."""
_BACK = 0.35
"""How much of a line may stay empty so that a word is not broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of a text: which part of it, and how wide it is in print."""

    start: int
    stop: int
    width: float


def break_lines(text: str, size: float, width: float, advance: Advance) -> list[Run]:
    """Lines no wider than `width`; a single character may be wider. Line ends of the text stay.

    A line breaks behind the last space when that lies in its last third, else where it is full:
    Korean, Chinese and Japanese print does so too.
    """
    runs: list[Run] = []
    at = 0
    for piece in text.split("\n"):
        _break_piece(piece, at, size, width, advance, runs)
        at += len(piece) + 1
        if len(runs) >= MAX_LINES:
            break
    return runs[:MAX_LINES]


def _break_piece(
    piece: str, offset: int, size: float, width: float, advance: Advance, runs: list[Run]
) -> None:
    start, used, space, used_at_space = 0, 0.0, -1, 0.0
    index = 0
    while index < len(piece):
        char = piece[index]
        step = size * (advance(" ") * len(TAB) if char == "\t" else advance(char))
        if used + step > width and index > start:
            stop, line = index, used
            if space > start and used_at_space > width * (1 - _BACK):
                stop, line = space + 1, used_at_space
            runs.append(Run(start=offset + start, stop=offset + stop, width=line))
            start, used, space, index = stop, 0.0, -1, stop
            continue
        used += step
        if char in " \t":
            space, used_at_space = index, used
        index += 1
    runs.append(Run(start=offset + start, stop=offset + len(piece), width=used))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The geometry of a table, from its own left top corner; `lines` beside `cells`."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    cells: tuple[Cell, ...]
    lines: tuple[tuple[Run, ...], ...]
    size: float
    padding: float

    def groups(self) -> list[tuple[int, int]]:
        """[first, last) rows that a page break must not part, for a cell spans them."""
        bounds = list(range(len(self.heights) + 1))
        inside = {
            row for cell in self.cells for row in range(cell.row + 1, cell.row + cell.row_span)
        }
        edges = [row for row in bounds if row not in inside or row == len(self.heights)]
        return list(itertools.pairwise(edges))


MIN_COLUMN = 30.0
MAX_COLUMN = 190.0
PADDING = 3.0


def lay_grid(table: Table, size: float, width: float, advance: Advance) -> Grid:
    """Columns as wide as their words ask for, within `width` where that is possible at all."""
    wishes = _wishes(table, size, advance)
    widths = _fitted(wishes, width)
    lines = tuple(
        tuple(
            break_lines(
                cell.text,
                size,
                sum(widths[cell.col : cell.col + cell.col_span]) - 2 * PADDING,
                advance,
            )
        )
        for cell in table.cells
    )
    heights = _heights(table, lines, size)
    return Grid(
        widths=tuple(widths),
        heights=tuple(heights),
        cells=table.cells,
        lines=lines,
        size=size,
        padding=PADDING,
    )


def _wishes(table: Table, size: float, advance: Advance) -> list[float]:
    wishes = [MIN_COLUMN] * table.cols
    for cell in table.cells:
        longest = max((_width(line, size, advance) for line in cell.text.split("\n")), default=0.0)
        wish = min(longest + 2 * PADDING + 1, MAX_COLUMN * cell.col_span)
        stop = min(cell.col + cell.col_span, table.cols)
        missing = wish - sum(wishes[cell.col : stop])
        for col in range(cell.col, stop) if missing > 0 else ():
            wishes[col] += missing / (stop - cell.col)
    return wishes


def _width(text: str, size: float, advance: Advance) -> float:
    return sum(advance(char) for char in text.replace("\t", TAB)[:200]) * size


def _fitted(wishes: Sequence[float], width: float) -> list[float]:
    """Wide columns give way first; none becomes narrower than the least width."""
    total = sum(wishes)
    if total <= width:
        return [wish * width / total for wish in wishes] if total > 0.7 * width else list(wishes)
    spare = total - MIN_COLUMN * len(wishes)
    room = max(0.0, width - MIN_COLUMN * len(wishes))
    return [MIN_COLUMN + (wish - MIN_COLUMN) * room / spare for wish in wishes]


def _heights(table: Table, lines: Sequence[Sequence[Run]], size: float) -> list[float]:
    heights = [size * LINE + 2 * PADDING] * table.rows
    for spanning in (False, True):
        for cell, runs in zip(table.cells, lines, strict=True):
            if (cell.row_span > 1) is not spanning:
                continue
            needed = len(runs) * size * LINE + 2 * PADDING
            last = min(cell.row + cell.row_span, table.rows) - 1
            heights[last] += max(0.0, needed - sum(heights[cell.row : last + 1]))
    return heights
