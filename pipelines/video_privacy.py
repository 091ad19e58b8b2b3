"""A video's result as it may leave the office: words masked, and where they stand in its frames."""

from __future__ import annotations

from dataclasses import replace

from pipelines.drafting.privacy import find, mask, mask_parts
from pipelines.drafting.privacy.results import masked_case, masked_media, masked_pieces
from pipelines.drafting.translate import Translation
from pipelines.readers.blur import Region
from pipelines.readers.boxes import Placed
from pipelines.readers.pages import Line
from pipelines.readers.timeline import Timeline, time_of
from pipelines.types import FrameSpot
from pipelines.video import Footage, VideoResult

AROUND_S = 0.6
"""A line that was read a moment before or after a frame stands in it too."""


def masked_video(result: VideoResult) -> VideoResult:
    """Draft, evidence, timeline and the file's name without personal data."""
    footage = masked_footage(result.footage)
    made = masked_translation(result.subtitles) if result.subtitles is not None else None
    return replace(result, case=masked_case(result.case), footage=footage, subtitles=made)


def masked_translation(made: Translation) -> Translation:
    """Translated subtitles: a number may run over two lines."""
    lines = iter(mask_parts([line for cue in made.cues for line in cue.lines], between="\n"))
    cues = (replace(cue, lines=tuple(next(lines) for _ in cue.lines)) for cue in made.cues)
    return replace(made, cues=tuple(cues))


def masked_footage(footage: Footage) -> Footage:
    """The footage for subtitles and reports. Its index is the old one: nobody may ask it."""
    video = replace(
        footage.video,
        media=masked_media(footage.media),
        evidence=masked_pieces(footage.evidence),
    )
    return replace(footage, video=video, timeline=_masked_timeline(footage.timeline))


def _masked_timeline(line: Timeline) -> Timeline:
    changes = line.changes
    if changes is not None:
        changes = replace(changes, sentences=tuple(map(mask, changes.sentences)))
    return replace(
        line,
        events=tuple(replace(event, text=mask(event.text)) for event in line.events),
        chapters=tuple(replace(one, title=mask(one.title)) for one in line.chapters),
        changes=changes,
        summary=mask(line.summary),
    )


def personal_regions(footage: Footage, time_s: float, width_px: int) -> list[Region]:
    """Where personal data stands in the frame of that second, in a picture so wide."""
    factor = width_px / footage.video.watched.width_px
    found: list[Region] = []
    for piece in footage.evidence:
        if not isinstance(piece.where, FrameSpot):
            continue
        start_s, end_s = time_of(piece)
        if not start_s - AROUND_S <= time_s <= end_s + AROUND_S:
            continue
        line = Line(text=piece.text, box_pt=piece.where.box_px)
        placed = Placed(piece.text, (line,), piece.where.box_px)
        for one in find(piece.text):
            x0, y0, x1, y1 = (edge * factor for edge in placed.part(one.start, one.end).box)
            found.append(Region(kind="text", box_px=(x0, y0, x1, y1)))
    return found
