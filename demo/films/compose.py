"""The parts of the video page that don't change: start, player, tools, question and search."""

from __future__ import annotations

from collections.abc import Sequence

from demo.compose import main_begins, originals_switch
from demo.films import live_compose
from demo.films.samples import SampleClip
from demo.present import Words, clock, esc
from pipelines.readers.veil import MOST_S
from pipelines.settings import Settings

TOOLS = ("draft", "events", "ask", "frames", "files")
OWN_WORDS = (
    "uploading", "expired", "closed", "end_sure", "one_only", "cut_started", "live_insecure",
    "live_denied", "live_gone",
)  # fmt: skip
BARS = "M7 5h3v14H7zM14 5h3v14h-3z"
SPEAKER = "M4 9.500h4l5-4v13l-5-4H4z"
WAVES = "M16.500 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11"
CORNERS = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"
FILM_ICON = (
    '<svg viewBox="0 0 48 48" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"><rect x="5" y="10"'
    ' width="38" height="28" rx="4"/><path d="M5 18h38M14 10l-3 8M24 10l-3 8M34 10l-3 8"/>'
    '<path d="M21 24.500v7.500l6.500-3.750z" fill="currentColor"/></svg>'
)


def start(words: Words, settings: Settings, samples: Sequence[SampleClip]) -> str:
    """Where a clip is dropped, and what holds for it."""
    limits = words("limits", mb=settings.max_file_mb, minutes=int(settings.max_video_s // 60))
    too_large = words.plain("too_large", limit_mb=settings.max_file_mb)
    begins = main_begins(words, OWN_WORDS, {"compose.too_large": too_large})
    kept = words("kept", hours=f"{settings.keep_papers_h:g}")
    what = "".join(
        f"<li><b>{words(f'tool_{name}')}</b> {words(f'what_{name}')}</li>" for name in TOOLS
    )
    return (
        f"{begins}"
        f' data-limit="{settings.max_file_mb * 1_000_000}">'
        f'<div class="mw-hero"><h1>{words("hero")}</h1><p>{words("lead")}</p></div>'
        '<div class="mw-start"><div class="mw-side">'
        '<section class="mw-card mw-drop mw-paper-drop"'
        f' aria-labelledby="mw-drop-h"><span class="mw-drop-icon">{FILM_ICON}</span>'
        f'<h2 id="mw-drop-h">{words("drop")}</h2>'
        '<label class="mw-primary mw-pick"><input type="file" class="mw-files"'
        f' accept="video/*,.mkv,.avi,.ts,.gif">{words("choose")}</label>'
        f'<p class="mw-soft mw-small">{words("kinds")}<br>{limits}</p>'
        '<p class="mw-uploading" role="status" hidden></p>'
        '<p class="mw-said-here" id="mw-said" role="alert" hidden></p></section>'
        f"{live_compose.start(words, settings.live_hosts)}</div>"
        f'<div class="mw-side">{_samples(words, samples)}<section class="mw-card">'
        f'<h2>{words("what")}</h2><ul class="mw-what">{what}</ul>'
        f'<p class="mw-soft">{kept}</p></section></div></div></main>'
    )


def _samples(words: Words, samples: Sequence[SampleClip]) -> str:
    if not samples:
        return ""
    buttons = "".join(
        f'<li><button type="button" class="mw-sample" data-sample="{esc(sample.id)}">'
        f'<span class="mw-sample-top"><b>'
        f"{words('sample_speaks' if sample.speaks else 'sample_silent')}</b>"
        f"<small>{clock(sample.seconds)}</small></span>"
        f'<span lang="ko">{esc(" · ".join(sample.texts))}</span></button></li>'
        for sample in samples
    )
    return (
        '<section class="mw-card" aria-labelledby="mw-samples-h"><h2 id="mw-samples-h">'
        f'{words("samples")}</h2><p class="mw-soft">{words("samples_hint")}</p>'
        f'<ul class="mw-samples">{buttons}</ul></section>'
    )


def player(words: Words) -> str:
    """The player, or the frames where a browser can't play the file; the script fills both."""
    return (
        f'<section class="mw-player-box" aria-label="{words("player")}">'
        '<div class="mw-screen" id="mw-screen"><video id="mw-video" playsinline'
        ' preload="metadata" hidden></video><img id="mw-frame" alt="" hidden>'
        '<div class="mw-box" id="mw-box" hidden></div>'
        f'<p class="mw-soft mw-no-page" id="mw-no-film">{words("opening")}</p></div>'
        f"{_controls(words)}{originals_switch(words)}"
        f'<p class="mw-hint mw-cant" id="mw-cant" hidden>{words("cant_play")}</p></section>'
    )


def _controls(words: Words) -> str:
    """Below the picture, which they would hide otherwise; the range also works by keyboard."""

    def button(act: str, *faces: str) -> str:
        label = words(act)
        return (
            f'<button type="button" data-act="{act}" aria-label="{label}" title="{label}">'
            f"{''.join(faces)}</button>"
        )

    return (
        '<div class="mw-controls" id="mw-controls" hidden>'
        f"{button('play', _icon('still', 'M7 4.500v15l12-7.500z'), _icon('playing', BARS))}"
        f'<input type="range" id="mw-seek" min="0" max="1" step="0.05" value="0"'
        f' aria-label="{words("seek")}"><output id="mw-clock">0:00</output>'
        f"{button('mute', _icon('loud', SPEAKER + WAVES), _icon('muted', SPEAKER))}"
        f"{button('full', _icon('', CORNERS))}</div>"
    )


def _icon(when: str, path: str) -> str:
    kind = f' class="mw-when-{when}"' if when else ""
    return (
        f'<svg viewBox="0 0 24 24" aria-hidden="true"{kind} fill="currentColor"'
        f' stroke="currentColor" stroke-width="1.600"><path d="{path}"/></svg>'
    )


def bar(words: Words) -> str:
    """The end of the work."""
    return (
        '<div class="mw-film-top"><button type="button" class="mw-quiet" data-act="end">'
        f"{words('end')}</button></div>"
    )


def tools(words: Words) -> str:
    """What can be done with the clip, as tabs."""
    made = "".join(
        f'<button type="button" role="tab" id="mw-tab-{name}" data-tool="{name}"'
        f' aria-selected="{"true" if name == TOOLS[0] else "false"}">'
        f"{words(f'tool_{name}')}</button>"
        for name in TOOLS
    )
    return f'<div class="mw-tools" role="tablist" aria-label="{words("tools")}">{made}</div>'


def question(words: Words) -> str:
    """The question box."""
    return _box(words, "ask", 400)


def search(words: Words) -> str:
    """Where words are looked for in the clip."""
    return _box(words, "search", 200)


def _box(words: Words, name: str, most: int) -> str:
    field = "mw-question" if name == "ask" else "mw-search-words"
    return (
        f'<form class="mw-ask" id="mw-{name}"><label for="{field}">{words(f"{name}_label")}'
        f'</label><div class="mw-ask-row"><input id="{field}" maxlength="{most}" required'
        f' dir="auto" autocomplete="off" placeholder="{words(f"{name}_example")}">'
        f'<button class="mw-primary">{words(f"{name}_send")}</button></div>'
        f'<p class="mw-soft mw-small">{words(f"{name}_hint")}</p></form>'
    )


def cutter(words: Words) -> str:
    """A clip from one second to another."""
    fields = "".join(
        f'<label>{words(f"cut_{side}")}<input id="mw-cut-{side}" type="number" min="0"'
        ' step="0.1" required inputmode="decimal"></label>'
        for side in ("from", "until")
    )
    hint = words("cut_hint", most=int(MOST_S))
    return (
        f'<form class="mw-cutter" id="mw-cutter"><h3>{words("cut_heading")}</h3>'
        f'<div class="mw-cut-row">{fields}<button class="mw-secondary">{words("cut_start")}'
        f'</button></div><p class="mw-soft">{hint}</p></form>'
    )
