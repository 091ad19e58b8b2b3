"""The panels of the video page that change: state, timeline, frames, events, search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from demo.films.clip import Clip, Still
from demo.films.moments import Moments
from demo.papers.panels import OpenCited, cited_line, task_line
from demo.papers.session import Session
from demo.present import Words, clock, esc, notes_list
from pipelines.drafting.question import Cited
from pipelines.readers.timeline import Chapter, VideoEvent
from pipelines.types import FrameSpot

Sign = Callable[[str], str]
"""What a link is for -> its token."""
TRACKS = ("scene", "words", "speech", "motion", "shows", "seen")
TRACK_OF = {"clock": "words"}
MOST_BLOCKS = 500
"""On one track."""
LATEST = 60
"""So many events are drawn while more are found; all of them in the end."""


def reel_panel(words: Words, clip: Clip, sign: Sign) -> str:
    """Name, length, how far it is, how to stop; and what the player needs to know."""
    link = esc(sign(str(clip.number)))
    plays = f' data-file="/films/{link}/file"' if clip.plays else ""
    return (
        f'<section class="mw-reel is-{clip.state}" id="mw-reel" data-link="/films/{link}"{plays}'
        f' data-length="{clip.length_s:.2f}" data-name="{esc(clip.name)}">'
        f'<div class="mw-reel-top"><h2 dir="auto">{esc(clip.name)}</h2>'
        f'<span class="mw-soft">{clock(clip.length_s)}</span></div>{_progress(words, clip)}'
        "</section>"
    )


def _progress(words: Words, clip: Clip) -> str:
    if clip.error is not None:
        return f'<p class="mw-said-here" role="alert">{esc(words.error(clip.error))}</p>'
    if clip.state == "cancelled":
        return f'<p class="mw-hint">{words("stopped")}</p>'
    if clip.state not in ("waiting", "reading"):
        return ""
    share = clip.fraction or 0.0
    key = "waiting" if clip.state == "waiting" else "listening" if clip.listening else "looking"
    bar = f'<div class="mw-bar"><i style="width:{max(0.03, share):.0%}"></i></div>'
    percent = f" <b>{share:.0%}</b>" if share else ""
    return (
        f'{bar}<div class="mw-row"><p role="status">{words(key)}{percent}</p>'
        f'<button type="button" class="mw-quiet" data-stop="sheet" data-number="{clip.number}">'
        f"{words('stage.cancel')}</button></div>"
    )


def line_panel(words: Words, clip: Clip) -> str:
    """The timeline under the player: a track for each kind of thing; all of it is also a list."""
    length_s = clip.length_s
    if length_s <= 0:
        return ""
    moments = Moments(clip)
    by_track: dict[str, list[VideoEvent]] = {name: [] for name in TRACKS}
    for event in clip.events():
        by_track[TRACK_OF.get(event.kind, event.kind)].append(event)
    rows = "".join(
        f'<div class="mw-track-name">{words(f"kind_{name}")}</div><div class="mw-track">'
        + "".join(_block(clip, event, moments) for event in by_track[name][:MOST_BLOCKS])
        + "</div>"
        for name in TRACKS
        if by_track[name]
    )
    return (
        f'<div class="mw-line" id="mw-line" aria-label="{words("timeline")}">'
        f'<div class="mw-tracks">{rows}<div class="mw-head-lane"><i class="mw-head" id="mw-head">'
        f"</i></div></div>{_scale(length_s)}</div>"
    )


def _block(clip: Clip, event: VideoEvent, moments: Moments) -> str:
    left = 100 * event.start_s / clip.length_s
    wide = max(0.4, 100 * (event.end_s - event.start_s) / clip.length_s)
    title = esc(f"{clock(event.start_s)} {event.text}")
    face = esc(event.text) if wide > 7 else ""
    return (
        f'<button type="button" tabindex="-1" class="mw-block is-{event.kind}"'
        f"{_data(clip, event, moments)}"
        f' style="left:{left:.2f}%;width:{min(wide, 100 - left):.2f}%" title="{title}"'
        f' aria-label="{title}">{face}</button>'
    )


def _data(clip: Clip, event: VideoEvent, moments: Moments) -> str:
    piece = clip.piece(event.evidence[0]) if event.evidence and event.kind != "scene" else None
    box = piece.where.box_px if piece and isinstance(piece.where, FrameSpot) else None
    return moments.data(event.start_s, event.end_s, box)


def _scale(length_s: float) -> str:
    marks = "".join(f"<span>{clock(length_s * part / 4)}</span>" for part in range(5))
    return f'<div class="mw-scale" aria-hidden="true">{marks}</div>'


def strip_panel(words: Words, clip: Clip, sign: Sign) -> str:
    """The frames that were really looked at, blurred, each with its time."""
    if not clip.stills:
        return f'<p class="mw-soft mw-empty">{words("no_frames")}</p>'
    link = esc(sign(str(clip.number)))
    made = "".join(
        f'<button type="button" class="mw-still" data-at="{still.time_s:.2f}"'
        f' data-until="{still.time_s:.2f}" data-box="" data-still="{still.number}"'
        f' aria-label="{_still_label(words, still)}">'
        f'<img loading="lazy" alt="" src="/films/{link}/frame/{still.number}?size=small">'
        f"<span>{clock(still.time_s)}{_eye(words, still)}</span></button>"
        for still in clip.stills
    )
    count = words("frames_count", count=len(clip.stills))
    if by_model := sum(still.by_model for still in clip.stills):
        count += f" · {words('frames_by_model', count=by_model)}"
    return (
        f'<section aria-label="{count}"><p class="mw-soft mw-strip-say">{count}</p>'
        f'<div class="mw-strip" id="mw-strip">{made}</div></section>'
    )


def _still_label(words: Words, still: Still) -> str:
    label = words("frame_at", time=clock(still.time_s))
    return f"{label} · {words('by_model')}" if still.by_model else label


def _eye(words: Words, still: Still) -> str:
    """The mark of a frame that the model itself looked at."""
    if not still.by_model:
        return ""
    return f' <i class="mw-eye" aria-hidden="true" title="{words("by_model")}">◉</i>'


# --- what happened -----------------------------------------------------------------------------


def events_panel(words: Words, clip: Clip) -> str:
    """Summary, chapters, and every event with its time."""
    events = clip.events()
    if not events:
        return f'<p class="mw-soft mw-empty">{words("events_none")}</p>'
    moments = Moments(clip)
    shown = events if clip.footage is not None else events[-LATEST:]
    cuts = clip.footage is not None
    rows = "".join(_event_row(words, clip, event, moments, cuts=cuts) for event in shown)
    summary = chapters = ""
    if clip.footage is not None:
        line = clip.footage.timeline
        lines = "".join(f"<p dir='auto'>{esc(one)}</p>" for one in line.summary.split("\n"))
        summary = f'<div class="mw-summary">{lines}</div>'
        chapters = _chapters(words, line.chapters, moments)
    return f'{summary}{chapters}<ol class="mw-events">{rows}</ol>'


def _event_row(words: Words, clip: Clip, event: VideoEvent, moments: Moments, *, cuts: bool) -> str:
    time = clock(event.start_s)
    if clock(event.end_s) != time:
        time += f"–{clock(event.end_s)}"
    scissors = ""
    if cuts and event.end_s > event.start_s:  # a moment alone can't be cut out
        label = words("cut_event", time=clock(event.start_s))
        scissors = (
            f'<button type="button" class="mw-cut" data-cut="{event.start_s:.2f}"'
            f' data-cut-until="{event.end_s:.2f}" aria-label="{label}" title="{label}">✂</button>'
        )
    kind = TRACK_OF.get(event.kind, event.kind)
    return (
        f'<li class="is-{event.kind}"><button type="button" class="mw-event"'
        f'{_data(clip, event, moments)}><span class="mw-event-time">{time}</span>'
        f'<span class="mw-event-text" dir="auto"><small>{words(f"kind_{kind}")}</small>'
        f"{esc(event.text)}</span></button>{scissors}</li>"
    )


def _chapters(words: Words, chapters: Sequence[Chapter], moments: Moments) -> str:
    if len(chapters) < 2:
        return ""
    rows = "".join(
        f'<li><button type="button" class="mw-event"{moments.data(c.start_s, c.end_s)}>'
        f'<span class="mw-event-time">{clock(c.start_s)}</span>'
        f'<span class="mw-event-text" dir="auto">{esc(c.title)}</span></button></li>'
        for c in chapters
    )
    return (
        f'<details class="mw-more" open><summary>{words("chapters")}</summary>'
        f'<ol class="mw-events is-chapters">{rows}</ol></details>'
    )


def found_panel(words: Words, session: Session, open_: OpenCited) -> str:
    """What the last search found."""
    task = session.latest("search")
    if task is None:
        return ""
    hits = task.result
    if not isinstance(hits, tuple):
        return f'<div class="mw-found">{task_line(words, task, "searching")}</div>'
    cited = [hit for hit in hits if isinstance(hit, Cited)]
    head = f'<p class="mw-question" dir="auto">{esc(task.question)}</p>'
    rows = "".join(cited_line(words, hit, "", open_) for hit in cited)
    rows = rows or f'<p class="mw-soft">{words("search_nothing")}</p>'
    return f'<div class="mw-found">{head}{rows}</div>'


# --- frames -------------------------------------------------------------------------------------


def frames_panel(words: Words, clip: Clip, sign: Sign) -> str:
    """What changed between the ends, and what the reader says about its frames."""
    footage = clip.footage
    if footage is None:
        return f'<p class="mw-soft mw-empty">{words("changes_none")}</p>'
    link = esc(sign(str(clip.number)))
    moments, changes, stills = Moments(clip), footage.timeline.changes, clip.stills
    notes = [note for note in footage.video.notes if note.code.startswith("video.")]
    if changes is None:
        return notes_list(words, notes)
    box = moments.box(changes.box_px)
    ends = "".join(
        f'<button type="button" class="mw-end" data-at="{stills[n].time_s:.2f}"'
        f' data-until="{stills[n].time_s:.2f}" data-box="{box}" data-still="{stills[n].number}">'
        f'<span class="mw-end-frame"><img loading="lazy" alt=""'
        f' src="/films/{link}/frame/{stills[n].number}?size=page">{_marked(box)}</span>'
        f"<span>{words(key)} · {clock(stills[n].time_s)}</span></button>"
        for n, key in ((changes.first, "first"), (changes.last, "last"))
    )
    lines = "".join(f'<li dir="auto">{esc(sentence)}</li>' for sentence in changes.sentences)
    return (
        f'<h3>{words("changes")}</h3><div class="mw-ends">{ends}</div>'
        f'<ul class="mw-points">{lines}</ul>{notes_list(words, notes)}'
    )


def _marked(box: str) -> str:
    if not box:
        return ""
    left, top, right, bottom = (100 * float(edge) for edge in box.split(","))
    return (
        f'<i class="mw-end-box" style="left:{left:.1f}%;top:{top:.1f}%;'
        f'width:{right - left:.1f}%;height:{bottom - top:.1f}%"></i>'
    )
