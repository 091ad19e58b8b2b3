"""A table -> its rows, each with its box and with the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.readers.boxes import union
from pipelines.readers.pages import Cell, Line, Table
from pipelines.types import Box

LONGEST_NAME = 24
BAR = " | "


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. `text` is what stands in it, `told` the same with its columns' names."""

    number: int
    text: str
    told: str
    box_pt: Box
    names_columns: bool = False


def rows_of(table: Table, lines: Sequence[Line], box: Box) -> list[Row]:
    """The rows that hold any text, from above. A cell over several rows counts in each of them."""
    grid = grid_of(table)
    names = column_names(grid)
    found = []
    for number, cells in enumerate(grid):
        told = _distinct(cells)
        if not any(cell.text.strip() for _, cell in told):
            continue
        texts = [" ".join(cell.text.split()) for _, cell in told]
        named = number > 0 and bool(names)
        found.append(
            Row(
                number=number,
                text=BAR.join(text for text in texts if text),
                told=_told([names[col] if named else "" for col, _ in told], texts),
                box_pt=_row_box(table, number, lines, box),
                names_columns=number == 0 and bool(names),
            )
        )
    return found


def grid_of(table: Table) -> list[list[Cell | None]]:
    """Rows x columns; a merged cell stands in every place that it covers."""
    grid: list[list[Cell | None]] = [[None] * table.cols for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
            for col in range(cell.col, min(cell.col + cell.col_span, table.cols)):
                grid[row][col] = cell
    return grid


def column_names(grid: Sequence[Sequence[Cell | None]]) -> list[str]:
    """The names in the first row, or [] where it isn't a row of names."""
    if len(grid) < 2 or len(grid[0]) < 3:
        return []
    names = [" ".join(cell.text.split()) if cell else "" for cell in grid[0]]
    short = all(len(name) <= LONGEST_NAME and not re.search(r"\d{3}|[:：]", name) for name in names)
    distinct = len(set(names)) == len(names) and sum(map(bool, names)) >= len(names) - 1
    below = [cell.text for row in grid[1:] for cell in row if cell]
    # Names in the first row alone: a form has them in every second cell of every row.
    figures = any(re.search(r"\d", text) for text in below) or len(grid) > 2
    return names if short and distinct and figures and not _is_form(grid) else []


def _is_form(grid: Sequence[Sequence[Cell | None]]) -> bool:
    """Label, value, label, value: the first row has a figure or what looks like an entry."""
    first = [cell.text if cell else "" for cell in grid[0]]
    return len(first) % 2 == 0 and any(re.search(r"\d", text) for text in first[1::2])


def _distinct(cells: Sequence[Cell | None]) -> list[tuple[int, Cell]]:
    """(column, cell) without repeats of a merged cell."""
    found: list[tuple[int, Cell]] = []
    for col, cell in enumerate(cells):
        if cell is not None and not any(cell is seen for _, seen in found):
            found.append((col, cell))
    return found


def _told(names: Sequence[str], texts: Sequence[str]) -> str:
    if any(names):
        pairs = [
            f"{name}: {text}" if name else text for name, text in zip(names, texts, strict=True)
        ]
        return ", ".join(pair for pair, text in zip(pairs, texts, strict=True) if text)
    filled = [text for text in texts if text]
    return ": ".join(filled) if len(filled) == 2 else BAR.join(filled)


def _row_box(table: Table, number: int, lines: Sequence[Line], box: Box) -> Box:
    """From the cells' boxes; from the lines where there are as many as rows; else by even parts."""
    boxes = [
        cell.box_pt
        for cell in table.cells
        if cell.row == number and cell.row_span == 1 and cell.box_pt is not None
    ]
    if boxes:
        return union(boxes)
    if len(lines) == table.rows:
        return lines[number].box_pt
    left, top, right, bottom = box
    height = (bottom - top) / max(table.rows, 1)
    return left, top + number * height, right, top + (number + 1) * height
