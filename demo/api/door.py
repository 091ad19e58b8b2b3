"""The door before every interface for programs: origin, rate, size; and who is calling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.api.limits import Kind, Throttle, neighbourhood
from demo.api.problems import ShapeProblem, ours, status_of
from demo.gate import is_foreign
from demo.store.interface_tables import Right
from demo.store.keys import Caller, KeyStore
from pipelines.addresses import is_private, literal
from pipelines.errors import MinwonError
from pipelines.interface_errors import (
    ApiForeignOrigin,
    ApiKeyNeeded,
    ApiNotFound,
    ApiRightNeeded,
    ApiTooLarge,
)

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
KEY_HEADER = "x-api-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDoor:
    """What every interface asks before it does anything. Thread-safe."""

    keys: KeyStore
    throttle: Throttle
    max_body_bytes: int
    public_host: str = ""
    """The host of the office's public address."""

    def enter(self, request: Request, right: Right, given: str = "") -> Caller:
        """The program behind a key that has this right. `given`: a key from the body.

        Raises ApiKeyNeeded, ApiRightNeeded, ApiTooMany.
        """
        caller = self.caller(request, given)
        if caller is None:
            raise ApiKeyNeeded
        if right not in caller.rights:
            raise ApiRightNeeded(right=right)
        return caller

    def caller(self, request: Request, given: str = "") -> Caller | None:
        """Who holds the key of this call; None where it has none. A wrong one is an error.

        Wrong keys count like wrong receipts. Raises ApiKeyNeeded, ApiTooMany.
        """
        key = given or key_of(request.headers)
        if not key:
            return None
        who = address_of(request.scope)
        self.throttle.check("wrong", who)
        caller = self.keys.caller(key)
        if caller is None:
            self.throttle.take("wrong", who)
            raise ApiKeyNeeded
        self.throttle.take("keyed", caller.name)
        return caller

    def is_here(self, request: Request) -> bool:
        """True for a call from this very machine that no proxy passed on."""
        passed_on = any(name in request.headers for name in FORWARDED)
        client = request.client
        address = literal(client.host) if client is not None else None
        return not passed_on and address is not None and address.is_loopback


def key_of(headers: Headers) -> str:
    """From `Authorization: Bearer` or `X-Api-Key`; never from the address, which logs keep."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else headers.get(KEY_HEADER, "")


def address_of(scope: Scope) -> str:
    """The caller's address as far as it counts for limits."""
    client = scope.get("client")
    return neighbourhood(client[0]) if client else "unknown"


def check_host(headers: Headers, public_host: str) -> None:
    """A name that somebody pointed at this machine (DNS rebinding) opens nothing."""
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    if host != public_host.lower() and not is_private(host):
        raise ApiForeignOrigin


class Doorkeeper:
    """ASGI: refuses a foreign page, a flood and a body over the limit while it still comes in."""

    def __init__(
        self,
        app: ASGIApp,
        door: KeyDoor,
        shape: ShapeProblem,
        refused: Callable[[str], None],
        *,
        only: tuple[str, str] | None = None,
    ) -> None:
        """`only`: (folder, address): guard what lies in that folder, and let nothing through but
        that address, called by a name of ours and not by a browser that opens a page.
        """
        self._app, self._door, self._shape = app, door, shape
        self._refused, self._only = refused, only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_mine(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._check(request)
        except MinwonError as refusal:
            await self._refuse(request, refusal)(scope, receive, send)
            return
        counted = _Counted(receive, send, self._door.max_body_bytes)
        error: MinwonError | None = None
        try:
            await self._app(scope, counted.receive, counted.send)
        except Exception as exc:  # noqa: BLE001 - the interface's edge: a code, no traceback
            error = ours(exc)
        if counted.over:
            error = ApiTooLarge(limit_mb=self._door.max_body_bytes // 1_000_000)
        if error is not None and not counted.started:
            await self._refuse(request, error)(scope, receive, send)

    def _is_mine(self, path: str) -> bool:
        return self._only is None or path.startswith(self._only[0])

    def _check(self, request: Request) -> None:
        if is_foreign(request.headers):
            raise ApiForeignOrigin
        if self._only is not None:
            check_host(request.headers, self._door.public_host)
            if request.url.path.rstrip("/") != self._only[1] or request.method != "POST":
                raise ApiNotFound
        kind: Kind = "keyed" if key_of(request.headers) else "call"
        self._door.throttle.take(kind, address_of(request.scope))
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._door.max_body_bytes:
            raise ApiTooLarge(limit_mb=self._door.max_body_bytes // 1_000_000)

    def _refuse(self, request: Request, error: MinwonError) -> Response:
        self._refused(error.code)
        return self._shape(request, error, status_of(error))


class _Counted:
    """Once the body is over its limit the application hears that the caller has gone; whatever it
    answers then is dropped.
    """

    def __init__(self, receive: Receive, send: Send, limit_bytes: int) -> None:
        self._receive, self._send, self._left = receive, send, limit_bytes
        self.started = False
        self.over = False

    async def receive(self) -> Message:
        if self.over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.over = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self.over and not self.started:
            return
        if not self.started:
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        self.started = True
        await self._send(message)
