"""Words and ruling lines of a digital page, in points as a person sees the page.

Whoever calls holds `mupdf.LOCK`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.readers import mupdf
from pipelines.readers.grids import Ruling, Token
from pipelines.types import Box

if TYPE_CHECKING:
    from pipelines.readers.mupdf import PdfPage

MAX_RULINGS = 4000
"""Maps and drawings have more; they are no tables, and are not worth the time."""


def tokens_of(page: PdfPage) -> list[Token]:
    """Every word, with its place as a person sees the page."""
    pymupdf = mupdf.library()
    matrix = page.rotation_matrix if page.rotation else None
    found = []
    for word in page.get_text("words", flags=pymupdf.TEXT_PRESERVE_WHITESPACE):
        rect = pymupdf.Rect(word[:4])
        found.append(Token(text=word[4], box=tuple(rect * matrix if matrix else rect)))
    return found


def rulings_of(page: PdfPage, drawings: Sequence[dict[str, Any]]) -> list[Ruling]:
    """Straight level or upright lines: strokes, thin bars, the sides of boxes."""
    pymupdf = mupdf.library()
    matrix = page.rotation_matrix if page.rotation else None
    whole = page.rect
    found: list[Ruling] = []
    for path in drawings:
        for item in path["items"]:
            if item[0] == "l":
                rect = pymupdf.Rect(*_ordered(item[1], item[2]))
            elif item[0] == "re":
                rect = pymupdf.Rect(item[1])
            elif item[0] == "qu":
                rect = pymupdf.Quad(item[1]).rect
            else:
                continue
            if matrix:
                rect = rect * matrix
            if rect.width > 0.97 * whole.width and rect.height > 0.97 * whole.height:
                continue  # the paper itself
            found += _sides(tuple(rect))
            if len(found) > MAX_RULINGS:
                return []
    return found


def _ordered(a: Sequence[float], b: Sequence[float]) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _sides(box: Box) -> Iterator[Ruling]:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if height <= 2.5 < width:
        yield Ruling(across=True, at=(top + bottom) / 2, start=left, end=right)
    elif width <= 2.5 < height:
        yield Ruling(across=False, at=(left + right) / 2, start=top, end=bottom)
    elif width > 2.5 and height > 2.5:
        yield Ruling(across=True, at=top, start=left, end=right)
        yield Ruling(across=True, at=bottom, start=left, end=right)
        yield Ruling(across=False, at=left, start=top, end=bottom)
        yield Ruling(across=False, at=right, start=top, end=bottom)
