"""Personal data in a text: where it stands, and the text without it.

Cheap (no model, microseconds to a millisecond a line), so it may run wherever words leave the case:
lists, exports, prompts, messages to other programs. What is looked for, why, and how well:
docs/decisions/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from pipelines.drafting.privacy.addresses import find_addresses
from pipelines.drafting.privacy.emails import find_emails
from pipelines.drafting.privacy.found import KINDS, Found, Kind
from pipelines.drafting.privacy.names import find_names
from pipelines.drafting.privacy.numbers import find_numbers, find_spoken
from pipelines.drafting.privacy.plain import plain, seen
from pipelines.drafting.privacy.words import DOUBLE_SURNAMES

__all__ = [
    "KINDS",
    "NOT_IN_ASKS",
    "Found",
    "Kind",
    "cover",
    "find",
    "mask",
    "mask_parts",
    "mask_rows",
    "reopened",
]

NOT_IN_ASKS: frozenset[Kind] = KINDS - {"address"}
"""What no model is told: a draft needs none of it, but it needs the place of the matter."""
MASK = "*"
CELLS = " \t "
"""Between the cells of a row, so that a label reaches the cell beside it."""
_ONLY_BY_HEAD = ("홍길동", "345-6789", "1234-5678-9012", "성산동 125-3")
"""A name, a local number, an account, an address: alone none of them is found."""

_MANY_DIGITS = re.compile(r"\d(?:\D{0,3}\d){5}")
_FRONT = re.compile(
    r"\(?(?:\+|00)82\)?[-.\s)]*(?:\(?0?\)?1\d)?|\(?0\d{1,2}(?=\W|\d)\)?|[공영][가-힣]{1,2}(?=\W|[가-힣])"
)
"""Of a telephone number, what says that it is one: 010, 02, +82 10, 공일공."""
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"\d|[일이삼사오육칠팔구십백천](?=[일이삼사오육칠팔구십백천]*[동호층])")
"""Of an address, also as it is said: 백일동 천이백삼호."""
_LETTER = re.compile(r"[^\W_]")


def find(text: str) -> tuple[Found, ...]:
    """The personal data of a text, in order, none overlapping another."""
    shown, places = seen(text)
    found = _find(plain(shown))
    if places is None:
        return tuple(found)
    return tuple(
        Found(start=places[one.start], end=places[one.end - 1] + 1, kind=one.kind) for one in found
    )


def mask(text: str, kinds: Collection[Kind] = KINDS) -> str:
    """The text with the personal data of those kinds made unreadable; as long as it was.

    "010-1234-5678" becomes "010-****-****", "홍길동" "홍**": a reader sees what stood there, and
    places in the text, words and boxes stay where they are.
    """
    signs: list[str] | None = None
    for one in find(text):
        if one.kind in kinds:
            signs = signs or list(text)
            hidden = cover(text[one.start : one.end], one.kind)
            signs[one.start : one.end] = hidden
    return "".join(signs) if signs else text


def cover(text: str, kind: Kind) -> str:
    """A text that IS personal data, made unreadable; as long as it was."""
    if kind == "address":  # the quarter stays readable, the house does not
        return _FIGURE.sub(MASK, text)
    shown = 0
    if kind == "phone":
        front = _FRONT.match(plain(text))
        shown = front.end() if front else 0
    elif kind == "name":
        shown = 2 if text.startswith(DOUBLE_SURNAMES) else 1
    return text[:shown] + _LETTER.sub(MASK, text[shown:])


def reopened(made: str, original: str, kinds: Collection[Kind]) -> str:
    """What was made of a masked text, with the masked pieces as they stood in the original."""
    for one in find(original):
        if one.kind in kinds:
            piece = original[one.start : one.end]
            made = made.replace(cover(piece, one.kind), piece, 1)
    return made


def mask_parts(
    parts: Sequence[str], kinds: Collection[Kind] = KINDS, *, between: str = " "
) -> list[str]:
    """Words, lines or cells that are read together, masked together: a number may run over two."""
    whole = mask(between.join(parts), kinds)
    out, at = [], 0
    for part in parts:
        out.append(whole[at : at + len(part)])
        at += len(part) + len(between)
    return out


def mask_rows(
    rows: Iterable[Sequence[str]], kinds: Collection[Kind] = KINDS
) -> list[tuple[str, ...]]:
    """The rows of a table; a cell is read behind its left neighbour and its column's head."""
    told = [tuple(row) for row in rows]
    head = told[0] if told else ()
    leading = {column: cell for column, cell in enumerate(head) if _leads(cell)}
    out = []
    for number, row in enumerate(told):
        masked = mask_parts(row, kinds, between=CELLS)
        for column in leading if number else ():
            if column < len(row) and masked[column] == row[column]:
                masked[column] = mask_parts((leading[column], row[column]), kinds, between=CELLS)[1]
        out.append(tuple(masked))
    return out


def _leads(head: str) -> bool:
    """True where a column with that head may hold what only its head tells."""
    return any(mask_parts((head, probe), between=CELLS)[1] != probe for probe in _ONLY_BY_HEAD)


def _find(text: str) -> list[Found]:
    kept: list[Found] = []

    def keep(candidates: Iterable[Found]) -> None:
        for one in candidates:
            if not any(one.overlaps(other) for other in kept):
                kept.append(one)

    keep(find_emails(text))
    if _MANY_DIGITS.search(text):
        keep(find_numbers(text))
    keep(find_spoken(_without(text, kept)))  # what is written ends where somebody speaks on
    if _DIGIT.search(text) or "호" in text:
        keep(find_addresses(text))
    keep(find_names(text, kept))
    return sorted(kept, key=lambda one: one.start)


def _without(text: str, found: Sequence[Found]) -> str:
    for one in found:
        text = text[: one.start] + "_" * (one.end - one.start) + text[one.end :]
    return text
