"""Forty Korean forms made from chance and known truth: the layouts that offices really use."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.evaluation.own_papers import width_of
from pipelines.readers.pages import Block, Cell, Line, Page, PagedDocument, Table
from pipelines.types import Box

WIDTH_PT, HEIGHT_PT = 595.0, 842.0
SIZE_PT, ROW_PT, LEFT_PT = 10.5, 26.0, 60.0
FORMS = {"dev": 20, "test": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One printed text."""

    text: str
    left_pt: float
    top_pt: float
    size_pt: float = SIZE_PT
    before: str = ""
    """What stands before it in the same print."""

    def box_by(self, width: Callable[[str, float], float]) -> Box:
        """Around its letters; `width(text, size_pt)` in points."""
        left = self.left_pt + width(self.before, self.size_pt)
        right = left + width(self.text, self.size_pt)
        return left, self.top_pt, right, self.top_pt + self.size_pt * 1.2

    @property
    def box_pt(self) -> Box:
        """The same by the widths of a plain typeface."""
        return self.box_by(width_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A filled form. `truth`: field -> (plain value, the print that holds it)."""

    id: str
    layout: str
    prints: tuple[Placed, ...]
    rules: tuple[Box, ...]
    """Cells with a frame."""
    grid: tuple[tuple[tuple[int, int], int], ...]
    """((row, column), index of its print) of framed cells; empty without a table."""
    truth: dict[str, tuple[str, Placed]]

    def pages(self) -> PagedDocument:
        """As a perfect reader would hand it over: the table as a table, the rest as lines."""
        held = {index for _, index in self.grid}
        blocks = [
            Block(
                kind="text",
                text=found.text,
                box_pt=found.box_pt,
                lines=(Line(text=found.text, box_pt=found.box_pt),),
            )
            for index, found in enumerate(self.prints)
            if index not in held
        ]
        if self.grid:
            blocks.append(self._table())
        page = Page(page_no=1, width_pt=WIDTH_PT, height_pt=HEIGHT_PT, blocks=tuple(blocks))
        return PagedDocument(pages=(page,), preview=Path("form.pdf"))

    def as_lines(self, gap: str = "  ") -> PagedDocument:
        """As print that was read line by line, without any knowledge of tables."""
        rows: dict[float, list[Placed]] = {}
        for found in self.prints:
            rows.setdefault(found.top_pt, []).append(found)
        lines = []
        for _, row in sorted(rows.items()):
            row.sort(key=lambda found: found.left_pt)
            left, top, _, bottom = row[0].box_pt
            box = (left, top, row[-1].box_pt[2], bottom)
            lines.append(Line(text=gap.join(found.text for found in row), box_pt=box))
        blocks = tuple(
            Block(kind="text", text=line.text, box_pt=line.box_pt, lines=(line,)) for line in lines
        )
        page = Page(page_no=1, width_pt=WIDTH_PT, height_pt=HEIGHT_PT, blocks=blocks)
        return PagedDocument(pages=(page,), preview=Path("form.pdf"))

    def _table(self) -> Block:
        cells = tuple(
            Cell(row=row, col=col, text=self.prints[index].text, box_pt=self.rules[number])
            for number, ((row, col), index) in enumerate(self.grid)
        )
        rows = 1 + max(cell.row for cell in cells)
        cols = 1 + max(cell.col for cell in cells)
        boxes = [cell.box_pt for cell in cells if cell.box_pt]
        around = (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )
        lines = tuple(
            Line(text=self.prints[i].text, box_pt=self.prints[i].box_pt) for _, i in self.grid
        )
        text = "\n".join(line.text for line in lines)
        table = Table(rows=rows, cols=cols, cells=cells)
        return Block(kind="table", text=text, box_pt=around, lines=lines, table=table)


Entry = tuple[str, str, str, str]
"""(field, label, text as written, plain value)"""

_FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
_GIVEN = (
    "가람 누리 도담 라온 마루 보름 새벽 아라 자람 초롱 한결 다온 슬기 예슬 은솔 단비 하늘 "
    "미르 여울 솔찬"
)
_TOWNS = (
    "새벌시 은빛구 다온동|가온군 달무리면 미르리|나래시 한여울구 솔빛동|도담시 해솔동|아람구 누리동"
)
_ROADS = "한솔로 달무리길 은하수로 여울길 새터로 미리내길 두레로 해오름길"
_PURPOSES = (
    "보도블록 파손에 따른 보수 요청|주차장 이용 정기권 신청|경로당 냉방비 지원 신청"
    "|재산세 납부 확인서 제출용|가로등 설치 요청|음식물 수거함 추가 배치 신청"
    "|어린이공원 그늘막 설치 건의|도서관 회의실 사용"
)
_LABELS = {
    "applicant": "성명|신청인|성 명|신청인 성명|민원인|이름",
    "birth_date": "생년월일",
    "phone": "전화번호|연락처|휴대전화|휴대폰",
    "email": "전자우편|이메일",
    "address": "주소|주 소|현주소|거주지",
    "date": "신청일|신청일자|작성일|신청 연월일",
    "amount": "금액|신청 금액|청구 금액|신청금액",
    "number": "접수번호|문서번호|관리번호",
    "purpose": "신청 내용|신청 사유|민원 제목|용도",
}


def _entries(chance: random.Random) -> list[Entry]:
    name = chance.choice(_FAMILY) + chance.choice(_GIVEN.split())
    made: dict[str, tuple[str, str]] = {
        "applicant": (chance.choice([name, " ".join(name), f"{name} (인)"]), name),
        "birth_date": _date(chance, 1950, 2006),
        "phone": _phone(chance),
        "email": _twice(f"user{chance.randrange(100, 999)}@example.kr"),
        "address": _twice(
            f"{chance.choice(_TOWNS.split('|'))} {chance.choice(_ROADS.split())} "
            f"{chance.randrange(2, 300)}"
        ),
        "date": _date(chance, 2025, 2026),
        "amount": _amount(chance),
        "number": _twice(
            f"{chance.choice(['', '민원-', 'A'])}2026-{chance.randrange(100, 99999):05}"
        ),
        "purpose": _twice(chance.choice(_PURPOSES.split("|"))),
    }
    wanted = ["applicant", *chance.sample(list(made)[1:], chance.randrange(5, 8))]
    chance.shuffle(wanted)
    return [(f, chance.choice(_LABELS[f].split("|")), *made[f]) for f in wanted]


def _twice(text: str) -> tuple[str, str]:
    return text, text


def _date(chance: random.Random, first: int, last: int) -> tuple[str, str]:
    y, m, d = chance.randrange(first, last + 1), chance.randrange(1, 13), chance.randrange(1, 29)
    shapes = (f"{y}. {m}. {d}.", f"{y}년 {m}월 {d}일", f"{y}-{m:02}-{d:02}", f"{y}.{m:02}.{d:02}")
    return chance.choice(shapes), f"{y}-{m:02}-{d:02}"


def _phone(chance: random.Random) -> tuple[str, str]:
    a, b = chance.randrange(100, 999), chance.randrange(1000, 9999)
    plain = f"010-0{a}-{b}"
    return chance.choice([plain, plain.replace("-", " "), plain.replace("-", ".")]), plain


def _amount(chance: random.Random) -> tuple[str, str]:
    ten_thousands = chance.randrange(2, 900)
    plain = str(ten_thousands * 10_000)
    shapes = (
        f"{int(plain):,}원",
        f"금 {int(plain):,}원",
        f"{ten_thousands}만 원",
        f"₩{int(plain):,}",
    )
    return chance.choice(shapes), plain


class _Sheet:
    """Collects prints and frames while a layout is set."""

    def __init__(self, title: str) -> None:
        self.prints = [Placed(text=title, left_pt=220, top_pt=60, size_pt=16)]
        self.rules: list[Box] = []
        self.grid: list[tuple[tuple[int, int], int]] = []
        self.truth: dict[str, tuple[str, Placed]] = {}

    def put(self, text: str, left: float, top: float) -> Placed:
        found = Placed(text=text, left_pt=left, top_pt=top)
        self.prints.append(found)
        return found

    def cell(self, at: tuple[int, int], text: str, box: Box) -> Placed:
        found = self.put(text, box[0] + 6, box[1] + 6)
        self.rules.append(box)
        self.grid.append((at, len(self.prints) - 1))
        return found


def _two_columns(sheet: _Sheet, entries: list[Entry]) -> None:
    """A table: label left, value right."""
    for row, (field, label, text, plain) in enumerate(entries):
        top = 110 + row * ROW_PT
        sheet.cell((row, 0), label, (LEFT_PT, top, 180, top + ROW_PT))
        found = sheet.cell((row, 1), text, (180, top, 520, top + ROW_PT))
        sheet.truth[field] = (plain, found)


def _four_columns(sheet: _Sheet, entries: list[Entry]) -> None:
    """A table: label, value, label, value."""
    for number, (field, label, text, plain) in enumerate(entries):
        row, half = divmod(number, 2)
        top, left = 110 + row * ROW_PT, LEFT_PT + half * 240
        sheet.cell((row, 2 * half), label, (left, top, left + 80, top + ROW_PT))
        box = (left + 80, top, left + 240, top + ROW_PT)
        sheet.truth[field] = (plain, sheet.cell((row, 2 * half + 1), text, box))


def _value_below(sheet: _Sheet, entries: list[Entry]) -> None:
    """A table: labels in one row, values in the next."""
    for number, (field, label, text, plain) in enumerate(entries):
        row, col = divmod(number, 2)
        top, left = 110 + 2 * row * ROW_PT, LEFT_PT + col * 240
        sheet.cell((2 * row, col), label, (left, top, left + 240, top + ROW_PT))
        box = (left, top + ROW_PT, left + 240, top + 2 * ROW_PT)
        sheet.truth[field] = (plain, sheet.cell((2 * row + 1, col), text, box))


def _colons(sheet: _Sheet, entries: list[Entry]) -> None:
    """Lines: "label: value"."""
    for row, (field, label, text, plain) in enumerate(entries):
        top = 120 + row * ROW_PT
        before = f"{'○ ' if row % 3 == 0 else ''}{label} : "
        sheet.put(before + text, LEFT_PT, top)
        found = Placed(text=text, left_pt=LEFT_PT, top_pt=top, before=before)
        sheet.truth[field] = (plain, found)


def _apart(sheet: _Sheet, entries: list[Entry]) -> None:
    """No frames: the label, some room, the value on the same height."""
    for row, (field, label, text, plain) in enumerate(entries):
        top = 120 + row * ROW_PT
        sheet.put(label, LEFT_PT, top)
        sheet.truth[field] = (plain, sheet.put(text, 190, top))


def _letter(sheet: _Sheet, entries: list[Entry]) -> None:
    """A letter, with the entries at its foot, the agent's own below them."""
    sheet.put("아래와 같이 신청하오니 검토하여 주시기 바랍니다.", LEFT_PT, 110)
    sheet.put("관련 서류는 따로 붙입니다. 신청 내용은 사실과 다름이 없습니다.", LEFT_PT, 130)
    for row, (field, label, text, plain) in enumerate(entries):
        top = 190 + row * ROW_PT
        before = f"{row + 1}. {label}: "
        sheet.put(before + text, LEFT_PT, top)
        found = Placed(text=text, left_pt=LEFT_PT, top_pt=top, before=before)
        sheet.truth[field] = (plain, found)
    below = 220 + len(entries) * ROW_PT
    sheet.put("대리인", LEFT_PT, below)
    sheet.put("성명: 남궁별", LEFT_PT, below + ROW_PT)
    sheet.put("연락처: 010-0999-1111", LEFT_PT, below + 2 * ROW_PT)


LAYOUTS: tuple[tuple[str, Callable[[_Sheet, list[Entry]], None]], ...] = (
    ("table, value right", _two_columns),
    ("table, two pairs a row", _four_columns),
    ("table, value below", _value_below),
    ("lines with colons", _colons),
    ("no frames", _apart),
    ("letter with agent", _letter),
)


def forms(split: str) -> list[Form]:
    """The forms of a split; the same every time."""
    found = []
    for number in range(FORMS[split]):
        chance = random.Random(f"{split}-{number}")  # noqa: S311 - forms, not secrets
        name, layout = LAYOUTS[number % len(LAYOUTS)]
        sheet = _Sheet(
            chance.choice(
                ["민원 신청서", "사용 허가 신청서", "지원금 청구서", "증명서 발급 신청서"]
            )
        )
        layout(sheet, _entries(chance))
        found.append(
            Form(
                id=f"{split}-{number}",
                layout=name,
                prints=tuple(sheet.prints),
                rules=tuple(sheet.rules),
                grid=tuple(sheet.grid),
                truth=sheet.truth,
            )
        )
    return found
