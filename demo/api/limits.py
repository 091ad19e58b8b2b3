"""How often who may call: a moving minute or hour for each address, key or case, in memory."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pipelines.interface_errors import ApiTooMany

if TYPE_CHECKING:
    from limits import RateLimitItem

Kind = Literal["call", "keyed", "open", "wrong", "similar"]


class Throttle:
    """Thread-safe. Counts are gone with the process."""

    def __init__(
        self, per_minute: Mapping[Kind, int], per_hour: Mapping[Kind, int] | None = None
    ) -> None:
        from limits import RateLimitItemPerHour, RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items: dict[Kind, RateLimitItem] = {
            **{kind: RateLimitItemPerMinute(count) for kind, count in per_minute.items()},
            **{kind: RateLimitItemPerHour(count) for kind, count in (per_hour or {}).items()},
        }

    def take(self, kind: Kind, who: str) -> None:
        """Count one. Raises ApiTooMany that says when there is room again."""
        if not self._limiter.hit(self._items[kind], kind, who):
            raise self._full(kind, who)

    def check(self, kind: Kind, who: str) -> None:
        """Count nothing. Raises ApiTooMany where `take` would."""
        if not self._limiter.test(self._items[kind], kind, who):
            raise self._full(kind, who)

    def _full(self, kind: Kind, who: str) -> ApiTooMany:
        stats = self._limiter.get_window_stats(self._items[kind], kind, who)
        return ApiTooMany(wait_s=max(1, math.ceil(stats.reset_time - time.time())))


def neighbourhood(address: str) -> str:
    """Who is counted together: an IPv4 address, or the /64 of an IPv6 one, which one person has."""
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
