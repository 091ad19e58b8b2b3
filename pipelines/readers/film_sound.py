"""The sound of a film beside its pictures: where it stops, why it is silent, times that agree."""

from __future__ import annotations

from dataclasses import replace

from pipelines.errors import MediaRejected
from pipelines.media import audio
from pipelines.media.admit import demuxer_of
from pipelines.readers.looked import CUT_SHORT_S
from pipelines.readers.sights import Watched
from pipelines.types import Evidence, MediaFile, Note, TimeSpan

CHECKED_S = 600.0
"""Sound up to this length is looked through for where it stops."""
SILENT_S, SILENT_SHARE = 2.0, 0.2


def falls_silent(media: MediaFile, end: Watched) -> list[Note]:
    """A note where the sound stops long before the pictures do: a broken cable, or a cut track."""
    if end.end_s > CHECKED_S:
        return []
    try:
        until_s, length_s = audio.sounding_s(media.path, demuxer_of(media), limit_s=2 * CHECKED_S)
    except MediaRejected:
        return []  # the reader of speech says why
    if length_s - until_s <= max(SILENT_S, SILENT_SHARE * length_s):
        return []
    facts: dict[str, str | int | float] = {
        "until_s": round(until_s, 1),
        "length_s": round(length_s, 1),
    }
    return [Note(code="video.sound_stops", facts=facts)]


def silence(heard_s: float, end: Watched) -> list[Note]:
    """Why nothing was heard: the sound is damaged, or nobody speaks."""
    claimed_s = end.probe.sound_end_s - end.probe.sound_delay_s
    if claimed_s - heard_s > CUT_SHORT_S:
        return [
            Note(
                code="video.sound_damaged",
                facts={"heard_s": round(heard_s, 1), "claimed_s": round(claimed_s, 1)},
            )
        ]
    return [Note(code="video.no_speech")]


def later(piece: Evidence, delay_s: float) -> Evidence:
    """Times that count from the first picture, not from the first sound."""
    if abs(delay_s) < 0.02 or not isinstance(piece.where, TimeSpan):
        return piece
    where = TimeSpan(
        start_s=round(max(0.0, piece.where.start_s + delay_s), 2),
        end_s=round(max(0.0, piece.where.end_s + delay_s), 2),
    )
    words = tuple(
        replace(word, start_s=word.start_s + delay_s, end_s=word.end_s + delay_s)
        for word in piece.words
    )
    return replace(piece, where=where, words=words)
