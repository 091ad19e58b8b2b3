"""The panel of a camera that is watched: the newest windows, each with what is seen in it."""

from __future__ import annotations

from demo.films.live import LiveWatch, ShownWindow
from demo.present import Words, clock, esc
from pipelines.readers.looked import moves


def live_panel(words: Words, watch: LiveWatch, link: str) -> str:
    """State first, then the windows, the newest on top. `link` is the token of its pictures."""
    rows = "".join(_row(words, shown, link) for shown in reversed(watch.windows))
    listed = f'<ol class="mw-live-list">{rows}</ol>' if rows else ""
    return f'<section aria-label="{words("live")}">{_state(words, watch)}{listed}</section>'


def _state(words: Words, watch: LiveWatch) -> str:
    if watch.error is not None:
        return f'<p class="mw-said-here" role="alert">{esc(words.error(watch.error))}</p>'
    if watch.state == "ended":
        return f'<p class="mw-hint" role="status">{words("live_over")}</p>'
    if watch.state == "opening":
        return (
            '<div class="mw-bar is-unknown"><i></i></div>'
            f'<p class="mw-soft" role="status">{words("live_opening")}</p>'
        )
    told = words("live_running", count=watch.count, dropped=watch.dropped)
    return f'<p class="mw-soft" role="status"><i class="mw-live-dot"></i>{told}</p>'


def _row(words: Words, shown: ShownWindow, link: str) -> str:
    time = f"{clock(shown.start_s)}–{clock(shown.end_s)}"
    picture = (
        f'<img alt="{words("live_frame", time=time)}" src="/films/{esc(link)}/live/{shown.number}">'
        if shown.jpeg
        else ""
    )
    return (
        f'<li><span class="mw-live-frame">{picture}</span><div><b class="mw-event-time">{time}</b>'
        f'<ul class="mw-live-said">{_said(words, shown)}</ul></div></li>'
    )


def _said(words: Words, shown: ShownWindow) -> str:
    lines = [("words", text) for text in shown.texts]
    lines += [("motion", one) for one in {moves(m, words.language): 0 for m in shown.motion}]
    if shown.cuts:
        lines.append(("scene", words.plain("live_cuts", count=shown.cuts)))
    if not lines:
        return f'<li class="mw-soft">{words("live_still")}</li>'
    return "".join(
        f'<li dir="auto"><small>{words(f"kind_{kind}")}</small>{esc(line)}</li>'
        for kind, line in lines
    )
