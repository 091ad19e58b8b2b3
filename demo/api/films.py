"""A visitor's own video, its frames, clips and exports, by signed links that die with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from demo.api.media import GUARD, file_response
from demo.api.papers import NO_PAGE, allow, nobody, nothing
from demo.films.clip import clip_of
from demo.films.room import FilmRoom
from demo.gate import MayOpen
from demo.papers.handout import NothingToHandOut
from demo.papers.session import Session
from demo.papers.sessions import PapersNotFound
from demo.papers.shots import ShotsBusy, Size
from demo.store.audit import Facts
from pipelines.errors import MinwonError
from pipelines.readers.veil import ClipMade

log = logging.getLogger(__name__)


def films_router(room: FilmRoom, may_open: MayOpen = nobody) -> APIRouter:
    """GET /films/{token}/file: the video itself, whole or by Range;
    /films/{token}/frame/{number} (size=small, page or large): a blurred JPEG;
    /films/{token}/clip: a blurred clip; /films/{token}/out/{name}: an export, masked; frames and
    exports with original=1 as they are, for whom `may_open` lets.
    One and the same 404 for all that may not be seen.
    """
    router = APIRouter(prefix="/films", tags=["films"])

    def session_of(token: str) -> tuple[Session, str]:
        session_id, what = room.links.read(token)
        return room.desk.sessions.by_id(session_id), what

    @router.get("/{token}/file")
    @router.head("/{token}/file")
    def file(token: str) -> Response:
        return _answered(lambda: _file(*session_of(token)))

    @router.get("/{token}/frame/{number}")
    def frame(
        request: Request, token: str, number: int, size: Size = "page", original: bool = False
    ) -> Response:
        def make() -> Response:
            session, what = session_of(token)
            if not what.isdecimal():
                raise PapersNotFound
            facts: Facts = {"file": session.file_hash(int(what)), "frame": number}
            allow(original, may_open, request, facts)
            picture = room.shots.page(session, int(what), number, size, original=original)
            return Response(picture, media_type="image/jpeg", headers=GUARD)

        return _answered(make)

    @router.get("/{token}/clip")
    def clip(token: str) -> Response:
        return _answered(lambda: _clip(*session_of(token)))

    @router.get("/{token}/out/{name}")
    def out(
        request: Request, token: str, name: str, language: str = "ko", original: bool = False
    ) -> Response:
        def make() -> Response:
            session, what = session_of(token)
            if what != "out":
                raise PapersNotFound
            allow(original, may_open, request, {"export": name[:40]})
            made = room.handout.make(session, name, language, original=original)
            disposition = f"attachment; filename*=UTF-8''{quote(made.name)}"
            headers = {**GUARD, "Content-Disposition": disposition}
            return Response(made.content, media_type=made.media_type, headers=headers)

        return _answered(make)

    return router


def _file(session: Session, what: str) -> Response:
    media = clip_of(session).media
    if not what.isdecimal() or media is None or not media.path.is_file():
        raise PapersNotFound
    return file_response(media.path, media.media_type, media.sha256[:12])


def _clip(session: Session, what: str) -> Response:
    kind, _, number = what.partition("-")
    task = session.tasks.get(int(number)) if kind == "clip" and number.isdecimal() else None
    made = task.result if task is not None else None
    if not isinstance(made, ClipMade) or not made.path.is_file():
        raise PapersNotFound
    name = f"clip-{made.start_s:.0f}-{made.end_s:.0f}"
    return file_response(made.path, "video/mp4", name, save=True)


def _answered(make: Callable[[], Response]) -> Response:
    try:
        return make()
    except (PapersNotFound, NothingToHandOut):
        return nothing()
    except ShotsBusy as exc:
        again = {**GUARD, "Retry-After": "1"}
        return JSONResponse({"code": exc.code}, status_code=503, headers=again)
    except MinwonError as exc:
        log.info("a picture was not made: %s", exc.code)
        return JSONResponse({"code": exc.code}, status_code=NO_PAGE, headers=GUARD)
