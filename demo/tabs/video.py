"""The video page as Gradio Blocks: its panels, and who answers which message."""

from __future__ import annotations

import gradio as gr

from demo import compose as frames
from demo.asks import read
from demo.films import asks, compose, live_compose
from demo.films.room import FilmRoom, trouble
from demo.present import Words
from demo.tabs.bridge import Bridge, blocks, panel

FOLLOWERS = 12
"""Sessions that are watched at the same moment; more wait at most one turn."""
KINDS = (
    "open_film", "watch_film", "ask_film", "search_film", "draft_film", "cut_film",
    "translate_film", "stop_film", "end_film",
    "live_camera", "live_address", "live_watch", "live_stop",
)  # fmt: skip


def build(room: FilmRoom, language: str, frame: frames.Frame, script: str) -> gr.Blocks:
    """The page in one language. `script`: the tag of its own script."""
    words = Words(language, scope="films")
    with blocks(f"{words.plain('nav.video')} · {words.plain('page.title')}") as page:
        panel(frames.header(words, frame), "mw-header-box")
        panel(compose.start(words, room.settings, room.samples), "mw-view-start")
        panels: dict[str, gr.HTML] = {}
        with gr.Row(elem_classes=["mw-view-live", "mw-columns", "mw-papers", "mw-live"]):
            with gr.Column(elem_classes=["mw-card", "mw-live-card"], scale=5):
                panel(live_compose.screen(words))
            with gr.Column(elem_classes=["mw-card"], scale=6):
                panels["live"] = panel("")
        with gr.Row(elem_classes=["mw-view-case", "mw-columns", "mw-papers", "mw-films"]):
            with gr.Column(elem_classes=["mw-card", "mw-film-card"], scale=6):
                panel(compose.bar(words))
                panels["reel"] = panel("")
                panel(compose.player(words))
                panels["line"] = panel("")
                panels["strip"] = panel("")
            with gr.Column(elem_classes=["mw-card", "mw-right-column"], scale=5):
                panel(compose.tools(words))
                panels["draft"] = panel("", "mw-tool-draft", "mw-draft")
                panel(compose.search(words), "mw-tool-events")
                panels["found"] = panel("", "mw-tool-events")
                panels["events"] = panel("", "mw-tool-events")
                panel(compose.question(words), "mw-tool-ask")
                panels["answers"] = panel("", "mw-tool-ask")
                panels["frames"] = panel("", "mw-tool-frames")
                panels["files"] = panel("", "mw-tool-files")
                panel(compose.cutter(words), "mw-tool-files")
        panel(frames.footer(words), "mw-footer-box")
        _join(room, Bridge(page, words, panels, script, trouble, KINDS))
    return page


def _join(room: FilmRoom, bridge: Bridge) -> None:
    """Every message that the script knows."""
    bridge.once(
        "open_film", lambda words, data: room.open(words, read(asks.Open, data), bridge.uploaded)
    )
    bridge.on(
        "watch_film",
        lambda words, data: room.follow(words, read(asks.Keyed, data)),
        limit=FOLLOWERS,
    )
    bridge.once("ask_film", lambda words, data: room.ask(read(asks.Question, data)))
    bridge.once("search_film", lambda words, data: room.search(read(asks.Search, data)))
    bridge.once("draft_film", lambda words, data: room.draft(read(asks.Draft, data)))
    bridge.once("cut_film", lambda words, data: room.cut(read(asks.Cut, data)))
    bridge.once("translate_film", lambda words, data: room.translate(read(asks.Translate, data)))
    bridge.once("stop_film", lambda words, data: room.stop(read(asks.Stop, data)))
    bridge.once("live_camera", lambda words, data: room.live.camera(words))
    bridge.once(
        "live_address", lambda words, data: room.live.address(words, read(asks.Watch, data))
    )
    bridge.on(
        "live_watch",
        lambda words, data: room.live.follow(words, read(asks.Keyed, data)),
        limit=FOLLOWERS,
    )
    bridge.once("live_stop", lambda words, data: room.live.stop(read(asks.Keyed, data)))
    bridge.once("end_film", lambda words, data: room.end(read(asks.Keyed, data)))
