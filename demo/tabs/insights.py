"""The insights page as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.asks import read
from demo.insights import panels as drawn
from demo.insights.room import PANELS, InsightsRoom, Show, UseHead, trouble
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

KINDS = ("show_insights", "use_head")


def build(room: InsightsRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="insights")
    with blocks(f"{words.plain('nav.insights')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(drawn.start(words))
        with gr.Column(elem_classes=["mw-insights"]):
            panels = {name: panel("", f"mw-insight-{name}") for name in PANELS}
        panel(frames.footer(words), "mw-footer-box")
        bridge = Bridge(page, words, panels, script, trouble, KINDS)
        bridge.once("show_insights", lambda words, data: room.show(words, read(Show, data)))
        bridge.once("use_head", lambda words, data: room.use_head(words, read(UseHead, data)))
    return page
