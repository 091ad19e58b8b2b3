"""Printed pages from known text of our own: sheets of lines, set as PDF, printed as pictures.

Everything is decided by a seed: the same call makes the same pages. The "dev" and the "test"
split share neither a sentence nor a font.
"""

from __future__ import annotations

import io
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.readers import mupdf
from pipelines.settings import ASSETS
from pipelines.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

TEXTS = ASSETS / "samples" / "document_texts.toml"
FONT_FOLDER = Path("/usr/share/fonts")
A4_PT = (595.0, 842.0)
SCAN_DPI = 200
MARGIN_PT = 60.0
LINES = 28
Split = Literal["dev", "test"]

_UN, _NANUM, _CJK = "truetype/unfonts-core/", "truetype/nanum/", "opentype/noto/"
_LATIN = "truetype/liberation/Liberation"
FONTS: dict[str, dict[str, tuple[str, ...]]] = {
    "dev": {
        "ko": (
            _UN + "UnBatang.ttf",
            _NANUM + "NanumGothic.ttf",
            _CJK + "NotoSansCJK-Regular.ttc",
            _NANUM + "NanumBarunGothic.ttf",
            _NANUM + "NanumMyeongjoEcoR.ttf",
        ),
        "latin": (_LATIN + "Serif-Regular.ttf", "truetype/dejavu/DejaVuSans.ttf"),
        "ja": (_CJK + "NotoSansCJK-Regular.ttc",),
        "zh": ("truetype/wqy/wqy-zenhei.ttc",),
    },
    "test": {
        "ko": (
            _UN + "UnDotum.ttf",
            _NANUM + "NanumMyeongjo.ttf",
            _CJK + "NotoSerifCJK-Regular.ttc",
            _NANUM + "NanumSquareR.ttf",
            _NANUM + "NanumSquareRoundR.ttf",
        ),
        "latin": (_LATIN + "Sans-Regular.ttf", "truetype/dejavu/DejaVuSerif.ttf"),
        "ja": (_CJK + "NotoSerifCJK-Regular.ttc",),
        "zh": ("truetype/arphic-gbsn00lp/gbsn00lp.ttf",),
    },
}
_NEVER_FIRST = "、。，．,.！？!?）)」』】：；:;々ーっゃゅょぁ"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLine:
    """A line as it was set; its box in points, from the baseline and the size of the letters."""

    text: str
    box_pt: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One A4 page of known text. `kind` is "ko", "mixed", "en", "ja", "zh" or "es"."""

    id: str
    kind: str
    font: str
    size_pt: float
    lines: tuple[TrueLine, ...]

    @property
    def text(self) -> str:
        """The lines, joined as they are read."""
        return "\n".join(line.text for line in self.lines)


def sheets(split: Split, kind: str) -> Iterator[Sheet]:
    """All sheets of one kind: for Korean five fonts in four sizes, of the others fewer."""
    fonts = FONTS[split].get({"mixed": "ko", "en": "latin", "es": "latin"}.get(kind, kind), ())
    sizes = {"ko": (9.0, 10.0, 11.0, 12.0), "mixed": (10.0, 12.0), "en": (9.0, 10.5, 12.0)}
    for font in fonts:
        for size_pt in sizes.get(kind, (10.0, 11.0, 12.0)):
            yield sheet(split, kind, font, size_pt)


def sheet(split: Split, kind: str, font: str, size_pt: float) -> Sheet:
    """Set one sheet. Raises FileNotFoundError where the font is not installed."""
    path = FONT_FOLDER / font
    if not path.is_file():
        raise FileNotFoundError(path)
    name = f"{split}-{kind}-{path.stem}-{size_pt:g}"
    rng = random.Random(name)  # noqa: S311 - samples, not secrets
    face = mupdf.library().Font(fontfile=str(path))
    lines: list[TrueLine] = []
    y = MARGIN_PT + size_pt
    for text, size in _running(split, kind, rng, size_pt, face):
        if len(lines) == LINES or y > A4_PT[1] - MARGIN_PT:
            break
        width = face.text_length(text, size)
        box = (MARGIN_PT, y - 0.8 * size, MARGIN_PT + width, y + 0.18 * size)
        lines.append(TrueLine(text=text, box_pt=box))
        y += size * (2.2 if size > size_pt else 1.7)
    return Sheet(id=name, kind=kind, font=font, size_pt=size_pt, lines=tuple(lines))


def as_pdf(made: Sequence[Sheet], *, rotation: int = 0) -> bytes:
    """The sheets as a digital PDF, one page each; deterministic."""
    pymupdf = mupdf.library()
    document = pymupdf.open()
    for one in made:
        page = document.new_page(width=A4_PT[0], height=A4_PT[1])
        face = pymupdf.Font(fontfile=str(FONT_FOLDER / one.font))
        writer = pymupdf.TextWriter(page.rect)
        for line in one.lines:
            left, top, _, bottom = line.box_pt
            size = (bottom - top) / 0.98
            writer.append((left, top + 0.8 * size), line.text, font=face, fontsize=size)
        writer.write_text(page)
        page.set_rotation(rotation)
    out = io.BytesIO()
    document.subset_fonts()
    document.save(out, garbage=3, deflate=True, no_new_id=True)
    return out.getvalue()


def as_scan(one: Sheet, dpi: int = SCAN_DPI) -> Image:
    """The sheet printed and scanned without a fault: RGB, A4 at `dpi`."""
    from PIL import Image

    document = mupdf.library().open(stream=as_pdf([one]), filetype="pdf")
    pixels = mupdf.page_pixels(document[0], dpi)
    return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


def sentences(split: Split, kind: str, rng: random.Random) -> Iterator[str]:
    """Sentences without end, the slots filled; of a mixed page every third is plain Korean."""
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    pool: list[str] = []
    while True:
        if not pool:
            pool = list(texts[split][kind])
            if kind == "mixed":
                pool += rng.sample(texts[split]["ko"], len(pool) // 2)
            rng.shuffle(pool)
        yield fill(pool.pop(), texts["slots"], rng)


def fill(template: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """Every {slot} gets a value of its own."""
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    while "{" in template:
        values: dict[str, str] = {name: rng.choice(words) for name, words in slots.items()}
        values |= {
            "n": str(rng.randint(100, 4999)),
            "small": str(rng.randint(2, 98)),
            "digit": str(rng.randint(1, 9)),
            "zip": str(rng.randint(10000, 63999)),
            "money": f"{rng.randint(3, 900) * 10_000:,}",
            "date": f"{month}월 {day}일",
            "iso": f"2026-{month:02d}-{day:02d}",
            "clock": f"{rng.randint(8, 19):02d}:{rng.randint(0, 59):02d}",
            "en_date": f"{day} {rng.choice(('March', 'July', 'October'))} 2026",
            "en_thing": rng.choice(("street lamp", "drain cover", "bus shelter", "pavement")),
        }
        head, _, rest = template.partition("{")
        slot, _, tail = rest.partition("}")
        template = head + values[slot] + tail
    return template


def wrap(text: str, width_pt: float, size: float, face: object, *, by_letter: bool) -> list[str]:
    """Lines no wider than `width_pt`; East Asian text breaks anywhere but before a full stop."""
    pieces = list(text) if by_letter else [word + " " for word in text.split(" ")]
    lines, current = [], ""
    for piece in pieces:
        wide = face.text_length((current + piece).rstrip(), size) > width_pt  # type: ignore[attr-defined]
        if wide and current and piece not in _NEVER_FIRST:
            lines.append(current.rstrip())
            current = ""
        current += piece
    return [*lines, current.rstrip()]


def _running(
    split: Split, kind: str, rng: random.Random, size_pt: float, face: object
) -> Iterator[tuple[str, float]]:
    """(line, size) after line: a heading where there are headings, then paragraphs."""
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    if kind in ("ko", "mixed"):
        yield rng.choice(texts[split]["ko_heading"]), round(size_pt * 1.5, 1)
    source = sentences(split, kind, rng)
    joint = "" if kind in ("ja", "zh") else " "
    while True:
        paragraph = joint.join(next(source) for _ in range(rng.randint(2, 4)))
        width = A4_PT[0] - 2 * MARGIN_PT
        for line in wrap(paragraph, width, size_pt, face, by_letter=kind in ("ja", "zh")):
            yield line, size_pt
