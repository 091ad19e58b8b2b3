"""The audit page as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.admin import asks
from demo.admin import audit_panels as drawn
from demo.admin.audit import PANELS, AuditRoom, trouble
from demo.asks import read
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

KINDS = ("show_audit", "look_at_chain")


def build(room: AuditRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="audit")
    with blocks(f"{words.plain('nav.audit')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(drawn.start(words))
        panels = {name: panel("", f"mw-audit-{name}") for name in PANELS}
        panel(frames.footer(words), "mw-footer-box")
        bridge = Bridge(page, words, panels, script, trouble, KINDS)
        bridge.signed("show_audit", lambda w, d, t: room.show(w, read(asks.PageOfAudit, d), t))
        bridge.signed(
            "look_at_chain", lambda w, d, t: room.look_at_chain(w, read(asks.LookAtChain, d), t)
        )
    return page
