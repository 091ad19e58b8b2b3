"""What is handed out of a video: subtitles, a contact sheet, a one-page report.

Every frame in them is a copy with faces and number plates blurred. Without the weights for faces
nothing with a picture in it is written: it fails closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.drafting.translate import Translation
from pipelines.readers import sheet_pdf
from pipelines.readers.blur import blurred
from pipelines.readers.looked import Frame
from pipelines.readers.photos import PhotoReader
from pipelines.readers.sheet_pdf import Picture, Section
from pipelines.readers.timeline import clock, event_text
from pipelines.subtitles import labelled, srt, vtt
from pipelines.video import Footage, VideoResult
from pipelines.video_privacy import masked_video, personal_regions
from pipelines.wording import say

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 4
CELL_PX, GAP_PX, BAND_PX = 320, 12, 26
MOST_CELLS = 20
REPORT_FRAMES = 6
REPORT_EVENTS = 14
_PAPER, _INK = (250, 250, 248), (40, 40, 44)


def write_files(
    result: VideoResult,
    folder: Path,
    photos: PhotoReader,
    ui_language: str,
    *,
    original: bool = False,
) -> list[Path]:
    """subtitles.srt, subtitles.vtt (where something is said; translated ones beside them),
    contact-sheet.jpg, report.pdf.

    Personal data is masked, and covered in frames, unless `original`; faces are blurred always.
    Raises WeightsMissing, WeightsBroken without the weights that find faces; OSError where the
    folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain, result = result.footage, result if original else masked_video(result)
    footage = result.footage
    written: list[Path] = []
    texts: dict[str, str] = {}
    if cues := footage.cues:
        texts |= {"subtitles.srt": srt(cues), "subtitles.vtt": vtt(cues)}
        if made := result.subtitles:
            for kind in ("srt", "vtt"):
                texts[f"subtitles-{made.target}.{kind}"] = translated_file(made, kind)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    frames = _spread(footage.video.frames, MOST_CELLS)
    shown = {frame: shown_frame(frame, photos) for frame in frames}
    if not original:
        shown = {
            frame: blurred(image, personal_regions(plain, frame.time_s, image.width))
            for frame, image in shown.items()
        }
    sheet = folder / "contact-sheet.jpg"
    contact_sheet([(frame.time_s, shown[frame]) for frame in frames]).save(
        sheet, format="JPEG", quality=86
    )
    report = folder / "report.pdf"
    few = _spread(frames, REPORT_FRAMES)
    report.write_bytes(
        report_pdf(footage, result, [(frame.time_s, shown[frame]) for frame in few], ui_language)
    )
    return [*written, sheet, report]


def translated_file(made: Translation, kind: str) -> str:
    """Translated subtitles as "srt" or "vtt": labelled as a machine's; what stayed is marked."""
    label = f"[{made.label}]"
    cues = [
        replace(cue, lines=(f"({made.source}) {cue.lines[0]}", *cue.lines[1:]))
        if number in made.kept
        else cue
        for number, cue in enumerate(made.cues)
    ]
    return srt(labelled(cues, label)) if kind == "srt" else vtt(labelled(cues, label))


def shown_frame(frame: Frame, photos: PhotoReader) -> Image:
    """A copy of a kept frame that is fit to be shown. Raises WeightsMissing, WeightsBroken."""
    from PIL import Image

    with Image.open(frame.path) as picture:
        shown, _, _ = photos.shown_copy(picture.convert("RGB"))
    return shown


def _spread(frames: Sequence[Frame], most: int) -> list[Frame]:
    """The first, the last, and what lies evenly between them."""
    if len(frames) <= most:
        return list(frames)
    step = (len(frames) - 1) / (most - 1)
    return [frames[round(n * step)] for n in range(most)]


def contact_sheet(pictures: Sequence[tuple[float, Image]]) -> Image:
    """(time, picture) in rows of four, each with its time under it."""
    from PIL import Image, ImageDraw, ImageFont

    cells = [(time_s, _fitted(picture)) for time_s, picture in pictures]
    high = max((cell.height for _, cell in cells), default=CELL_PX) + BAND_PX
    columns = min(COLUMNS, max(1, len(cells)))
    rows = max(1, -(-len(cells) // columns))
    size = (
        columns * (CELL_PX + GAP_PX) + GAP_PX,
        rows * (high + GAP_PX) + GAP_PX,
    )
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    face = ImageFont.load_default(18)
    for number, (time_s, cell) in enumerate(cells):
        left = GAP_PX + number % columns * (CELL_PX + GAP_PX)
        top = GAP_PX + number // columns * (high + GAP_PX)
        sheet.paste(cell, (left + (CELL_PX - cell.width) // 2, top))
        draw.text((left + 4, top + high - BAND_PX + 3), clock(time_s), fill=_INK, font=face)
    return sheet


def _fitted(picture: Image) -> Image:
    factor = min(CELL_PX / picture.width, CELL_PX / picture.height)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, 3, reducing_gap=2.0)


def report_pdf(
    footage: Footage,
    result: VideoResult,
    pictures: Sequence[tuple[float, Image]],
    ui_language: str,
) -> bytes:
    """One page A4: the case in short, what happened and when, and the frames."""
    line, draft = footage.timeline, result.case.draft
    told = [event for event in line.events if event.kind != "scene"] or list(line.events)
    events = [
        f"{clock(event.start_s)}–{clock(event.end_s)}  {event_text(event, ui_language)}"
        for event in told[:REPORT_EVENTS]
    ]
    sections = [
        Section(
            heading=say("field.summary", ui_language),
            lines=(
                f"{say('field.category', ui_language)}: {draft.category} · {draft.department}",
                draft.summary,
                *line.summary.split("\n")[:1],
            ),
        ),
        Section(heading=say("video.events", ui_language), lines=tuple(events)),
    ]
    if line.changes is not None:
        sections.append(
            Section(heading=say("video.changes", ui_language), lines=line.changes.sentences)
        )
    return sheet_pdf.one_page(
        title=f"{say('video.report', ui_language)}: {draft.title}",
        under=f"{footage.media.name} · sha256 {footage.media.sha256[:16]}…",
        sections=sections,
        pictures=[Picture(image=image, caption=clock(time_s)) for time_s, image in pictures],
    )
