"""A stream from the network: allowed hosts only, window by window, never growing."""

from __future__ import annotations

import asyncio
import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from pipelines.errors import Cancelled
from pipelines.readers import live
from pipelines.readers.live import allowed, watch_live
from pipelines.readers.live_frames import HELD
from pipelines.refusals import LiveRefused, LiveUnavailable
from pipelines.types import Cancel
from tests.demo.page_kit import free_port
from tests.pipelines.media.clip_kit import film, scene
from tests.pipelines.readers.test_videos import SIZE, lettered

SIGN = "출입 통제 구역"


class Camera(http.server.BaseHTTPRequestHandler):
    """Sends a film some ten times as fast as it runs; /moved points elsewhere, /list is a list."""

    film = b""
    asked: list[str] = []  # noqa: RUF012 - one server, one list

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/live.ts")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/list":
            port = self.server.server_address[1]
            self.wfile.write(f"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:{port}/live.ts\n".encode())
            return
        try:
            for at in range(0, len(self.film), 40_000):
                self.wfile.write(self.film[at : at + 40_000])
                time.sleep(0.01)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[str]:
    place = scene(4, SIZE)
    still = [lettered(place, SIGN, (180, 60), 30)] * 144
    moving = [scene(1, SIZE, 4 * n) for n in range(144)]
    made = film(
        tmp_path / "a.ts", [*still, *moving], codec="mpeg2video", container="mpegts", keyframe=12
    )
    Camera.film, Camera.asked = made.read_bytes(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://192.168.0.10/stream",
        "rtsp://10.0.0.5:554/live",
        "http://127.0.0.1:8000/x.ts",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "https://camera.example.org:8443/x",
        "https://camera.example.org.evil.test/x",
        "https://camera.example.org@evil.test/x",
        "https://me:pw@camera.example.org/x",
        "file:///etc/passwd",
        "concat:/etc/passwd|/etc/hosts",
        "http:///x",
        "http://camera.example.org:99999/",
        "",
    ],
)
def test_what_is_not_on_the_list_is_refused(address: str) -> None:
    with pytest.raises(LiveRefused):
        allowed(address, "camera.example.org, 10.0.0.6")


def test_what_is_on_the_list_is_taken() -> None:
    assert allowed("https://camera.example.org/x", "camera.example.org") == "camera.example.org"
    assert allowed("rtsp://10.0.0.6/live", "a.test,10.0.0.6") == "10.0.0.6"
    assert allowed("http://cam.test:8080/x", "cam.test:8080") == "cam.test"
    with pytest.raises(LiveRefused):
        allowed("https://camera.example.org/x", "")


def test_a_stream_is_told_window_by_window(camera: str) -> None:
    windows = list(watch_live(f"http://{camera}/live.ts", camera, window_s=3.0))
    assert len(windows) >= 2
    assert all(a.end_s <= b.start_s + 0.01 for a, b in itertools.pairwise(windows))
    said = {text.text.replace(" ", "") for window in windows for text in window.texts}
    # Which frames are dropped depends on the machine, and with them a letter may be misread.
    wanted = SIGN.replace(" ", "")
    assert max(SequenceMatcher(None, wanted, text).ratio() for text in said) >= 0.8
    assert windows[-1].motion
    assert windows[-1].picture.size_px == SIZE


def test_a_slow_reader_drops_frames_and_does_not_grow(camera: str) -> None:
    dropped = looked = 0
    for window in watch_live(f"http://{camera}/live.ts", camera, window_s=1.0):
        time.sleep(0.6)  # the page is slow
        dropped, looked = dropped + window.dropped, looked + window.looked_at
    assert dropped > 0
    assert dropped + looked <= 49
    assert not [t for t in threading.enumerate() if t.name == "live-frames"]


@pytest.mark.parametrize("path", ["moved", "list"])
def test_no_redirect_and_no_playlist_leads_elsewhere(camera: str, path: str) -> None:
    with pytest.raises(LiveUnavailable):
        list(watch_live(f"http://{camera}/{path}", camera))
    assert "/live.ts" not in Camera.asked


def test_nobody_answers() -> None:
    with pytest.raises(LiveUnavailable):
        list(watch_live("http://127.0.0.1:9/x.ts", "127.0.0.1:9"))


def test_a_person_stops_it(camera: str) -> None:
    cancel = Cancel()
    windows = watch_live(f"http://{camera}/live.ts", camera, window_s=0.5, cancel=cancel)
    next(windows)
    cancel.set()
    with pytest.raises(Cancelled):
        list(windows)
    assert HELD < 10


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[str]:
    """A camera that speaks RTSP, at the pace of the film, and sets its clock while it sends."""
    from aio_rtsp_toolkit.server import RtspServer

    place = scene(4, SIZE)
    shown = [lettered(place, SIGN, (180, 60), 30)] * 36 + [scene(1, SIZE, 4 * n) for n in range(24)]
    film(tmp_path / "gate.mp4", shown, keyframe=12)
    loop = asyncio.new_event_loop()
    server = RtspServer(str(tmp_path), host="127.0.0.1", port=free_port())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield f"127.0.0.1:{server.port}"
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_rtsp_from_end_to_end(rtsp: str) -> None:
    windows = list(watch_live(f"rtsp://{rtsp}/gate.mp4", rtsp, window_s=1.2))
    assert len(windows) >= 2
    assert windows[0].start_s == 0
    assert all(0 < window.end_s - window.start_s < 3 for window in windows)
    assert all(a.end_s <= b.start_s + 0.01 for a, b in itertools.pairwise(windows))
    assert 1.5 < windows[-1].end_s < 3.5
    said = {text.text.replace(" ", "") for window in windows for text in window.texts}
    assert max(SequenceMatcher(None, SIGN.replace(" ", ""), text).ratio() for text in said) >= 0.8
    with pytest.raises(LiveRefused):
        list(watch_live(f"rtsp://{rtsp}/gate.mp4", "127.0.0.1"))


def test_times_that_a_camera_sets_anew_go_on() -> None:
    clock = live._Clock()
    assert [clock.at(at) for at in (50.0, 50.5, -29_000.0, -28_999.5, 90_000.0, 90_000.2)] == (
        pytest.approx([0.0, 0.5, 0.5, 1.0, 1.0, 1.2])
    )
