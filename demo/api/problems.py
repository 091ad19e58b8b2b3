"""Errors of ours -> what a program is told: RFC 9457, our code, the caller's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from demo.asks import BadRequest
from demo.work import incident
from pipelines import errors, interface_errors
from pipelines.errors import MinwonError
from pipelines.wording import explain, languages

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[MinwonError], int] = {
    interface_errors.ApiKeyNeeded: 401,
    interface_errors.ApiRightNeeded: 403,
    interface_errors.ApiForeignOrigin: 403,
    interface_errors.ApiHumanNeeded: 403,
    interface_errors.ApiNotFound: 404,
    interface_errors.ApiMethodUnknown: 405,
    interface_errors.ApiNotAnswered: 409,
    interface_errors.ApiTooLarge: 413,
    interface_errors.ApiReplayed: 422,
    interface_errors.ApiTooMany: 429,
    interface_errors.ApiBusy: 429,
    interface_errors.ApiInvalid: 400,
    BadRequest: 400,
    errors.CaseFieldInvalid: 400,
    errors.CaseNotFound: 404,
    errors.CaseConflict: 409,
    errors.CaseFiled: 409,
    errors.CaseNotReady: 409,
    errors.CaseTooManyFiles: 422,
    errors.MediaTooLarge: 413,
    errors.MediaRejected: 422,
    errors.ModelBusy: 429,
    errors.StoreUnavailable: 503,
    errors.DiskFull: 507,
}
"""The nearest class in an error's line of descent counts; everything else is a 500."""
ShapeProblem = Callable[[Request, MinwonError, int], Response]


def status_of(error: MinwonError) -> int:
    """The HTTP status for an error of ours."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def language_of(accepted: str, default: str) -> str:
    """The first language of an Accept-Language header that we have words in."""
    known = languages()
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            ranked.append((-float(weight) if weight else -1.0, tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, tag in sorted(ranked, key=lambda r: r[0]) if tag in known), default)


def headers_of(error: MinwonError) -> dict[str, str]:
    """What belongs to the answer beside its body."""
    headers: dict[str, str] = {}
    if "wait_s" in error.facts:
        headers["Retry-After"] = str(error.facts["wait_s"])
    if isinstance(error, interface_errors.ApiKeyNeeded):
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def problem(error: MinwonError, language: str, status: int | None = None) -> JSONResponse:
    """The answer. `facts` are numbers, limits and names of fields, never people's words."""
    number = status_of(error) if status is None else status
    body = {
        "type": f"urn:minwon-desk:error:{error.code}",
        "title": HTTPStatus(number).phrase,
        "status": number,
        "detail": explain(error, language),
        "code": error.code,
        "facts": error.facts,
    }
    return JSONResponse(body, number, headers=headers_of(error), media_type=MEDIA_TYPE)


def ours(exc: Exception) -> MinwonError:
    """Whatever was raised, as an error of ours."""
    if isinstance(exc, MinwonError):
        return exc
    if isinstance(exc, RequestValidationError):
        return _invalid(exc.errors())
    if isinstance(exc, HTTPException):
        if exc.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return interface_errors.ApiMethodUnknown()
        if exc.status_code == HTTPStatus.NOT_FOUND:
            return interface_errors.ApiNotFound()
        return interface_errors.ApiInvalid(field="body", problem="value")
    return incident("", exc)


def catch(app: FastAPI, shape: ShapeProblem, refused: Callable[[str], None]) -> None:
    """Every error of a call takes this shape; `refused` is told its code."""

    async def answer(request: Request, exc: Exception) -> Response:
        error = ours(exc)
        refused(error.code)
        return shape(request, error, status_of(error))

    for kind in (MinwonError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def _invalid(found: Iterable[object]) -> interface_errors.ApiError:
    """The first complaint of pydantic: its field and kind, never its value."""
    first = next(iter(found), None)
    if not isinstance(first, dict):
        return interface_errors.ApiInvalid(field="body", problem="value")
    if first["loc"][0] == "path":
        return interface_errors.ApiNotFound()
    field = ".".join(str(step) for step in first["loc"][1:]) or "body"
    kind = str(first["type"])
    if kind == "missing":
        return interface_errors.ApiInvalid(field=field, problem="missing")
    if kind in {"string_too_long", "too_long"}:
        limit = first["ctx"]["max_length"]
        return interface_errors.ApiInvalid(field=field, problem="length", limit=limit)
    known = "unknown" if kind == "extra_forbidden" else "value"
    # A name that the caller made up is theirs, and may be anything: it is not repeated.
    return interface_errors.ApiInvalid(
        field="unknown" if known == "unknown" else field, problem=known
    )
