"""Labels of a form and the values that belong to them, by table cells, colons and neighbourhood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.readers.boxes import Placed, union
from pipelines.readers.pages import Block, Cell, Line, Page, PagedDocument
from pipelines.readers.tables import grid_of
from pipelines.types import Box
from pipelines.writing import squeezed

IN_CELLS, BY_COLON, BESIDE, BELOW, BY_BLANK = 1.0, 0.95, 0.85, 0.75, 0.7
FARTHEST_PT = 260.0
MOST_LINES_BELOW = 2.2
OTHER_REACHES = 6
"""So many lines below "agent" still speak of the agent."""
ALIKE = 84.0
"""Of 100: how alike a label that was read off a scan must be to a known one."""
_SENTENCE = re.compile(
    r"(?:다|요|오|음|함)\s?[.!]|(?:시오|세요|니다)\s*$|^\S{1,6}(?:은|는|을|를|와|과|및)\s"
)
_ROOM = re.compile(r"\s{2,}|\t")
_AROUND = " \t:：·.*※○●◦□■▪-–()()[]〔〕【】|"
_BEHIND = " ,;/|·(\uff08"
_BEFORE = r"(?:^|(?<=[\s(([〔【|○●◦□■▪·※*]))(?:\d{1,2}[.)]\s?)?"
_PAREN = r"\s?(?:[((][^))]{0,14}[))])?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One way to print the label of a field."""

    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and what stands where its value belongs."""

    field: str
    text: str
    page_no: int
    placed: Placed
    sureness: float
    read: float
    of_other: bool

    def box_of_value(self, part: str) -> Box:
        """Around the value."""
        return self.placed.box_of(part) or self.placed.box


class Labels:
    """All labels of a plan, ready to be recognised in cells and lines."""

    def __init__(self, labels: Iterable[Label], others: Sequence[str]) -> None:
        known = sorted(labels, key=lambda label: -len(squeezed(label.text)))
        self._exact: dict[str, str] = {}
        for label in known:
            self._exact.setdefault(_plain(label.text), label.field)
        self._others = tuple(squeezed(other) for other in others)
        spelled = "|".join(dict.fromkeys(_spelled(label.text) for label in known))
        named = rf"{_BEFORE}(?P<label>{spelled}){_PAREN}"
        self._with_colon = re.compile(rf"{named}\s*[:：]\s*", re.IGNORECASE)
        self._with_blank = re.compile(rf"{named}(?:\s{{2,}}|\t|\s(?=\S))", re.IGNORECASE)

    def field_of(self, text: str) -> str | None:
        """The field whose label a whole cell or line is; None for anything else."""
        plain = _plain(text)
        if not plain or len(plain) > 24:
            return None
        return self._exact.get(plain) or self._nearly(plain)

    def is_label(self, text: str) -> bool:
        """A label of some field, or of somebody."""
        return self.field_of(text) is not None or squeezed(text) in self._others

    def names_other(self, text: str) -> bool:
        """Whatever stands under this belongs to somebody else."""
        packed = squeezed(text)
        return len(packed) <= 40 and any(other in packed for other in self._others)

    def inline(self, text: str) -> list[tuple[str, int, int, float]]:
        """(field, start, end, sureness) of the values that stand behind their labels in a line."""
        marks = [(m, BY_COLON) for m in self._with_colon.finditer(text)]
        if not marks:
            marks = self._led_by_label(text)
        found = []
        for number, (match, sureness) in enumerate(marks):
            limit = marks[number + 1][0].start() if number + 1 < len(marks) else len(text)
            gap = re.search(r"\s{4,}|\t", text[match.end() : limit])
            end = match.end() + gap.start() if gap else limit
            value = text[match.end() : end].rstrip(_BEHIND)
            field = self._exact.get(_plain(match["label"]))
            told = sureness == BY_BLANK and _SENTENCE.search(
                value
            )  # "주소 변경은 따로 신고합니다."
            if field and value.strip() and not told and not self.is_label(value):
                found.append((field, match.end(), match.end() + len(value), sureness))
        return found

    def row_of_labels(self, text: str) -> list[str | None]:
        """The fields of a line that holds nothing but labels with room between; else []."""
        parts = _ROOM.split(text.strip())
        fields = [self.field_of(part) for part in parts]
        return fields if len(parts) > 1 and all(self.is_label(part) for part in parts) else []

    def _led_by_label(self, text: str) -> list[tuple[re.Match[str], float]]:
        """Without colons only a line that begins with a label is taken for label and value."""
        first = self._with_blank.match(text.lstrip(_AROUND))
        if first is None or len(text) > 90:
            return []
        shift = len(text) - len(text.lstrip(_AROUND))
        starts = self._with_blank.finditer(text, shift)
        return [(match, BY_BLANK) for match in starts]

    def _nearly(self, plain: str) -> str | None:
        if len(plain) < 4:
            return None
        from rapidfuzz import fuzz, process

        best = process.extractOne(plain, self._exact.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._exact[best[0]] if best and abs(len(best[0]) - len(plain)) <= 1 else None


def pairs_of(document: PagedDocument, labels: Labels) -> list[Pair]:
    """Every label with a candidate for its value, page by page."""
    found: list[Pair] = []
    for page in document.pages:
        shown = [block for block in page.blocks if not block.hidden]
        for block in shown:
            if block.table is not None:
                found += _in_table(page, block, labels)
        found += _in_lines(page, shown, labels)
    return found


def _in_table(page: Page, block: Block, labels: Labels) -> Iterator[Pair]:
    assert block.table is not None  # noqa: S101 - the caller looked
    grid = grid_of(block.table)
    for cell in block.table.cells:
        other = any(labels.names_other(c.text) for c in grid[cell.row][: cell.col] if c) or any(
            row[0] is not None and labels.names_other(row[0].text)
            for row in grid[cell.row : cell.row + 1]
        )
        placed = _cell_placed(cell, block)
        field = labels.field_of(cell.text)
        if field is None:
            for name, start, end, sureness in labels.inline(cell.text):
                yield _pair(name, page, placed.part(start, end), sureness, block, other)
            continue
        for value, sureness in _neighbours(cell, grid, labels):
            held = _cell_placed(value, block)
            yield _pair(field, page, held, sureness, block, other)


def _neighbours(
    cell: Cell, grid: Sequence[Sequence[Cell | None]], labels: Labels
) -> Iterator[tuple[Cell, float]]:
    """The cell to the right, and the one below where the right one is a label or empty."""
    right = next(
        (c for c in grid[cell.row][cell.col + cell.col_span :] if c and c is not cell), None
    )
    if right and right.text.strip() and not labels.is_label(right.text):
        yield right, IN_CELLS
        return
    under = cell.row + cell.row_span
    below = grid[under][cell.col] if under < len(grid) else None
    if below and below.text.strip() and not labels.is_label(below.text):
        yield below, IN_CELLS - 0.05


def _cell_placed(cell: Cell, block: Block) -> Placed:
    box = cell.box_pt or block.box_pt
    inside = [line for line in block.lines if _centre_in(line.box_pt, box)]
    held = squeezed("".join(line.text for line in inside))
    if cell.box_pt is not None and held and held == squeezed(cell.text):
        return Placed(cell.text, inside, union(line.box_pt for line in inside))
    return Placed(cell.text, (), box)


def _centre_in(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _pair(
    field: str, page: Page, placed: Placed, sureness: float, block: Block, other: bool
) -> Pair:
    return Pair(
        field=field,
        text=placed.text,
        page_no=page.page_no,
        placed=placed,
        sureness=sureness,
        read=placed.confidence(block.confidence),
        of_other=other,
    )


def _in_lines(page: Page, blocks: Sequence[Block], labels: Labels) -> Iterator[Pair]:
    """Label and value in one line, side by side, or one under the other."""
    lines = [(line, block) for block in blocks for line in _lines_of(block)]
    other = 0
    for line, block in lines:
        if block.table is not None:
            continue  # its cells were looked at
        if labels.names_other(line.text):
            other = OTHER_REACHES
        elif block.kind == "heading":
            other = 0
        else:
            other = max(other - 1, 0)
        placed = Placed(line.text, (line,), line.box_pt)
        if fields := labels.row_of_labels(line.text):
            yield from _under_row(
                page, block, line, fields, [found for found, _ in lines], other > 0
            )
            continue
        field = labels.field_of(line.text)
        if field is None:
            for name, start, end, sureness in labels.inline(line.text):
                part = _longer(placed, (start, end), line, lines, labels, name)
                yield _pair(name, page, part, sureness, block, other > 0)
            continue
        for near, sureness in _near(line, [found for found, _ in lines], labels):
            held = Placed(near.text, (near,), near.box_pt)
            yield _pair(field, page, held, sureness, block, other > 0)


def _under_row(
    page: Page,
    block: Block,
    row: Line,
    fields: Sequence[str | None],
    lines: Sequence[Line],
    other: bool,
) -> Iterator[Pair]:
    """Labels in one line, their values in the next, as many and in the same order."""
    height = row.box_pt[3] - row.box_pt[1]
    under = [
        line
        for line in lines
        if 0 < line.box_pt[1] - row.box_pt[1] <= (1 + MOST_LINES_BELOW) * height
    ]
    if not under:
        return
    line = min(under, key=lambda found: found.box_pt[1])
    edges = [match.span() for match in re.finditer(r"\S(?:.*?\S)??(?=\s{2,}|\t|$)", line.text)]
    if len(edges) != len(fields):
        return
    placed = Placed(line.text, (line,), line.box_pt)
    for field, (start, end) in zip(fields, edges, strict=True):
        if field is not None:
            yield _pair(field, page, placed.part(start, end), BELOW, block, other)


def _lines_of(block: Block) -> Sequence[Line]:
    return block.lines or (Line(text=block.text, box_pt=block.box_pt, confidence=block.confidence),)


def _longer(
    placed: Placed,
    span: tuple[int, int],
    line: Line,
    lines: Sequence[tuple[Line, Block]],
    labels: Labels,
    field: str,
) -> Placed:
    """An address may go on in the next line, set in under its beginning."""
    part = placed.part(*span)
    if field != "address" or span[1] < len(line.text.rstrip()):
        return part
    left, _, _, bottom = part.box
    height = line.box_pt[3] - line.box_pt[1]
    for under, _ in lines:
        near = 0 <= under.box_pt[1] - bottom + height / 2 <= 1.3 * height
        same_left = abs(under.box_pt[0] - left) <= height
        if near and same_left and not labels.inline(under.text) and not labels.is_label(under.text):
            text = f"{part.text} {under.text}"
            first = Line(text=part.text, box_pt=part.box, confidence=line.confidence)
            return Placed(text, (first, under), union((part.box, under.box_pt)))
    return part


def _near(label: Line, lines: Sequence[Line], labels: Labels) -> Iterator[tuple[Line, float]]:
    """The nearest line to the right on the same height, then the nearest below."""
    left, top, right, bottom = label.box_pt
    height = bottom - top
    beside, below = [], []
    for line in lines:
        if line is label or not line.text.strip(_AROUND):
            continue
        x0, y0, x1, y1 = line.box_pt
        level = min(bottom, y1) - max(top, y0) > 0.5 * min(height, y1 - y0)
        if level and -2 <= x0 - right <= FARTHEST_PT:
            beside.append((x0 - right, line))
        elif (
            0 <= y0 - bottom + height / 3 <= MOST_LINES_BELOW * height and x0 < right and x1 > left
        ):
            below.append((y0 - bottom, line))
    for candidates, sureness in ((beside, BESIDE), (below, BELOW)):
        if candidates:
            nearest = min(candidates, key=lambda found: found[0])[1]
            if not labels.is_label(nearest.text) and not labels.inline(nearest.text):
                yield nearest, sureness
                return


def _plain(text: str) -> str:
    """A label without what decorates it: numbers, stars, colons, remarks in brackets."""
    bare = re.sub(r"[((][^))]*[))]\s*[:：]?\s*$", "", text.strip())
    bare = re.sub(r"^\s*(?:\d{1,2}[.)]|[①-⑳]|[(>0oㅇ]{1,2}\d?\s)\s*", "", bare or text)
    return squeezed(bare).strip(squeezed(_AROUND))


def _spelled(text: str) -> str:
    """A pattern for a label with or without blanks between its letters (성 명)."""
    if re.search("[가-힣\u4e00-\u9fff]", text):
        return r"[\s　]{0,6}".join(re.escape(sign) for sign in text if not sign.isspace())
    return r"\s+".join(re.escape(word) for word in text.split())
