"""The FastAPI application: pages by Gradio, health, media, and the headers that guard them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from demo.admin.rooms import Administration
from demo.api.audit import audit_router
from demo.api.door import Doorkeeper
from demo.api.films import films_router
from demo.api.health import health_router
from demo.api.live import live_router
from demo.api.media import media_router
from demo.api.office import office_router
from demo.api.papers import nobody, papers_router
from demo.api.sign_in import SignIn, me_router, sign_in_router
from demo.compare.room import CompareRoom
from demo.compose import Frame
from demo.films.room import FilmRoom
from demo.gate import Gate, Guarded, case_opener, opener
from demo.headers import Guard
from demo.insights.room import InsightsRoom
from demo.intake import Intake
from demo.interfaces import Interfaces
from demo.office.handout import OfficeHandout
from demo.office.room import OfficeRoom
from demo.papers.room import PaperRoom
from demo.tabs import tools as tools_page
from demo.tabs.pages import Tab, tabs_of
from demo.tools import MAX_CALL_BYTES, Tools
from pipelines.wording import languages

STATIC = Path(__file__).resolve().parent / "static"
FONTS = ["Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumSquare", "Nanum Gothic",
         "Apple SD Gothic Neo", "Malgun Gothic", "system-ui", "sans-serif"]  # fmt: skip
MONO = ["ui-monospace", "D2Coding", "Nanum Gothic Coding", "Consolas", "monospace"]
NO_DOCS: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
TOOLS = "/mcp"


def create_app(
    intake: Intake,
    models: Callable[[], dict[str, str]],
    room: PaperRoom | None = None,
    films: FilmRoom | None = None,
    duels: CompareRoom | None = None,
    insights: InsightsRoom | None = None,
    office: OfficeRoom | None = None,
    interfaces: Interfaces | None = None,
    admin: Administration | None = None,
) -> FastAPI:
    """Everything that is served. `models`: name -> state, for /health/ready.

    Without a `room` there is no page for documents, without `films` none for videos, without
    `duels` none that compares models, without `insights` no plots, without `interfaces` nothing for
    programs, without `admin` no pages for accounts and for the audit; without an `office` there is
    no desk, nobody signs in, and the others ask nobody who it is.
    """
    app = FastAPI(title="Minwon Desk", **NO_DOCS)
    app.include_router(health_router(models, intake.store.database))
    door = office.door if office is not None else None
    audit = intake.store.audit
    of_case = case_opener(office.door, office.docket, audit) if office is not None else None
    app.include_router(media_router(intake.store, intake.links, intake.pages, of_case))
    app.include_router(me_router(door))
    may_open = opener(door, audit) if door is not None else nobody
    if room is not None:
        parts = (room.desk.sessions, room.shots, room.links, room.handout)
        app.include_router(papers_router(*parts, may_open=may_open))
    if films is not None:
        app.include_router(films_router(films, may_open=may_open))
        app.include_router(live_router(films.live))
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    if interfaces is not None:
        interfaces.mount(app)
        if interfaces.tools is not None:
            _mount_tools(app, interfaces, interfaces.tools)
    default = intake.settings.ui_language
    tabs = tabs_of(intake, room, films, duels, insights, office, admin)
    places = [(tab.path(code, default), tab, code) for tab in tabs for code in languages()]
    if office is not None:
        pages = [path for path, tab, _ in places if tab.name == "desk"]
        pages += [path for path, tab, _ in places if tab.right is not None and path not in pages]
        _let_sign_in(app, office, sorted(pages, key=lambda path: "desk" not in path), default)
    if admin is not None:
        app.include_router(audit_router(admin.audit))
    # The page at / answers everything that is left: the longest address comes first.
    for path, tab, code in sorted(places, key=lambda place: -len(place[0])):
        if path != "/":
            app.add_api_route(path.rstrip("/"), _to(path), include_in_schema=False)
        _mount(app, tab, code, path, _frame(tab, code, default, tabs))
    app.add_middleware(Gate, door=door, guarded=guarded(places))
    app.add_middleware(Guard)
    return app


def _let_sign_in(app: FastAPI, office: OfficeRoom, pages: list[str], default: str) -> None:
    styles = [f"/ui/{name}?{_stamp(name)}" for name in ("page.css", "desk.css")]
    desk = SignIn(door=office.door, pages=pages, styles=styles, language=default)
    app.include_router(sign_in_router(desk))
    app.include_router(office_router(OfficeHandout(room=office)))


def guarded(places: Sequence[tuple[str, Tab, str]]) -> dict[str, Guarded]:
    """What to ask before each page for officials and before the routes that serve it."""
    made = {
        path.rstrip("/"): Guarded(right=tab.right, always=tab.cases)
        for path, tab, _ in places
        if tab.right is not None
    }
    papers = Guarded(right="papers")
    return made | {
        "/papers": papers,
        "/films": papers,
        "/office": Guarded(right="read", always=True),
    }


def _frame(tab: Tab, code: str, default: str, tabs: Sequence[Tab]) -> Frame:
    ordered = sorted(languages(), key=lambda other: (other != default, other))
    return Frame(
        page=tab.name,
        pages=tuple((other.name, other.path(code, default)) for other in tabs),
        hidden={other.name: other.right for other in tabs if other.hidden and other.right},
        languages=tuple((other, tab.path(other, default)) for other in ordered),
    )


def _to(path: str) -> Callable[[], RedirectResponse]:
    def redirect() -> RedirectResponse:
        return RedirectResponse(path, status_code=308)

    return redirect


def _mount(app: FastAPI, tab: Tab, code: str, path: str, frame: Frame) -> None:
    sheets = ("page.css", *tab.styles)
    head = (
        "".join(f'<link rel="stylesheet" href="/ui/{name}?{_stamp(name)}">' for name in sheets)
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


def _mount_tools(app: FastAPI, interfaces: Interfaces, tools: Tools) -> None:
    """Gradio's MCP server at /mcp/gradio_api/mcp, and nothing else of that Blocks."""
    gr.mount_gradio_app(
        app,
        tools_page.build(tools),
        path=TOOLS,
        app_kwargs=dict(NO_DOCS),
        allowed_paths=[],
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        pwa=False,
        mcp_server=True,
        enable_monitoring=False,
        run_history=False,
    )
    app.add_middleware(
        Doorkeeper,
        door=replace(interfaces.door, max_body_bytes=MAX_CALL_BYTES),
        shape=interfaces.api.shape,
        refused=interfaces.meter.refused,
        only=(TOOLS, f"{TOOLS}/gradio_api/mcp"),
    )


def _script(name: str) -> str:
    return f'<script src="/ui/{name}?{_stamp(name)}"></script>'


def _stamp(name: str) -> str:
    """Changes with the file, so that no browser keeps an old one."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
