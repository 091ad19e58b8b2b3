"""Webhooks: what is told, how it is signed, where it may go, and what becomes of failures."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from demo.courier import Allowed, Courier, shown_secret
from demo.store.cases import CaseStore
from demo.store.desk_tables import DocketRow
from demo.store.hooks import Hook, Hooks
from demo.store.interface_tables import DeliveryRow
from pipelines.interface_errors import AddressRefused, HookInvalid
from pipelines.settings import Settings
from tests.demo.store_kit import drafted, make_store

KEY = b"k" * 32
LOOPBACK = "127.0.0.0/8"


class Receiver:
    """A listener that keeps what it got and answers with the statuses it was given, in turn."""

    def __init__(self, statuses: list[int]) -> None:
        self.got: list[tuple[str, dict[str, str], str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append((self.path, dict(self.headers.items()), body))
                status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def listening(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(list(statuses or (200,)))
    try:
        yield receiver
    finally:
        receiver.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    made = make_store(tmp_path)
    yield made
    made.database.engine.dispose()


def allowed(*hosts: str, networks: str = LOOPBACK) -> Allowed:
    return Allowed.of(Settings(hook_hosts=",".join(hosts), hook_networks=networks))


def courier(store: CaseStore, port: int, tries: int = 3, pause_s: float = 0.0) -> Courier:
    lists = allowed(f"127.0.0.1:{port}")
    return Courier(Hooks(store.database), lists, KEY, tries=tries, first_pause_s=pause_s)


def hook_to(store: CaseStore, port: int, *topics: str) -> Hook:
    return Hooks(store.database).add(f"http://127.0.0.1:{port}/in?x=1", topics or ("filed",))


def filed(store: CaseStore, folder: Path) -> str:
    number, secret = drafted(store, folder)
    store.file(number, secret, store.find(number, secret).version)
    return number


def rows(store: CaseStore) -> list[DeliveryRow]:
    with store.database.read() as session:
        return list(session.scalars(sa.select(DeliveryRow).order_by(DeliveryRow.id)))


def test_each_step_of_a_case_is_told_once_and_without_its_words(
    store: CaseStore, tmp_path: Path
) -> None:
    with listening() as receiver:
        hook_to(store, receiver.port, "filed", "changed", "answered")
        number = filed(store, tmp_path)
        with store.database.write() as session:
            line = session.scalars(sa.select(DocketRow)).one()
            line.state, line.title = "working", "다른 제목"
        with store.database.write() as session:
            session.scalars(sa.select(DocketRow)).one().title = "제목만"  # no other state
        with store.database.write() as session:
            line = session.scalars(sa.select(DocketRow)).one()
            line.state, line.answer = "answered", "고쳤습니다"
        courier(store, receiver.port).carry()
        told = [json.loads(body) for _, _, body in receiver.got]
        assert [each["type"] for each in told] == [
            "case.filed", "case.changed", "case.changed", "case.answered",
        ]  # fmt: skip
        assert {each["data"]["number"] for each in told} == {number}
        assert [each["data"]["state"] for each in told] == [
            "received", "working", "answered", "answered",
        ]  # fmt: skip
        assert set(told[0]["data"]) == {
            "number", "state", "channel", "category", "department", "due_on",
        }  # fmt: skip
        assert {row.state for row in rows(store)} == {"sent"}
        courier(store, receiver.port).carry()
        assert len(receiver.got) == 4


def test_a_receiver_can_verify_it_with_the_public_library(store: CaseStore, tmp_path: Path) -> None:
    with listening() as receiver:
        hook = hook_to(store, receiver.port)
        filed(store, tmp_path)
        courier(store, receiver.port).carry()
        path, headers, body = receiver.got[0]
        assert path == "/in?x=1"
        assert Webhook(shown_secret(KEY, hook)).verify(body, headers)["type"] == "case.filed"
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(shown_secret(b"x" * 32, hook)).verify(body, headers)
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(shown_secret(KEY, hook)).verify(body.replace("received", "answered"), headers)


def test_what_was_rolled_back_is_told_to_nobody(store: CaseStore, tmp_path: Path) -> None:
    hook_to(store, 1, "changed")
    filed(store, tmp_path)

    def broken() -> None:
        with store.database.write() as session:
            session.scalars(sa.select(DocketRow)).one().state = "working"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert rows(store) == []


def test_a_failure_is_tried_again_by_the_next_process(store: CaseStore, tmp_path: Path) -> None:
    with listening(503, 200) as receiver:
        hook_to(store, receiver.port)
        filed(store, tmp_path)
        courier(store, receiver.port).carry()
        (row,) = rows(store)
        assert (row.state, row.attempts, row.reason) == ("waiting", 1, "http_503")
        courier(store, receiver.port).carry()  # as after a restart: only the row is known
        (row,) = rows(store)
        assert (row.state, row.attempts, row.reason) == ("sent", 2, None)
        first, second = receiver.got
        assert first[1]["webhook-id"] == second[1]["webhook-id"]


def test_pauses_grow_and_the_last_failure_is_kept(store: CaseStore, tmp_path: Path) -> None:
    with listening(500) as receiver:
        hook_to(store, receiver.port)
        filed(store, tmp_path)
        waits = []
        for _ in range(3):
            now = dt.datetime.now(tz=dt.UTC)
            courier(store, receiver.port, pause_s=100.0).carry()
            (row,) = rows(store)
            waits.append((row.next_at - now).total_seconds())
            with store.database.write() as session:
                session.execute(sa.update(DeliveryRow).values(next_at=now))
        assert 50 <= waits[0] <= 151
        assert 200 <= waits[1] <= 601
        assert (row.state, row.attempts, row.reason) == ("dead", 3, "http_500")
        (standing,) = Hooks(store.database).standings()
        assert (standing.dead, standing.last_reason) == (1, "http_500")
        assert standing.last_failed_at is not None
        courier(store, receiver.port).carry()
        assert len(receiver.got) == 3


def test_a_redirect_is_not_followed(store: CaseStore, tmp_path: Path) -> None:
    with listening(302) as receiver:
        hook_to(store, receiver.port)
        filed(store, tmp_path)
        courier(store, receiver.port).carry()
        assert rows(store)[0].reason == "http_302"
        assert [path for path, _, _ in receiver.got] == ["/in?x=1"]


def test_nobody_there_and_an_ended_hook(store: CaseStore, tmp_path: Path) -> None:
    with listening() as receiver:
        port = receiver.port
    hook = hook_to(store, port)
    filed(store, tmp_path)
    courier(store, port).carry()
    assert rows(store)[0].reason == "connection"
    Hooks(store.database).end(hook.id)
    assert (rows(store)[0].state, rows(store)[0].reason) == ("dead", "hook_ended")
    with pytest.raises(HookInvalid):
        Hooks(store.database).end(99)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/in",
        "https://hooks.example:8443/in",
        "https://hooks.example.evil.example/in",
        "https://user@hooks.example/in",
        "https://hooks.example@evil.example/in",
        "ftp://hooks.example/in",
        "https://2130706433/in",
        "https://[::1]/in",
        "https://hooks.example/in\r\nHost: evil",
        "https://" + "a" * 2100,
    ],
)
def test_only_listed_hosts_are_taken(url: str) -> None:
    with pytest.raises((AddressRefused, HookInvalid)):
        allowed("hooks.example").check(url)


def test_a_listed_host_on_its_own_port_is_taken() -> None:
    assert allowed("hooks.example").check("https://HOOKS.example/in").port == 443
    assert allowed("hooks.example:8443").check("https://hooks.example:8443/in").port == 8443


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_a_name_that_leads_inside_needs_a_listed_network(host: str) -> None:
    """A rebound name is one that is listed and resolves to where nobody allowed it to lead."""
    lists = allowed(host.strip("[]"), networks="10.0.0.0/8")
    target = lists.check(f"https://{host}/in")
    with pytest.raises(AddressRefused):
        lists.resolve(target)
    inside = allowed(host.strip("[]"), networks="127.0.0.0/8,::1/128")
    assert inside.resolve(inside.check(f"http://{host}/in")) in {"127.0.0.1", "::1"}


def test_a_rebound_name_is_refused_when_it_is_carried(store: CaseStore, tmp_path: Path) -> None:
    with listening() as receiver:
        Hooks(store.database).add(f"https://localhost:{receiver.port}/in", ["filed"])
        filed(store, tmp_path)
        lists = allowed(f"localhost:{receiver.port}", networks="")
        Courier(Hooks(store.database), lists, KEY, tries=2, first_pause_s=0.0).carry()
        assert rows(store)[0].reason == "address.refused"
        assert receiver.got == []


def test_a_network_that_is_none() -> None:
    with pytest.raises(HookInvalid):
        allowed("hooks.example", networks="10.0.0.0/99")


def test_ended_messages_are_forgotten_after_a_month(store: CaseStore, tmp_path: Path) -> None:
    with listening() as receiver:
        hook_to(store, receiver.port)
        filed(store, tmp_path)
        courier(store, receiver.port).carry()
    hooks, now = Hooks(store.database), dt.datetime.now(tz=dt.UTC)
    hooks.forget(now + dt.timedelta(days=29))
    assert len(rows(store)) == 1
    hooks.forget(now + dt.timedelta(days=31))
    assert rows(store) == []
