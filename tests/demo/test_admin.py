"""Accounts, the whole audit and originals: who may and who may not, as somebody asks by hand."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.admin import asks
from demo.admin.accounts import trouble
from demo.admin.chain import ChainWatch
from demo.admin.rooms import Administration, make_administration
from demo.api.audit import audit_router
from demo.api.office import office_router
from demo.api.sign_in import SignIn, me_router, sign_in_router
from demo.app import guarded
from demo.asks import BadRequest, read
from demo.gate import COOKIE, Gate
from demo.office.handout import OfficeHandout
from demo.present import Words
from demo.refusals import (
    AccessDenied,
    AccountInvalid,
    LastAdministrator,
    PasswordUnfit,
    SignedOut,
    SignInFailed,
)
from demo.store.accounts import MOST_FAILURES
from demo.store.audit import GENESIS
from demo.store.audit_book import AuditBook, AuditFilters
from demo.tabs.pages import tabs_of
from demo.wiring_cases import make_intake, make_office
from pipelines.drafting.policy import load_policy
from pipelines.interface_errors import AddressRefused, KeyInvalid
from pipelines.settings import ASSETS, Settings
from tests.demo.desk_kit import PASSWORD, Office, an_office
from tests.demo.page_kit import MARKUP, ToldWork
from tests.demo.test_audit import forged

KO = Words("ko", scope="accounts")
LOG = Words("ko", scope="audit")
ROLES = ("official", "supervisor", "administrator")
OWN = "나만 아는 비밀번호"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The gate of the application with the desk and the administration, before pages that need no
    drawing, and one person of each role.
    """
    folder = tmp_path_factory.mktemp("admin")
    settings = Settings(data_dir=folder, cache_dir=folder)
    policy = load_policy(ASSETS / "policy" / "policy.toml")
    intake = make_intake(settings, policy, ToldWork(0.0))
    office = make_office(intake)
    admin = make_administration(office)
    for role in ROLES:
        department = "청소행정과" if role == "official" else None
        office.door.accounts.add(role, role, role, department=department, password=PASSWORD)
    tabs = tabs_of(intake, None, None, None, None, office, admin)
    places = [(tab.path(code, "ko"), tab, code) for tab in tabs for code in ("ko", "en")]
    app = FastAPI()
    signing = SignIn(door=office.door, pages=["/desk/", "/audit/"], styles=(), language="ko")
    for router in (
        sign_in_router(signing), me_router(office.door), audit_router(admin.audit),
        office_router(OfficeHandout(room=office)),
    ):  # fmt: skip
        app.include_router(router)
    app.add_api_route("/{path:path}", lambda: "inside", methods=["GET", "POST"])
    app.add_middleware(Gate, door=office.door, guarded=guarded(places))
    yield SimpleNamespace(app=app, office=office)
    intake.store.database.engine.dispose()


def visitor(site: SimpleNamespace, login: str = "", password: str = PASSWORD) -> TestClient:
    client = TestClient(site.app, follow_redirects=False)
    if login:
        client.cookies.set(COOKIE, site.office.door.accounts.sign_in(login, password)[1])
    return client


MAY_ACCOUNTS = {"": 401, "official": 403, "supervisor": 403, "administrator": 200}
MAY_AUDIT = {"": 401, "official": 403, "supervisor": 200, "administrator": 200}


@pytest.mark.parametrize("login", ["", *ROLES])
def test_who_comes_to_which_page(site: SimpleNamespace, login: str) -> None:
    client = visitor(site, login)
    for start in ("/", "/en/"):
        for name, may in (("accounts", MAY_ACCOUNTS), ("audit", MAY_AUDIT)):
            for path in (f"{name}/", f"{name}/config"):
                assert client.get(start + path).status_code == may[login], path
            message = client.post(f"{start}{name}/gradio_api/queue/join", json={})
            assert message.status_code == may[login]
    assert client.get("/office/audit.csv").status_code == MAY_AUDIT[login]
    rights = client.get("/me").json()["rights"]
    assert ("accounts" in rights, "audit" in rights) == (
        MAY_ACCOUNTS[login] == 200,
        MAY_AUDIT[login] == 200,
    )
    asked = client.get("/accounts/", headers={"Accept": "text/html"})
    assert (asked.status_code == 303) is (not login)


def test_a_password_that_was_given_out_opens_nothing_but_the_way_to_an_own_one(
    site: SimpleNamespace,
) -> None:
    accounts = site.office.door.accounts
    accounts.add("fresh", "새 사람", "administrator", password=PASSWORD, must_renew=True)
    client = visitor(site, "fresh")
    assert client.get("/me").json() == {"rights": []}
    for path in ("/accounts/", "/audit/", "/desk/", "/office/audit.csv", "/office/export/csv"):
        assert client.get(path).json()["code"] in ("access.renewal_due", "access.denied"), path
        sent = client.get(path, headers={"Accept": "text/html"})
        assert sent.headers["location"].startswith("/password?next="), path
    assert visitor(site).get("/password").headers["location"] == "/sign-in"
    assert "fresh" in client.get("/password").text

    def renew(old: str, new: str, again: str) -> tuple[int, str]:
        form = {"old": old, "new": new, "again": again, "next": "/audit/"}
        answer = client.post("/password", data=form)
        return answer.status_code, answer.headers.get("location", "")

    for wrong in ((PASSWORD, OWN, OWN + "!"), (PASSWORD, PASSWORD, PASSWORD),
                  (OWN, OWN + "!", OWN + "!"), (PASSWORD, "short", "short")):  # fmt: skip
        assert renew(*wrong) == (400, "")
    assert renew(PASSWORD, OWN, OWN) == (303, "/audit/")
    assert client.get("/accounts/").status_code == 200
    with pytest.raises(SignInFailed):
        accounts.sign_in("fresh", PASSWORD)
    foreign = client.post(
        "/password", data={"old": OWN}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.json() == {"code": "access.foreign_origin"}


# --- accounts ----------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = an_office(tmp_path)
    made.accounts.add("boss", "최관리", "administrator", password=PASSWORD)
    return made


@pytest.fixture
def admin(office: Office, tmp_path: Path) -> Administration:
    room = SimpleNamespace(
        settings=Settings(data_dir=tmp_path, hook_hosts="hooks.city.example"),
        policy=load_policy(ASSETS / "policy" / "policy.toml"),
        door=SimpleNamespace(accounts=office.accounts, user=office.accounts.user, demo=False),
        store=office.store,
    )
    return make_administration(room)  # type: ignore[arg-type]


def boss(office: Office) -> str:
    return office.accounts.sign_in("boss", PASSWORD)[1]


def last(office: Office) -> tuple[str, str, object]:
    row = office.store.audit.newest(1)[0]
    return row.actor, row.action, row.facts.get("login")


def test_no_message_is_believed_without_the_right(office: Office, admin: Administration) -> None:
    room = admin.accounts
    new = asks.Placed(login="new", name="새", role="supervisor")
    calls: list[Callable[[str], object]] = [
        lambda t: room.show(KO, asks.ShowAccounts(), t),
        lambda t: room.add(KO, new, t),
        lambda t: room.place(KO, new, t),
        *(lambda t, k=k: room.do(KO, read(asks.Do, {"login": "boss", "kind": k}), t)
          for k in ("reset", "lock", "unlock", "end_sessions")),
        lambda t: room.add_key(KO, asks.AddKey(name="k", rights=("read",)), t),
        lambda t: room.add_hook(KO, asks.AddHook(url="https://hooks.city.example/"), t),
        lambda t: room.end_key(KO, asks.EndKey(name="k"), t),
        lambda t: room.end_hook(KO, asks.EndHook(hook=1), t),
    ]  # fmt: skip
    for login in ("road", "head"):
        office.accounts.change(login, password=PASSWORD)
        token = office.accounts.sign_in(login, PASSWORD)[1]
        for call in calls:
            with pytest.raises(AccessDenied):
                call(token)
    before = office.store.audit.newest(1)[0].id
    for call in calls:
        with pytest.raises(SignedOut):
            call("forged")
    assert office.store.audit.newest(1)[0].id == before
    assert trouble(KO, SignedOut()).command == {"do": "signed_out"}


def test_an_account_from_its_first_password_to_its_lock(
    office: Office, admin: Administration
) -> None:
    room, token = admin.accounts, boss(office)
    shown = room.add(
        KO, asks.Placed(login=" Seo ", name=MARKUP, role="official", department="청소행정과"), token
    )
    secret = str(shown.secret)
    password = secret.partition('id="mw-secret">')[2].partition("<")[0]
    assert len(password) == 19
    assert "<img" not in str(shown.people)
    assert office.accounts.sign_in("seo", password)[0].must_renew
    assert password not in repr(office.store.audit.newest())
    again = room.show(KO, asks.ShowAccounts(), token)
    assert again.secret == ""
    assert password not in repr(again)
    assert "로그인 중 1" in str(again.people)

    moved = asks.Placed(login="seo", name="서영희", role="supervisor")
    room.place(KO, moved, token)
    assert last(office) == ("user:boss", "account_placed", "seo")
    count = office.store.audit.newest(1)[0].id
    room.place(KO, moved, token)  # as it is already: nothing to tell
    assert office.store.audit.newest(1)[0].id == count

    seo = office.accounts.sign_in("seo", password)[1]
    for kind, action in (("end_sessions", "sessions_ended"), ("lock", "account_shut")):
        room.do(KO, read(asks.Do, {"login": "seo", "kind": kind}), token)
        assert last(office) == ("user:boss", action, "seo")
        assert office.accounts.user(seo) is None
    with pytest.raises(SignInFailed):
        office.accounts.sign_in("seo", password)
    room.do(KO, read(asks.Do, {"login": "seo", "kind": "unlock"}), token)
    for _ in range(MOST_FAILURES):
        with pytest.raises(SignInFailed):
            office.accounts.sign_in("seo", "wrong password")
    assert "여러 번 틀림" in str(room.show(KO, asks.ShowAccounts(), token).people)
    room.do(KO, read(asks.Do, {"login": "seo", "kind": "unlock"}), token)
    assert office.accounts.sign_in("seo", password)
    room.do(KO, read(asks.Do, {"login": "seo", "kind": "reset"}), token)
    with pytest.raises(SignInFailed):
        office.accounts.sign_in("seo", password)


def test_what_cannot_be_is_said_in_its_own_words(office: Office, admin: Administration) -> None:
    room, token = admin.accounts, boss(office)
    for problem, change in (
        ("login", {"login": "Kim Lee"}), ("login", {"login": "demo.9"}),
        ("taken", {"login": "boss"}), ("name", {"name": "  "}), ("role", {"role": "king"}),
        ("department", {"department": "없는과"}), ("department", {"role": "official"}),
    ):  # fmt: skip
        data = {"login": "neu", "name": "새", "role": "supervisor"} | change
        with pytest.raises(AccountInvalid) as told:
            room.add(KO, read(asks.Placed, data), token)
        command = trouble(KO, told.value).command
        assert command is not None
        assert command["text"] == KO.plain(f"problem_{problem}")
        assert command["text"] != f"problem_{problem}"
    with pytest.raises(AccountInvalid):
        room.do(KO, asks.Do(login="nobody", kind="lock"), token)
    with pytest.raises(BadRequest):
        read(asks.Do, {"login": "boss", "kind": "remove"})


def test_the_last_administrator_stays(office: Office, admin: Administration) -> None:
    room, token = admin.accounts, boss(office)
    demoted = asks.Placed(login="boss", name="최관리", role="supervisor")
    for attempt in (
        lambda: room.place(KO, demoted, token),
        lambda: room.do(KO, asks.Do(login="boss", kind="lock"), token),
        lambda: office.accounts.change("boss", active=False),
    ):
        with pytest.raises(LastAdministrator):  # "admin" of the kit can't sign in: it counts not
            attempt()
    room.place(KO, asks.Placed(login="boss", name="새 이름", role="administrator"), token)
    office.accounts.change("admin", password=PASSWORD)

    def demote(login: str) -> bool:
        try:
            office.accounts.change(login, active=False)
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, ("boss", "admin"))) == [False, True]


def test_an_own_password_needs_the_old_one_and_guessing_it_locks(office: Office) -> None:
    user, here = office.accounts.sign_in("boss", PASSWORD)
    elsewhere = office.accounts.sign_in("boss", PASSWORD)[1]
    with pytest.raises(PasswordUnfit):
        office.accounts.renew(user, PASSWORD, PASSWORD)
    token = office.accounts.renew(user, PASSWORD, OWN)
    assert office.accounts.user(here) is office.accounts.user(elsewhere) is None
    assert office.accounts.user(token) == user
    assert "password_changed" in [row.action for row in office.store.audit.newest(3)]
    for _ in range(MOST_FAILURES):
        with pytest.raises(SignInFailed):
            office.accounts.renew(user, "guess no. 123", PASSWORD)
    with pytest.raises(SignInFailed):
        office.accounts.renew(user, OWN, PASSWORD)  # right, but locked


def test_keys_and_webhooks_are_shown_once_and_end(office: Office, admin: Administration) -> None:
    room, token = admin.accounts, boss(office)
    shown = room.add_key(KO, asks.AddKey(name="city-app", rights=("submit",)), token)
    key = str(shown.secret).partition('id="mw-secret">')[2].partition("<")[0]
    assert room.keys.caller(key)
    url = "https://hooks.city.example/in?token=geheim"
    hook = room.add_hook(KO, asks.AddHook(url=url, topics=("filed",)), token)
    assert "whsec_" in str(hook.secret)
    told = repr(office.store.audit.newest())
    for secret in (key, "whsec_", "geheim"):
        assert secret not in told
    room.end_key(KO, asks.EndKey(name="city-app"), token)
    room.end_hook(KO, asks.EndHook(hook=1), token)
    assert room.keys.caller(key) is None
    rows = office.store.audit.newest(4)
    assert {row.actor for row in rows} == {"user:boss"}
    assert [row.action for row in rows] == ["hook_ended", "key_ended", "hook_added", "key_added"]
    with pytest.raises(AddressRefused):
        room.add_hook(KO, asks.AddHook(url="https://evil.example/", topics=("filed",)), token)
    for name, rights in (("city-app", ("read",)), ("A B", ("read",)), ("new", ())):
        with pytest.raises(KeyInvalid) as refused:
            room.add_key(KO, asks.AddKey(name=name, rights=rights), token)
        command = trouble(KO, refused.value).command
        assert command is not None
        assert not str(command["text"]).startswith("problem_")


# --- the audit ---------------------------------------------------------------------------------


def ids(office: Office, **filters: object) -> list[int]:
    ask = read(asks.LookAtAudit, filters)
    return [row.id for row in AuditBook(office.store.database).page(ask.filters(), most=99).rows]


def test_the_audit_is_found_by_case_person_action_and_day(office: Office) -> None:
    note = office.store.audit.note
    note("user:road", "read", "MW-1")
    office.clock.on(days=1)
    note("key:road", "listed", None, {"cases": 3})
    note("citizen", "answer_read", "MW-1")
    newest = office.store.audit.newest(1)[0].id
    one, two, three = newest - 2, newest - 1, newest
    assert ids(office, number=" mw-1 ") == [three, one]
    assert ids(office, actor="road") == [two, one]
    assert ids(office, actor="user:road") == [one]
    assert ids(office, actor="oad") == ids(office, actor="%") == ids(office, actor="' OR 1=1") == []
    assert ids(office, action="listed") == [two]
    day = (office.clock.at.date()).isoformat()  # 15:00 in Korea: the same day there
    assert ids(office, first=day) == [three, two]
    assert ids(office, first=day, last="2026-11-01", actor="citizen") == [three]  # turned round
    book = AuditBook(office.store.database)
    page = book.page(AuditFilters(), most=2)
    assert [row.id for row in page.rows] == [three, two]
    assert [row.id for row in book.page(AuditFilters(), before=page.before, most=2).rows] == [
        one, one - 1,
    ]  # fmt: skip
    assert book.page(AuditFilters(), before=2, most=2).before is None


def test_who_reads_the_audit_is_in_it(office: Office, admin: Administration) -> None:
    room, token = admin.audit, boss(office)
    office.store.audit.note("user:x", "read", MARKUP, {"file": MARKUP})
    shown = room.show(LOG, asks.PageOfAudit(fresh=True, actor="x"), token)
    assert last(office)[:2] == ("user:boss", "audit_read")
    assert office.store.audit.newest(1)[0].facts == {"by": "actor"}
    assert "<img" not in f"{shown.rows}{shown.filters}"
    assert "&lt;img" in str(shown.rows)
    mine = str(room.show(LOG, asks.PageOfAudit(actor="boss"), token).rows)
    assert mine.count(LOG.plain("audit.audit_read") and "감사 기록 열람") == 2
    nothing = room.show(LOG, asks.PageOfAudit(number="MW-0"), token)
    assert LOG("empty") in str(nothing.rows)
    office.accounts.change("road", password=PASSWORD)
    for wrong, refusal in (
        ("", SignedOut),
        (office.accounts.sign_in("road", PASSWORD)[1], AccessDenied),
    ):
        with pytest.raises(refusal):
            room.show(LOG, asks.PageOfAudit(), wrong)
        with pytest.raises(refusal):
            room.look_at_chain(LOG, asks.LookAtChain(), wrong)


def test_an_export_of_the_audit_holds_the_chain(site: SimpleNamespace) -> None:
    site.office.store.audit.note("user:=1+1", "read", "MW-7", {"n": 1})
    client = visitor(site, "supervisor")
    assert client.get("/office/audit.csv", params={"first": "soon"}).status_code == 400
    assert client.get("/office/audit.csv", params={"x": 1}).status_code == 400
    answer = client.get("/office/audit.csv")
    assert "no-store" in answer.headers["cache-control"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))[::-1]
    assert rows[-1]["action"] == "audit_exported"
    assert "user:=1+1" in {row["actor"] for row in rows}
    before = GENESIS
    for row in rows:
        assert row["before_hash"] == before
        before = row["hash"]
    few = client.get("/office/audit.csv", params={"number": "MW-7"})
    assert [row["case_number"] for row in csv.DictReader(io.StringIO(few.text))] == ["MW-7"]


def test_the_chain_is_walked_behind_the_page(office: Office, admin: Administration) -> None:
    room, token = admin.audit, boss(office)
    first = room.show(LOG, asks.PageOfAudit(fresh=True), token)
    assert LOG("chain_open") in str(first.chain)  # nobody walks yet, and nobody waits
    assert 'data-walking="1"' in str(first.chain)

    def settled() -> str:
        until = time.monotonic() + 20
        while room.chain.state().walking:
            assert time.monotonic() < until
            time.sleep(0.01)
        return str(room.look_at_chain(LOG, asks.LookAtChain(), token).chain)

    room.chain.start()
    try:
        newest = office.store.audit.newest(1)[0]
        assert "is-good" in settled()
        assert f"{newest.id}번 기록까지" in settled()
        forged(office, "UPDATE audit SET actor = 'user:nobody' WHERE id = 3")
        assert "is-good" in settled()  # fresh enough; whoever doubts asks again
        told = room.look_at_chain(LOG, asks.LookAtChain(again=True), token)
        assert told.command is not None
        assert told.command["walking"]
        assert "3번 기록부터" in settled()
        assert "is-bad" in settled()
    finally:
        room.chain.close()


def test_a_chain_of_nothing_and_a_store_that_does_not_answer(office: Office) -> None:
    watch = ChainWatch(audit=office.store.audit, now=office.clock)
    forged(office, "DELETE FROM audit")
    watch.walk()
    state = watch.state()
    assert state.verdict is not None
    assert (state.verdict.whole, state.verdict.last) == (True, None)
    office.clock.on(hours=1)
    assert watch.state().walking  # old: another walk is asked for
    with office.store.database.write() as session:
        session.execute(sa.text("DROP TABLE audit"))
    watch.walk()
    assert not watch._state.walking
    assert watch._state.at is not None
