"""A recording is heard by who has its link, for a while, and by nobody else."""

from __future__ import annotations

import re
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.api.media import MediaLinks, load_key, media_router
from demo.store.cases import CaseStore
from tests.demo.store_kit import make_recording, make_store

CONTENT = bytes(range(256)) * 40
KEY = b"k" * 32


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return make_store(tmp_path)


@pytest.fixture
def links() -> MediaLinks:
    return MediaLinks(KEY)


@pytest.fixture
def web(store: CaseStore, links: MediaLinks) -> TestClient:
    return client(store, links)


def client(store: CaseStore, links: MediaLinks) -> TestClient:
    app = FastAPI()
    app.include_router(media_router(store, links))
    return TestClient(app)


def kept(store: CaseStore, folder: Path, **changes: str) -> tuple[str, str]:
    media = replace(make_recording(folder, CONTENT), **changes)  # type: ignore[arg-type]
    return store.open(media, None).number, media.sha256


def test_the_whole_file_with_its_guard(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path
) -> None:
    number, sha256 = kept(store, tmp_path, name='../"<b>\r\nX-Evil: 1.wav')
    answer = web.get(f"/media/{links.sign(number, sha256)}")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == f'inline; filename="{sha256[:12]}.wav"'
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=100-199", 100, 199), ("bytes=10000-", 10000, 10239), ("bytes=-5", 10235, 10239)],
)
def test_a_player_may_jump(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path,
    wanted: str, first: int, last: int,
) -> None:  # fmt: skip
    token = links.sign(*kept(store, tmp_path))
    answer = web.get(f"/media/{token}", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_beyond_the_end_there_is_nothing(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path
) -> None:
    token = links.sign(*kept(store, tmp_path))
    answer = web.get(f"/media/{token}", headers={"Range": "bytes=999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


def test_head_tells_the_length(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path
) -> None:
    answer = web.head(f"/media/{links.sign(*kept(store, tmp_path))}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"


def test_every_wrong_link_gets_one_and_the_same_answer(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path
) -> None:
    number, sha256 = kept(store, tmp_path)
    other = make_recording(tmp_path, b"another")
    store.open(other, None)
    good = links.sign(number, sha256)
    wrong = {
        "forged": good[:-2] + ("aa" if good[-2:] != "aa" else "bb"),
        "other key": MediaLinks(b"x" * 32).sign(number, sha256),
        "not this case's": links.sign(number, other.sha256),
        "no such case": links.sign("MW-20261124-22222", sha256),
        "path": links.sign(number, "../../../etc/passwd"),
        "plain": f"{number}.{sha256}",
        "long": "a" * 5000,
        "other shape": str(links._serializer.dumps({"a": 1})),
    }
    answers = {name: web.get(f"/media/{token}") for name, token in wrong.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        wrong, 404
    )
    assert {answer.text for answer in answers.values()} == {'{"code":"not_found"}'}
    assert web.get(f"/media/{good}").status_code == 200


def test_a_link_expires(store: CaseStore, tmp_path: Path) -> None:
    short = MediaLinks(KEY, max_age_s=0)
    token = short.sign(*kept(store, tmp_path))
    time.sleep(1.1)  # the signature counts whole seconds
    assert client(store, short).get(f"/media/{token}").status_code == 404
    assert client(store, MediaLinks(KEY)).get(f"/media/{token}").status_code == 200


def test_a_file_that_is_gone_is_not_found(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path
) -> None:
    number, sha256 = kept(store, tmp_path)
    store.media_path(sha256).unlink()
    assert web.get(f"/media/{links.sign(number, sha256)}").status_code == 404


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "audio/x\r\nSet-Cookie: a=b"])
def test_what_no_player_plays_is_only_for_saving(
    store: CaseStore, links: MediaLinks, web: TestClient, tmp_path: Path, media_type: str
) -> None:
    token = links.sign(*kept(store, tmp_path, media_type=media_type))
    answer = web.get(f"/media/{token}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert re.match("attachment; ", answer.headers["content-disposition"])
    assert "set-cookie" not in answer.headers


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(load_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert load_key(tmp_path) == keys[0]
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(tmp_path / "other") != keys[0]
