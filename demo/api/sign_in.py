"""Signing in and out, one's own password, and the office's own login.

Plain forms, and a cookie that no script reads.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from demo.access import RIGHTS, User, may
from demo.gate import COOKIE, RENEW, SIGN_IN, Door, token_of
from demo.identity import IdentityProvider
from demo.office.sign_in import go_on_page, renew_page, sign_in_page
from demo.present import Words
from demo.refusals import PasswordUnfit, SignInFailed
from demo.store.accounts import ABSOLUTE, DEMO_LOGINS
from demo.store.passwords import MIN_CHARS
from pipelines.wording import languages

log = logging.getLogger(__name__)

STATE = "minwon_state"
STATE_S = 600
LONGEST_FORM = 8_000
# Without any referrer an old browser would send the form's Origin as "null".
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The page for signing in and what it leads to."""

    door: Door
    pages: Sequence[str]
    """Where one may go on, the first by default; an address of anywhere else is never used."""
    styles: Sequence[str]
    language: str
    provider: IdentityProvider | None = None

    def going(self, place: str) -> str:
        """One of our own pages."""
        return place if place in self.pages else self.pages[0]

    def page(self, place: str, *, failed: bool = False) -> HTMLResponse:
        """The form; after a failure once more, with one sentence for whatever it was."""
        going = self.going(place)
        accounts = self.door.accounts
        ready = [
            account.user
            for account in (accounts.all() if self.door.demo else ())
            if account.active and account.user.login.startswith(DEMO_LOGINS)
        ]
        body = sign_in_page(
            self._words(going),
            self.styles,
            place=going,
            failed=failed,
            nobody=not accounts.any(),
            provider=self.provider is not None,
            ready=ready,
        )
        return HTMLResponse(body, status_code=401 if failed else 200, headers=NO_STORE)

    def begin(self, request: Request, form: Mapping[str, str]) -> Response:
        """Try it; with a session it goes on."""
        try:
            _, token = self._signed_in(form, token_of(request.headers))
        except SignInFailed:
            return self.page(form.get("next", ""), failed=True)
        going = self.going(form.get("next", ""))
        answer = RedirectResponse(going, status_code=303, headers=NO_STORE)
        _set(answer, request, COOKIE, token, int(ABSOLUTE.total_seconds()))
        return answer

    def renewal(self, request: Request, form: Mapping[str, str] | None = None) -> Response:
        """The form for one's own password; with a filled one it is tried, and it goes on."""
        user = self.door.user(token_of(request.headers))
        place = request.query_params.get("next", "") if form is None else form.get("next", "")
        going = self.going(place)
        if user is None:
            return RedirectResponse(SIGN_IN, status_code=303, headers=NO_STORE)
        words, said = self._words(going), ""
        if form is not None:
            try:
                token = self._renewed(user, form)
            except (PasswordUnfit, SignInFailed) as exc:
                own = isinstance(exc, PasswordUnfit)
                said = words.error(exc) if own else words.plain("sign_in.old_wrong")
            else:
                answer = RedirectResponse(going, status_code=303, headers=NO_STORE)
                _set(answer, request, COOKIE, token, int(ABSOLUTE.total_seconds()))
                return answer
        body = renew_page(words, self.styles, user, place=going, said=said)
        return HTMLResponse(body, status_code=400 if said else 200, headers=NO_STORE)

    def _renewed(self, user: User, form: Mapping[str, str]) -> str:
        new = form.get("new", "")
        if new != form.get("again", ""):
            raise PasswordUnfit(problem="password", min_chars=MIN_CHARS)
        return self.door.accounts.renew(user, form.get("old", ""), new)

    def _words(self, place: str) -> Words:
        """In the language of the page where it goes on."""
        first = place.split("/")[1]
        return Words(first if first in languages() else self.language)

    def _signed_in(self, form: Mapping[str, str], old: str) -> tuple[User, str]:
        accounts = self.door.accounts
        if "demo" in form:
            if not self.door.demo:
                raise SignInFailed
            return accounts.sign_in_demo(form["demo"], old_token=old)
        return accounts.sign_in(form.get("login", ""), form.get("password", ""), old_token=old)


def sign_in_router(desk: SignIn) -> APIRouter:
    """GET and POST /sign-in and /password, POST /sign-out; with a provider /sign-in/office and its
    way back.
    """
    router = APIRouter(tags=["sign-in"])

    @router.get(SIGN_IN)
    def ask(request: Request) -> Response:
        return desk.page(request.query_params.get("next", ""))

    @router.post(SIGN_IN)
    async def sign_in(request: Request) -> Response:
        return await run_in_threadpool(desk.begin, request, await _form(request))

    @router.get(RENEW)
    def ask_anew(request: Request) -> Response:
        return desk.renewal(request)

    @router.post(RENEW)
    async def renew(request: Request) -> Response:
        return await run_in_threadpool(desk.renewal, request, await _form(request))

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        desk.door.accounts.sign_out(token_of(request.headers))
        answer = RedirectResponse(SIGN_IN, status_code=303, headers=NO_STORE)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    if desk.provider is not None:
        _join(router, desk.door, desk.provider, desk.pages[0], desk.language)
    return router


def me_router(door: Door | None) -> APIRouter:
    """GET /me: what whoever asks may do, so that pages need not show what would be refused."""
    router = APIRouter(tags=["sign-in"])

    @router.get("/me")
    def me(request: Request) -> Response:
        user = door.user(token_of(request.headers)) if door is not None else None
        rights = [action for action in RIGHTS if may(user, action)]
        return JSONResponse({"rights": rights}, headers=NO_STORE)

    return router


def _join(
    router: APIRouter, door: Door, provider: IdentityProvider, place: str, language: str
) -> None:
    """The way over the office's own login and back."""

    @router.get(f"{SIGN_IN}/office")
    def leave(request: Request) -> Response:
        state, nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        back = str(request.url_for("come_back"))
        answer = RedirectResponse(
            provider.address(state=state, nonce=nonce, back=back), 303, NO_STORE
        )
        _set(answer, request, STATE, f"{state}.{nonce}", STATE_S, site="lax")
        return answer

    @router.get(f"{SIGN_IN}/office/back", name="come_back")
    def come_back(request: Request, code: str = "", state: str = "") -> Response:
        known, _, nonce = request.cookies.get(STATE, "").partition(".")
        same = hmac.compare_digest(known.encode(), state.encode("utf-8", "replace"))
        back = str(request.url_for("come_back"))
        try:
            if not known or not same:
                raise SignInFailed
            who = provider.identity(code=code, nonce=nonce, back=back)
            old = token_of(request.headers)
            _, token = door.accounts.sign_in_as(who.subject, old_token=old)
        except SignInFailed:
            log.warning("a sign-in by the office's own login failed")
            return JSONResponse({"code": SignInFailed.code}, status_code=401, headers=NO_STORE)
        answer = HTMLResponse(go_on_page(Words(language), place), headers=NO_STORE)
        _set(answer, request, COOKIE, token, int(ABSOLUTE.total_seconds()))
        answer.delete_cookie(STATE, path=SIGN_IN)
        return answer


def _set(
    answer: Response, request: Request, name: str, value: str, age_s: int, *, site: str = "strict"
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=age_s,
        path=SIGN_IN if name == STATE else "/",
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax" if site == "lax" else "strict",
    )


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; what is too long or no form has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
