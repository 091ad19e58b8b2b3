"""The FastAPI application: pages by Gradio, health, recordings, and the headers that guard them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.api.health import health_router
from demo.api.media import media_router
from demo.intake import Intake
from demo.tabs import intake as intake_page
from pipelines.wording import languages

STATIC = Path(__file__).resolve().parent / "static"
FONTS = ["Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumSquare", "Nanum Gothic",
         "Apple SD Gothic Neo", "Malgun Gothic", "system-ui", "sans-serif"]  # fmt: skip
MONO = ["ui-monospace", "D2Coding", "Nanum Gothic Coding", "Consolas", "monospace"]
# Gradio's front end compiles its templates at run time, hence 'unsafe-eval'; nothing from outside.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
NO_DOCS: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
}


def create_app(intake: Intake, models: Callable[[], dict[str, str]]) -> FastAPI:
    """Everything that is served. `models`: name -> state, for /health/ready.

    The default language lies at /, every other one at /<language>/.
    """
    app = FastAPI(title="Minwon Desk", **NO_DOCS)
    app.include_router(health_router(models, intake.store.database))
    app.include_router(media_router(intake.store, intake.links))
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    default = intake.settings.ui_language
    paths = {code: "/" if code == default else f"/{code}/" for code in languages()}
    ordered = sorted(paths, key=lambda code: (code != default, code))
    offered = [(code, paths[code]) for code in ordered]
    for code in reversed(ordered):  # the page at / answers everything that is left: it comes last
        if code != default:
            app.add_api_route(f"/{code}", _to(paths[code]), include_in_schema=False)
        _mount(app, intake, code, offered)
    app.add_middleware(Guard)
    return app


def _to(path: str) -> Callable[[], RedirectResponse]:
    def redirect() -> RedirectResponse:
        return RedirectResponse(path, status_code=308)

    return redirect


def _mount(app: FastAPI, intake: Intake, code: str, offered: list[tuple[str, str]]) -> None:
    script = f'<script src="/ui/page.js?{_stamp("page.js")}"></script>'
    head = (
        f'<link rel="stylesheet" href="/ui/page.css?{_stamp("page.css")}">'
        '<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">'
        '<meta name="color-scheme" content="light dark">'
        f"<script>document.documentElement.lang={code!r}</script>"
    )
    gr.mount_gradio_app(
        app,
        intake_page.build(intake, code, offered, script),
        path=dict(offered)[code].rstrip("/") or "/",
        app_kwargs=dict(NO_DOCS),
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=False,
        max_file_size=intake.settings.max_file_mb * 1_000_000,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=gr.themes.Base(font=FONTS, font_mono=MONO),
        head=head,
    )


def _stamp(name: str) -> str:
    """Changes with the file, so that no browser keeps an old one."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


class Guard:
    """Adds the headers to every answer that has not set its own; streams pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
