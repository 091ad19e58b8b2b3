"""Fields out of forty generated forms: half as their reader would hand them over, half as scans."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.drafting.fields import FieldValue, extract, load_fields
from pipelines.evaluation.blanks import HEIGHT_PT, LAYOUTS, WIDTH_PT, Form, forms
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line
from pipelines.readers.boxes import overlap
from pipelines.readers.pages import PagedDocument
from pipelines.types import Box
from pipelines.writing import squeezed

FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
DPI = 200
HITS = 0.5

Scanner = Callable[[Path], PagedDocument]
"""A picture of a page -> what was read on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One field of one form."""

    form: str
    layout: str
    field: str
    exact: bool
    """Letter by letter, spacing aside: where Korean puts its blanks is no matter of truth."""
    hit: bool
    """The box lies on the value; False where the value is wrong."""


def draw(form: Form, path: Path) -> dict[str, Box]:
    """Print a form as a PNG of DPI; field -> the box of its value in points.

    Raises OSError where the typeface is not installed.
    """
    from PIL import Image, ImageDraw, ImageFont

    scale = DPI / 72
    faces = {
        size: ImageFont.truetype(str(FONT), round(size * scale))
        for size in {found.size_pt for found in form.prints}
    }
    page = Image.new("L", (round(WIDTH_PT * scale), round(HEIGHT_PT * scale)), 255)
    pen = ImageDraw.Draw(page)
    for box in form.rules:
        pen.rectangle([edge * scale for edge in box], outline=0, width=2)
    for found in form.prints:
        spot = (found.left_pt * scale, found.top_pt * scale)
        pen.text(spot, found.text, font=faces[found.size_pt], fill=0)
    page.save(path, dpi=(DPI, DPI))

    def width(text: str, size_pt: float) -> float:
        return float(faces[size_pt].getlength(text)) / scale

    return {name: placed.box_by(width) for name, (_, placed) in form.truth.items()}


def score(form: Form, found: Iterable[FieldValue], boxes: dict[str, Box]) -> list[Score]:
    """Every field of the truth, and every field that should not have been found."""
    values = {value.name: value for value in found}
    scores = []
    for name, (plain, _) in form.truth.items():
        value = values.pop(name, None)
        exact = value is not None and squeezed(value.value) == squeezed(plain)
        hit = exact and value is not None and overlap(value.where.box_pt, boxes[name]) >= HITS
        scores.append(Score(form=form.id, layout=form.layout, field=name, exact=exact, hit=hit))
    scores += [
        Score(form=form.id, layout=form.layout, field=name, exact=False, hit=False)
        for name in values
    ]
    return scores


def score_all(split: str, scan: Scanner | None, folder: Path) -> dict[str, list[Score]]:
    """Scores of "pages" and of "scans". Without a scanner every form is scored as pages."""
    plan = load_fields()
    found: dict[str, list[Score]] = {"pages": [], "scans": []}
    for number, form in enumerate(forms(split)):
        if scan is None or not is_scanned(number):
            boxes = {name: placed.box_pt for name, (_, placed) in form.truth.items()}
            found["pages"] += score(form, extract(form.pages(), form.id, plan), boxes)
        else:
            path = folder / f"{form.id}.png"
            boxes = draw(form, path)
            found["scans"] += score(form, extract(scan(path), form.id, plan), boxes)
    return found


def score_worn(split: str, scan: Scanner, folder: Path) -> list[Score]:
    """The scanned half once more: askew, unevenly lit, soft, noisy, as JPEG."""
    from PIL import Image

    from pipelines.evaluation import worn

    plan = load_fields()
    found: list[Score] = []
    for number, form in enumerate(forms(split)):
        if not is_scanned(number):
            continue
        path = folder / f"{form.id}-worn.png"
        flat = draw(form, path)
        with Image.open(path) as clean:
            picture, skew = worn.worn(clean.convert("RGB"), form.id)
        picture.save(path)
        boxes = {
            name: worn.turned_box(box, skew, WIDTH_PT, HEIGHT_PT) for name, box in flat.items()
        }
        found += score(form, extract(scan(path), form.id, plan), boxes)
    return found


def is_scanned(number: int) -> bool:
    """Every second form, and of each layout every second one."""
    return (number + number // len(LAYOUTS)) % 2 == 1


def lines_of_worn(scores: list[Score]) -> list[Line]:
    """The figures of worn scans, beside those of the goal."""
    exact = [one for one in scores if one.exact]
    return [
        Line(name="worn scans: fields exact", figure=share(len(exact), len(scores))),
        Line(
            name="worn scans: box, IoU >= 0.5",
            figure=share(sum(one.hit for one in exact), len(exact)),
        ),
    ]


def lines_of(scores: dict[str, list[Score]]) -> list[Line]:
    """The figures; a field that should not be there counts as wrong."""
    every = [one for part in scores.values() for one in part]
    exact = [one for one in every if one.exact]
    figure = share(len(exact), len(every))
    boxes = share(sum(one.hit for one in exact), len(exact))
    lines = [
        Line(name="fields exact", figure=figure, goal=">= 92 %", met=figure.value >= 0.92),
        Line(name="box, IoU >= 0.5", figure=boxes, goal=">= 95 %", met=boxes.value >= 0.95),
    ]
    for name, part in scores.items():
        if part:
            right = share(sum(one.exact for one in part), len(part))
            lines.append(Line(name=f"  {name}", figure=right))
    for layout in sorted({one.layout for one in every}):
        part = [one for one in every if one.layout == layout]
        right = share(sum(one.exact for one in part), len(part))
        lines.append(Line(name=f"    {layout}", figure=right))
    return lines


def scan(path: Path) -> PagedDocument:
    """Read a picture of a form as the product reads a scan. Raises OcrMissing."""
    from PIL import Image

    from pipelines.readers.scans import Scan, ScanReader

    with Image.open(path) as picture:
        picture.load()
        read = ScanReader().read(Scan(picture=picture, page_no=1, points_per_px=72 / DPI))
    return PagedDocument(pages=(read.page,), preview=path)


def measure(split: str) -> list[Line]:
    """Every second form is printed and read back from the picture, once clean and once worn."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        lines = lines_of(score_all(split, scan, Path(folder)))
        return [*lines, *lines_of_worn(score_worn(split, scan, Path(folder)))]
