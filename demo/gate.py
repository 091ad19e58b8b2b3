"""The gate before every route: who asks, may they, and does their own page ask.

Pages for officials, and the routes that serve them, ask who it is as soon as anybody has an account
(or MINWON_REQUIRE_LOGIN says so); the desk, which shows people's cases, always does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.access import Action, User, may
from demo.store.accounts import Accounts
from demo.store.audit import Audit

COOKIE = "minwon_session"
SIGN_IN = "/sign-in"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_COOKIE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who stands before it."""

    accounts: Accounts
    required: bool = False
    """Ask even while nobody has an account."""
    demo: bool = False
    """Offer the ready accounts of a demonstration."""

    def user(self, token: str) -> User | None:
        """Whose session it is."""
        return self.accounts.user(token)

    def lets_in(self, token: str, right: Action, *, always: bool) -> tuple[User | None, bool]:
        """(who it is, whether they may pass). `always`: even where nobody has an account."""
        user = self.user(token)
        if user is not None:
            return user, may(user, right)
        return None, not (always or self.required or self.accounts.any())


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What one needs to pass to an address and to all below it."""

    right: Action
    always: bool = False


class Gate:
    """ASGI. `guarded`: the beginning of an address, such as /desk -> what it needs."""

    def __init__(self, app: ASGIApp, door: Door | None, guarded: Mapping[str, Guarded]) -> None:
        self._app, self._door, self._guarded = app, door, dict(guarded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the application where it may not be asked."""
        refusal = None
        if scope["type"] == "http":
            refusal = await self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        if request.method not in SAFE and is_foreign(request.headers):
            return JSONResponse({"code": "access.foreign_origin"}, status_code=403)
        needed = self._needed(request.url.path)
        if needed is None or self._door is None:
            return None
        token = token_of(request.headers)
        user, passes = await run_in_threadpool(
            self._door.lets_in, token, needed.right, always=needed.always
        )
        if passes:
            return None
        if user is None and request.method == "GET" and wants_page(request.headers):
            place = f"{SIGN_IN}?next={quote(request.url.path)}"
            return RedirectResponse(place, status_code=303, headers={"Cache-Control": "no-store"})
        code, status = ("access.denied", 403) if user is not None else ("access.signed_out", 401)
        return JSONResponse({"code": code}, status_code=status)

    def _needed(self, path: str) -> Guarded | None:
        for start, needed in self._guarded.items():
            if path == start or path.startswith(f"{start}/"):
                return needed
        return None


def is_foreign(headers: Mapping[str, str]) -> bool:
    """True where another site's page sends it. Programs, which send no Origin, are none.

    A browser that says itself whose page it was is believed: no page can change that header, and
    a form of a page without a referrer sends the Origin "null". Else only host and port are
    compared: a proxy that takes off TLS changes the scheme.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"cross-site", "same-site"}
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:
        return True


def opener(door: Door, audit: Audit) -> Callable[[Request], bool]:
    """Whether who asks may have an export as it is; each time one may, the audit says who."""

    def may_open(request: Request) -> bool:
        user = door.user(token_of(request.headers))
        if user is None or not may(user, "originals"):
            return False
        audit.note(user.actor, "originals_opened", None, {"page": request.url.path.split("/")[1]})
        return True

    return may_open


def token_of(headers: Mapping[str, str]) -> str:
    """The session's token that the browser sent; "" without one."""
    try:
        jar = SimpleCookie(headers.get("cookie", "")[:LONGEST_COOKIE])
    except CookieError:
        return ""
    found = jar.get(COOKIE)
    return found.value if found is not None else ""


def wants_page(headers: Mapping[str, str]) -> bool:
    """True where a browser opens a page, not where a script or a program asks for data."""
    return "text/html" in headers.get("accept", "")
