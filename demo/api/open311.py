"""Open311 GeoReport v2 under /open311/v2/: XML and JSON, as existing clients speak it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp

from demo.api.door import Doorkeeper, KeyDoor
from demo.api.georeport import Format, answer
from demo.api.open311_answers import Told, wanted_of
from demo.api.open311_form import ServiceUnknown, category_of, read_posted
from demo.api.problems import catch, headers_of, language_of
from demo.counter import Call, Counter
from demo.receipts import read_number
from demo.store.submissions import Submissions, Wanted
from pipelines.document import refused_note
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.interface_errors import (
    ApiForeignOrigin,
    ApiInvalid,
    ApiKeyNeeded,
    ApiNotFound,
    ApiRightNeeded,
    LinkNotOpened,
)
from pipelines.wording import explain

MOST_FIELDS = 60
MAX_BODY_BYTES = 1_000_000
FORM = "application/x-www-form-urlencoded"


class Open311:
    """The answers to every request of the specification."""

    def __init__(
        self,
        counter: Counter,
        policy: Policy,
        submissions: Submissions,
        door: KeyDoor,
        mask: Callable[[str], str],
    ) -> None:
        self._counter, self._policy, self._door = counter, policy, door
        self._submissions = submissions
        self._told = Told(policy=policy, mask=mask)

    def discovery(self, request: Request, kind: Format) -> Response:
        """Which endpoints there are, and whom to ask for a key."""
        settings = self._counter.settings
        base = settings.public_url or str(request.base_url).split("/open311")[0]
        return answer(kind, "discovery", self._told.discovery(base.rstrip("/"), settings.contact))

    def services(self, request: Request, kind: Format) -> Response:
        """Every category of the policy."""
        self._check_jurisdiction(request.query_params.get("jurisdiction_id", ""))
        return answer(kind, "services", self._told.services(self._language(request)))

    def service(self, request: Request, code: str, kind: Format) -> Response:
        """What may be said beside the description."""
        self._check_jurisdiction(request.query_params.get("jurisdiction_id", ""))
        category = category_of(self._policy, code)
        definition = self._told.definition(category, self._language(request))
        return answer(kind, "service_definition", definition)

    async def post(self, request: Request, kind: Format) -> Response:
        """A service request becomes a case with its job; a token tells its number once filed."""
        fields = [*request.query_params.multi_items(), *await _form(request)]
        return await run_in_threadpool(self._post, request, kind, fields)

    def _post(self, request: Request, kind: Format, fields: list[tuple[str, str]]) -> Response:
        form = dict(fields)
        caller = self._door.enter(request, "submit", form.get("api_key", ""))
        self._check_jurisdiction(form.get("jurisdiction_id", ""))
        posted = read_posted(fields, self._policy, caller.name)
        link = posted.submission.link
        self._counter.open(
            Call(who=caller.name, key=posted.submission.token),
            [],
            posted.text,
            refused=[refused_note(LinkNotOpened(), link)] if link else [],
            beside=posted.submission,
        )
        made = {
            "token": posted.submission.token,
            "service_notice": self._told.notice(self._language(request)),
            "account_id": posted.submission.contact.account or None,
        }
        return answer(kind, "service_requests", [made])

    def token(self, request: Request, token: str, kind: Format) -> Response:
        """The number of the case, empty until it is filed."""
        self._check_jurisdiction(request.query_params.get("jurisdiction_id", ""))
        found = self._submissions.number_of(token)
        if found is None:
            raise ApiNotFound
        number, filed = found
        made = {"service_request_id": number if filed else None, "token": token}
        return answer(kind, "service_requests", [made])

    def requests(self, request: Request, kind: Format) -> Response:
        """Filed requests, newest first."""
        self._check_jurisdiction(request.query_params.get("jurisdiction_id", ""))
        return self._list(request, kind, wanted_of(request.query_params))

    def request(self, request: Request, number: str, kind: Format) -> Response:
        """One filed request, as a list of one."""
        self._check_jurisdiction(request.query_params.get("jurisdiction_id", ""))
        wanted = Wanted(numbers=(read_number(number) or "",))
        return self._list(request, kind, wanted, one=True)

    def _list(
        self, request: Request, kind: Format, wanted: Wanted, *, one: bool = False
    ) -> Response:
        found = self._submissions.public(wanted)
        if one and not found:
            raise ApiNotFound
        language = self._language(request)
        told = [self._told.request(each, language) for each in found]
        return answer(kind, "service_requests", told)

    def _check_jurisdiction(self, given: str) -> None:
        own = self._counter.settings.open311_jurisdiction
        if own and given and given != own:
            raise ServiceUnknown(field="jurisdiction_id", problem="unknown")

    def _language(self, request: Request) -> str:
        default = self._counter.settings.ui_language
        return language_of(request.headers.get("accept-language", ""), default)

    def shape(self, request: Request, error: MinwonError, status: int) -> Response:
        """<errors><error>: 404 for what is not there, 403 for keys, 400 for what was sent."""
        kind: Format = "json" if request.url.path.endswith(".json") else "xml"
        if isinstance(error, ServiceUnknown):
            number = HTTPStatus.NOT_FOUND
        elif isinstance(error, ApiKeyNeeded | ApiRightNeeded | ApiForeignOrigin):
            number = HTTPStatus.FORBIDDEN
        elif status in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}:
            number = HTTPStatus.BAD_REQUEST
        else:
            number = HTTPStatus(status)
        words = f"{error.code}: {explain(error, self._language(request))}"
        told = [{"code": int(number), "description": words}]
        return answer(kind, "errors", told, int(number), headers_of(error))


def open311_app(open311: Open311, door: KeyDoor, refused: Callable[[str], None]) -> ASGIApp:
    """To be mounted at /open311. The extension of an address chooses the format; none is XML."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add: Callable[..., None] = app.add_api_route
    none: dict[str, Any] = {"response_model": None}

    def discovery(request: Request) -> Response:
        return open311.discovery(request, "xml")

    for place in ("", "/v2"):
        add(f"{place}/discovery", discovery, **none)
        add(f"{place}/discovery.{{kind}}", open311.discovery, **none)
    add("/v2/services.{kind}", open311.services, **none)
    add("/v2/services/{code}.{kind}", open311.service, **none)
    add("/v2/requests.{kind}", open311.post, methods=["POST"], **none)
    add("/v2/requests.{kind}", open311.requests, **none)
    add("/v2/requests/{number}.{kind}", open311.request, **none)
    add("/v2/tokens/{token}.{kind}", open311.token, **none)
    catch(app, open311.shape, refused)
    return Doorkeeper(app, replace(door, max_body_bytes=MAX_BODY_BYTES), open311.shape, refused)


async def _form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in UTF-8. Raises ApiInvalid."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise ApiInvalid(field="Content-Type", problem="value")
    try:
        body = (await request.body()).decode("utf-8")
        return parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise ApiInvalid(field="body", problem="value") from exc
