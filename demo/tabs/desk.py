"""The desk as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.asks import read
from demo.office import asks, compose
from demo.office.room import OfficeRoom, trouble
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

KINDS = ("list_cases", "open_case", "do_step", "do_bulk")


def build(room: OfficeRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="office")
    with blocks(f"{words.plain('nav.desk')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(compose.start(words))
        panels = {name: panel("", "mw-view-start") for name in ("who", "counts", "filters")}
        panels["results"] = panel("", "mw-view-start")
        panels["list"] = panel("", "mw-view-start")
        panels["head"] = panel("", "mw-view-case")
        with gr.Row(elem_classes=["mw-view-case", "mw-columns", "mw-office"]):
            with gr.Column(elem_classes=["mw-card", "mw-left"], scale=5):
                panels["evidence"] = panel("")
            with gr.Column(elem_classes=["mw-card", "mw-right-column"], scale=6):
                panel(compose.tools(words))
                panels["reply"] = panel("", "mw-tool-reply")
                panels["claims"] = panel("", "mw-tool-claims", "mw-draft")
                panels["similar"] = panel("", "mw-tool-similar")
                panels["history"] = panel("", "mw-tool-history")
        panel(frames.footer(words), "mw-footer-box")
        _join(room, Bridge(page, words, panels, script, trouble, KINDS))
    return page


def _join(room: OfficeRoom, bridge: Bridge) -> None:
    """Every message that the script knows."""
    bridge.signed("list_cases", lambda w, data, token: room.look(w, read(asks.Look, data), token))
    bridge.signed("open_case", lambda w, data, token: room.open(w, read(asks.Open, data), token))
    bridge.signed("do_step", lambda w, data, token: room.step(w, read(asks.Step, data), token))
    bridge.signed("do_bulk", lambda w, data, token: room.bulk(w, read(asks.Bulk, data), token))
