"""A camera on the network, described window by window: what it shows now, never what it showed.

Only hosts on the administrator's list are opened; an address on the own network is no exception.
One thread takes frames off the network and keeps the few newest; what the description is too slow
for is dropped and counted, so nothing grows however long it runs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.addresses import is_listed, target_of
from pipelines.errors import MediaRejected
from pipelines.media import clips
from pipelines.media.clips import Picture
from pipelines.readers import captions, screen_texts, shots
from pipelines.readers.lettering import Patch, Watch
from pipelines.readers.motion import Motion, MotionMeter
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.shots import Small
from pipelines.readers.tesseract import Budget
from pipelines.refusals import LiveRefused, LiveUnavailable
from pipelines.types import Cancel, Language

log = logging.getLogger(__name__)

PORTS = {"http": 80, "https": 443, "rtsp": 554}
WINDOW_S = 5.0
EVERY_S = 0.25
"""Between two frames that are looked at."""
HELD = 6
"""Frames that wait at most; the oldest goes first."""
WAIT_S = 8.0
"""Without a frame for so long the stream is gone."""
MOST_PATCHES = 8


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
    host = allowed(address, hosts)
    grabber = _Grabber(address.strip(), host)
    thread = threading.Thread(target=grabber.run, name="live-frames", daemon=True)
    thread.start()
    try:
        yield from _windows(grabber, window_s, languages, cancel or Cancel())
    finally:
        grabber.stop.set()
        thread.join(timeout=2 * WAIT_S)


class _Grabber:
    """Takes frames off the network into a short queue."""

    def __init__(self, address: str, host: str) -> None:
        self._address, self.host = address, host
        self._frames: deque[Picture] = deque(maxlen=HELD)
        self._new = threading.Condition()
        self.stop = threading.Event()
        self.dropped = 0
        self.ended = False
        self.failed = False

    def run(self) -> None:
        started = False
        try:
            with clips.opened_address(self._address, wait_s=WAIT_S) as container:
                stream = clips.picture_stream(container)
                stream.thread_type = "SLICE"
                started = self._take_all(container, stream)
        except MediaRejected as exc:
            self.failed = not started
            log.info("live stream of %s: %s", self.host, exc.code)
        with self._new:
            self.ended = True
            self._new.notify_all()

    def _take_all(self, container: object, stream: object) -> bool:
        first: float | None = None
        last = -EVERY_S
        for packet in clips.packets(container, stream):
            if self.stop.is_set():
                break
            for frame in clips.decode(stream, packet):
                at = frame.time if frame.time is not None else time.monotonic()
                first = at if first is None else first
                if at - first - last < EVERY_S and at - first >= last:
                    continue
                last = at - first
                self._put(Picture(time_s=last, frame=frame, is_key=frame.key_frame))
        return first is not None

    def _put(self, picture: Picture) -> None:
        with self._new:
            self.dropped += len(self._frames) == HELD
            self._frames.append(picture)
            self._new.notify_all()

    def next(self, wait_s: float) -> Picture | None:
        """The oldest frame that waits; None where the stream ended. Raises LiveUnavailable."""
        with self._new:
            self._new.wait_for(lambda: self._frames or self.ended, timeout=wait_s)
            if self._frames:
                return self._frames.popleft()
            if self.ended and not self.failed:
                return None
            raise LiveUnavailable(host=self.host)


@dataclass(slots=True)
class _Window:
    start_s: float
    patches: list[Patch] = field(default_factory=list)
    meter: MotionMeter = field(default_factory=MotionMeter)
    cuts: int = 0
    looked_at: int = 0


def _windows(
    grabber: _Grabber, window_s: float, languages: tuple[Language, ...], cancel: Cancel
) -> Iterator[LiveWindow]:
    words, window = Watch(), _Window(0.0)
    before: tuple[Picture, Small] | None = None
    told = 0
    while True:
        cancel.check()
        picture = grabber.next(WAIT_S)
        if picture is not None:
            small = shots.shrunk(picture)
            _look(words, window, before, picture, small)
            before = (picture, small)
        if before is None:
            return
        newest = before[0]
        if window.looked_at and (picture is None or newest.time_s - window.start_s >= window_s):
            dropped, told = grabber.dropped - told, grabber.dropped
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
