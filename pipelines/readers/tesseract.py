"""Tesseract, called as a program of its own: glyphs with boxes and confidences, in lines.

It runs in its own process with one thread, bounded in time; pages run side by side instead. Its
kor data writes spaces into the plain text only, so text and glyphs are asked for in one call and
laid over each other.
"""

from __future__ import annotations

import difflib
import html
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OcrMissing
from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

DATA = {"ko": "kor", "en": "eng", "ja": "jpn", "zh": "chi_sim", "es": "spa"}
"""Our languages and the names of Tesseract's data for them."""
BLOCK_OF_TEXT = 6
"""Its page mode "one uniform block of text": the most exact one for a column of lines."""
SPARSE = 11
TALL = 1.3
"""In usual heights of its line: a taller box of a glyph is a fault of the program."""
_TOKEN = re.compile(
    r"class='(?P<kind>ocr_par|ocr_line|ocr_header|ocr_textfloat|ocr_caption|ocrx_cinfo)'"
    r"[^>]*?title=['\"](?P<title>[^'\"]*)['\"][^>]*>(?P<text>[^<]*)"
)
_GLYPH = re.compile(r"x_bboxes (-?\d+) (-?\d+) (-?\d+) (-?\d+); x_conf (-?[\d.]+)")


class OcrTimeout(Exception):
    """The page took longer than it may."""


class Budget:
    """The time that one page may take, over all calls for it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_s(self) -> float:
        """Seconds that are left. Raises OcrTimeout where none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OcrTimeout
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One sign on the picture; `box_px` in pixels of it, `confidence` in [0, 1]."""

    text: str
    box_px: Box
    confidence: float
    after_space: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLine:
    """One line of print, left to right."""

    glyphs: tuple[Glyph, ...]
    paragraph: int = 0
    band_px: tuple[float, float] | None = None
    """The top and bottom of its ink, where that was measured."""
    end_px: float = math.inf
    """Where the place for this line ends, to the right."""
    cell: tuple[int, int] | None = None
    """Of print in a drawn table: which table of the sheet, and which of its cells."""

    @property
    def text(self) -> str:
        """Its signs and spaces."""
        return "".join((" " if g.after_space else "") + g.text for g in self.glyphs).strip()

    @property
    def box_px(self) -> Box:
        """Around its signs; boxes that were drawn over the gaps between lines don't count."""
        boxes = [glyph.box_px for glyph in self.glyphs]
        if self.band_px is not None:
            left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
            return left, self.band_px[0], right, self.band_px[1]
        usual = statistics.median([box[3] - box[1] for box in boxes])
        fair = [box for box in boxes if box[3] - box[1] <= TALL * usual] or boxes
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in fair),
            max(box[2] for box in boxes),
            max(box[3] for box in fair),
        )

    @property
    def confidence(self) -> float:
        """The mean over its signs."""
        return sum(glyph.confidence for glyph in self.glyphs) / len(self.glyphs)


def recognise(
    picture: Image, language: str, *, budget: Budget, mode: int = BLOCK_OF_TEXT
) -> list[PrintLine]:
    """Read an upright picture (mode L or RGB). `language` is one of `DATA`.

    Raises OcrMissing where the program or the language is not installed, OcrTimeout.
    """
    need(language)
    with tempfile.TemporaryDirectory(prefix="minwon-ocr-") as folder:
        base = Path(folder) / "page"
        picture.convert("L").save(base.with_suffix(".pgm"))
        read = _run(base.with_suffix(".pgm"), base, language, mode, budget)
    return parse(*read) if read else []  # it found it too small or too empty to work on


def recognise_many(
    pictures: Sequence[Image],
    language: str,
    *,
    budget: Budget,
    mode: int = BLOCK_OF_TEXT,
    signs: str = "",
) -> list[list[PrintLine]]:
    """Several small pictures in one start of the program, which costs more than reading one.

    `signs`: only these may come out; empty = all.

    Raises OcrMissing, OcrTimeout.
    """
    need(language)
    if not pictures:
        return []
    with tempfile.TemporaryDirectory(prefix="minwon-ocr-") as folder:
        names = [Path(folder) / f"{number}.pgm" for number in range(len(pictures))]
        for name, picture in zip(names, pictures, strict=True):
            picture.convert("L").save(name)
        listed = Path(folder) / "pictures.txt"
        listed.write_text("\n".join(map(str, names)) + "\n", encoding="utf-8")
        read = _run(listed, Path(folder) / "read", language, mode, budget, signs=signs)
    if read is None:
        return [[] for _ in pictures]
    marked, plain = read
    pages = marked.split("class='ocr_page'")[1:]
    texts = plain.split("\f")
    return [
        parse(pages[n] if n < len(pages) else "", texts[n] if n < len(texts) else "")
        for n in range(len(pictures))
    ]


def _run(
    given: Path, base: Path, language: str, mode: int, budget: Budget, *, signs: str = ""
) -> tuple[str, str] | None:
    """(hOCR, plain text) of a picture, or of a list of them; None where it could not work on it."""
    command = [program(), str(given), str(base), "-l", DATA[language], "--psm", str(mode)]
    command += ["--dpi", "200", "-c", "hocr_char_boxes=1"]
    command += ["-c", f"tessedit_char_whitelist={signs}"] if signs else []
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
    try:
        subprocess.run(  # noqa: S603 - our own program, our own arguments
            [*command, "txt", "hocr"],
            env=environment,
            timeout=budget.left_s(),
            check=True,
            capture_output=True,
        )
    except subprocess.TimeoutExpired as exc:
        raise OcrTimeout from exc
    except subprocess.CalledProcessError:
        return None
    plain = base.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")
    marked = base.with_suffix(".hocr").read_text(encoding="utf-8", errors="replace")
    return marked, plain


def need(language: str) -> None:
    """Raises OcrMissing where `language` can't be read here."""
    if DATA[language] not in languages():
        raise OcrMissing(missing=f"tesseract-ocr-{DATA[language]}".replace("_", "-"))


@cache
def program() -> str:
    """The path of the program. Raises OcrMissing."""
    found = shutil.which("tesseract")
    if found is None:
        raise OcrMissing(missing="tesseract-ocr")
    return found


@cache
def languages() -> frozenset[str]:
    """The installed data, by Tesseract's own names. Raises OcrMissing."""
    listed = subprocess.run(  # noqa: S603 - as above
        [program(), "--list-langs"], check=False, capture_output=True, text=True, timeout=20
    )
    return frozenset((listed.stdout + listed.stderr).split())


def parse(marked: str, plain: str) -> list[PrintLine]:
    """An hOCR page with glyph boxes, and the same page as plain text -> lines."""
    lines: list[list[Glyph]] = []
    paragraphs: list[int] = []
    paragraph = 0
    for token in _TOKEN.finditer(marked):
        if token["kind"] == "ocr_par":
            paragraph += 1
        elif token["kind"] != "ocrx_cinfo":
            lines.append([])
            paragraphs.append(paragraph)
        elif (glyph := _glyph(token["title"], html.unescape(token["text"]))) and lines:
            lines[-1].append(glyph)
    set_out = iter(_as_printed([glyph for line in lines for glyph in line], plain))
    return [
        PrintLine(glyphs=tuple(_trimmed(glyphs)), paragraph=number)
        for glyphs, number in zip(
            ([next(set_out) for _ in line] for line in lines), paragraphs, strict=True
        )
        if glyphs
    ]


def _glyph(title: str, text: str) -> Glyph | None:
    found = _GLYPH.match(title)
    if not found or not text.strip():
        return None
    left, top, right, bottom = (float(value) for value in found.groups()[:4])
    sure = min(1.0, max(0.0, float(found[5]) / 100))
    return Glyph(text=text.strip(), box_px=(left, top, right, bottom), confidence=sure)


def _as_printed(glyphs: list[Glyph], plain: str) -> list[Glyph]:
    """The glyphs with the spaces of the plain text, and its signs where the two disagree."""
    signs = [(text, bool(space)) for space, text in re.findall(r"(\s*)(\S)", plain)]
    places = [(index, sign) for index, glyph in enumerate(glyphs) for sign in glyph.text]
    done = list(glyphs)
    matcher = difflib.SequenceMatcher(
        None, [sign for _, sign in places], [text for text, _ in signs], autojunk=False
    )
    for _, a1, a2, b1, b2 in matcher.get_opcodes():
        for (index, sign), (text, spaced) in zip(places[a1:a2], signs[b1:b2], strict=False):
            glyph = done[index]
            same_length = a2 - a1 == b2 - b1 and glyph.text == sign
            done[index] = replace(
                glyph,
                text=text if same_length else glyph.text,
                after_space=glyph.after_space or (spaced and glyph.text.startswith((sign, text))),
            )
    return done


def _trimmed(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Glyph boxes that reach into their right neighbour end where the neighbour begins."""
    for glyph, following in zip(glyphs, [*glyphs[1:], None], strict=True):
        left, top, right, bottom = glyph.box_px
        if following is not None and left < following.box_px[0] < right:
            right = following.box_px[0]
        yield replace(glyph, box_px=(left, top, right, bottom))
