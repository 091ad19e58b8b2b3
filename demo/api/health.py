"""Is the process alive, and may it be sent work? For supervisors and load balancers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from demo.store.database import Database

READY = "ready"
NO_STORE = {"Cache-Control": "no-store"}


def health_router(models: Callable[[], Mapping[str, str]], database: Database) -> APIRouter:
    """GET /health/live and /health/ready.

    `models`: name -> state (cold, loading, ready, failed), cheap to call. Live is always 200 and
    touches nothing. Ready is 200 when every model is ready and the database answers, else 503;
    the body says what is not.
    """
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=NO_STORE)

    @router.get("/ready")
    def ready() -> JSONResponse:
        states = dict(models())
        answers = database.answers()
        whole = answers and all(state == READY for state in states.values())
        body = {
            "status": READY if whole else "not ready",
            "models": states,
            "database": READY if answers else "failed",
        }
        return JSONResponse(body, status_code=200 if whole else 503, headers=NO_STORE)

    return router
