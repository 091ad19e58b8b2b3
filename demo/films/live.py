"""Watching a camera on the video page: frames go in, described windows come out, nothing stays.

Each watch has one thread, keeps its newest windows in memory only, and ends by itself: when its
time is up, when its camera falls silent, or soon after nobody looks at it any more.
"""

from __future__ import annotations

import contextlib
import io
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from demo.films.stills import QUALITY, Blur
from demo.papers.sessions import PapersNotFound, id_of
from demo.work import incident
from pipelines.errors import Cancelled, MinwonError
from pipelines.media.clips import picture_of_planes
from pipelines.readers.live import EVERY_S, LiveWindow, allowed, described, watch_live
from pipelines.readers.live_frames import LiveFrames
from pipelines.readers.motion import Motion
from pipelines.refusals import LiveAlone, LiveFull, LiveTooLong
from pipelines.types import Cancel, Note

log = logging.getLogger(__name__)

MOST = 3
"""Watches at a time, in the whole program: each takes up to a core."""
LONGEST_S = 1800.0
"""Of one watch."""
ALONE_S = 12.0
"""So long a watch goes on while nobody looks."""
KEPT = 12
"""Windows of each."""
WIDE_PX = 640
SIDES_PX = (64, 1280)
"""Of a browser's frame: the least and the most."""
State = Literal["opening", "running", "ended"]
Source = Literal["camera", "address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWindow:
    """Some seconds as they are shown, without the frame itself: it is large, and not blurred."""

    number: int
    start_s: float
    end_s: float
    texts: tuple[str, ...]
    motion: tuple[Motion, ...]
    cuts: int
    jpeg: bytes
    """Blurred; empty where it could not be."""


@dataclass(slots=True, kw_only=True)
class LiveWatch:
    """One camera that somebody watches."""

    id: str
    source: Source
    frames: LiveFrames
    """Where a browser's frames go; unused for an address."""
    began_s: float
    seen_s: float
    state: State = "opening"
    error: Note | None = None
    windows: deque[ShownWindow] = field(default_factory=lambda: deque(maxlen=KEPT))
    count: int = 0
    dropped: int = 0
    last_put_s: float = -1.0
    cancel: Cancel = field(default_factory=Cancel)
    revision: int = 0
    token: str = ""
    """Of the link to its pictures."""


@dataclass(slots=True, kw_only=True)
class LiveDesk:
    """Thread-safe."""

    hosts: str
    """See `readers.live.allowed`."""
    blur: Blur
    clock: Callable[[], float] = time.monotonic
    _held: dict[str, LiveWatch] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def open_camera(self) -> tuple[str, LiveWatch]:
        """(key, a watch that waits for the browser's frames). Raises LiveFull."""
        key, watch = self._new("camera")
        self._begin(watch, lambda: described(watch.frames, cancel=watch.cancel))
        return key, watch

    def open_address(self, address: str) -> tuple[str, LiveWatch]:
        """(key, a watch of a camera on the network). Raises LiveRefused, LiveFull."""
        allowed(address, self.hosts)
        key, watch = self._new("address")
        self._begin(watch, lambda: watch_live(address, self.hosts, cancel=watch.cancel))
        return key, watch

    def find(self, key: str) -> LiveWatch:
        """Raises PapersNotFound."""
        return self.by_id(id_of(key))

    def by_id(self, name: str) -> LiveWatch:
        """For a link that we signed. Raises PapersNotFound."""
        with self._changed:
            if name not in self._held:
                raise PapersNotFound
            return self._held[name]

    def push(self, watch: LiveWatch, planes: bytes, size_px: tuple[int, int]) -> None:
        """A frame of the browser's camera; more than four a second are not looked at.

        Raises ValueError where it is no I420 picture of that size.
        """
        now = self.clock() - watch.began_s
        if watch.source != "camera" or watch.state == "ended":
            return
        if not all(SIDES_PX[0] <= side <= SIDES_PX[1] for side in size_px):
            raise ValueError("a frame of such a size is not taken")
        if now - watch.last_put_s < EVERY_S:
            watch.frames.dropped += 1
            return
        watch.last_put_s = now
        watch.frames.put(picture_of_planes(planes, size_px, now))

    def wait(self, watch: LiveWatch, after: int, timeout_s: float) -> int:
        """The revision now, once it is another one or time is up. Somebody looks."""
        with self._changed:
            watch.seen_s = self.clock()
            self._changed.wait_for(lambda: watch.revision != after, timeout_s)
            return watch.revision

    def stop(self, watch: LiveWatch) -> None:
        """End it and forget its windows."""
        with self._changed:
            self._held.pop(watch.id, None)
        watch.cancel.set()
        watch.frames.end()

    def close(self) -> None:
        """End all of them."""
        for watch in list(self._held.values()):
            self.stop(watch)

    # --- the watch's own thread ------------------------------------------------------------------

    def _new(self, source: Source) -> tuple[str, LiveWatch]:
        key = secrets.token_urlsafe(24)
        now = self.clock()
        watch = LiveWatch(
            id=id_of(key), source=source, frames=LiveFrames("camera"), began_s=now, seen_s=now
        )
        with self._changed:
            running = [held for held in self._held.values() if held.state != "ended"]
            if len(running) >= MOST:
                raise LiveFull(limit=MOST)
            for held in [held for held in self._held.values() if held.state == "ended"]:
                if now - held.seen_s > ALONE_S:
                    del self._held[held.id]
            self._held[watch.id] = watch
        return key, watch

    def _begin(self, watch: LiveWatch, windows: Callable[[], Iterator[LiveWindow]]) -> None:
        name = f"live-{watch.id[:6]}"
        threading.Thread(target=self._run, args=(watch, windows), name=name, daemon=True).start()

    def _run(self, watch: LiveWatch, windows: Callable[[], Iterator[LiveWindow]]) -> None:
        error: Note | None = None
        try:
            with contextlib.closing(windows()) as passing:  # type: ignore[type-var]
                for window in passing:
                    self._show(watch, window)
                    self._check(watch)
        except Cancelled:
            pass
        except MinwonError as exc:
            error = Note(code=exc.code, facts=dict(exc.facts))
        except Exception as exc:  # noqa: BLE001 - the thread's edge: a sentence, no traceback
            made = incident(watch.id[:8], exc)
            error = Note(code=made.code, facts=dict(made.facts))
        with self._changed:
            watch.state, watch.error = "ended", error
            watch.revision += 1
            self._changed.notify_all()

    def _check(self, watch: LiveWatch) -> None:
        """Raises LiveTooLong, LiveAlone."""
        now = self.clock()
        if now - watch.began_s > LONGEST_S:
            raise LiveTooLong(limit_min=round(LONGEST_S / 60))
        if now - watch.seen_s > ALONE_S:
            raise LiveAlone

    def _show(self, watch: LiveWatch, window: LiveWindow) -> None:
        shown = ShownWindow(
            number=watch.count + 1,
            start_s=window.start_s,
            end_s=window.end_s,
            texts=tuple(text.text for text in window.texts),
            motion=window.motion,
            cuts=window.cuts,
            jpeg=self._jpeg(window),
        )
        with self._changed:
            watch.windows.append(shown)
            watch.state, watch.count = "running", shown.number
            watch.dropped += window.dropped
            watch.revision += 1
            self._changed.notify_all()

    def _jpeg(self, window: LiveWindow) -> bytes:
        """The newest frame, small and blurred; empty where nothing can blur it."""
        picture = window.picture.image()
        picture.thumbnail((WIDE_PX, WIDE_PX))
        out = io.BytesIO()
        try:
            self.blur(picture).save(out, format="JPEG", quality=QUALITY)
        except MinwonError as exc:
            log.warning("a live frame is not shown: %s", exc.code)
            return b""
        return out.getvalue()
