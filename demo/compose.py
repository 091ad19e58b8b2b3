"""The parts of the citizen's page that don't change: header, recorder, samples, look-up, footer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from demo.present import Words, clock, esc
from demo.samples import Sample
from demo.tongues import choice
from pipelines.settings import Settings
from pipelines.types import LANGUAGES

TEASER = 58
ACCEPT = (
    "audio/*,video/*,image/*,.pdf,.hwp,.hwpx,.docx,.xlsx,.pptx,.odt,.ods,.odp,.txt,.csv,.eml,.html,"
    ".m4a,.opus,.ogg,.flac,.amr,.heic"
)
"""What a browser offers to choose; what is taken is told by the content."""
SHARED_WORDS = (
    "receipt.copied",
    "status.cold",
    "status.loading",
    "status.loading_speech",
    "status.loading_draft",
    "status.ready",
    "status.failed",
    "status.offline",
    "error.page.upload_failed",
    "error.page.bad_request",
)
"""What the script of every page says."""
SCRIPT_WORDS = (
    "compose.record",
    "compose.stop",
    "compose.sending",
    "compose.sending_of",
    "compose.ready",
    "compose.remove",
    "compose.too_many",
    "compose.too_large_one",
    "files.voice",
    "files.document",
    "files.image",
    "files.video",
    "files.no_page",
    "files.drawing",
    "files.on_page",
    "compose.no_microphone",
    "compose.insecure_microphone",
)
MARK = (
    '<svg viewBox="0 0 40 40" aria-hidden="true"><rect width="40" height="40" rx="11"'
    ' fill="currentColor"/><path d="M10 13.5A4.5 4.5 0 0 1 14.5 9h11a4.5 4.5 0 0 1 4.5'
    " 4.5v8a4.5 4.5 0 0 1-4.5 4.5H19l-5.4 4.600c-.6.5-1.4.1-1.4-.7V25.7A4.5"
    ' 4.5 0 0 1 10 21.5z" fill="#fff"/><path d="M15.5 15v5M20 12.800v9.400M24.5 15v5"'
    ' stroke="var(--mw-accent)" stroke-width="2.2" stroke-linecap="round"/></svg>'
)
MICROPHONE = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="1.8" stroke-linecap="round"><rect x="9" y="3" width="6" height="11" rx="3"'
    ' fill="currentColor"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M9 21h6"/></svg>'
)
GLOBE = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="1.7"><circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c5 5.500 5 12.500 0'
    ' 18M12 3c-5 5.500-5 12.500 0 18"/></svg>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a page: where the other pages and languages are."""

    page: str
    """Name of this page: "voice", "documents", ..."""
    pages: tuple[tuple[str, str], ...]
    """(name, path) of every page in this language."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Page -> the right without which the header does not name it."""
    languages: tuple[tuple[str, str], ...]
    """(code, path) of this page in every language."""


def header(words: Words, frame: Frame) -> str:
    """Name, the pages, state of the models, languages."""
    pages = "".join(
        f'<a href="{esc(path)}"{_needs(frame.hidden.get(name, ""))}'
        f"{' aria-current=page' if name == frame.page else ''}>"
        f"{words(f'nav.{name}')}</a>"
        for name, path in frame.pages
    )
    return (
        f'<a class="mw-skip" href="#mw-main">{words("page.skip")}</a><header class="mw-header">'
        f'<div class="mw-brand">{MARK}<div><b>{words("page.title")}</b>'
        f"<span>{words('page.tagline')}</span></div></div>"
        f'<nav class="mw-pages" aria-label="{words("nav.label")}">{pages}</nav>'
        f'<p class="mw-status" id="mw-status" role="status" data-state="cold">'
        f"<i></i><span>{words('status.cold')}</span></p>{_tongues(words, frame)}</header>"
    )


def _tongues(words: Words, frame: Frame) -> str:
    """The menu of languages, each by its own name; a link remembers what was chosen."""
    links = "".join(
        f'<a href="{esc(choice(path, code))}" lang="{esc(code)}" hreflang="{esc(code)}"'
        f"{' aria-current=true' if code == words.language else ''}>"
        f"{Words(code)('page.language')}</a>"
        for code, path in frame.languages
    )
    return (
        '<details class="mw-languages"><summary>'
        f'{GLOBE}<span class="mw-unseen">{words("field.language")}: </span>'
        f"<span>{words('page.language')}</span></summary>"
        f'<nav aria-label="{words("field.language")}">{links}</nav></details>'
    )


def _needs(right: str) -> str:
    """The mark of what the page's script shows to who has the right, and to nobody else."""
    return f' data-right="{esc(right)}"' if right else ""


def originals_switch(words: Words) -> str:
    """Shows things as they are, to who has the right; see `demo.gate.opener`."""
    return (
        '<div class="mw-original" data-right="originals"><button type="button" role="switch"'
        f' aria-checked="false" class="mw-quiet" data-original title="{words("originals.hint")}">'
        f'<i aria-hidden="true"></i>{words("originals.switch")}</button>'
        f'<p class="mw-soft mw-original-off">{words("originals.hint")}</p>'
        f'<p class="mw-original-on" role="status">{words("originals.on")}</p></div>'
    )


def main_begins(
    words: Words, own: Sequence[str] = (), said: Mapping[str, str] | None = None
) -> str:
    """The tag of a page's main part with what its script says; still open for more attributes.

    `own`: keys beside SHARED_WORDS; `said`: what is not one key's words as they stand.
    """
    known = {key: words.plain(key) for key in (*SHARED_WORDS, *own)} | dict(said or {})
    return f'<main id="mw-main" tabindex="-1" data-words="{esc(json.dumps(known))}"'


def composer(words: Words, settings: Settings, samples: Sequence[Sample]) -> str:
    """Where a complaint begins: one place to record or to drop, the samples, the look-up."""
    limits = words(
        "compose.limits",
        count=settings.max_case_files,
        minutes=int(settings.max_audio_s // 60),
        mb=settings.max_file_mb,
        paper_mb=min(settings.max_file_mb, settings.max_document_mb),
    )
    too_large = words.plain("compose.too_large", limit_mb=settings.max_file_mb)
    begins = main_begins(words, SCRIPT_WORDS, {"compose.too_large": too_large})
    return (
        f"{begins}"
        f' data-limit="{settings.max_file_mb * 1_000_000}"'
        f' data-most="{settings.max_case_files}">'
        f'<div class="mw-hero"><h1>{words("page.hero")}</h1><p>{words("page.lead")}</p></div>'
        f'<div class="mw-start">{_recorder(words, limits)}'
        f'<div class="mw-side">{_samples(words, samples)}{_lookup(words)}</div></div></main>'
    )


def _recorder(words: Words, limits: str) -> str:
    options = f'<option value="">{words("compose.auto")}</option>' + "".join(
        f'<option value="{code}">{words(f"speech_language.{code}")}</option>' for code in LANGUAGES
    )
    return (
        '<section class="mw-card mw-recorder mw-drop" aria-labelledby="mw-compose-h">'
        f'<h2 id="mw-compose-h">{words("compose.heading")}</h2>'
        f'<p class="mw-soft">{words("compose.hint")}</p>'
        '<div class="mw-idle"><button type="button" class="mw-mic" id="mw-mic"'
        f' aria-label="{words("compose.record")}"><canvas id="mw-level" width="320" height="320"'
        f' aria-hidden="true"></canvas>{MICROPHONE}</button>'
        '<p class="mw-mic-label" id="mw-mic-label" aria-live="polite">'
        f"{words('compose.record')}</p>"
        f'<div class="mw-or"><span>{words("compose.or")}</span></div>'
        '<label class="mw-secondary mw-pick"><input type="file" id="mw-file" multiple'
        f' accept="{ACCEPT}">{words("compose.choose")}</label>'
        f'<p class="mw-soft mw-small">{words("compose.drop")}<br>{words("compose.kinds")}<br>'
        f"{limits}</p></div>"
        '<div class="mw-chosen" id="mw-chosen" hidden>'
        '<p class="mw-soft" id="mw-ready" aria-live="polite"></p>'
        '<ul class="mw-sending" id="mw-sending"></ul>'
        '<audio controls id="mw-preview" hidden></audio>'
        '<div class="mw-more"><button type="button" class="mw-secondary" id="mw-more-files">'
        f'{words("compose.more")}</button><button type="button" class="mw-secondary"'
        f' id="mw-more-voice">{words("compose.more_voice")}</button></div>'
        '<div class="mw-upload" id="mw-upload" hidden><i></i></div>'
        '<button type="button" class="mw-primary mw-wide" id="mw-send">'
        f"{words('compose.send')}</button>"
        '<button type="button" class="mw-quiet mw-wide" id="mw-discard">'
        f"{words('compose.discard')}</button></div>"
        f'<label class="mw-speech-language"><span>{words("compose.language")}</span>'
        f'<select id="mw-language">{options}</select></label>'
        '<p class="mw-said-here" id="mw-said" role="alert" hidden></p></section>'
    )


def _samples(words: Words, samples: Sequence[Sample]) -> str:
    if not samples:
        return ""
    buttons = "".join(
        f'<li><button type="button" class="mw-sample" data-sample="{esc(sample.id)}">'
        f'<span class="mw-sample-top"><b>{words(f"speech_language.{sample.language}")}</b>'
        f"<small>{clock(sample.seconds)}</small></span>"
        f'<span lang="{esc(sample.language)}">{esc(_teaser(sample.text))}</span></button></li>'
        for sample in samples
    )
    return (
        f'<section class="mw-card" aria-labelledby="mw-samples-h"><h2 id="mw-samples-h">'
        f'{words("compose.samples")}</h2><p class="mw-soft">{words("compose.samples_hint")}</p>'
        f'<ul class="mw-samples">{buttons}</ul></section>'
    )


def _teaser(text: str) -> str:
    return text if len(text) <= TEASER else text[: TEASER - 1].rstrip() + "…"


def _lookup(words: Words) -> str:
    return (
        '<section class="mw-card mw-lookup" id="lookup" aria-labelledby="mw-lookup-h">'
        f'<h2 id="mw-lookup-h">{words("lookup.heading")}</h2>'
        f'<p class="mw-soft">{words("lookup.hint")}</p><form id="mw-lookup">'
        f'<label>{words("receipt.number")}<input id="mw-lookup-number" required maxlength="200"'
        ' autocomplete="off" placeholder="MW-20261124-7F3KQ"></label>'
        f'<label>{words("receipt.secret")}<input id="mw-lookup-secret" required maxlength="200"'
        ' autocomplete="off" spellcheck="false"></label>'
        f'<button class="mw-secondary mw-wide">{words("lookup.open")}</button>'
        '<p class="mw-said-here" id="mw-lookup-said" role="alert" hidden></p></form></section>'
    )


def footer(words: Words) -> str:
    """What holds for every draft, and the way back to the start."""
    return (
        f'<footer class="mw-footer"><p>{words("page.footer")}</p></footer>'
        '<div class="mw-toast" id="mw-toast" role="status" aria-live="polite" hidden></div>'
        f'<dialog class="mw-pageview" id="mw-pageview" aria-label="{words("files.viewer")}">'
        '<header><p><b id="mw-pageview-name" dir="auto"></b> '
        '<span id="mw-pageview-page"></span></p>'
        '<button type="button" class="mw-quiet" data-turn="-1"'
        f' aria-label="{words("files.before")}">‹</button>'
        '<button type="button" class="mw-quiet" data-turn="1"'
        f' aria-label="{words("files.after")}">›</button><button type="button" class="mw-quiet"'
        f" data-viewer-close>{words('files.close')}</button></header>"
        '<p class="mw-soft" id="mw-pageview-said" hidden></p>'
        '<div class="mw-sheet-box"><img id="mw-pageview-img" alt="">'
        '<i id="mw-pageview-box" hidden></i>'
        "</div></dialog>"
    )


def new_button(words: Words) -> str:
    """Back to the start; the case stays where it is."""
    return (
        '<div class="mw-top"><button type="button" class="mw-quiet" data-act="new">'
        f'<span aria-hidden="true">＋</span> {words("page.new")}</button></div>'
    )
