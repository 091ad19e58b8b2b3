"""GET /metrics: for this very machine, or for a key with the right "metrics"."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request

from demo.api.door import KeyDoor
from demo.api.health import NO_STORE
from demo.api.problems import headers_of, status_of
from demo.metrics import Meter
from pipelines.errors import MinwonError

TEXT = "text/plain; version=1.0.0; charset=utf-8"


def metrics_router(meter: Meter, door: KeyDoor) -> APIRouter:
    """A call that a proxy passed on is not from here, whatever its last hop was."""
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        try:
            if not door.is_here(request):
                door.enter(request, "metrics")
            return Response(meter.text(), media_type=TEXT, headers=NO_STORE)
        except MinwonError as error:
            return JSONResponse({"code": error.code}, status_of(error), headers_of(error))

    return router
