"""A camera, described window by window: what it shows now, never what it showed.

Of the network only hosts on the administrator's list are opened; an address on the own network is
no exception. One thread takes frames off it and keeps the few newest (`LiveFrames`); frames of a
browser's camera come the same way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.addresses import is_listed, target_of
from pipelines.errors import MediaRejected, MediaUndecodable
from pipelines.media import clips
from pipelines.media.clips import Picture
from pipelines.readers import captions, screen_texts, shots
from pipelines.readers.lettering import Patch, Watch
from pipelines.readers.live_frames import LiveFrames
from pipelines.readers.motion import Motion, MotionMeter
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.shots import Small
from pipelines.readers.tesseract import Budget
from pipelines.refusals import LiveRefused
from pipelines.types import Cancel, Language

log = logging.getLogger(__name__)

PORTS = {"http": 80, "https": 443, "rtsp": 554}
WINDOW_S = 5.0
EVERY_S = 0.25
"""Between two frames that are looked at."""
JUMP_S = 5.0
"""Times of a stream that jump further than this, or back, were set anew."""
WAIT_S = 8.0
"""Without a frame for so long the stream is gone."""
MOST_PATCHES = 8
MOST_PX = 9_000_000
"""Of one frame: 4K. Some of them are in memory at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveWindow:
    """Some seconds of a stream; times count from its first frame."""

    start_s: float
    end_s: float
    texts: tuple[ScreenText, ...]
    motion: tuple[Motion, ...]
    cuts: int
    looked_at: int
    dropped: int
    """Frames that came too fast for the description, in this window."""
    picture: Picture
    """The newest frame, NOT blurred: show a copy by `PhotoReader.shown_copy` only."""


def allowed(address: str, hosts: str) -> str:
    """The host of an address that may be watched. `hosts`: names or name:port, commas between.

    Raises LiveRefused for anything else: other schemes, other hosts, other ports than the scheme's
    own where none is named, and user names in the address.
    """
    try:
        target = target_of(address, PORTS)
    except ValueError:
        raise LiveRefused(host="?") from None
    if not is_listed(target, hosts):
        raise LiveRefused(host=target.host)
    return target.host


def watch_live(
    address: str,
    hosts: str,
    *,
    window_s: float = WINDOW_S,
    languages: tuple[Language, ...] = ("ko", "en"),
    cancel: Cancel | None = None,
) -> Iterator[LiveWindow]:
    """Windows as they pass, until the stream ends or a person cancels.

    Raises LiveRefused, LiveUnavailable (it can't be opened, or nothing comes any more), OcrMissing,
    Cancelled.
    """
    frames = LiveFrames(allowed(address, hosts))
    grabber = _Grabber(address.strip(), frames)
    thread = threading.Thread(target=grabber.run, name="live-frames", daemon=True)
    thread.start()
    try:
        yield from described(frames, window_s=window_s, languages=languages, cancel=cancel)
    finally:
        grabber.stop.set()
        thread.join(timeout=2 * WAIT_S)


class _Grabber:
    """Takes frames off the network into a short queue."""

    def __init__(self, address: str, frames: LiveFrames) -> None:
        self._address, self._frames = address, frames
        self.stop = threading.Event()

    def run(self) -> None:
        started = False
        try:
            with clips.opened_address(self._address, wait_s=WAIT_S) as container:
                stream = clips.picture_stream(container)
                if stream.codec_context.width * stream.codec_context.height > MOST_PX:
                    raise MediaUndecodable
                stream.thread_type = "SLICE"
                started = self._take_all(container, stream)
        except MediaRejected as exc:
            log.info("live stream of %s: %s", self._frames.host, exc.code)
            self._frames.end(failed=not started)
        else:
            self._frames.end()

    def _take_all(self, container: object, stream: object) -> bool:
        clock = _Clock()
        taken: float | None = None
        for packet in clips.packets(container, stream):
            if self.stop.is_set():
                break
            for frame in clips.decode(stream, packet):
                at = clock.at(time.monotonic() if frame.time is None else frame.time)
                if taken is not None and at - taken < EVERY_S:
                    continue
                taken = at
                self._frames.put(Picture(time_s=at, frame=frame, is_key=frame.key_frame))
        return taken is not None


class _Clock:
    """Times of a stream, from its first frame on. A camera may set its clock while it sends (RTSP
    does, with its first report): then they go on from where they were.
    """

    def __init__(self) -> None:
        self._base: float | None = None
        self._last = 0.0

    def at(self, stated_s: float) -> float:
        if self._base is None or not 0 <= stated_s - self._base - self._last <= JUMP_S:
            self._base = stated_s - self._last
        self._last = stated_s - self._base
        return self._last


@dataclass(slots=True)
class _Window:
    start_s: float
    patches: list[Patch] = field(default_factory=list)
    meter: MotionMeter = field(default_factory=MotionMeter)
    cuts: int = 0
    looked_at: int = 0


def described(
    frames: LiveFrames,
    *,
    window_s: float = WINDOW_S,
    languages: tuple[Language, ...] = ("ko", "en"),
    cancel: Cancel | None = None,
) -> Iterator[LiveWindow]:
    """Windows of frames that come from anywhere. Raises LiveUnavailable, OcrMissing, Cancelled."""
    words, window = Watch(), _Window(0.0)
    before: tuple[Picture, Small] | None = None
    told = 0
    while True:
        if cancel is not None:
            cancel.check()
        picture = frames.next(WAIT_S)
        if picture is not None:
            small = shots.shrunk(picture)
            _look(words, window, before, picture, small)
            before = (picture, small)
        if before is None:
            return
        newest = before[0]
        if window.looked_at and (picture is None or newest.time_s - window.start_s >= window_s):
            dropped, told = frames.dropped - told, frames.dropped
            yield _closed(words, window, newest, dropped, languages)
            words, window = Watch(), _Window(newest.time_s)
        if picture is None:
            return


def _look(
    words: Watch,
    window: _Window,
    before: tuple[Picture, Small] | None,
    picture: Picture,
    small: Small,
) -> None:
    cut = False
    if before is not None and before[0].size_px == picture.size_px:
        mean, share, _ = shots.change(before[1], small)
        cut = mean >= shots.STEP and share >= shots.SHARE
        window.meter.take(before[1], small, jumped=cut)
    window.cuts += cut
    window.looked_at += 1
    window.patches += words.take(picture, cut=cut)


def _closed(
    words: Watch,
    window: _Window,
    newest: Picture,
    dropped: int,
    languages: tuple[Language, ...],
) -> LiveWindow:
    patches = [*window.patches, *words.rest(newest.time_s)]
    patches = sorted(patches, key=lambda patch: patch.start_s - patch.end_s)[:MOST_PATCHES]
    texts = captions.read(patches, languages, Budget(WINDOW_S))
    spans = [span for span in window.meter.spans(newest.time_s) if span.moves]
    return LiveWindow(
        start_s=round(window.start_s, 2),
        end_s=round(newest.time_s, 2),
        texts=tuple(screen_texts.merged(texts)),
        motion=tuple(spans),
        cuts=window.cuts,
        looked_at=window.looked_at,
        dropped=dropped,
        picture=newest,
    )
