"""One page of the application: what it is, and the Gradio application that serves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from demo.access import Action
from demo.compose import Frame
from pipelines.wording import languages

STATIC = Path(__file__).resolve().parents[1] / "static"
FONTS = ["Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumSquare", "Nanum Gothic",
         "Apple SD Gothic Neo", "Malgun Gothic", "system-ui", "sans-serif"]  # fmt: skip
MONO = ["ui-monospace", "D2Coding", "Nanum Gothic Coding", "Consolas", "monospace"]
NO_DOCS: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page of the application, in every language."""

    name: str
    """Also the key of its name in [nav]."""
    folder: str
    """Of its address: "" for the first page, "documents/", ..."""
    script: str
    """Its own, in demo/static; shared.js comes before it."""
    beside: tuple[str, ...] = ()
    """Scripts between the two."""
    styles: tuple[str, ...] = ()
    """Its own, in demo/static, beside page.css."""
    max_file_mb: int
    right: Action | None = None
    """What whoever opens it must be allowed to; None = it is for everybody."""
    cases: bool = False
    """It shows people's cases, so it asks even where there is no account yet."""
    build: Callable[[str, Frame, str], gr.Blocks]
    """(language, frame, tag of the script) -> the page."""

    def path(self, language: str, default: str) -> str:
        """The default language lies at /, every other one at /<language>/."""
        return ("/" if language == default else f"/{language}/") + self.folder

    def paths(self, default: str) -> dict[str, str]:
        """Language -> its address, the default language first."""
        ordered = sorted(languages(), key=lambda code: (code != default, code))
        return {code: self.path(code, default) for code in ordered}


def frame_of(tab: Tab, code: str, default: str, tabs: Sequence[Tab]) -> Frame:
    """What stands around a page in a language."""
    return Frame(
        page=tab.name,
        pages=tuple((other.name, other.path(code, default)) for other in tabs),
        languages=tuple(tab.paths(default).items()),
    )


def page_app(tab: Tab, code: str, path: str, frame: Frame) -> FastAPI:
    """An application with this page at its address and nothing else."""
    app = FastAPI(**NO_DOCS)
    sheets = ("page.css", *tab.styles)
    head = (
        "".join(f'<link rel="stylesheet" href="/ui/{name}?{stamp(name)}">' for name in sheets)
        + '<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">'
        '<meta name="color-scheme" content="light dark">'
        f"<script>document.documentElement.lang={code!r}</script>{_script('shared.js')}"
    )
    gr.mount_gradio_app(
        app,
        tab.build(code, frame, "".join(map(_script, (*tab.beside, tab.script)))),
        path=path.rstrip("/") or "/",
        app_kwargs=dict(NO_DOCS),
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=False,
        max_file_size=tab.max_file_mb * 1_000_000,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=gr.themes.Base(font=FONTS, font_mono=MONO),
        head=head,
    )
    return app


def _script(name: str) -> str:
    return f'<script src="/ui/{name}?{stamp(name)}"></script>'


def stamp(name: str) -> str:
    """Changes with the file, so that no browser keeps an old one."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
