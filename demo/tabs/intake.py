"""The citizen's page as Gradio Blocks: which panels there are, and who answers which message."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo import asks, compose
from demo.intake import Intake
from demo.present import Words
from demo.screens import Screen, trouble
from demo.tabs.bridge import Bridge, blocks, panel

FOLLOWERS = 24
"""Cases that are watched at the same moment; more wait at most one turn."""
KINDS = (
    "submit",
    "follow",
    "cancel_job",
    "retry_job",
    "redraft",
    "correct",
    "change_draft",
    "add_files",
    "similar",
    "reply",
    "withdraw",
    "erase",
)


def build(intake: Intake, language: str, frame: compose.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language)
    with blocks(f"{words.plain('page.title')} · {words.plain('page.tagline')}") as page:
        panel(compose.header(words, frame), "mw-header-box")
        panel(compose.composer(words, intake.settings, intake.samples), "mw-view-start")
        panel(compose.new_button(words), "mw-view-case")
        panels = {
            name: panel("", "mw-view-case", "mw-panel")
            for name in ("receipt", "standing", "progress")
        }
        with gr.Row(elem_classes=["mw-view-case", "mw-columns"]):
            with gr.Column(elem_classes=["mw-card", "mw-left"], scale=5):
                panels["player"] = panel("", "mw-panel")
                panels["transcript"] = panel("", "mw-panel", "mw-transcript")
            with gr.Column(elem_classes=["mw-card", "mw-right-column"], scale=6):
                panels["similar"] = panel("", "mw-panel")
                panels["draft"] = panel("", "mw-panel", "mw-draft")
        panel(compose.footer(words), "mw-footer-box")
        _join(intake, Bridge(page, words, panels, script, trouble, KINDS))
    return page


def _join(desk: Intake, bridge: Bridge) -> None:
    """Every message that the script knows."""
    read = asks.read
    bridge.once("submit", lambda words, data: desk.submit(read(asks.Submit, data), bridge.uploaded))
    bridge.on(
        "follow",
        lambda words, data: desk.follow(words, read(asks.Follow, data)),
        limit=FOLLOWERS,
    )
    bridge.once("cancel_job", lambda words, data: _cancelled(desk, data))
    bridge.once("retry_job", lambda words, data: desk.retry(read(asks.Keyed, data)))
    bridge.once("redraft", lambda words, data: desk.redraft(read(asks.Keyed, data)))
    bridge.once(
        "add_files", lambda words, data: desk.add(words, read(asks.Add, data), bridge.uploaded)
    )
    bridge.once("similar", lambda words, data: desk.similar(words, read(asks.Keyed, data)))
    bridge.once("reply", lambda words, data: desk.reply(words, read(asks.Say, data)))
    bridge.once("withdraw", lambda words, data: desk.withdraw(words, read(asks.Keyed, data)))
    bridge.once("erase", lambda words, data: desk.erase(words, read(asks.Keyed, data)))
    bridge.once("correct", lambda words, data: desk.correct(words, read(asks.Correct, data)))
    bridge.once("change_draft", lambda words, data: desk.change(words, read(asks.Change, data)))


def _cancelled(desk: Intake, data: Any) -> Screen:  # noqa: ANN401 - whatever a browser sent
    desk.cancel(asks.read(asks.Keyed, data))
    return Screen()
