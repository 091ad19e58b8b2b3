"""A lock that is given in the order of asking, so that a long recording starves nobody."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """`with turns:` lets one thread in at a time, first come, first served."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    def __enter__(self) -> None:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            self._changed.wait_for(lambda: self._line[0] is ticket)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._line.popleft()
            self._changed.notify_all()
