"""The application over HTTP: headers, closed doors, health, and what the page's door refuses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.asks import BadRequest, Change, Follow, Submit, read
from demo.intake import Intake
from demo.present import Words
from demo.screens import trouble
from demo.wiring_cases import make_intake
from pipelines.drafting.policy import load_policy
from pipelines.errors import CaseNotFound, MediaEmpty
from pipelines.refusals import DocumentUnsupported
from pipelines.settings import ASSETS, Settings
from tests.demo.page_kit import ToldWork, write_clip

POLICY = load_policy(ASSETS / "policy" / "policy.toml")


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(data_dir=folder, cache_dir=folder, max_file_mb=1)
    made = make_intake(settings, POLICY, ToldWork(0.0))
    made.jobs.start()
    yield made
    made.jobs.close()
    made.store.database.engine.dispose()


@pytest.mark.parametrize(
    ("path", "language", "word"),
    [
        ("/", "ko", "민원 데스크"),
        ("/en/", "en", "Minwon Desk"),
        ("/ja/", "ja", "民願デスク"),
        ("/zh/", "zh", "民愿窗口"),
        ("/es/", "es", "Quejas a viva voz"),
    ],
)
def test_each_language_has_its_page(web: httpx.Client, path: str, language: str, word: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert word in answer.text
    head = web.get(f"{path}config").json()["head"]
    assert f"document.documentElement.lang='{language}'" in head
    assert web.get("/en", follow_redirects=False).headers["location"] == "/en/"


@pytest.mark.parametrize("path", ["/", "/config", "/ui/page.js", "/health/live", "/nothing-here"])
def test_every_answer_is_guarded(web: httpx.Client, path: str) -> None:
    headers = web.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_theme_loads_no_font_from_outside(web: httpx.Client) -> None:
    for path in ("/theme.css", "/ui/page.css"):
        text = web.get(path).text
        addresses = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
        assert not addresses
        assert "@import" not in text


def test_gradio_keeps_no_history_and_offers_no_api(web: httpx.Client) -> None:
    config = web.get("/config").json()
    assert config["run_history"] is False
    assert config["footer_links"] == []
    assert config["analytics_enabled"] is False
    assert web.get("/gradio_api/info").json()["named_endpoints"] == {}
    assert web.get("/docs").status_code == 404
    assert web.get("/openapi.json").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        str(ASSETS / "policy" / "policy.toml"),
        "http://169.254.169.254/",
    ],
)
def test_no_file_of_the_server_is_served(web: httpx.Client, path: str) -> None:
    answer = web.get(f"/gradio_api/file={path}", follow_redirects=False)
    assert answer.status_code in {403, 404}


def test_a_file_over_the_limit_is_refused_while_it_comes(web: httpx.Client) -> None:
    answer = web.post("/gradio_api/upload", files={"files": ("a.wav", b"0" * 3_500_000)})
    assert answer.status_code == 413


def test_health_answers_beside_the_page(web: httpx.Client) -> None:
    assert web.get("/health/live").status_code == 200
    assert set(web.get("/health/ready").json()["models"]) == {"speech", "draft"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        {"files": [{"path": "/etc/passwd", "extra": 1}]},
        {"files": [{"path": "x" * 5000}]},
        {"files": [{"path": "x"}] * 101},
        {"language": "klingon"},
    ],
)
def test_the_door_takes_only_what_our_page_sends(data: object) -> None:
    with pytest.raises(BadRequest):
        read(Submit, data)


def test_a_path_that_was_not_uploaded_is_refused(intake: Intake) -> None:
    def nobody(_: str) -> Path:
        raise BadRequest

    with pytest.raises(BadRequest):
        intake.submit(read(Submit, {"files": [{"path": "/etc/passwd"}]}), nobody)
    with pytest.raises(BadRequest):
        intake.submit(read(Submit, {"sample": "../../etc/passwd"}), nobody)


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("submit", {"files": [{"path": "/etc/passwd", "name": "a.wav"}]}, '"success":false'),
        ("submit", {"files": [{"path": ["/etc/passwd"]}]}, "page.bad_request"),
        ("submit", {"sample": "../../etc/passwd"}, "page.bad_request"),
        ("follow", {"number": "MW-1"}, "page.bad_request"),
        ("follow", {"number": "MW-1", "secret": "x"}, "case.not_found"),
        ("change_draft", "nonsense", "page.bad_request"),
    ],
)
def test_a_forged_message_gets_one_sentence(
    web: httpx.Client, kind: str, data: object, told: str
) -> None:
    config = web.get("/config").json()
    by_target = {
        target[1]: dependency["id"]
        for dependency in config["dependencies"]
        for target in dependency["targets"]
    }
    session = f"forged-{secrets.token_hex(4)}"
    message = {"fn_index": by_target[kind], "data": [], "session_hash": session}
    joined = web.post("/gradio_api/queue/join", json={**message, "event_data": data})
    assert joined.status_code == 200
    with web.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        answer = "".join(stream.iter_text())
    assert told in answer
    assert "opened" not in answer
    assert "Traceback" not in answer
    assert "root:" not in answer


@pytest.mark.parametrize(
    ("content", "error"), [(b"", MediaEmpty), (bytes(range(256)) * 9, DocumentUnsupported)]
)
def test_a_refused_file_opens_no_case_and_leaves_nothing(
    intake: Intake, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "upload.wav"
    path.write_bytes(content)
    with pytest.raises(error):
        intake.submit(sent("../../a\n.wav"), lambda _: path)
    assert not path.exists()


def sent(name: str) -> Submit:
    return read(Submit, {"files": [{"path": "x", "name": name}]})


def submit(intake: Intake, folder: Path, name: str = "clip.wav") -> dict[str, str]:
    path = write_clip(folder / "upload.wav", 2.0)
    told = intake.submit(sent(name), lambda _: path).command
    assert told is not None
    return {"number": str(told["number"]), "secret": str(told["secret"])}


def test_a_case_is_followed_changed_and_filed(intake: Intake, tmp_path: Path) -> None:
    words = Words("en")
    key = submit(intake, tmp_path)
    screens = list(intake.follow(words, read(Follow, {**key, "fresh": True})))
    assert key["secret"] in str(screens[0].receipt)
    assert screens[-1].command == {"do": "ended", "number": key["number"]}
    assert "mw-form" in str(screens[-2].draft)
    again = next(iter(intake.follow(words, read(Follow, key))))
    assert key["secret"] not in str(again.receipt)
    view = intake.store.find(**key)
    data = {**key, "version": view.version, "fields": {"title": "Lamp", "category": "교통"}}
    screen = intake.change(words, read(Change, data))
    assert 'value="Lamp"' in str(screen.draft)
    assert intake.store.find(**key).draft.department == POLICY.category("교통").department  # type: ignore[union-attr]
    stale = intake.change(words, read(Change, data))
    assert stale.command is not None
    assert stale.command["code"] == "case.conflict"
    data |= {"version": view.version + 1, "file": True}
    filed = intake.change(words, read(Change, data))
    assert filed.command is not None
    assert filed.command["do"] == "filed"
    assert intake.store.find(**key).status == "filed"
    assert 'data-act="file"' not in str(filed.draft)


def test_another_secret_opens_nothing(intake: Intake, tmp_path: Path) -> None:
    key, other = submit(intake, tmp_path), submit(intake, tmp_path)
    wrong = {"number": key["number"], "secret": other["secret"]}
    with pytest.raises(CaseNotFound) as caught:
        next(iter(intake.follow(Words("ko"), read(Follow, wrong))))
    told = trouble(Words("ko"), caught.value).command
    assert told is not None
    assert "비밀 번호" in str(told["text"])
    with pytest.raises(CaseNotFound):
        intake.cancel(read(Follow, wrong))
