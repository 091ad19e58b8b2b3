"""The audit as CSV: GET /office/audit.csv with the filters of the page in the query."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from demo.access import may
from demo.admin.asks import LookAtAudit
from demo.admin.audit import AuditRoom
from demo.api.media import GUARD
from demo.asks import BadRequest, read
from demo.gate import token_of


def audit_router(room: AuditRoom) -> APIRouter:
    """401 for who is not signed in, 403 for who may not, 400 for a filter that is none."""
    router = APIRouter(tags=["audit"])

    @router.get("/office/audit.csv")
    def export(request: Request) -> Response:
        user = room.door.user(token_of(request.headers))
        if user is None or not may(user, "audit"):
            code, status = ("access.signed_out", 401) if user is None else ("access.denied", 403)
            return JSONResponse({"code": code}, status_code=status, headers=GUARD)
        try:
            ask = read(LookAtAudit, dict(request.query_params))
        except BadRequest as exc:
            return JSONResponse({"code": exc.code}, status_code=400, headers=GUARD)
        headers = {**GUARD, "Content-Disposition": 'attachment; filename="audit.csv"'}
        lines = room.export(user, ask)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

    return router
