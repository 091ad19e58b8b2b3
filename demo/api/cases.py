"""The REST API under /api/v1/: what the citizen's page does, and lists for programs with a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp

from demo.api import shapes
from demo.api.docs import page
from demo.api.door import Doorkeeper, KeyDoor, address_of
from demo.api.problems import catch, language_of, problem
from demo.api.uploads import LANGUAGE, TEXT, brought, described
from demo.counter import Call, Counter
from demo.joining import Joining
from demo.present import esc
from demo.receipts import read_number
from demo.store.desk_tables import DocketState
from demo.store.docket import Docket, DocketItem, Filters, Sort
from demo.store.keys import Caller
from demo.store.keywork import KeyWork
from demo.store.masking import masked
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.interface_errors import ApiNotAnswered

VERSION = "1.0"
MOST_LINES = 100
Secret = Annotated[str, Header(alias="X-Receipt-Secret", max_length=200)]
CallKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One for all calls."""

    counter: Counter
    policy: Policy
    docket: Docket
    keywork: KeyWork
    door: KeyDoor
    joining: Joining | None = None

    @property
    def most_files(self) -> int:
        """Of one case, and so of one call."""
        return self.counter.settings.max_case_files

    def language(self, request: Request) -> str:
        """The caller's, as far as we have words in it."""
        default = self.counter.settings.ui_language
        return language_of(request.headers.get("accept-language", ""), default)

    def shape(self, request: Request, error: MinwonError, status: int) -> Response:
        """problem+json in the caller's language."""
        return problem(error, self.language(request), status)

    def who(self, request: Request) -> str:
        """What is limited together: a key, or else an address."""
        caller = self.door.caller(request)
        return f"key:{caller.name}" if caller is not None else address_of(request.scope)

    def categories(self, request: Request) -> list[shapes.CategoryOut]:
        """The categories of this office."""
        language = self.language(request)
        return [
            shapes.CategoryOut(
                code=category.code,
                name=category.names.get(language, category.code),
                department=category.departments.get(language, category.department),
                working_days=category.working_days,
                description=category.descriptions[0],
            )
            for category in self.policy.categories
        ]

    async def open(self, request: Request, call_key: CallKey = "") -> shapes.ReceiptOut:
        """Open a case: it is read and drafted; nothing is handed in yet."""
        who = await run_in_threadpool(self.who, request)
        async with brought(request, self.most_files, TEXT, LANGUAGE) as sent:
            receipt = await run_in_threadpool(
                self.counter.open,
                Call(who=who, key=call_key),
                sent.files,
                sent.text,
                language=sent.language,
            )
        similar = f"{request.url.path.rstrip('/')}/{receipt.number}/similar"
        return shapes.ReceiptOut(number=receipt.number, secret=receipt.secret, similar=similar)

    def case(self, request: Request, number: str, secret: Secret = "") -> shapes.CaseOut:
        """The case of a receipt: status, draft with its citations, evidence, history."""
        view = self.counter.find(self.who(request), number, secret)
        messages = self.counter.store.tracking.messages(view.number, secret)
        return shapes.case_out(view, self.language(request), messages)

    def similar(
        self, request: Request, number: str, secret: Secret = ""
    ) -> list[shapes.SimilarOut]:
        """Open cases of others that may be about the same, before this one is handed in."""
        view = self.counter.find(self.who(request), number, secret)
        offers = self.joining.offered(view) if self.joining is not None else ()
        return [
            shapes.SimilarOut(
                join=offer.token,
                category=offer.case.category,
                dong=offer.case.dong,
                week=offer.case.week,
                state=offer.case.state,
                joined=offer.case.joined,
            )
            for offer in offers
        ]

    async def add(self, request: Request, number: str, secret: Secret = "") -> shapes.CaseOut:
        """More files or words for a case that is not handed in; then it is drafted again."""
        who = await run_in_threadpool(self.who, request)
        async with brought(request, self.most_files, TEXT) as sent:
            await run_in_threadpool(self.counter.add, who, number, secret, sent.files, sent.text)
        return await run_in_threadpool(self.case, request, number, secret)

    def edit(
        self, request: Request, number: str, change: shapes.Edit, secret: Secret = ""
    ) -> shapes.CaseOut:
        """Change fields of the draft; the version must still be the newest."""
        view = self.counter.find(self.who(request), number, secret)
        view = self.counter.store.edit(view.number, secret, change.version, change.fields)
        return shapes.case_out(view, self.language(request))

    def file(
        self, request: Request, number: str, filing: shapes.Filing, secret: Secret = ""
    ) -> shapes.CaseOut:
        """Hand the case in, as the citizen saw it."""
        view = self.counter.find(self.who(request), number, secret)
        other = self.joining.target(view, filing.join) if self.joining is not None else None
        view = self.counter.store.file(
            view.number, secret, filing.version, channel="api", join=other
        )
        return shapes.case_out(view, self.language(request))

    def reply(
        self, request: Request, number: str, message: shapes.Reply, secret: Secret = ""
    ) -> shapes.CaseOut:
        """Answer what the office asked."""
        view = self.counter.find(self.who(request), number, secret)
        self.counter.store.tracking.reply(view.number, secret, message.text)
        return self.case(request, number, secret)

    def answer(self, request: Request, number: str, secret: Secret = "") -> shapes.AnswerOut:
        """What the office answered; 409 before somebody did."""
        view = self.counter.find(self.who(request), number, secret)
        answer = self.counter.store.tracking.answer_of(view.number, secret)
        if answer is None:
            raise ApiNotAnswered
        return shapes.AnswerOut(
            number=view.number,
            text=answer.text,
            answered_at=answer.at,
            answered_by=answer.by,
            department=answer.department,
        )

    def list(
        self,
        request: Request,
        state: DocketState | None = None,
        department: Short | None = None,
        category: Short | None = None,
        text: Short = "",
        sort: Sort = "due",
        cursor: Short | None = None,
        size: Annotated[int, Query(ge=1, le=MOST_LINES)] = 50,
    ) -> shapes.ListOut:
        """Filed cases, masked, a page at a time. Needs the right "read"."""
        caller = self.door.enter(request, "read")
        return self.page(
            caller,
            Filters(
                states=(state,) if state is not None else (),
                department=department,
                category=category,
                text=text,
            ),
            sort=sort,
            cursor=cursor,
            size=size,
        )

    def page(
        self, caller: Caller, filters: Filters, *, sort: Sort, cursor: str | None, size: int
    ) -> shapes.ListOut:
        """Some lines of the docket, and a row in the audit that they were looked at."""
        found = self.docket.page(filters, sort=sort, cursor=cursor, size=size)
        self.keywork.listed(caller, len(found.items))
        return shapes.ListOut(cases=[_entry(item) for item in found.items], next=found.next)

    def move(self, request: Request, number: str, change: shapes.Transition) -> shapes.EntryOut:
        """Take a filed case to "received" or "working". Needs the right "work"."""
        caller = self.door.enter(request, "work")
        known = read_number(number) or ""
        self.keywork.move(caller, known, change.version, change.state)
        return _entry(self.docket.get(known))


def api_app(api: Api, refused: Callable[[str], None]) -> ASGIApp:
    """To be mounted at /api/v1."""
    title = f"Minwon Desk · {api.policy.agency}"
    app = FastAPI(title=title, version=VERSION, docs_url=None, redoc_url=None)
    add: Callable[..., Any] = app.add_api_route
    case = "/cases/{number}"
    add("/categories", api.categories, methods=["GET"])
    add(
        "/cases",
        api.open,
        methods=["POST"],
        status_code=201,
        openapi_extra=described(TEXT, LANGUAGE),
    )
    add(case, api.case, methods=["GET"])
    add(f"{case}/similar", api.similar, methods=["GET"])
    add(f"{case}/files", api.add, methods=["POST"], status_code=202, openapi_extra=described(TEXT))
    add(f"{case}/draft", api.edit, methods=["PATCH"])
    add(f"{case}/file", api.file, methods=["POST"])
    add(f"{case}/messages", api.reply, methods=["POST"])
    add(f"{case}/answer", api.answer, methods=["GET"])
    add("/docket", api.list, methods=["GET"])
    add("/docket/{number}/state", api.move, methods=["POST"])

    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page(app.openapi(), api.language(request), esc(title)))

    add("/", docs, include_in_schema=False)
    catch(app, api.shape, refused)
    return Doorkeeper(app, api.door, api.shape, refused)


def _entry(item: DocketItem) -> shapes.EntryOut:
    return shapes.EntryOut(
        number=item.number,
        version=item.version,
        state=item.state,
        channel=item.channel,
        title=item.title,
        category=item.category,
        department=item.department,
        urgency=item.urgency,
        place=masked(item.place),
        filed_at=item.filed_at,
        due_on=item.due_on,
        changed_at=item.changed_at,
    )
