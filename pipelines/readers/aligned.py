"""Tables without drawn columns: rows of words that leave the same white gaps, line after line.

Between two or more rules (as in scientific papers) two columns are enough; without any rule, three
columns over three rows, so that prose in columns is not taken for a table.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from pipelines.readers.grids import Grid, Ruling, Token, as_rows
from pipelines.readers.pages import Cell, Table

WIDE = 0.9
"""A gap between columns, in heights of the print."""
MIN_ROWS, MIN_COLS = 3, 3
CELL_LETTERS = 28.0
"""The usual cell of a table holds fewer letters; columns of prose hold more."""


def between_rules(rulings: Sequence[Ruling], words: Sequence[Token]) -> list[Grid]:
    """Tables that are drawn with horizontal rules only."""
    across = sorted((line for line in rulings if line.across), key=lambda line: line.at)
    stacks: list[list[Ruling]] = []
    for line in across:
        same = next((s for s in stacks if _same_extent(s[-1], line)), None)
        if same is None:
            stacks.append([line])
        else:
            same.append(line)
    found = []
    for stack in stacks:
        top, bottom = stack[0].at, stack[-1].at
        left, right = stack[0].start - 2, stack[0].end + 2
        inside = [
            word
            for word in words
            if top <= word.middle[1] <= bottom and left <= word.middle[0] <= right
        ]
        grid = _grid(as_rows(inside), min_cols=2) if len(stack) >= 2 else None
        if grid is not None:
            found.append(grid)
    return found


def unruled(words: Sequence[Token]) -> list[Grid]:
    """Tables without any rule."""
    found, run = [], list[list[Token]]()
    for row in [*as_rows(words), []]:
        if len(_split(row)) >= MIN_COLS:
            run.append(row)
            continue
        grid = _grid(run, min_cols=MIN_COLS) if len(run) >= MIN_ROWS else None
        if grid is not None:
            found.append(grid)
        run = []
    return found


def _same_extent(above: Ruling, line: Ruling) -> bool:
    return abs(above.start - line.start) < 4 and abs(above.end - line.end) < 4


def _split(row: Sequence[Token]) -> list[list[Token]]:
    """A row at its wide gaps."""
    parts: list[list[Token]] = []
    for word in row:
        tall = word.box[3] - word.box[1]
        if parts and word.box[0] - parts[-1][-1].box[2] < WIDE * tall:
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _grid(rows: Sequence[Sequence[Token]], *, min_cols: int) -> Grid | None:
    if len(rows) < 2:
        return None
    split = [_split(row) for row in rows]
    columns = _columns([part for parts in split for part in parts])
    if len(columns) < min_cols:
        return None
    cells = []
    for number, parts in enumerate(split):
        by_column: dict[int, list[Token]] = {}
        for part in parts:
            touched = [
                col
                for col, (left, right) in enumerate(columns)
                if part[0].box[0] < right and left < part[-1].box[2]
            ]
            by_column.setdefault(touched[0] if touched else 0, []).extend(part)
        cells += [_cell(number, col, tokens) for col, tokens in sorted(by_column.items())]
    full = [cell for cell in cells if cell.text]
    usual = statistics.median([len(cell.text) for cell in full])
    if len(full) < 0.5 * len(rows) * len(columns) or usual > CELL_LETTERS:
        return None
    everything = [word for row in rows for word in row]
    box = (
        min(word.box[0] for word in everything),
        min(word.box[1] for word in everything),
        max(word.box[2] for word in everything),
        max(word.box[3] for word in everything),
    )
    table = Table(rows=len(rows), cols=len(columns), cells=tuple(cells))
    return Grid(table=table, box=box)


def _columns(parts: Sequence[Sequence[Token]]) -> list[tuple[float, float]]:
    """The stretches of x that words of several rows share, from the narrowest parts up.

    A part that lies over several columns (a heading above them) makes no column of its own.
    """
    columns: list[tuple[float, float]] = []
    for part in sorted(parts, key=lambda part: part[-1].box[2] - part[0].box[0]):
        left, right = part[0].box[0], part[-1].box[2]
        touched = [column for column in columns if left < column[1] and column[0] < right]
        if len(touched) > 1:
            continue
        if touched:
            columns.remove(touched[0])
            left, right = min(left, touched[0][0]), max(right, touched[0][1])
        columns.append((left, right))
    return sorted(columns)


def _cell(row: int, col: int, tokens: Sequence[Token]) -> Cell:
    box = (
        tokens[0].box[0],
        min(token.box[1] for token in tokens),
        tokens[-1].box[2],
        max(token.box[3] for token in tokens),
    )
    return Cell(row=row, col=col, text=" ".join(token.text for token in tokens), box_pt=box)
