"""The desk's exports: GET /office/export/{kind} with the filters of the list in the query."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from demo.access import may
from demo.api.media import GUARD
from demo.asks import BadRequest, read
from demo.gate import token_of
from demo.office.asks import Listing
from demo.office.handout import TYPES, OfficeHandout
from demo.present import Words
from pipelines.wording import languages


def office_router(handout: OfficeHandout) -> APIRouter:
    """401 for who is not signed in, 403 for who may not, 404 for a kind that there is not."""
    router = APIRouter(prefix="/office", tags=["office"])

    @router.get("/export/{kind}")
    def export(request: Request, kind: str) -> Response:
        user = handout.room.door.user(token_of(request.headers))
        if user is None or not may(user, "export"):
            code, status = ("access.signed_out", 401) if user is None else ("access.denied", 403)
            return JSONResponse({"code": code}, status_code=status, headers=GUARD)
        asked = dict(request.query_params)
        language = asked.pop("language", "ko")
        if kind not in TYPES or language not in languages():
            return JSONResponse({"code": "not_found"}, status_code=404, headers=GUARD)
        try:
            ask = read(Listing, asked)
        except BadRequest as exc:
            return JSONResponse({"code": exc.code}, status_code=400, headers=GUARD)
        made = handout.make(user, ask, kind, Words(language, scope="office"))  # type: ignore[arg-type]
        disposition = f"attachment; filename*=UTF-8''{quote(made.name)}"
        headers = {**GUARD, "Content-Disposition": disposition}
        return Response(made.content, media_type=made.media_type, headers=headers)

    return router
