"""Pages and exports of an official's papers, by signed links that die with the session."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from demo.api.media import GUARD
from demo.gate import MayOpen
from demo.papers.handout import Handout, NothingToHandOut
from demo.papers.links import PaperLinks
from demo.papers.sessions import PapersNotFound, Sessions
from demo.papers.shots import Shots, ShotsBusy, Size
from demo.store.audit import Facts
from pipelines.errors import MinwonError

log = logging.getLogger(__name__)
NO_PAGE = 410
"""The file is there, this page of it can't be drawn."""


def nobody(request: Request, facts: Facts) -> bool:
    """Who may see what is hidden, where no one else decides it."""
    del request, facts
    return False


def allow(original: bool, may_open: MayOpen, request: Request, facts: Facts) -> None:
    """Nothing for what is hidden as always. Raises PapersNotFound for an original that they may
    not see; one that they may is in the audit then.
    """
    if original and not may_open(request, facts):
        raise PapersNotFound


def papers_router(
    sessions: Sessions,
    shots: Shots,
    links: PaperLinks,
    handout: Handout,
    may_open: MayOpen = nobody,
) -> APIRouter:
    """GET /papers/{token}/page/{number} (size=small, page or large): a JPEG, faces and plates
    blurred. GET /papers/{token}/out/{name}: an export, masked. Both with original=1 as they are,
    for whom `may_open` lets. One and the same 404 for all that may not be seen.
    """
    router = APIRouter(tags=["papers"])

    @router.get("/papers/{token}/page/{page_no}")
    def page(
        request: Request, token: str, page_no: int, size: Size = "page", original: bool = False
    ) -> Response:
        try:
            session_id, what = links.read(token)
            session = sessions.by_id(session_id)
            if not what.isdecimal():
                raise PapersNotFound
            facts: Facts = {"file": session.file_hash(int(what)), "page_no": page_no}
            allow(original, may_open, request, facts)
            picture = shots.page(session, int(what), page_no, size, original=original)
        except PapersNotFound:
            return nothing()
        except ShotsBusy as exc:
            again = {**GUARD, "Retry-After": "1"}
            return JSONResponse({"code": exc.code}, status_code=503, headers=again)
        except MinwonError as exc:
            log.info("a page was not drawn: %s", exc.code)
            return JSONResponse({"code": exc.code}, status_code=NO_PAGE, headers=GUARD)
        return Response(picture, media_type="image/jpeg", headers=GUARD)

    @router.get("/papers/{token}/out/{name}")
    def out(
        request: Request, token: str, name: str, language: str = "ko", original: bool = False
    ) -> Response:
        try:
            session_id, what = links.read(token)
            session = sessions.by_id(session_id)
            if what != "out":
                raise PapersNotFound
            allow(original, may_open, request, {"export": name[:40]})
            made = handout.make(session, name, language, original=original)
        except (PapersNotFound, NothingToHandOut):
            return nothing()
        disposition = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return Response(
            made.content,
            media_type=made.media_type,
            headers={**GUARD, "Content-Disposition": disposition},
        )

    return router


def nothing() -> JSONResponse:
    """The same for all that may not be seen."""
    return JSONResponse({"code": "not_found"}, status_code=404, headers=GUARD)
