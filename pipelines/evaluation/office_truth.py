"""Documents with known words: what must be found again, and how what was found is held against it.

The words are the complaints of the policy's own examples, in five languages; names, amounts and
dates are drawn. Nothing comes from outside.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pipelines.readers.flow import FlowDocument, squeezed
from pipelines.readers.pages import Cell, Item
from pipelines.settings import ASSETS

GRAM = 4
SEED = {"dev": 1_000, "test": 9_000}
_NAMES = ("김하늘", "이바다", "박구름", "최이슬", "정노을", "Ana Ruiz", "佐藤みなと", "王小雨")
_PLACES = ("성산동 12-3", "중앙로 45", "대흥동 7번지", "강변북로 210", "Calle Mayor 8")
_HEADS = ("번호", "접수일", "신청인", "위치", "금액", "처리 상태", "비고", "담당")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTable:
    """A table as it was written."""

    rows: int
    cols: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One document, before any format."""

    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[TrueTable, ...]
    header: str
    footer: str
    footnote: str
    endnote: str
    memo: str


@cache
def sentences() -> tuple[str, ...]:
    """All examples of the policy, in the order of the file."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)

    path = ASSETS / "policy" / "examples.toml"
    walk(tomllib.loads(path.read_text(encoding="utf-8")))
    return tuple(found)


def make_truth(split: str, number: int) -> Truth:
    """The `number`-th document of a split; the same words every time."""
    draw = random.Random(SEED[split] + number)  # noqa: S311 - samples, not secrets
    paragraphs = []
    for index in range(draw.randint(8, 16)):
        text = " ".join(draw.sample(sentences(), draw.randint(1, 4)))
        paragraphs.append(f"{index + 1}. {text}" if draw.random() < 0.3 else text)
    return Truth(
        title=f"민원 처리 결과 제{number + 1}호",
        paragraphs=tuple(paragraphs),
        tables=tuple(_table(draw) for _ in range(2)),
        header=f"도로과 {draw.randint(100, 999)}",
        footer=f"문의 02-{draw.randint(200, 999)}-{draw.randint(1000, 9999)}",
        footnote=draw.choice(sentences()),
        endnote=draw.choice(sentences()),
        memo=draw.choice(sentences()),
    )


def _table(draw: random.Random) -> TrueTable:
    rows, cols = draw.randint(4, 9), draw.randint(3, 7)
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for col in range(cols):
            if (row, col) in taken:
                continue
            down, across = _span(draw, row, col, rows, cols)
            spot = {(row + d, col + a) for d in range(down) for a in range(across)}
            if spot & taken:
                down, across, spot = 1, 1, {(row, col)}
            taken |= spot
            text = _HEADS[col % len(_HEADS)] if row == 0 else _value(draw, col)
            cells.append(Cell(row=row, col=col, text=text, row_span=down, col_span=across))
    return TrueTable(rows=rows, cols=cols, cells=tuple(cells))


def _span(draw: random.Random, row: int, col: int, rows: int, cols: int) -> tuple[int, int]:
    if draw.random() > 0.12:
        return 1, 1
    return draw.randint(1, min(3, rows - row)), draw.randint(1, min(3, cols - col))


def _value(draw: random.Random, col: int) -> str:
    kinds = (
        lambda: str(draw.randint(1, 9_999)),
        lambda: f"2026. {draw.randint(1, 12)}. {draw.randint(1, 28)}.",
        lambda: draw.choice(_NAMES),
        lambda: draw.choice(_PLACES),
        lambda: f"{draw.randint(1, 999) * 1000:,}원",
        lambda: draw.choice(("접수", "처리 중", "완료", "이송")),
        lambda: draw.choice(sentences()),
    )
    return "" if draw.random() < 0.08 else kinds[col % len(kinds)]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Found and demanded, of one document."""

    found: int
    wanted: int


def text_hits(wanted: Iterable[str], document: FlowDocument) -> Hits:
    """How much of the wanted text stands in the items of a document."""
    return gram_hits(wanted, "\n".join(item.text for item in document.items))


def gram_hits(wanted: Iterable[str], found_text: str) -> Hits:
    """Groups of four letters or digits: each one of the truth may be found once."""
    whole = squeezed(found_text)
    left = Counter(whole[at : at + GRAM] for at in range(len(whole)))
    found = total = 0
    for text in wanted:
        bare = squeezed(text)
        if not bare:
            continue
        if len(bare) < GRAM:
            found += bare in whole
            total += 1
            continue
        for at in range(len(bare) - GRAM + 1):
            gram = bare[at : at + GRAM]
            total += 1
            if left[gram] > 0:
                left[gram] -= 1
                found += 1
    return Hits(found=found, wanted=total)


def cell_hits(tables: Iterable[TrueTable], items: Iterable[Item]) -> Hits:
    """Cells with words that stand in their row and column, with their spans, in their table.

    The n-th table of the truth is looked for in the n-th that was read.
    """
    read = [item.table for item in items if item.table is not None]
    found = total = 0
    for index, table in enumerate(tables):
        wanted = {c for c in table.cells if c.text}
        total += len(wanted)
        if index < len(read):
            have = {_place(cell.row, cell.col, cell.row_span, cell.col_span, cell.text)
                    for cell in read[index].cells}  # fmt: skip
            found += sum(
                _place(c.row, c.col, c.row_span, c.col_span, c.text) in have for c in wanted
            )
    return Hits(found=found, wanted=total)


def _place(row: int, col: int, down: int, across: int, text: str) -> tuple[int, int, int, int, str]:
    return row, col, down, across, squeezed(text)
