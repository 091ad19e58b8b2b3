"""A case of several files: who said what where, file by file, and what opens each place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from demo.panels import redraft_box, segment
from demo.present import Words, clock, esc, play_button, view_mark
from demo.store.views import CaseView, StoredMedia
from pipelines.types import Evidence, FrameSpot, PageSpot, TimeSpan

SHOWN_LINES = 8
"""Of a paper or a clip; the rest opens by a click, and where a citation points to it."""
MARGIN = 0.004
"""Of a page: so much larger than the words is the mark around them."""
LONGEST_LABEL = 90
LONGEST_SNIPPET = 12
"""Of the cited line, on its chip: a page holds many."""
KEY = 12
"""Letters of a sha256 that tell the files of one case apart in the page."""
Sign = Callable[[StoredMedia], str]
"""A file -> the token of its link."""


class Sources:
    """Names and kinds of a case's files by the source of its evidence."""

    def __init__(self, media: Sequence[StoredMedia]) -> None:
        self._media = {entry.sha256: entry for entry in media}
        self.several = len(media) > 1

    def chip(self, words: Words, piece: Evidence, index: int, claim: str) -> str:
        """See demo.form.Chip: the second of a recording or clip, or the box on a page."""
        name = self._short(piece.source) if self.several else ""
        if isinstance(piece.where, PageSpot):
            return page_button(words, piece, index, piece.where, name=name, claim=claim)
        return play_button(words, piece, index, cited=claim, source=piece.source[:KEY], name=name)

    def _short(self, source: str) -> str:
        entry = self._media.get(source)
        name = entry.name if entry is not None else ""
        return name if len(name) <= 18 else f"{name[:9]}…{name[-8:]}"


def page_button(
    words: Words, piece: Evidence, index: int, spot: PageSpot, *, name: str = "", claim: str = ""
) -> str:
    """Opens the page with the box marked; `claim` is what rests on it."""
    page = words("files.on_page", page_no=spot.page_no)
    label = words("files.open", page_no=spot.page_no, label=_cut(claim or piece.text))
    front = f"{esc(name)} · " if name else ""
    line = f" “{esc(_cut(piece.text, LONGEST_SNIPPET))}”" if claim else ""
    line += view_mark(words, piece.origin) if claim else ""
    return (
        f'<button type="button" class="{"mw-cite" if claim else "mw-time"} mw-spot"'
        f' data-open="{piece.source[:KEY]}" data-page="{spot.page_no}" data-box="{_box(spot)}"'
        f' data-seg="{index}" aria-label="{label}" title="{label}">'
        f'<span aria-hidden="true">◧</span> {front}{page}{line}</button>'
    )


def _box(spot: PageSpot) -> str:
    """Left, top, right, bottom as shares of the page; empty where its size is not known."""
    if spot.page_pt is None or min(spot.page_pt) <= 0:
        return ""
    width, height = spot.page_pt
    left, top, right, bottom = spot.box_pt
    edges = (
        left / width - MARGIN,
        top / height - MARGIN,
        right / width + MARGIN,
        bottom / height + MARGIN,
    )
    return ",".join(f"{min(1.0, max(0.0, edge)):.4f}" for edge in edges)


def _cut(text: str, longest: int = LONGEST_LABEL) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def files_panel(words: Words, view: CaseView, sign: Sign, *, plays: bool = True) -> str:
    """The files of the case, with a player for each that plays, unless `plays` is False."""
    rows = "".join(_file(words, entry, sign(entry), plays=plays) for entry in view.media)
    return (
        f'<section class="mw-files" aria-labelledby="mw-files-h"><h2 id="mw-files-h">'
        f"{words('files.heading', count=len(view.media))}</h2><ul>{rows}</ul></section>"
    )


def _file(words: Words, entry: StoredMedia, token: str, *, plays: bool) -> str:
    key = entry.sha256[:KEY]
    name = esc(entry.name or words.plain(f"files.{entry.kind}"))
    long = f" · {clock(entry.duration_s)}" if entry.duration_s else ""
    what = f'<b dir="auto">{name}</b><small>{words(f"files.{entry.kind}")}{long}</small>'
    attributes = (
        f'data-media="{key}" controls preload="metadata" src="/media/{esc(token)}"'
        f' aria-label="{name}"'
    )
    player = ""
    if not plays and entry.kind in ("voice", "video"):
        player = ""
    elif entry.kind == "voice":
        player = f"<audio {attributes}></audio>"
    elif entry.kind == "video":
        player = f"<video {attributes} playsinline></video>"
    else:
        what = (
            f'<button type="button" class="mw-file-open" data-open="{key}" data-page="1"'
            f' data-box="">{what}</button>'
        )
    return (
        f'<li class="mw-file is-{entry.kind}" data-file="{key}" data-link="{esc(token)}"'
        f' data-name="{name}">{what}{player}</li>'
    )


def evidence_panel(
    words: Words,
    media: Sequence[StoredMedia],
    evidence: Sequence[Evidence],
    *,
    heard: Sequence[str] = (),
    editable: bool = False,
    reading: bool = False,
    version: int = 0,
) -> str:
    """What was said, written and shown, file by file. `heard`, `version`: as a transcript's."""
    heading = f"<h2>{words('files.evidence')}</h2>"
    by_source: dict[str, list[int]] = {}
    for index, piece in enumerate(evidence):
        by_source.setdefault(piece.source, []).append(index)
    waiting = f'<p class="mw-soft mw-pulse">{words("files.reading")}</p>' if reading else ""
    doubts = any(word.unsure for piece in evidence for word in piece.words)
    hint = f'<p class="mw-hint">{words("transcript.unsure")}</p>' if doubts and editable else ""
    groups = "".join(
        _group(words, entry, by_source[entry.sha256], evidence, heard, editable=editable)
        for entry in media
        if entry.sha256 in by_source
    )
    changed = any(was != piece.text for was, piece in zip(heard, evidence, strict=False))
    redraft = redraft_box(words) if changed and editable else ""
    body = f'<div data-case-version="{version}">{groups}</div>'
    return f"{heading}{hint}{body}{waiting}{redraft}"


def _group(
    words: Words,
    entry: StoredMedia,
    indices: Sequence[int],
    evidence: Sequence[Evidence],
    heard: Sequence[str],
    *,
    editable: bool,
) -> str:
    rows = [
        _row(words, evidence[i], i, heard[i] if i < len(heard) else evidence[i].text, editable)
        for i in indices
    ]
    spoken = sum(bool(evidence[i].words) for i in indices)
    first = len(rows) if spoken or len(rows) <= SHOWN_LINES + 2 else SHOWN_LINES
    rest = ""
    if rows[first:]:
        label = words("files.more", count=len(rows) - first)
        rest = (
            f'<details class="mw-rest"><summary>{label}</summary>'
            f'<ol class="mw-segs">{"".join(rows[first:])}</ol></details>'
        )
    name = esc(entry.name or words.plain(f"files.{entry.kind}"))
    return (
        f'<section class="mw-group is-{entry.kind}"><h3><b dir="auto">{name}</b>'
        f"<small>{words(f'files.{entry.kind}')}</small></h3>"
        f'<ol class="mw-segs">{"".join(rows[:first])}</ol>{rest}</section>'
    )


def _row(words: Words, piece: Evidence, index: int, heard: str, editable: bool) -> str:
    where, source = piece.where, piece.source[:KEY]
    if isinstance(where, TimeSpan):
        return segment(
            words, piece, index, heard, editable=editable and bool(piece.words), source=source
        )
    if isinstance(where, FrameSpot):
        opener = play_button(words, piece, index, source=source)
    else:
        opener = page_button(words, piece, index, where)
    return (
        f'<li class="mw-seg is-line" id="mw-seg-{index}" data-source="{source}">{opener}'
        f'<p class="mw-said" lang="{esc(piece.language)}" dir="auto">{esc(piece.text)}'
        f"{view_mark(words, piece.origin)}</p></li>"
    )


def add_box(words: Words, limit: int, count: int, *, filed: bool = False) -> str:
    """How to hand in more; nothing where the case is full. `filed`: the draft stays as it is."""
    hint = words("files.add_filed" if filed else "files.add_hint", limit=limit)
    if count >= limit:
        return f'<p class="mw-soft">{words("files.full", limit=limit)}</p>'
    return (
        '<div class="mw-add"><label class="mw-secondary mw-pick"><input type="file" multiple'
        f' id="mw-add-file"><span aria-hidden="true">＋</span> {words("files.add")}</label>'
        f'<p class="mw-soft" id="mw-add-said">{hint}</p></div>'
    )
