"""The officials' page for documents as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.asks import read
from demo.papers import asks, compose
from demo.papers.room import PaperRoom, trouble
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

FOLLOWERS = 12
"""Sessions that are watched at the same moment; more wait at most one turn."""
KINDS = (
    "add_papers", "watch_papers", "ask_papers", "draft_papers", "digest_paper", "find_fields",
    "compare_papers", "unlock_paper", "stop_work", "end_papers",
)  # fmt: skip


def build(room: PaperRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="papers")
    with blocks(f"{words.plain('nav.documents')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(compose.start(words, room.settings), "mw-view-start")
        panels: dict[str, gr.HTML] = {}
        with gr.Row(elem_classes=["mw-view-case", "mw-columns", "mw-papers"]):
            with gr.Column(elem_classes=["mw-papers-left"], scale=5):
                with gr.Column(elem_id="mw-files-card", elem_classes=["mw-card", "mw-files-card"]):
                    panel(compose.bar(words))
                    panels["sheets"] = panel("")
                with gr.Column(elem_classes=["mw-card", "mw-viewer-card"]):
                    panel(compose.viewer(words))
            with gr.Column(elem_classes=["mw-card", "mw-right-column"], scale=6):
                panel(compose.tools(words))
                panels["draft"] = panel("", "mw-tool-draft", "mw-draft")
                panel(compose.question(words), "mw-tool-ask")
                panels["answers"] = panel("", "mw-tool-ask")
                panels["digest"] = panel("", "mw-tool-digest")
                panel(compose.schema(words, room.rows(language)), "mw-tool-fields")
                panels["fields"] = panel("", "mw-tool-fields")
                panels["versions"] = panel("", "mw-tool-compare")
                panels["changes"] = panel("", "mw-tool-compare")
        panel(frames.footer(words), "mw-footer-box")
        _join(room, Bridge(page, words, panels, script, trouble, KINDS))
    return page


def _join(room: PaperRoom, bridge: Bridge) -> None:
    """Every message that the script knows."""
    bridge.once("add_papers", lambda words, data: room.add(read(asks.Add, data), bridge.uploaded))
    bridge.on(
        "watch_papers",
        lambda words, data: room.follow(words, read(asks.Watch, data)),
        limit=FOLLOWERS,
    )
    bridge.once("ask_papers", lambda words, data: room.ask(read(asks.Question, data)))
    bridge.once("draft_papers", lambda words, data: room.draft(read(asks.Draft, data)))
    bridge.once("digest_paper", lambda words, data: room.digest(read(asks.OneSheet, data)))
    bridge.once("find_fields", lambda words, data: room.fields(read(asks.Fields, data)))
    bridge.once("compare_papers", lambda words, data: room.compare(read(asks.Compare, data)))
    bridge.once("unlock_paper", lambda words, data: room.unlock(words, read(asks.Unlock, data)))
    bridge.once("stop_work", lambda words, data: room.stop(read(asks.Stop, data)))
    bridge.once("end_papers", lambda words, data: room.end(read(asks.Keyed, data)))
