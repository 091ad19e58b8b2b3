"""In which language an address answers that names none.

`/en/` is English for everybody. `/` asks, in this order: what the person chose in the menu, what
the operator set (MINWON_UI_LANGUAGE), what the browser prefers, and is Korean otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.api.problems import language_of
from demo.gate import wants_page

COOKIE = "minwon_language"
CHOICE = "language"
"""The menu's links carry it: /?language=ja."""
REMEMBERED_S = 365 * 24 * 3600


def choice(path: str, code: str) -> str:
    """The menu's link to a page of ours in a language."""
    return f"{path}?{urlencode({CHOICE: code})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongues:
    """Where the pages lie, and who decides."""

    pages: Mapping[str, Mapping[str, str]]
    """Address of a page in any language -> language -> its address in that language."""
    default: str
    """The language of the addresses that name none."""
    fixed: bool
    """The operator set it: the browser's wishes don't count."""

    def answer(self, request: Request) -> Response | None:
        """Where the person goes instead; None = the address answers itself."""
        places = self.pages.get(request.url.path)
        if places is None or request.method != "GET" or not wants_page(request.headers):
            return None
        chosen = request.query_params.get(CHOICE, "")
        if chosen in places:
            return self._chosen(request, places[chosen], chosen)
        going = places[self._wished(request, places)]
        if request.url.path != places[self.default] or request.url.path == going:
            return None
        return _go(going, request.url.query)

    def _wished(self, request: Request, places: Mapping[str, str]) -> str:
        remembered = request.cookies.get(COOKIE, "")
        if remembered in places:
            return remembered
        accepted = "" if self.fixed else request.headers.get("accept-language", "")
        return language_of(accepted, self.default)

    def _chosen(self, request: Request, place: str, code: str) -> Response:
        rest = [pair for pair in request.query_params.multi_items() if pair[0] != CHOICE]
        answer = _go(place, urlencode(rest))
        answer.set_cookie(
            COOKIE,
            code,
            max_age=REMEMBERED_S,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
        )
        return answer


def _go(place: str, query: str) -> Response:
    answer = RedirectResponse(f"{place}?{query}" if query else place, status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class Listening:
    """ASGI. Answers for the application where a page in another language is meant."""

    def __init__(self, app: ASGIApp, tongues: Tongues) -> None:
        self._app, self._tongues = app, tongues

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whatever is no page."""
        instead = self._tongues.answer(Request(scope)) if scope["type"] == "http" else None
        await (instead or self._app)(scope, receive, send)
