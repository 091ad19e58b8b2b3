"""The parts of the documents page that don't change: start, viewer, tools, the list of fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from demo.compose import main_begins, originals_switch
from demo.papers.samples import samples
from demo.papers.schema import MOST_ROWS, Row
from demo.present import Words, esc
from pipelines.drafting.values import FieldType
from pipelines.settings import Settings

TOOLS = ("draft", "ask", "digest", "fields", "compare")
OWN_WORDS = ("uploading", "no_page", "page_of", "expired", "closed", "end_sure")
SHEET_ICON = (
    '<svg viewBox="0 0 48 48" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"><path d="M28 5H13a3 3 0 0'
    ' 0-3 3v32a3 3 0 0 0 3 3h22a3 3 0 0 0 3-3V15z"/><path d="M28 5v10h10M24 34V23M19 27.500l5-5'
    ' 5 5"/></svg>'
)


def start(words: Words, settings: Settings) -> str:
    """Where papers are dropped, and what holds for them."""
    limits = words("limits", mb=settings.max_document_mb, count=settings.max_papers)
    too_large = words.plain("too_large", limit_mb=settings.max_document_mb)
    begins = main_begins(words, OWN_WORDS, {"compose.too_large": too_large})
    kept = words("kept", hours=f"{settings.keep_papers_h:g}")
    example = ""
    if samples():
        names = "".join(f"<li>{esc(path.name)}</li>" for path in samples())
        example = (
            '<section class="mw-card mw-sample-papers" aria-labelledby="mw-sp-h">'
            f'<h2 id="mw-sp-h">{words("samples")}</h2><p class="mw-soft">{words("samples_hint")}'
            f'</p><ul>{names}</ul><button type="button" class="mw-secondary mw-wide"'
            f' data-act="samples">{words("samples_open")}</button></section>'
        )
    return (
        f"{begins}"
        f' data-limit="{settings.max_document_mb * 1_000_000}">'
        f'<div class="mw-hero"><h1>{words("hero")}</h1><p>{words("lead")}</p></div>'
        '<div class="mw-start"><section class="mw-card mw-drop mw-paper-drop"'
        f' aria-labelledby="mw-drop-h"><span class="mw-drop-icon">{SHEET_ICON}</span>'
        f'<h2 id="mw-drop-h">{words("drop")}</h2>'
        f'<label class="mw-primary mw-pick"><input type="file" multiple class="mw-files">'
        f'{words("choose")}</label><p class="mw-soft mw-small">{words("kinds")}<br>{limits}</p>'
        '<p class="mw-uploading" role="status" hidden></p>'
        '<p class="mw-said-here" id="mw-said" role="alert" hidden></p></section>'
        f'<div class="mw-side">{example}<section class="mw-card"><h2>{words("what")}</h2>'
        f'<ul class="mw-what">{_what(words)}</ul><p class="mw-soft">{kept}</p></section></div>'
        "</div></main>"
    )


def _what(words: Words) -> str:
    return "".join(
        f"<li><b>{words(f'tool_{name}')}</b> {words(f'what_{name}')}</li>" for name in TOOLS
    )


def bar(words: Words) -> str:
    """Above the work: more papers, and the end."""
    return (
        '<p class="mw-soft mw-uploading" role="status" hidden></p>'
        '<div class="mw-papers-top"><label class="mw-secondary mw-pick"><input type="file" multiple'
        f' class="mw-files">＋ {words("more")}</label><button type="button" class="mw-quiet"'
        f' data-act="end">{words("end")}</button></div>'
    )


def viewer(words: Words) -> str:
    """The page with its marks; the script fills it."""

    def button(act: str, sign: str) -> str:
        label = words(act)
        return (
            f'<button type="button" class="mw-tool" data-act="{act}" aria-label="{label}"'
            f' title="{label}"><span aria-hidden="true">{sign}</span></button>'
        )

    return (
        f'<section class="mw-viewer" id="mw-viewer" aria-label="{words("viewer")}">'
        f'<div class="mw-view-bar"><b id="mw-view-name" dir="auto"></b>'
        f'<div class="mw-view-tools">{button("page_before", "‹")}<label class="mw-page-no">'
        f'<input id="mw-page-no" inputmode="numeric" value="1" aria-label="{words("page_number")}">'
        f'<span id="mw-page-of"></span></label>{button("page_after", "›")}'
        f"{button('zoom_out', '－')}{button('zoom_in', '＋')}{button('view_close', '×')}"
        f"</div></div>{originals_switch(words)}"
        f'<div class="mw-stage" id="mw-stage" tabindex="0" role="group"'
        f' aria-label="{words("viewer_keys")}"><div class="mw-sheet-page" id="mw-page">'
        '<img id="mw-page-img" alt="" hidden><div class="mw-box" id="mw-box" hidden></div></div>'
        '<p class="mw-soft mw-no-page" id="mw-no-page" hidden></p></div>'
        f'<div class="mw-thumbs" id="mw-thumbs" aria-label="{words("thumbs")}"></div></section>'
    )


def tools(words: Words) -> str:
    """What can be made of the papers, as tabs."""
    made = "".join(
        f'<button type="button" role="tab" id="mw-tab-{name}" data-tool="{name}"'
        f' aria-selected="{"true" if name == TOOLS[0] else "false"}">'
        f"{words(f'tool_{name}')}</button>"
        for name in TOOLS
    )
    return f'<div class="mw-tools" role="tablist" aria-label="{words("tools")}">{made}</div>'


def question(words: Words) -> str:
    """The question box."""
    return (
        f'<form class="mw-ask" id="mw-ask"><label for="mw-question">{words("ask_label")}</label>'
        '<div class="mw-ask-row"><input id="mw-question" maxlength="400" required dir="auto"'
        f' autocomplete="off" placeholder="{words("ask_example")}">'
        f'<button class="mw-primary">{words("ask_send")}</button></div>'
        f'<p class="mw-soft mw-small">{words("ask_hint")}</p></form>'
    )


def schema(words: Words, rows: Sequence[Row]) -> str:
    """The editable list of fields."""
    listed = "".join(_row(words, row.name, row.type, row.also) for row in rows)
    empty = esc(_row(words, "", "text", ""))
    return (
        f'<form class="mw-schema" id="mw-schema" data-most="{MOST_ROWS}" data-row="{empty}">'
        f"<details><summary>{words('schema')}</summary>"
        f'<p class="mw-soft">{words("schema_hint")}</p>'
        f'<div class="mw-rows" id="mw-rows">{listed}</div>'
        f'<button type="button" class="mw-quiet" data-act="row_add">＋ {words("row_add")}</button>'
        f'</details><div class="mw-row"><button class="mw-primary">{words("fields_start")}</button>'
        f'<button type="button" class="mw-quiet" data-out="tables.xlsx">{words("tables_out")}'
        "</button></div></form>"
    )


def _row(words: Words, name: str, kind: str, also: str) -> str:
    options = "".join(
        f'<option value="{one}"{" selected" if one == kind else ""}>{words(f"type_{one}")}</option>'
        for one in get_args(FieldType)
    )
    label = words("row_remove")
    return (
        f'<div class="mw-schema-row"><input name="name" maxlength="60" value="{esc(name)}"'
        f' aria-label="{words("row_name")}" placeholder="{words("row_name")}" dir="auto">'
        f'<select name="type" aria-label="{words("row_type")}">{options}</select>'
        f'<input name="also" maxlength="600" value="{esc(also)}" aria-label="{words("row_also")}"'
        f' placeholder="{words("row_also")}" dir="auto"><button type="button" class="mw-quiet mw-x"'
        f' data-act="row_remove" aria-label="{label}" title="{label}">×</button></div>'
    )
