"""The citizen's page as Gradio Blocks: which panels there are, and who answers which message.

The script (demo/static/page.js) sends messages through one invisible component, the bridge; each
answer fills panels and may carry one command back through the bridge.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from demo import asks, compose
from demo.asks import BadRequest
from demo.intake import Intake, Screen, as_json, trouble
from demo.present import Words
from demo.work import incident
from pipelines.errors import MinwonError

FOLLOWERS = 24
"""Cases that are watched at the same moment; more wait at most one turn."""
QUICK = 8
PANELS = ("receipt", "progress", "player", "transcript", "draft")
ON_LOAD = """
const send = (kind) => (data) => trigger(kind, data);
const kinds = ['submit', 'follow', 'cancel_job', 'retry_job', 'redraft', 'correct', 'change_draft'];
window.MinwonDesk.connect(Object.fromEntries(kinds.map((kind) => [kind, send(kind)])));
watch('value', () => window.MinwonDesk.obey(props.value));
"""
Answer = Callable[[Words, Any], Iterator[Screen]]


def build(
    intake: Intake, language: str, languages: Sequence[tuple[str, str]], script: str
) -> gr.Blocks:
    """The page in one language. `languages`: (code, path) of every page; `script`: its tag."""
    words = Words(language)
    with gr.Blocks(
        title=f"{words.plain('page.title')} · {words.plain('page.tagline')}",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, 3600),
    ) as blocks:
        _html(compose.header(words, languages), "mw-header-box")
        _html(compose.composer(words, intake.settings, intake.samples), "mw-view-start")
        _html(compose.new_button(words), "mw-view-case")
        panels = {name: _html("", "mw-view-case", "mw-panel") for name in ("receipt", "progress")}
        with gr.Row(elem_classes=["mw-view-case", "mw-columns"]):
            with gr.Column(elem_classes=["mw-card", "mw-left"], scale=5):
                panels["player"] = _html("", "mw-panel")
                panels["transcript"] = _html("", "mw-panel", "mw-transcript")
            with gr.Column(elem_classes=["mw-card", "mw-right-column"], scale=6):
                panels["draft"] = _html("", "mw-panel", "mw-draft")
        _html(compose.footer(words), "mw-footer-box")
        bridge = gr.HTML(
            "", js_on_load=ON_LOAD, head=script, apply_default_css=False, elem_id="mw-bridge"
        )
        _Wiring(intake, words, panels, bridge, blocks).join()
    return blocks


def _html(value: str, *classes: str) -> gr.HTML:
    return gr.HTML(
        value, elem_classes=list(classes), apply_default_css=False, js_on_load=None, padding=False
    )


class _Wiring:
    """Joins each message to its answer."""

    def __init__(
        self,
        intake: Intake,
        words: Words,
        panels: dict[str, gr.HTML],
        bridge: gr.HTML,
        blocks: gr.Blocks,
    ) -> None:
        self.intake, self.words, self.blocks = intake, words, blocks
        self.panels, self.bridge = panels, bridge
        self.serial = itertools.count(1)

    def join(self) -> None:
        """Every message that the script knows."""
        desk = self.intake
        self._on("submit", lambda words, data: self._one(self._submit(data)))
        self._on(
            "follow",
            lambda words, data: desk.follow(words, asks.read(asks.Follow, data)),
            limit=FOLLOWERS,
        )
        self._on("cancel_job", lambda words, data: self._none(data))
        self._on(
            "retry_job", lambda words, data: self._one(desk.retry(asks.read(asks.Keyed, data)))
        )
        self._on(
            "redraft", lambda words, data: self._one(desk.redraft(asks.read(asks.Keyed, data)))
        )
        self._on(
            "correct",
            lambda words, data: self._one(desk.correct(words, asks.read(asks.Correct, data))),
        )
        self._on(
            "change_draft",
            lambda words, data: self._one(desk.change(words, asks.read(asks.Change, data))),
        )

    def _on(self, kind: str, answer: Answer, limit: int = QUICK) -> None:
        def handler(event: gr.EventData) -> Iterator[list[Any]]:
            try:
                for screen in answer(self.words, event._data):
                    yield self._updates(screen)
            except MinwonError as exc:
                yield self._updates(trouble(self.words, exc))
            except Exception as exc:  # noqa: BLE001 - the page's edge: a sentence, no traceback
                yield self._updates(trouble(self.words, incident("", exc)))

        getattr(self.bridge, kind)(
            handler,
            outputs=[*(self.panels[name] for name in PANELS), self.bridge],
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=limit,
            concurrency_id=f"{kind}-{self.words.language}",
            trigger_mode="multiple",
        )

    def _updates(self, screen: Screen) -> list[Any]:
        made: list[Any] = []
        for name in PANELS:
            value = getattr(screen, name)
            made.append(gr.skip() if value is None else value)
        command = screen.command
        made.append(gr.skip() if command is None else as_json(command, next(self.serial)))
        return made

    def _one(self, screen: Screen) -> Iterator[Screen]:
        yield screen

    def _none(self, data: Any) -> Iterator[Screen]:  # noqa: ANN401 - whatever a browser sent
        self.intake.cancel(asks.read(asks.Keyed, data))
        yield Screen()

    def _submit(self, data: Any) -> Screen:  # noqa: ANN401 - whatever a browser sent
        return self.intake.submit(asks.read(asks.Submit, data), self._uploaded)

    def _uploaded(self, path: str) -> Path:
        """Only what this page's own upload route wrote a moment ago. Raises BadRequest."""
        if path not in self.blocks.upload_file_set:
            raise BadRequest
        self.blocks.upload_file_set.discard(path)
        return Path(path)
