"""The parts of the desk's page that don't change: who is here, tabs, help for the keyboard."""

from __future__ import annotations

import json

from demo.compose import SHARED_WORDS
from demo.gate import RENEW
from demo.present import Words, esc

TOOLS = ("reply", "claims", "similar", "history")
KEYS = ("j", "k", "Enter", "e", "a", "o", "/", "Escape", "?")
SCRIPT_WORDS = (
    *SHARED_WORDS, "files.no_page", "files.drawing", "files.on_page", "originals_first",
    "bulk_sure", "merge_sure", "sent_now", "saved",
)  # fmt: skip


def start(words: Words) -> str:
    """What the script needs to know, and help that opens over everything."""
    known = {key: words.plain(key) for key in SCRIPT_WORDS}
    keys = "".join(f"<dt><kbd>{esc(key)}</kbd></dt><dd>{words(f'key_{key}')}</dd>" for key in KEYS)
    return (
        f'<main id="mw-main" tabindex="-1" data-words="{esc(json.dumps(known))}"></main>'
        f'<dialog class="mw-help" id="mw-help"><h2>{words("keys")}</h2><dl>{keys}</dl>'
        f'<button type="button" class="mw-quiet" data-no>{words("close")}</button></dialog>'
    )


def who(words: Words, name: str, role: str, department: str | None, *, demo: bool) -> str:
    """Who is signed in, and the way out."""
    place = f" · {esc(department)}" if department else ""
    warning = f'<p class="mw-demo-mode" role="note">{words("demo_mode")}</p>' if demo else ""
    return (
        f'{warning}<section class="mw-who"><h1>{words("heading")}</h1>'
        f"<span><b>{esc(name)}</b> {words(f'role.{role}')}{place}</span>"
        f'<button type="button" class="mw-quiet" data-help>{words("keys")} <kbd>?</kbd></button>'
        f'<a class="mw-quiet" href="{RENEW}">{words("sign_in.renew")}</a>'
        f'<form method="post" action="/sign-out"><button class="mw-quiet">{words("sign_out")}'
        "</button></form></section>"
    )


def tools(words: Words) -> str:
    """The tabs of a case."""
    made = "".join(
        f'<button type="button" role="tab" id="mw-tab-{name}" data-tool="{name}"'
        f' aria-selected="{"true" if name == TOOLS[0] else "false"}">'
        f"{words(f'tool_{name}')}</button>"
        for name in TOOLS
    )
    return f'<div class="mw-tools" role="tablist" aria-label="{words("tools")}">{made}</div>'
