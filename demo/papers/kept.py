"""Pictures that were drawn, in memory up to a bound: what was asked for longest ago goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True, kw_only=True)
class Kept(Generic[K]):
    """Thread-safe."""

    bytes_at_most: int
    _pictures: OrderedDict[K, bytes] = field(default_factory=OrderedDict)
    _held: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: K) -> bytes | None:
        """None where it was never put, or has gone."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: K, picture: bytes) -> bytes:
        """Keep it; returns it."""
        with self._lock:
            self._held += len(picture) - len(self._pictures.pop(key, b""))
            self._pictures[key] = picture
            while self._held > self.bytes_at_most and len(self._pictures) > 1:
                self._held -= len(self._pictures.popitem(last=False)[1])
        return picture

    def drop(self, unwanted: Callable[[K], bool]) -> None:
        """Let go of every picture whose key is unwanted."""
        with self._lock:
            for key in [key for key in self._pictures if unwanted(key)]:
                self._held -= len(self._pictures.pop(key))
