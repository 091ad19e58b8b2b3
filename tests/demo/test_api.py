"""The REST API over HTTP: a case from its opening to its filing, keys, limits, bad input."""

from __future__ import annotations

import http.client
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
import sqlalchemy as sa

from demo.api.problems import language_of
from demo.store.desk_tables import AuditRow
from demo.store.tables import CaseRow
from tests.demo.faces_kit import Served, serving_programs, until_true

V1 = "/api/v1"
WORDS = "은행동 12번지 앞 가로등이 꺼졌습니다"
Case = dict[str, Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_programs(
        tmp_path_factory.mktemp("api"),
        opens_per_minute=500,
        calls_per_minute=5000,
        max_call_mb=2,
        open311_jurisdiction="gaon.go.kr",
        public_url="https://desk.gaon.example/",
    ) as made:
        yield made


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client(**{"Accept-Language": "en-GB,en;q=0.8"}) as made:
        yield made


def opened(client: httpx.Client, text: str = WORDS, **headers: str) -> Case:
    response = client.post(f"{V1}/cases", files={"text": (None, text)}, headers=headers)
    assert response.status_code == 201, response.text
    made: Case = response.json()
    return made


def own(receipt: Case) -> dict[str, str]:
    return {"X-Receipt-Secret": receipt["secret"]}


def drafted(client: httpx.Client, receipt: Case) -> Case:
    def look() -> Case | None:
        told: Case = client.get(f"{V1}/cases/{receipt['number']}", headers=own(receipt)).json()
        return told if told["status"] == "drafted" else None

    made: Case = until_true(look)  # type: ignore[assignment]
    return made


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert set(told) == {"type", "title", "status", "detail", "code", "facts"}
    assert (told["status"], told["code"]) == (status, code)
    return told


def test_a_case_from_its_words_to_the_docket(served: Served, client: httpx.Client) -> None:
    receipt = opened(client)
    path = f"{V1}/cases/{receipt['number']}"
    case = drafted(client, receipt)
    assert case["draft"]["title"] == WORDS
    assert case["evidence"][0]["text"] == WORDS
    assert case["evidence"][0]["page_no"] == 1
    assert receipt["secret"] not in str(case)

    edit = {"version": case["version"], "fields": {"place": "은행동 12번지"}}
    changed = client.patch(f"{path}/draft", json=edit, headers=own(receipt)).json()
    assert changed["edited"] == ["place"]
    problem(client.patch(f"{path}/draft", json=edit, headers=own(receipt)), 409, "case.conflict")

    more = client.post(
        f"{path}/files", files={"files": ("a.txt", "밤길이 위험합니다")}, headers=own(receipt)
    )
    assert more.status_code == 202
    case = drafted(client, receipt)
    assert [piece["text"] for piece in case["evidence"]] == [WORDS, "밤길이 위험합니다"]

    problem(client.get(f"{path}/answer", headers=own(receipt)), 409, "api.not_answered")
    filed = client.post(f"{path}/file", json={"version": case["version"]}, headers=own(receipt))
    assert filed.json()["status"] == "filed"
    late = client.post(f"{path}/files", files={"text": (None, "더")}, headers=own(receipt))
    assert late.status_code == 202, "the office is not done with it"

    def read_too() -> bool:
        told = client.get(path, headers=own(receipt)).json()
        return told["status"] == "filed" and len(told["evidence"]) == 3

    until_true(read_too)
    with client.stream("GET", path, headers=own(receipt)) as answer:
        assert answer.headers["cache-control"] == "no-store"

    keyed = {"Authorization": f"Bearer {served.key('desk-reader', 'read')}"}
    line = client.get(f"{V1}/docket", params={"text": receipt["number"]}, headers=keyed).json()
    assert [(each["number"], each["channel"], each["state"]) for each in line["cases"]] == [
        (receipt["number"], "api", "received")
    ]


def test_a_wrong_number_and_a_wrong_secret_get_the_same_answer(client: httpx.Client) -> None:
    receipt = opened(client)
    wrong = client.get(f"{V1}/cases/{receipt['number']}", headers={"X-Receipt-Secret": "AAAA"})
    unknown = client.get(f"{V1}/cases/MW-20261124-22222", headers=own(receipt))
    hostile = client.get(f"{V1}/cases/'%20OR%201=1--", headers=own(receipt))
    assert wrong.content == unknown.content == hostile.content
    assert wrong.headers.keys() == unknown.headers.keys()
    problem(wrong, 404, "case.not_found")


def test_the_same_call_opens_one_case(served: Served, client: httpx.Client) -> None:
    call = str(uuid.uuid4())
    first = opened(client, "같은 부름", **{"Idempotency-Key": call})
    assert opened(client, "같은 부름", **{"Idempotency-Key": call}) == first
    drafted(client, first)  # its secret opens it
    other = client.post(
        f"{V1}/cases", files={"text": (None, "다른 말")}, headers={"Idempotency-Key": call}
    )
    problem(other, 422, "api.replayed")
    short = {"Idempotency-Key": "1"}
    refused = client.post(f"{V1}/cases", files={"text": (None, "말")}, headers=short)
    problem(refused, 400, "api.invalid")
    keyed = {"Idempotency-Key": call, "X-Api-Key": served.key("other", "submit")}
    assert opened(client, "같은 부름", **keyed) != first  # another caller's call is another one


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ({"text": (None, "  ")}, 400, "api.invalid"),
        ({"text": (None, "가" * 20_001)}, 400, "api.invalid"),
        ({"text": (None, "끝\x07")}, 400, "case.field_invalid"),
        ({"words": (None, "말")}, 400, "api.invalid"),
        ({"language": (None, "klingon"), "text": (None, "말")}, 400, "api.invalid"),
        ({"files": (None, "/etc/passwd")}, 400, "api.invalid"),
        ({"files": ("a.txt", b"")}, 422, "media.empty"),
        ({"files": ("a.exe", b"MZ\x90\x00" + b"\x00" * 100)}, 422, "document.unsupported"),
    ],
)
def test_what_can_not_be_taken(
    client: httpx.Client, files: dict[str, Any], status: int, code: str
) -> None:
    told = problem(client.post(f"{V1}/cases", files=files), status, code)
    assert "말" not in str(told)


@pytest.mark.parametrize("text", ["%PDF-1.4 말", "<html><body>말</body></html>", "PK 말"])
def test_words_that_look_like_a_file_stay_words(client: httpx.Client, text: str) -> None:
    case = drafted(client, opened(client, text))
    assert case["files"][0]["media_type"] == "text/plain"
    assert case["draft"]["title"] == text


def test_too_many_files(client: httpx.Client) -> None:
    many = [("files", (f"{index}.txt", b"x")) for index in range(11)]
    assert client.post(f"{V1}/cases", files=many).status_code == 400


def test_a_hostile_name_is_only_ever_shown(client: httpx.Client) -> None:
    name = "../../<img src=x onerror=alert(1)>\u202e.txt"
    response = client.post(f"{V1}/cases", files={"files": (name, "말".encode())})
    shown = drafted(client, response.json())["files"][0]["name"]
    assert "/" not in shown
    assert "\u202e" not in shown


def test_a_body_over_the_limit_is_cut_off_while_it_comes(
    served: Served, client: httpx.Client
) -> None:
    told = client.post(f"{V1}/cases", files={"files": ("a.txt", b"0" * 2_500_000)})
    assert problem(told, 413, "api.too_large")["facts"] == {"limit_mb": 2}

    # Without a length, chunk by chunk: nobody can know before.
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'

    def endless() -> Iterator[bytes]:
        yield head
        for _ in range(60):
            yield b"0" * 100_000

    host, port = served.address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Transfer-Encoding": "chunked"}
    try:
        connection.request("POST", f"{V1}/cases", endless(), headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it hung up before everything was sent
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_a_page_of_another_site_gets_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    problem(
        client.post(f"{V1}/cases", files={"text": (None, "말")}, headers=headers),
        403,
        "api.foreign_origin",
    )
    problem(client.get(f"{V1}/categories", headers=headers), 403, "api.foreign_origin")
    assert client.get("/open311/v2/services.json", headers=headers).status_code == 403


def test_our_own_page_may_call(served: Served, client: httpx.Client) -> None:
    headers = {"Origin": served.address, "Sec-Fetch-Site": "same-origin"}
    assert client.get(f"{V1}/categories", headers=headers).status_code == 200


def test_keys_open_what_their_rights_say(served: Served, client: httpx.Client) -> None:
    problem(client.get(f"{V1}/docket"), 401, "api.key_needed")
    keyed = {"Authorization": f"Bearer {served.key('only-submits', 'submit')}"}
    told = problem(client.get(f"{V1}/docket", headers=keyed), 403, "api.right_needed")
    assert told["facts"] == {"right": "read"}
    ended = served.key("ended", "read")
    served.interfaces.door.keys.end("ended")
    headers = {"X-Api-Key": ended}
    problem(client.get(f"{V1}/docket", headers=headers), 401, "api.key_needed")


def test_a_program_moves_a_case_but_answers_none(served: Served, client: httpx.Client) -> None:
    receipt = opened(client, "길이 파였습니다")
    version = drafted(client, receipt)["version"]
    path = f"{V1}/cases/{receipt['number']}"
    version = client.post(
        f"{path}/file", json={"version": version}, headers=own(receipt)
    ).json()["version"]  # fmt: skip
    keyed = {"Authorization": f"Bearer {served.key('worker', 'work')}"}
    move = f"{V1}/docket/{receipt['number']}/state"
    for state in ("answered", "merged", "waiting"):
        told = client.post(move, json={"version": version, "state": state}, headers=keyed)
        problem(told, 403, "api.human_needed")
    to_work = {"version": version, "state": "working"}
    assert client.post(move, json=to_work, headers=keyed).json()["state"] == "working"
    to_work["state"] = "received"
    problem(client.post(move, json=to_work, headers=keyed), 409, "case.conflict")
    with served.interfaces.api.counter.store.database.read() as session:
        rows = session.scalars(sa.select(AuditRow).where(AuditRow.action == "moved")).all()
        assert [(row.actor, row.case_number) for row in rows] == [("key:worker", receipt["number"])]
    assert served.interfaces.api.counter.store.audit.verify().whole


def test_the_sentence_comes_in_the_callers_language(client: httpx.Client) -> None:
    path = f"{V1}/nothing"
    english = problem(client.get(path), 404, "api.not_found")["detail"]
    korean = client.get(path, headers={"Accept-Language": "fr;q=1, ko;q=0.9"}).json()["detail"]
    assert english.isascii()
    assert not korean.isascii()
    assert language_of("", "ko") == "ko"
    assert language_of("en;q=nonsense, en", "ko") == "en"
    problem(client.delete(f"{V1}/categories"), 405, "api.method_unknown")


def test_the_description_is_valid_and_its_page_has_no_script(client: httpx.Client) -> None:
    schema = client.get(f"{V1}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for shape in schema["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(shape)
    for language in ("ko", "en"):
        page = client.get(f"{V1}/", headers={"Accept-Language": language}).text
        assert "<script" not in page
        assert "http" not in page.replace("https://desk.gaon.example", "")
        assert all(f"/api/v1{path}" in page for path in schema["paths"])
        assert "api.call_" not in page


def test_another_jurisdiction_is_not_found(client: httpx.Client) -> None:
    services = "/open311/v2/services.json"
    assert client.get(services, params={"jurisdiction_id": "gaon.go.kr"}).status_code == 200
    assert client.get(services, params={"jurisdiction_id": "other.go.kr"}).status_code == 404
    told = client.get("/open311/v2/discovery.json").json()
    assert told["endpoints"][0]["url"] == "https://desk.gaon.example/open311/v2"


def test_the_log_has_no_words(
    served: Served, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    secretive = "비밀스러운 이야기 010-9999-8888"
    with caplog.at_level(logging.DEBUG):
        receipt = opened(client, secretive)
        drafted(client, receipt)
        client.get(f"{V1}/cases/{receipt['number']}", headers={"X-Receipt-Secret": "wrong"})
    ours = "\n".join(record.getMessage() for record in caplog.records if "demo" in record.name)
    assert receipt["number"] in ours
    for word in (secretive, "9999", receipt["secret"]):
        assert word not in ours


# --- limits, on a desk with small ones ------------------------------------------------------


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_programs(
        tmp_path_factory.mktemp("narrow"),
        calls_per_minute=40,
        opens_per_minute=2,
        wrong_receipts_per_minute=3,
    ) as made:
        yield made


def test_guessing_receipts_is_slow_even_with_the_right_one(narrow: Served) -> None:
    with narrow.client() as client:
        receipt = opened(client)
        path = f"{V1}/cases/{receipt['number']}"
        for _ in range(3):
            assert client.get(path, headers={"X-Receipt-Secret": "AAAA"}).status_code == 404
        told = client.get(path, headers=own(receipt))
        problem(told, 429, "api.too_many")
        assert 1 <= int(told.headers["retry-after"]) <= 60
        keys = client.get(f"{V1}/docket", headers={"X-Api-Key": "mwk_guess"})
        problem(keys, 429, "api.too_many")  # keys are guessed no faster


def test_new_cases_and_calls_are_limited_for_each_address_and_key(narrow: Served) -> None:
    with narrow.client() as client:
        key = {"X-Api-Key": narrow.key("busy", "submit")}
        for _ in range(2):
            narrow_case = client.post(f"{V1}/cases", files={"text": (None, "말")}, headers=key)
            assert narrow_case.status_code in {201, 429}
        told = client.post(f"{V1}/cases", files={"text": (None, "말")}, headers=key)
        problem(told, 429, "api.too_many")
        statuses = [client.get(f"{V1}/categories").status_code for _ in range(45)]
        assert statuses[-1] == 429
        told = client.get("/open311/v2/services.xml")
        assert told.status_code == 429
        assert "retry-after" in told.headers
        assert client.get(f"{V1}/categories", headers=key).status_code == 200


def test_a_full_queue_says_busy_with_a_number(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving_programs(tmp_path_factory.mktemp("full"), queue_limit=1) as served:
        served.interfaces.api.counter.jobs.close()  # nobody works: everything waits
        with served.client() as client:
            opened(client)
            told = client.post(f"{V1}/cases", files={"text": (None, "말")})
            assert problem(told, 429, "api.busy")["facts"]["waiting"] == 1
            assert int(told.headers["retry-after"]) > 0
            assert client.get(f"{V1}/categories").status_code == 200
        with served.interfaces.api.counter.store.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(CaseRow)) == 1
