"""The FastAPI application: pages by Gradio, health, media, and the headers that guard them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from demo.api.door import Doorkeeper
from demo.api.films import films_router
from demo.api.health import health_router
from demo.api.live import live_router
from demo.api.media import media_router
from demo.api.office import office_router
from demo.api.papers import nobody, papers_router
from demo.api.sign_in import SignIn, sign_in_router
from demo.compare.room import CompareRoom
from demo.films.room import FilmRoom
from demo.gate import Gate, Guarded, opener
from demo.headers import Guard
from demo.insights.room import InsightsRoom
from demo.intake import Intake
from demo.interfaces import Interfaces
from demo.late import LatePages
from demo.office.handout import OfficeHandout
from demo.office.room import OfficeRoom
from demo.papers.room import PaperRoom
from demo.tabs import compare as compare_page
from demo.tabs import desk as desk_page
from demo.tabs import documents as documents_page
from demo.tabs import insights as insights_page
from demo.tabs import intake as intake_page
from demo.tabs import tools as tools_page
from demo.tabs import video as video_page
from demo.tabs.page import NO_DOCS, STATIC, Tab, frame_of, page_app, stamp
from demo.tongues import Listening, Tongues
from demo.tools import MAX_CALL_BYTES, Tools
from pipelines.settings import Settings

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
) -> FastAPI:
    """Everything that is served. `models`: name -> state, for /health/ready.

    Without a `room` there is no page for documents, without `films` none for videos, without
    `duels` none that compares models, without `insights` no plots, without `interfaces` nothing for
    programs; without an `office` there is no desk, nobody signs in, and the others ask nobody who
    it is.
    """
    default = intake.settings.ui_language
    tabs = _tabs(intake, room, films, duels, insights, office)
    places = [(path, tab, code) for tab in tabs for code, path in tab.paths(default).items()]
    pages = LatePages(
        {
            path.rstrip("/"): partial(page_app, tab, code, path, frame_of(tab, code, default, tabs))
            for path, tab, code in places
        }
    )
    app = FastAPI(title="Minwon Desk", lifespan=pages.lifespan, **NO_DOCS)
    app.include_router(health_router(models, intake.store.database))
    app.include_router(media_router(intake.store, intake.links, intake.pages))
    may_open = opener(office.door, office.store.audit) if office is not None else nobody
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
    if office is not None:
        guarded = [path for path, tab, _ in places if tab.right is not None]
        _let_sign_in(app, office, sorted(guarded, key=lambda path: "desk" not in path), default)
    for path, _, _ in places:
        if path != "/":
            app.add_api_route(path.rstrip("/"), _to(path), include_in_schema=False)
    app.mount("/", pages)  # answers everything that is left
    door = office.door if office is not None else None
    app.add_middleware(Gate, door=door, guarded=_guarded(places))
    app.add_middleware(Listening, tongues=_tongues(tabs, intake.settings))
    app.add_middleware(Guard)
    return app


def _let_sign_in(app: FastAPI, office: OfficeRoom, pages: list[str], default: str) -> None:
    styles = [f"/ui/{name}?{stamp(name)}" for name in ("page.css", "desk.css")]
    desk = SignIn(door=office.door, pages=pages, styles=styles, language=default)
    app.include_router(sign_in_router(desk))
    app.include_router(office_router(OfficeHandout(room=office)))


def _guarded(places: Sequence[tuple[str, Tab, str]]) -> dict[str, Guarded]:
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


def _tabs(
    intake: Intake,
    room: PaperRoom | None,
    films: FilmRoom | None,
    duels: CompareRoom | None,
    insights: InsightsRoom | None,
    office: OfficeRoom | None,
) -> list[Tab]:
    limits = intake.settings
    tabs = [
        Tab(
            name="voice",
            folder="",
            script="page.js",
            beside=("evidence.js",),
            max_file_mb=limits.max_file_mb,
            build=lambda *page: intake_page.build(intake, *page),
        )
    ]
    if room is not None:
        tabs.append(
            Tab(
                name="documents",
                right="papers",
                folder="documents/",
                script="papers.js",
                styles=("papers.css",),
                max_file_mb=limits.max_document_mb,
                build=lambda *page: documents_page.build(room, *page),
            )
        )
    if films is not None:
        tabs.append(
            Tab(
                name="video",
                right="papers",
                folder="video/",
                script="films.js",
                beside=("live.js",),
                styles=("papers.css", "films.css"),
                max_file_mb=limits.max_file_mb,
                build=lambda *page: video_page.build(films, *page),
            )
        )
    if duels is not None:
        tabs.append(
            Tab(
                name="compare",
                right="papers",
                folder="compare/",
                script="compare.js",
                styles=("papers.css", "compare.css"),
                max_file_mb=limits.max_file_mb,
                build=lambda *page: compare_page.build(duels, *page),
            )
        )
    if insights is not None:
        tabs.append(
            Tab(
                name="insights",
                right="insights",
                cases=True,
                folder="insights/",
                script="insights.js",
                styles=("insights.css",),
                max_file_mb=1,
                build=lambda *page: insights_page.build(insights, *page),
            )
        )
    if office is not None:
        tabs.append(
            Tab(
                name="desk",
                right="read",
                cases=True,
                folder="desk/",
                script="desk.js",
                beside=("evidence.js",),
                styles=("papers.css", "desk.css"),
                max_file_mb=1,
                build=lambda *page: desk_page.build(office, *page),
            )
        )
    return tabs


def _to(path: str) -> Callable[[], RedirectResponse]:
    def redirect() -> RedirectResponse:
        return RedirectResponse(path, status_code=308)

    return redirect


def _tongues(tabs: Sequence[Tab], settings: Settings) -> Tongues:
    default = settings.ui_language
    found = [tab.paths(default) for tab in tabs]
    return Tongues(
        pages={path: places for places in found for path in places.values()},
        default=default,
        fixed="ui_language" in settings.model_fields_set,
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
