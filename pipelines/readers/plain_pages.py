"""Plain text -> pages: set as a typewriter would, so that every line has a page and a box."""

from __future__ import annotations

import re
import unicodedata

from pipelines.errors import MediaMissing, MediaUndecodable
from pipelines.readers.boxes import union
from pipelines.readers.pages import Block, Line, Page, PagedDocument
from pipelines.types import Cancel, MediaFile, OnEvent, ignore

WIDTH_PT, HEIGHT_PT, MARGIN_PT = 595.0, 842.0, 56.0
SIZE_PT, LEADING_PT = 10.0, 16.0
ENCODINGS = ("utf-8-sig", "cp949", "utf-16")


class PlainTextReader:
    """See readers.documents.DocumentReader."""

    def read(
        self, media: MediaFile, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> PagedDocument:
        """Paragraphs are what empty lines part. Raises MediaMissing, MediaUndecodable."""
        del on_event
        setter = _Setter()
        for paragraph in re.split(r"\n\s*\n", _text_of(media)):
            if cancel is not None:
                cancel.check()
            setter.add(paragraph.strip("\n"))
        return PagedDocument(pages=tuple(setter.pages()), preview=media.path)


def _text_of(media: MediaFile) -> str:
    try:
        raw = media.path.read_bytes()
    except OSError as exc:
        raise MediaMissing from exc
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ENCODINGS[::-1] if marked else ENCODINGS[:2]:
        try:
            return (
                raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
            )
        except UnicodeDecodeError:
            continue
    raise MediaUndecodable


class _Setter:
    def __init__(self) -> None:
        self._pages: list[list[Block]] = [[]]
        self._top = MARGIN_PT

    def add(self, paragraph: str) -> None:
        run: list[Line] = []
        rows = [part for line in paragraph.split("\n") for part in _broken(line.expandtabs(4))]
        for row in rows:
            if self._top + LEADING_PT > HEIGHT_PT - MARGIN_PT:
                self._close(run)
                run, self._top = [], MARGIN_PT
                self._pages.append([])
            if row.strip():
                right = MARGIN_PT + _width(row)
                left = MARGIN_PT + _width(row[: len(row) - len(row.lstrip())])
                box = (left, self._top, right, self._top + SIZE_PT + 2)
                run.append(Line(text=row.strip(), box_pt=box))
            self._top += LEADING_PT
        self._close(run)
        self._top += LEADING_PT / 2

    def pages(self) -> list[Page]:
        return [
            Page(page_no=number, width_pt=WIDTH_PT, height_pt=HEIGHT_PT, blocks=tuple(blocks))
            for number, blocks in enumerate(self._pages, start=1)
        ]

    def _close(self, run: list[Line]) -> None:
        if run:
            box = union(line.box_pt for line in run)
            text = "\n".join(line.text for line in run)
            self._pages[-1].append(Block(kind="text", text=text, box_pt=box, lines=tuple(run)))


def _width(text: str) -> float:
    return SIZE_PT * sum(1.0 if unicodedata.east_asian_width(s) in "WF" else 0.55 for s in text)


def _broken(line: str) -> list[str]:
    rows, room = [], WIDTH_PT - 2 * MARGIN_PT
    while _width(line) > room:
        at = len(line)
        while _width(line[:at]) > room:
            at -= max(1, (at - int(room / SIZE_PT)) // 2)
        cut = line.rfind(" ", 1, at + 1)
        at = cut if cut > at // 2 else at
        rows.append(line[:at])
        line = line[at:].lstrip()
    return [*rows, line]
