"""The few newest frames of a live source, between who takes them and who describes them.

What the description is too slow for is dropped and counted, so nothing grows however long it runs.
"""

from __future__ import annotations

import threading
from collections import deque

from pipelines.media.clips import Picture
from pipelines.refusals import LiveUnavailable

HELD = 6
"""Frames that wait at most; the oldest goes first."""


class LiveFrames:
    """Thread-safe; one side puts, the other takes."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.dropped = 0
        self._frames: deque[Picture] = deque(maxlen=HELD)
        self._new = threading.Condition()
        self._ended = self._failed = False

    def put(self, picture: Picture) -> None:
        """The newest frame; where too many wait, the oldest goes."""
        with self._new:
            self.dropped += len(self._frames) == HELD
            self._frames.append(picture)
            self._new.notify_all()

    def end(self, *, failed: bool = False) -> None:
        """No more will come; `failed` = there never was one."""
        with self._new:
            self._ended, self._failed = True, failed
            self._new.notify_all()

    def next(self, wait_s: float) -> Picture | None:
        """The oldest frame that waits; None where the source ended. Raises LiveUnavailable."""
        with self._new:
            self._new.wait_for(lambda: self._frames or self._ended, timeout=wait_s)
            if self._frames:
                return self._frames.popleft()
            if self._ended and not self._failed:
                return None
            raise LiveUnavailable(host=self.host)
