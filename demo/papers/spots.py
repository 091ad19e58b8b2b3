"""Evidence -> a button that opens its file and page in the viewer with the box marked."""

from __future__ import annotations

from collections.abc import Sequence

from demo.papers.session import Session
from demo.present import Words, esc, view_mark
from pipelines.drafting.question import Cited
from pipelines.types import Evidence, Origin, PageSpot

MARGIN = 0.004
"""Of a page: so much larger than the words is the mark around them."""
LONGEST_LABEL = 90


class Spots:
    """Where the files of a session and their pages are; made anew for each panel."""

    def __init__(self, session: Session) -> None:
        read = session.read
        self._numbers = {s.media.sha256: s.number for s in read if s.media is not None}
        self._names = {s.number: s.name for s in read}
        self._pages = {s.number: s.paper.pages.pages for s in read if s.paper is not None}
        self.several = len(read) > 1

    def number_of(self, source: str) -> int | None:
        """The file's number by its sha256; None where it is no longer there."""
        return self._numbers.get(source)

    def button(
        self,
        words: Words,
        source: str,
        spot: PageSpot,
        label: str,
        *,
        shown: str = "",
        origin: Origin = "reader",
    ) -> str:
        """Opens the spot; `shown` stands on it, by default file and page."""
        number = self._numbers.get(source)
        if number is None:
            return ""
        page = words("papers.on_page", page_no=spot.page_no)
        name = esc(_short(self._names[number])) + " · " if self.several else ""
        title = words("papers.open", page_no=spot.page_no, label=_cut(label))
        return (
            f'<button type="button" class="mw-cite mw-spot" data-open="{number}"'
            f' data-page="{spot.page_no}" data-box="{self._box(number, spot)}"'
            f' aria-label="{title}" title="{title}"><span aria-hidden="true">◧</span>'
            f" {esc(shown) if shown else name + page}{view_mark(words, origin)}</button>"
        )

    def cited(self, words: Words, cited: Cited) -> str:
        """See demo.papers.panels.OpenCited."""
        if not isinstance(cited.where, PageSpot):
            return ""
        return self.button(words, cited.source, cited.where, cited.quote, origin=cited.origin)

    def chip(self, words: Words, piece: Evidence, index: int, claim: str) -> str:
        """See demo.form.Chip."""
        _ = index
        if not isinstance(piece.where, PageSpot):
            return ""
        return self.button(words, piece.source, piece.where, claim, origin=piece.origin)

    def _box(self, number: int, spot: PageSpot) -> str:
        """Left, top, right, bottom as shares of the page."""
        pages = self._pages[number]
        page = next((p for p in pages if p.page_no == spot.page_no), None)
        if page is None or page.width_pt <= 0 or page.height_pt <= 0:
            return ""
        left, top, right, bottom = spot.box_pt
        edges: Sequence[float] = (
            left / page.width_pt - MARGIN,
            top / page.height_pt - MARGIN,
            right / page.width_pt + MARGIN,
            bottom / page.height_pt + MARGIN,
        )
        return ",".join(f"{min(1.0, max(0.0, edge)):.4f}" for edge in edges)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:9]}…{name[-8:]}"
