"""The gate, signing in, and the desk's messages and exports as somebody sends them by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import openpyxl
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from demo.api.media import MediaLinks, media_router
from demo.api.office import office_router
from demo.api.sign_in import SignIn, sign_in_router
from demo.asks import BadRequest, read
from demo.gate import COOKIE, Door, Gate, Guarded, case_opener, opener
from demo.identity import Identity
from demo.office.asks import Bulk, Look, Open, Step
from demo.office.handout import OfficeHandout
from demo.office.room import OfficeRoom, trouble
from demo.pages import CasePages
from demo.present import Words
from demo.refusals import AccessDenied, SignedOut, SignInFailed
from demo.store.accounts import MOST_FAILURES
from demo.store.desk_tables import AuditRow
from pipelines.drafting.policy import load_policy
from pipelines.errors import CaseNotFound
from pipelines.settings import ASSETS, Settings
from tests.demo.desk_kit import PASSWORD, Office, an_office
from tests.demo.page_kit import MARKUP
from tests.demo.test_deskwork import NASTY, SQL

WORDS = Words("ko", scope="office")
GUARDED = {
    "/documents": Guarded(right="papers"),
    "/desk": Guarded(right="read", always=True),
    "/accounts": Guarded(right="accounts", always=True),
}
PAGES = ["/desk/", "/en/desk/", "/documents/"]
HOME = "http://testserver"
STATE_MISSING = {"code": "access.sign_in_failed"}


class Provider:
    """An office's own login that vouches for who brings the right code."""

    def address(self, *, state: str, nonce: str, back: str) -> str:
        self.nonce = nonce
        return f"https://login.example/?state={state}&back={back}"

    def identity(self, *, code: str, nonce: str, back: str) -> Identity:
        if nonce != self.nonce or not code.startswith("code-"):
            raise SignInFailed
        return Identity(subject=code.removeprefix("code-"))


def application(office: Office, *, required: bool = False, demo: bool = False) -> FastAPI:
    """Whatever lies behind the gate answers "inside"."""
    door = Door(accounts=office.accounts, required=required, demo=demo)
    app = FastAPI()
    desk = SignIn(door=door, pages=PAGES, styles=(), language="ko", provider=Provider())
    app.include_router(sign_in_router(desk))

    may_open = opener(door, office.store.audit)

    @app.get("/papers/{token}/out/{name}")
    def export(request: Request) -> PlainTextResponse:
        return PlainTextResponse("as it is" if may_open(request, {"export": "x"}) else "masked")

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    def inside(path: str) -> PlainTextResponse:
        return PlainTextResponse(f"inside {path}")

    app.add_middleware(Gate, door=door, guarded=GUARDED)
    return app


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = an_office(tmp_path)
    made.accounts.add("kim", "김 담당", "official", department="도로과", password=PASSWORD)
    return made


def browser(app: FastAPI, address: str = HOME) -> TestClient:
    return TestClient(app, base_url=address, follow_redirects=False)


def sign_in(
    client: TestClient, login: str = "kim", password: str = PASSWORD, **more: str
) -> httpx.Response:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


# --- the gate ----------------------------------------------------------------------------------


def test_pages_for_officials_ask_once_somebody_has_an_account(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    for login in ("road", "clean", "head", "admin"):
        office.accounts.change(login, active=False)
    client = browser(application(office))
    assert client.get("/documents/").text == "inside documents/"
    assert client.get("/desk/").status_code == 401  # the desk shows cases: it always asks
    assert browser(application(office, required=True)).get("/documents/").status_code == 401
    office.accounts.change("road", active=True)
    assert client.get("/documents/").status_code == 401
    assert client.get("/").status_code == 200


def test_everything_below_a_guarded_page_is_guarded(office: Office) -> None:
    paths = ("/desk", "/desk/", "/desk/gradio_api/queue/join", "/desk/config", "/documents/x/../y")
    client = browser(application(office))
    for path in paths:
        assert client.get(path).json() == {"code": "access.signed_out"}
        assert client.post(path).status_code == 401
        asked = client.get(path, headers={"Accept": "text/html"})
        assert (asked.status_code, asked.headers["location"][:14]) == (303, "/sign-in?next=")
    assert sign_in(client).status_code == 303
    assert {client.get(path).status_code for path in (*paths, "/deskx")} == {200}


def test_the_wrong_role_is_told_so(office: Office) -> None:
    client = browser(application(office))
    sign_in(client)
    assert client.get("/accounts").json() == {"code": "access.denied"}


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver:8080"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://[broken"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": HOME},
)


@pytest.mark.parametrize("signed", [True, False])
def test_another_sites_page_changes_nothing(office: Office, signed: bool) -> None:
    client = browser(application(office))
    if signed:
        sign_in(client)
    for path in ("/desk/gradio_api/queue/join", "/sign-in", "/sign-out", "/gradio_api/upload"):
        for headers in FOREIGN:
            answer = client.post(path, headers=headers)
            assert answer.json() == {"code": "access.foreign_origin"}, headers
    own = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/gradio_api/upload", headers=own).status_code == 200
    assert client.post("/gradio_api/upload", headers={"Origin": HOME}).status_code == 200


def test_a_forged_session_is_none(office: Office) -> None:
    client = browser(application(office))
    for cookie in ("", "x", "0" * 43, "a" * 9000, "\xff", ";;;=", "%00"):
        header = f"{COOKIE}={cookie}".encode("latin-1")
        answer = client.get("/desk/", headers=[(b"cookie", header)])  # type: ignore[arg-type]
        assert answer.status_code == 401, cookie


# --- signing in --------------------------------------------------------------------------------


def test_the_cookie_is_for_this_browser_and_this_server_only(office: Office) -> None:
    set_here = sign_in(browser(application(office))).headers["set-cookie"].lower()
    assert set_here.startswith(f"{COOKIE}=")
    assert "httponly" in set_here
    assert "samesite=strict" in set_here
    assert "path=/" in set_here
    assert "secure" not in set_here
    safe = browser(application(office), "https://testserver")
    assert "secure" in sign_in(safe).headers["set-cookie"].lower()


def test_one_answer_for_every_failure(office: Office) -> None:
    client = browser(application(office))
    told = [sign_in(client, "nobody").text, sign_in(client, "kim", "falsch").text]
    office.accounts.add("shut", "x", "supervisor", password=PASSWORD)
    office.accounts.change("shut", active=False)
    told.append(sign_in(client, "shut").text)
    for _ in range(MOST_FAILURES):
        sign_in(client, "kim", "falsch")
    told.append(sign_in(client).text)  # the right one, locked
    assert len(set(told)) == 1
    assert "맞지 않거나" in told[0]
    assert COOKIE not in client.cookies


def test_a_planted_session_never_becomes_a_signed_in_one(office: Office) -> None:
    app = application(office)
    thief, victim = browser(app), browser(app)
    sign_in(thief)
    planted = thief.cookies[COOKIE]
    victim.cookies.set(COOKIE, planted, domain="testserver.local")
    sign_in(victim)
    assert victim.cookies[COOKIE] != planted
    assert thief.get("/desk/").status_code == 401  # what was planted ended


def test_a_session_that_was_signed_out_can_not_be_replayed(office: Office) -> None:
    client = browser(application(office))
    sign_in(client)
    token = client.cookies[COOKIE]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    replayed = browser(application(office))
    replayed.cookies.set(COOKIE, token)
    assert replayed.get("/desk/").status_code == 401


def test_signing_in_leads_to_our_own_pages_only(office: Office) -> None:
    client = browser(application(office))
    for place in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:1",
        SQL,
    ):
        assert sign_in(client, next=place).headers["location"] == "/desk/"
        assert "evil" not in client.get("/sign-in", params={"next": place}).text
    assert sign_in(client, next="/documents/").headers["location"] == "/documents/"


def test_a_form_that_is_none_signs_nobody_in(office: Office) -> None:
    client = browser(application(office))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"", b"login=" + b"x" * 20_000, b"\xff\xfe", b"a=1&" * 40, b"login=kim", b"{}"):
        assert client.post("/sign-in", content=body, headers=kind).status_code == 401


def test_ready_accounts_are_offered_in_a_demonstration_only(office: Office) -> None:
    office.accounts.set_demo([("시연 팀장", "supervisor", None)])
    plain, shown = browser(application(office)), browser(application(office, demo=True))
    assert "시연" not in plain.get("/sign-in").text
    assert plain.post("/sign-in", data={"demo": "demo.1"}).status_code == 401
    assert "시연 팀장" in shown.get("/sign-in").text
    assert shown.post("/sign-in", data={"demo": "kim"}).status_code == 401
    assert shown.post("/sign-in", data={"demo": "demo.1"}).status_code == 303
    assert shown.get("/desk/").status_code == 200
    office.accounts.set_demo([])  # the next start without it
    assert shown.get("/desk/").status_code == 401
    assert shown.post("/sign-in", data={"demo": "demo.1"}).status_code == 401


def test_the_offices_own_login_comes_back_with_what_it_was_sent_with(office: Office) -> None:
    office.accounts.add("park", "박", "supervisor", subject="42")
    client = browser(application(office))
    sent = client.get("/sign-in/office").headers["location"]
    state = sent.partition("state=")[2].partition("&")[0]
    for wrong in ({"state": "x"}, {"state": state, "code": "false"}, {"code": "code-42"}):
        answer = client.get("/sign-in/office/back", params=wrong)
        assert answer.json() == STATE_MISSING
    unknown = client.get("/sign-in/office/back", params={"state": state, "code": "code-43"})
    assert unknown.json() == STATE_MISSING
    assert client.get(
        "/sign-in/office/back", params={"state": state, "code": "code-42"}
    ).status_code == 200  # fmt: skip
    assert client.get("/desk/").status_code == 200
    again = client.get("/sign-in/office/back", params={"state": state, "code": "code-42"})
    assert again.json() == STATE_MISSING  # the state was used up


# --- the desk's messages -----------------------------------------------------------------------


@pytest.fixture
def room(office: Office, tmp_path: Path) -> OfficeRoom:
    settings = Settings(data_dir=tmp_path)
    return OfficeRoom(
        settings=settings,
        policy=load_policy(ASSETS / "policy" / "policy.toml"),
        store=office.store,
        links=MediaLinks(b"k" * 32),
        door=Door(accounts=office.accounts),
        docket=office.docket,
        work=office.work,
        today=lambda: office.clock.at.date(),
    )


def token_for(office: Office, login: str) -> str:
    if login != "kim":
        office.accounts.change(login, password=PASSWORD)
    return office.accounts.sign_in(login, PASSWORD)[1]


def test_every_message_asks_who_sends_it(office: Office, room: OfficeRoom) -> None:
    number, _ = office.filed()
    other, _ = office.filed(category="환경미화", department="청소행정과")
    step = Step(number=number, version=1, kind="take")
    for forged in ("", "x", "0" * 43):
        for call in (
            lambda t: room.look(WORDS, Look(), t),
            lambda t: room.open(WORDS, Open(number=number), t),
            lambda t: room.step(WORDS, step, t),
        ):
            with pytest.raises(SignedOut):
                call(forged)
    assert trouble(WORDS, SignedOut()).command == {"do": "signed_out"}
    kim = token_for(office, "kim")
    listed = room.look(WORDS, Look(state="all", department="청소행정과", fresh=True), kim).list
    assert listed is not None
    assert number in listed
    assert other not in listed  # whatever was asked for
    for wrong in (
        lambda: room.open(WORDS, Open(number=other), kim),
        lambda: room.open(WORDS, Open(number=number, originals=True), kim),  # not theirs yet
        lambda: room.bulk(WORDS, read(Bulk, {"kind": "transfer", "to": "청소행정과",
                          "cases": [{"number": number, "version": 1}]}), kim),
        lambda: room.step(WORDS, Step(number=other, version=9, kind="note", text="x"), kim),
    ):  # fmt: skip
        with pytest.raises(AccessDenied):
            wrong()
    with pytest.raises(CaseNotFound):
        room.open(WORDS, Open(number="MW-20260101-2222A"), kim)


def test_looks_and_originals_are_in_the_audit_and_masked_before(
    office: Office, room: OfficeRoom
) -> None:
    number, _ = office.filed(summary="제 번호는 010-1234-5678입니다", title="전화 010-1234-5678")
    kim = token_for(office, "kim")
    shown = room.open(WORDS, Open(number=number), kim)
    assert "<audio" not in (shown.evidence or "")
    room.step(WORDS, Step(number=number, version=office.version(number), kind="take"), kim)
    opened = room.open(WORDS, Open(number=number, originals=True), kim)
    assert "<audio" in (opened.evidence or "")
    assert "010-1234-5678" in (opened.claims or "")
    told = [row.action for row in office.store.audit.of_case(number)]
    assert told == ["filed", "read", "assigned", "originals_opened"]
    assert "열람" in (opened.history or "")


def test_a_link_to_pages_does_not_open_the_file(room: OfficeRoom) -> None:
    token = room.links.sign_pages("MW-1", "a" * 64)
    assert room.links.read_pages(token) == ("MW-1", "a" * 64)
    with pytest.raises(CaseNotFound):
        room.links.read(token)
    whole = room.links.sign("MW-1", "a" * 64)
    assert room.links.read_pages(whole) == room.links.read(whole)


def test_nothing_that_anybody_wrote_becomes_markup(office: Office, room: OfficeRoom) -> None:
    office.person("evil", "supervisor", None)
    number, secret = office.filed(title=NASTY[:120], place=MARKUP, summary=NASTY, reply=NASTY)
    head = token_for(office, "head")

    def do(kind: str, **more: object) -> object:
        data = {
            "number": number,
            "version": office.version(number),
            "kind": kind,
            "originals": True,
        }
        return room.step(WORDS, read(Step, data | more), head)

    do("request", text=NASTY)
    office.store.tracking.reply(number, secret, NASTY)
    do("note", text=NASTY)
    do("edit", text=NASTY + " 고침")
    do("correct", fields={"place": MARKUP + "!"})
    screens = [
        room.look(WORDS, Look(state="all", text="DROP", fresh=True), head),
        room.open(WORDS, Open(number=number, originals=True), head),
    ]
    for screen in screens:
        for name in ("list", "head", "evidence", "reply", "claims", "history", "filters"):
            assert "<img" not in (getattr(screen, name) or "")
    assert "&lt;img" in (screens[1].reply or "")
    bad = room.look(WORDS, Look(state="all", district=SQL, category=MARKUP, urgency="'"), head)
    assert "empty" in (bad.list or "")


def test_a_second_official_is_told_who_was_first(office: Office, room: OfficeRoom) -> None:
    number, _ = office.filed()
    seen = office.version(number)
    office.work.edit_reply(office.road, number, seen, "첫 번째")
    screen = room.step(
        WORDS,
        Step(number=number, version=seen, kind="edit", text="두 번째"),
        token_for(office, "head"),
    )
    assert screen.command is not None
    assert "road 이름" in str(screen.command["said"])
    assert "첫 번째" in (screen.reply or "")


def test_bulk_changes_what_it_can_and_names_the_rest(office: Office, room: OfficeRoom) -> None:
    numbers = [office.filed()[0] for _ in range(3)]
    cases = [{"number": n, "version": office.version(n)} for n in numbers]
    cases[1]["version"] = 1  # somebody was faster
    head = token_for(office, "head")
    for to, moved in (("없어진과", 0), ("청소행정과", 2)):
        screen = room.bulk(WORDS, read(Bulk, {"kind": "transfer", "to": to, "cases": cases}), head)
        assert f"{moved}건을 처리" in (screen.results or "")
    assert numbers[1] in (screen.results or "")
    with pytest.raises(BadRequest):
        read(Bulk, {"kind": "approve", "to": "", "cases": cases})


def test_exports_hold_what_the_list_shows_run_no_formula_and_are_told(
    office: Office, room: OfficeRoom
) -> None:
    number, _ = office.filed(title="=1+1|cmd")
    office.filed(category="환경미화", department="청소행정과", title="남의 부서 것")
    app = FastAPI()
    app.include_router(office_router(OfficeHandout(room=room)))
    client = browser(app)
    assert client.get("/office/export/csv").status_code == 401
    client.cookies.set(COOKIE, token_for(office, "kim"))
    assert client.get("/office/export/exe").status_code == 404
    assert client.get("/office/export/csv", params={"state": SQL}).status_code == 400
    made = client.get("/office/export/csv", params={"state": "all", "language": "ko"})
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [number]
    assert rows[1][3] == "'=1+1|cmd"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/office/export/xlsx").content))
    assert [cell.data_type for cell in book.worksheets[0][2]].count("f") == 0
    assert client.get("/office/export/pdf").content.startswith(b"%PDF")
    told = [row for row in office.store.audit.newest(3) if row.action == "exported"]
    assert [row.facts["kind"] for row in told] == ["pdf", "xlsx", "csv"]


class Drawn:
    """Stands for drawing: says what was asked for."""

    def shot(self, path: Path, page_no: int, width_px: int, *, original: bool = False) -> bytes:
        return b"original" if original else b"blurred"


def test_the_original_page_of_a_case_is_for_whoever_has_the_right_to_it(
    office: Office, room: OfficeRoom, tmp_path: Path
) -> None:
    number, _ = office.filed()
    media = office.store.view(number).media[0]
    (tmp_path / f"{media.sha256}.pdf").write_bytes(b"")
    app = FastAPI()
    app.include_router(
        media_router(
            office.store,
            room.links,
            CasePages(shots=Drawn(), previews=tmp_path),
            case_opener(room.door, room.docket, office.store.audit),
        )
    )
    place = f"/media/{room.links.sign(number, media.sha256)}/page/1"
    client = browser(app)
    for login in ("", "kim", "clean", "head"):
        client.cookies.set(COOKIE, token_for(office, login) if login else "forged")
        assert client.get(place).content == b"blurred"
        opened = client.get(place, params={"original": 1})
        assert (opened.content == b"original") is (login == "head"), login
    office.work.take(room.user(token_for(office, "kim")), number, office.version(number))
    client.cookies.set(COOKIE, token_for(office, "kim"))
    assert client.get(place, params={"original": 1}).content == b"original"
    told = [row for row in office.store.audit.of_case(number) if row.action == "originals_opened"]
    assert [(row.actor, row.facts) for row in told] == [
        (f"user:{login}", {"file": media.sha256[:12], "page_no": 1}) for login in ("head", "kim")
    ]


def test_an_export_as_it_is_needs_a_session_with_the_right_and_is_audited(office: Office) -> None:
    client = browser(application(office))
    assert client.get("/papers/x/out/fields.csv").text != "as it is"
    sign_in(client)
    assert client.get("/papers/x/out/fields.csv").text == "as it is"
    with office.store.database.read() as session:
        rows = session.scalars(sa.select(AuditRow).where(AuditRow.action == "originals_opened"))
        assert [(row.actor, row.facts) for row in rows] == [
            ("user:kim", {"page": "papers", "export": "x"})
        ]
