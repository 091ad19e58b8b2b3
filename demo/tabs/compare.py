"""The compare page as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.asks import read
from demo.compare import asks, compose
from demo.compare.room import CompareRoom, trouble
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

FOLLOWERS = 12
"""Comparisons that are watched at the same moment; more wait at most one turn."""
KINDS = ("open_match", "watch_match", "vote_match", "stop_match", "end_match")


def build(room: CompareRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="compare")
    with blocks(f"{words.plain('nav.compare')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(compose.start(words, room.settings, room.desk.rivals), "mw-view-start")
        panels: dict[str, gr.HTML] = {}
        with gr.Column(elem_classes=["mw-view-case", "mw-card", "mw-given-card"]):
            panels["given"] = panel("")
        with gr.Row(elem_classes=["mw-view-case", "mw-duel"]):
            for side in ("left", "right"):
                with gr.Column(elem_classes=["mw-card"], min_width=280):
                    panels[side] = panel("")
        panels["vote"] = panel("", "mw-view-case", "mw-panel")
        panels["table"] = panel("", "mw-panel", "mw-table")
        panel(frames.footer(words), "mw-footer-box")
        bridge = Bridge(page, words, panels, script, trouble, KINDS)
        _join(room, bridge)
        page.load(
            lambda: room.table(words),
            outputs=panels["table"],
            show_progress="hidden",
            api_visibility="private",
        )
    return page


def _join(room: CompareRoom, bridge: Bridge) -> None:
    """Every message that the script knows."""
    bridge.once(
        "open_match", lambda words, data: room.open(words, read(asks.Open, data), bridge.uploaded)
    )
    bridge.on(
        "watch_match",
        lambda words, data: room.follow(words, read(asks.Keyed, data)),
        limit=FOLLOWERS,
    )
    bridge.once("vote_match", lambda words, data: room.vote(read(asks.Vote, data)))
    bridge.once("stop_match", lambda words, data: room.stop(read(asks.Stop, data)))
    bridge.once("end_match", lambda words, data: room.end(words, read(asks.Keyed, data)))
