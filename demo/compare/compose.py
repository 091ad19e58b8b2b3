"""The part of the compare page that doesn't change: where words and files are given."""

from __future__ import annotations

from collections.abc import Sequence

from demo.compare.asks import MOST_LETTERS
from demo.compare.rivals import Rival
from demo.compose import ACCEPT, main_begins
from demo.present import Words
from pipelines.settings import Settings

OWN_WORDS = (
    "uploading",
    "expired",
    "closed",
    "need_words",
    "need_files",
    "too_many",
    "label_ask",
    "label_draft",
    "example_ask",
    "example_draft",
    "compose.remove",
)
EXAMPLES = ("one", "two", "three")


def start(words: Words, settings: Settings, rivals: Sequence[Rival]) -> str:
    """One input for both."""
    too_large = words.plain("compose.too_large", limit_mb=settings.max_file_mb)
    begins = main_begins(words, OWN_WORDS, {"compose.too_large": too_large})
    kinds = "".join(
        f'<label class="mw-chip"><input type="radio" name="kind" value="{kind}"'
        f"{' checked' if kind == 'draft' else ''}><span>{words(f'kind_{kind}')}</span></label>"
        for kind in ("draft", "ask")
    )
    examples = "".join(
        f'<li><button type="button" class="mw-sample" data-example>{words(f"sample_{name}")}'
        "</button></li>"
        for name in EXAMPLES
    )
    where = "lead_server" if any(rival.elsewhere for rival in rivals) else "lead_here"
    lead = f"{words('lead', count=len(rivals))} {words(where)}"
    limits = words("limits", count=settings.max_case_files, mb=settings.max_file_mb)
    return (
        f"{begins}"
        f' data-limit="{settings.max_file_mb * 1_000_000}"'
        f' data-most="{settings.max_case_files}">'
        f'<div class="mw-hero"><h1>{words("hero")}</h1><p>{lead}</p></div>'
        '<div class="mw-start"><section class="mw-card mw-drop mw-compare-form">'
        f'<form id="mw-compare"><div class="mw-chips is-row" role="radiogroup"'
        f' aria-label="{words("kinds")}">{kinds}</div>'
        f'<label class="mw-compare-text"><span id="mw-text-label">{words("label_draft")}</span>'
        f'<textarea id="mw-text" rows="6" maxlength="{MOST_LETTERS}" dir="auto"'
        f' placeholder="{words("example_draft")}"></textarea></label>'
        '<ul class="mw-compare-files" id="mw-files"></ul>'
        '<label class="mw-secondary mw-pick"><input type="file" class="mw-files" multiple'
        f' accept="{ACCEPT}">{words("add_files")}</label>'
        f'<p class="mw-soft mw-small">{limits}</p>'
        f'<button class="mw-primary mw-wide">{words("begin")}</button>'
        '<p class="mw-uploading" role="status" hidden></p>'
        '<p class="mw-said-here" id="mw-said" role="alert" hidden></p></form></section>'
        f'<div class="mw-side"><section class="mw-card"><h2>{words("samples")}</h2>'
        f'<ul class="mw-samples">{examples}</ul></section><section class="mw-card">'
        f'<h2>{words("how")}</h2><ol class="mw-how"><li>{words("how_one")}</li>'
        f"<li>{words('how_two')}</li><li>{words('how_three')}</li></ol></section></div></div></main>"
    )
