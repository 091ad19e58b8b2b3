"""Words on the picture, and which of them on frames that follow each other are one text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from pipelines.readers.boxes import overlap
from pipelines.types import Box, Language
from pipelines.writing import squeezed

PLACE, JUMP_SHARE = 0.5, 0.7
SAME, GAP_S = 74.0, 0.35
"""Texts so alike (of 100), this near in time and in one place are one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenText:
    """Words on the picture. `box_px` in pixels of the upright frame, at `start_s`."""

    text: str
    confidence: float
    language: Language
    start_s: float
    end_s: float
    box_px: Box
    clock_s: float | None = None
    """Of a clock: its seconds of the day at `start_s`."""
    votes: int = 0
    """Of a clock: how many readings fit it."""
    dates: tuple[tuple[str, int], ...] = ()
    """Dates beside it, and how many readings say so."""


def is_clocklike(text: str, share: float = 0.6) -> bool:
    """True for what is mostly figures and the marks between those of a clock."""
    signs = [sign for sign in text if not sign.isspace()]
    digits = sum(sign.isdigit() for sign in signs)
    marks = sum(sign in ":-./" for sign in signs)
    return digits >= 4 and digits >= 0.6 * len(signs) and digits + marks >= share * len(signs)


def clock_text(seconds: float, date: str) -> str:
    """Such as 2026-03-28 11:15:10."""
    whole = round(seconds) % 86_400
    time = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{date} {time}" if date else time


def merged(texts: Sequence[ScreenText]) -> list[ScreenText]:
    """One text for the same words on frames that follow each other, by their starts."""
    done: list[ScreenText] = []
    for text in sorted(_one_clock(texts), key=lambda text: (text.start_s, text.end_s)):
        at = next((n for n in reversed(range(len(done))) if _is_same(done[n], text)), None)
        if at is None:
            done.append(text)
        else:
            done[at] = _joined(done[at], text)
    return [text for text in done if not any(_is_fragment(text, other) for other in done)]


def _one_clock(texts: Sequence[ScreenText]) -> list[ScreenText]:
    """Clocks in one place that contradict the one with most readings show what that one shows.

    Thin print is misread the same way again and again (9 as 0), so a few readings may agree and be
    wrong; a clock that truly jumps, in a film that was cut, has about as many readings itself.
    """
    clocks = [text for text in texts if text.clock_s is not None]
    out = []
    for text in texts:
        if text.clock_s is None:
            out.append(text)
            continue
        there = [other for other in clocks if overlap(other.box_px, text.box_px) >= PLACE]
        support = {id(one): sum(o.votes for o in there if _fits(one, o)) for one in there}
        best = max(there, key=lambda one: support[id(one)])
        mine = sum(other.votes for other in there if _fits(text, other))
        if not _fits(text, best) and mine < JUMP_SHARE * support[id(best)]:
            at = (best.clock_s or 0.0) + text.start_s - best.start_s
            date = best.text.rpartition(" ")[0]
            text = replace(text, clock_s=at, text=clock_text(at, date), dates=best.dates)
        out.append(text)
    return out


def _fits(a: ScreenText, b: ScreenText) -> bool:
    return abs(((b.clock_s or 0.0) - (a.clock_s or 0.0)) - (b.start_s - a.start_s)) <= 2.0


def _is_same(a: ScreenText, b: ScreenText) -> bool:
    if b.start_s - a.end_s > GAP_S:
        return False
    if a.clock_s is not None and b.clock_s is not None:
        return _fits(a, b)
    if a.clock_s is not None or b.clock_s is not None:  # the same clock, badly read
        other = b if b.clock_s is None else a
        return is_clocklike(other.text) and overlap(a.box_px, b.box_px) >= 0.5
    return fuzz.ratio(squeezed(a.text), squeezed(b.text)) >= SAME and _near(a.box_px, b.box_px)


def _near(a: Box, b: Box) -> bool:
    """Sizes and places that one sign has while it or the camera moves."""
    high = max(a[3] - a[1], b[3] - b[1])
    apart = max(
        abs((a[0] + a[2]) - (b[0] + b[2])) / 2,
        abs((a[1] + a[3]) - (b[1] + b[3])) / 2,
    )
    return apart <= max(6 * high, 0.6 * (a[2] - a[0]))


def _joined(a: ScreenText, b: ScreenText) -> ScreenText:
    """The surer words over both times; of a clock the earlier start with the surer reading."""
    sure = max(a, b, key=lambda text: (text.clock_s is not None, text.confidence))
    end_s = max(a.end_s, b.end_s)
    if sure.clock_s is not None:
        at_start = sure.clock_s - (sure.start_s - a.start_s)
        dates = Counter(dict(a.dates)) + Counter(dict(b.dates))
        date = dates.most_common(1)[0][0] if dates else ""
        return replace(
            a,
            text=clock_text(at_start, date),
            clock_s=at_start,
            dates=tuple(dates.items()),
            end_s=end_s,
            confidence=sure.confidence,
            votes=a.votes + b.votes,
        )
    return replace(sure, start_s=min(a.start_s, b.start_s), end_s=end_s, box_px=a.box_px)


def _is_fragment(text: ScreenText, other: ScreenText) -> bool:
    """A part of a longer text in the same place at the same time."""
    if other is text or len(squeezed(other.text)) <= len(squeezed(text.text)):
        return False
    inside = text.start_s >= other.start_s - GAP_S and text.end_s <= other.end_s + GAP_S
    overlap = min(text.box_px[3], other.box_px[3]) - max(text.box_px[1], other.box_px[1])
    return (
        inside
        and overlap > 0
        and fuzz.partial_ratio(squeezed(text.text), squeezed(other.text)) >= SAME
    )
