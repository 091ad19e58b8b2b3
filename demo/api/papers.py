"""Pages and exports of an official's papers, by signed links that die with the session."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from demo.api.media import GUARD
from demo.papers.handout import Handout, NothingToHandOut
from demo.papers.links import PaperLinks
from demo.papers.sessions import PapersNotFound, Sessions
from demo.papers.shots import Shots, ShotsBusy, Size
from pipelines.errors import MinwonError

log = logging.getLogger(__name__)
MayOpen = Callable[[Request], bool]
"""True where whoever asks has the right; the one who answers writes it into the audit."""
NO_PAGE = 410
"""The file is there, this page of it can't be drawn."""


def nobody(request: Request) -> bool:
    """Who may take personal data away unmasked, where no one else decides it."""
    del request
    return False


def papers_router(
    sessions: Sessions,
    shots: Shots,
    links: PaperLinks,
    handout: Handout,
    may_open: MayOpen = nobody,
) -> APIRouter:
    """GET /papers/{token}/page/{number} (size=small, page or large): a JPEG.
    GET /papers/{token}/out/{name}: an export, masked; with original=1 as it is, for whom
    `may_open` lets. One and the same 404 for all that may not be seen.
    """
    router = APIRouter(tags=["papers"])

    @router.get("/papers/{token}/page/{page_no}")
    def page(token: str, page_no: int, size: Size = "page") -> Response:
        try:
            session_id, what = links.read(token)
            session = sessions.by_id(session_id)
            if not what.isdecimal():
                raise PapersNotFound
            picture = shots.page(session, int(what), page_no, size)
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
            if what != "out" or (original and not may_open(request)):
                raise PapersNotFound
            session = sessions.by_id(session_id)
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
