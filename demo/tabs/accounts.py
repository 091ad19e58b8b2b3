"""The accounts page as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.admin import account_panels as drawn
from demo.admin import asks
from demo.admin.accounts import AccountsRoom, trouble
from demo.asks import read
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

KINDS = (
    "show_accounts", "add_account", "place_account", "do_account", "add_key", "add_hook",
    "end_key", "end_hook",
)  # fmt: skip


def build(room: AccountsRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="accounts")
    with blocks(f"{words.plain('nav.accounts')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(drawn.start(words))
        panels = {name: panel("", f"mw-accounts-{name}") for name in ("who", "secret", "people")}
        with gr.Row(elem_classes=["mw-programs-row"]):
            panels |= {name: panel("", f"mw-accounts-{name}") for name in ("keys", "hooks")}
        panel(frames.footer(words), "mw-footer-box")
        _join(room, Bridge(page, words, panels, script, trouble, KINDS))
    return page


def _join(room: AccountsRoom, bridge: Bridge) -> None:
    """Every message that the script knows."""
    bridge.signed("show_accounts", lambda w, d, t: room.show(w, read(asks.ShowAccounts, d), t))
    bridge.signed("add_account", lambda w, d, t: room.add(w, read(asks.Placed, d), t))
    bridge.signed("place_account", lambda w, d, t: room.place(w, read(asks.Placed, d), t))
    bridge.signed("do_account", lambda w, d, t: room.do(w, read(asks.Do, d), t))
    bridge.signed("add_key", lambda w, d, t: room.add_key(w, read(asks.AddKey, d), t))
    bridge.signed("add_hook", lambda w, d, t: room.add_hook(w, read(asks.AddHook, d), t))
    bridge.signed("end_key", lambda w, d, t: room.end_key(w, read(asks.EndKey, d), t))
    bridge.signed("end_hook", lambda w, d, t: room.end_hook(w, read(asks.EndHook, d), t))
