"""Evidence -> what makes the player jump: the second, the box in the picture, the nearest frame."""

from __future__ import annotations

from demo.films.clip import Clip
from demo.present import Words, clock, view_mark
from pipelines.drafting.question import Cited
from pipelines.types import Box, Evidence, FrameSpot, Origin, PageSpot, TimeSpan, Where

MARGIN = 0.006
"""Of the picture: so much larger than the words is the mark around them."""
WHOLE = 0.97
"""A box over so much of both sides marks nothing."""
LONGEST_LABEL = 90


class Moments:
    """Made anew for each panel."""

    def __init__(self, clip: Clip) -> None:
        self._size = clip.size_px
        self._stills = clip.stills

    def data(self, start_s: float, end_s: float, box_px: Box | None = None) -> str:
        """The attributes that the page's script reads from whatever is clicked."""
        still = self.still(start_s, end_s)
        return (
            f' data-at="{start_s:.2f}" data-until="{end_s:.2f}" data-box="{self.box(box_px)}"'
            f' data-still="{still}"'
        )

    def where(self, where: Where) -> str:
        """The same of a place."""
        start_s, end_s = span(where)
        return self.data(start_s, end_s, where.box_px if isinstance(where, FrameSpot) else None)

    def still(self, start_s: float, end_s: float) -> int:
        """The frame that shows it: the first inside, else the last before; 0 for none."""
        inside = [s.number for s in self._stills if start_s <= s.time_s <= end_s]
        before = [s.number for s in self._stills if s.time_s <= end_s]
        return inside[0] if inside else before[-1] if before else 0

    def box(self, box_px: Box | None) -> str:
        """Left, top, right, bottom as shares of the picture; empty where nothing is marked."""
        wide, high = self._size
        if box_px is None or not wide or not high:
            return ""
        left, top, right, bottom = box_px
        if right - left >= WHOLE * wide and bottom - top >= WHOLE * high:
            return ""
        edges = (
            left / wide - MARGIN,
            top / high - MARGIN,
            right / wide + MARGIN,
            bottom / high + MARGIN,
        )
        return ",".join(f"{min(1.0, max(0.0, edge)):.4f}" for edge in edges)

    def button(self, words: Words, where: Where, label: str, origin: Origin = "reader") -> str:
        """Jumps there; the time stands on it."""
        if isinstance(where, PageSpot):
            return ""
        start_s, end_s = span(where)
        shown = clock(start_s)
        title = words("jump", time=shown, label=cut(label))
        if clock(end_s) != shown:
            shown = f"{shown}–{clock(end_s)}"
        return (
            f'<button type="button" class="mw-cite mw-moment"{self.where(where)}'
            f' aria-label="{title}" title="{title}"><span aria-hidden="true">▶</span> {shown}'
            f"{view_mark(words, origin)}</button>"
        )

    def chip(self, words: Words, piece: Evidence, index: int, claim: str) -> str:
        """See demo.form.Chip."""
        _ = index
        return self.button(words, piece.where, claim, piece.origin)

    def cited(self, words: Words, cited: Cited) -> str:
        """See demo.papers.panels.OpenCited."""
        return self.button(words, cited.where, cited.quote, cited.origin)


def span(where: Where) -> tuple[float, float]:
    """(start_s, end_s) of a place in a video."""
    if isinstance(where, TimeSpan):
        return where.start_s, where.end_s
    if isinstance(where, FrameSpot):
        return where.time_s, where.time_s if where.end_s is None else where.end_s
    return 0.0, 0.0


def cut(text: str) -> str:
    """For a label, which is escaped later."""
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
