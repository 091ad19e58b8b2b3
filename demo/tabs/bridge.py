"""The invisible component between a page's script and the server, and the panels it fills.

The script (demo/static/shared.js and one script a page) sends messages through the bridge; each
answer fills panels and may carry one command back. A page is a `Screen` type with one field a
panel, and one answer for each kind of message.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from demo.asks import BadRequest
from demo.gate import token_of
from demo.present import Words
from demo.work import incident
from pipelines.errors import MinwonError

QUICK = 8


class Screen(Protocol):
    """New contents of the panels, one attribute each; None = as it was."""

    @property
    def command(self) -> Mapping[str, Any] | None:
        """For the page's script."""
        ...


Answer = Callable[[Words, Any], Iterator[Screen]]
Trouble = Callable[[Words, MinwonError], Screen]


def panel(value: str, *classes: str) -> gr.HTML:
    """A piece of the page, drawn by the server."""
    return gr.HTML(
        value, elem_classes=list(classes), apply_default_css=False, js_on_load=None, padding=False
    )


def blocks(title: str) -> gr.Blocks:
    """An empty page of ours; files that nobody took are gone after an hour."""
    return gr.Blocks(
        title=title, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )


class Bridge:
    """Made inside the Blocks, behind the panels."""

    def __init__(
        self,
        page: gr.Blocks,
        words: Words,
        panels: Mapping[str, gr.HTML],
        script: str,
        trouble: Trouble,
        kinds: Sequence[str],
    ) -> None:
        self._page, self._words, self._panels, self._trouble = page, words, panels, trouble
        self._serial = itertools.count(1)
        self._html = gr.HTML(
            "",
            js_on_load=_on_load(kinds),
            head=script,
            apply_default_css=False,
            elem_id="mw-bridge",
        )

    def on(self, kind: str, answer: Answer, limit: int = QUICK) -> None:
        """Answer the messages of a kind; `limit` of them at the same moment."""

        def handler(event: gr.EventData) -> Iterator[list[Any]]:
            yield from self._told(lambda: answer(self._words, event._data))

        self._listen(kind, handler, limit)

    def once(self, kind: str, answer: Callable[[Words, Any], Screen]) -> None:
        """Answer the messages of a kind with one screen."""

        def one(words: Words, data: Any) -> Iterator[Screen]:  # noqa: ANN401
            yield answer(words, data)

        self.on(kind, one)

    def signed(self, kind: str, answer: Callable[[Words, Any, str], Screen]) -> None:
        """The same, with the token of the session that the browser's cookie names."""

        def handler(event: gr.EventData, request: gr.Request) -> Iterator[list[Any]]:
            def one() -> Iterator[Screen]:
                yield answer(self._words, event._data, token_of(request.headers))

            yield from self._told(one)

        self._listen(kind, handler, QUICK)

    def _told(self, screens: Callable[[], Iterator[Screen]]) -> Iterator[list[Any]]:
        try:
            for screen in screens():
                yield self._updates(screen)
        except MinwonError as exc:
            yield self._updates(self._trouble(self._words, exc))
        except Exception as exc:  # noqa: BLE001 - the page's edge: a sentence, no traceback
            yield self._updates(self._trouble(self._words, incident("", exc)))

    def _listen(self, kind: str, handler: Callable[..., object], limit: int) -> None:
        getattr(self._html, kind)(
            handler,
            outputs=[*self._panels.values(), self._html],
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=limit,
            concurrency_id=f"{kind}-{self._words.scope}-{self._words.language}",
            trigger_mode="multiple",
        )

    def uploaded(self, path: str) -> Path:
        """Only what this page's own upload route wrote a moment ago. Raises BadRequest."""
        if path not in self._page.upload_file_set:
            raise BadRequest
        self._page.upload_file_set.discard(path)
        return Path(path)

    def _updates(self, screen: Screen) -> list[Any]:
        made: list[Any] = []
        for name in self._panels:
            value = getattr(screen, name)
            made.append(gr.skip() if value is None else value)
        command = screen.command
        made.append(gr.skip() if command is None else as_json(command, next(self._serial)))
        return made


def as_json(command: Mapping[str, Any], serial: int) -> str:
    """The command as the script reads it; the serial makes equal commands differ."""
    return json.dumps({**command, "serial": serial}, ensure_ascii=False)


def _on_load(kinds: Sequence[str]) -> str:
    return f"""
const send = (kind) => (data) => trigger(kind, data);
const kinds = {json.dumps(list(kinds))};
window.MinwonDesk.connect(Object.fromEntries(kinds.map((kind) => [kind, send(kind)])));
watch('value', () => window.MinwonDesk.obey(props.value));
"""
