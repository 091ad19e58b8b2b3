"""The parts of the desk's page that don't change: who is here, tabs, help for the keyboard."""

from __future__ import annotations

from demo.access import User
from demo.compose import main_begins
from demo.gate import RENEW
from demo.present import Words, esc

TOOLS = ("reply", "claims", "similar", "history")
KEYS = ("j", "k", "Enter", "e", "a", "o", "/", "Escape", "?")
SCRIPT_WORDS = (
    "files.no_page", "files.drawing", "files.on_page", "originals_first",
    "bulk_sure", "merge_sure", "sent_now", "saved",
)  # fmt: skip


def start(words: Words) -> str:
    """What the script needs to know, and help that opens over everything."""
    keys = "".join(f"<dt><kbd>{esc(key)}</kbd></dt><dd>{words(f'key_{key}')}</dd>" for key in KEYS)
    return (
        f"{main_begins(words, SCRIPT_WORDS)}></main>"
        f'<dialog class="mw-help" id="mw-help"><h2>{words("keys")}</h2><dl>{keys}</dl>'
        f'<button type="button" class="mw-quiet" data-no>{words("close")}</button></dialog>'
    )


def who(words: Words, user: User, *, demo: bool, more: str = "", place: str = "") -> str:
    """Who is signed in, and the way out. `more`: what can be done besides."""
    warning = f'<p class="mw-demo-mode" role="note">{words("demo_mode")}</p>' if demo else ""
    where = f" · {esc(place)}" if place else ""
    return (
        f'{warning}<section class="mw-who"><h1>{words("heading")}</h1>'
        f"<span><b>{esc(user.name)}</b> {words(f'role.{user.role}')}{where}</span>{more}"
        f'<form method="post" action="/sign-out"><button class="mw-quiet">{words("sign_out")}'
        "</button></form></section>"
    )


def renew_link(words: Words) -> str:
    """The way to one's own password."""
    return f'<a class="mw-quiet" href="{RENEW}">{words("sign_in.renew")}</a>'


def help_button(words: Words) -> str:
    """What the keyboard can do."""
    return f'<button type="button" class="mw-quiet" data-help>{words("keys")} <kbd>?</kbd></button>'


def tools(words: Words) -> str:
    """The tabs of a case."""
    made = "".join(
        f'<button type="button" role="tab" id="mw-tab-{name}" data-tool="{name}"'
        f' aria-selected="{"true" if name == TOOLS[0] else "false"}">'
        f"{words(f'tool_{name}')}</button>"
        for name in TOOLS
    )
    return f'<div class="mw-tools" role="tablist" aria-label="{words("tools")}">{made}</div>'
