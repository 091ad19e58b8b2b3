"""Where a model is served and what we allow ourselves there: address, key, limits, breaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipelines.addresses import is_private
from pipelines.engine_errors import ModelResting
from pipelines.errors import SettingsInvalid

Dialect = Literal["openai", "vllm", "sglang", "llama"]
DIALECTS: tuple[Dialect, ...] = ("openai", "vllm", "sglang", "llama")
FAILURES = 3
REST_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One OpenAI-compatible server. The address must have passed `checked_url`."""

    url: str
    """Up to and with its version: http://127.0.0.1:8000/v1"""
    served: str
    """The model's name at the server."""
    dialect: Dialect = "openai"
    key: str = field(default="", repr=False)
    ca_file: Path | None = None
    """Certificates of the agency's own authority; None = those that every browser trusts."""
    concurrency: int = 4
    """So many asks at once; the others wait here, in order."""
    context_tokens: int = 6144
    connect_s: float = 5.0
    first_s: float = 120.0
    """Until the first sign of an answer: a busy server lets us wait in its own line."""
    stall_s: float = 30.0
    """Between two signs of an answer that has begun."""
    tries: int = 4
    template: Mapping[str, object] = field(default_factory=dict)
    """What the model's chat template is told: its reasoning switch."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Further fields of every request."""


def checked_url(url: str, *, allow_plain: bool, name: str = "MINWON_REMOTE_URL") -> str:
    """The address without a slash at its end. Raises SettingsInvalid that says what is wrong.

    Unencrypted http carries citizens' words and the key in the clear: it is for this machine and
    for private addresses, unless the operator allows it. `name` is the setting.
    """
    parts = urlsplit(url.strip())
    problem = ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problem = "an address like https://server/v1 is needed"
    elif parts.username or parts.password:
        problem = f"the key belongs in {name.removesuffix('URL')}KEY, not in the address"
    elif parts.query or parts.fragment:
        problem = "no ? and no # may stand in the address"
    elif parts.scheme == "http" and not allow_plain and not is_private(parts.hostname):
        problem = "http goes to private addresses only; use https or MINWON_REMOTE_ALLOW_HTTP=1"
    if problem:
        raise SettingsInvalid(name=name, problem=problem)
    return url.strip().rstrip("/")


class Breaker:
    """Spares a server that keeps failing, and its callers the wait. Thread-safe.

    After FAILURES failed asks in a row every ask is refused for REST_S; then one goes through, and
    its end decides.
    """

    def __init__(self, failures: int = FAILURES, rest_s: float = REST_S) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._failed = 0
        self._until_s = 0.0

    def enter(self) -> None:
        """Before each ask. Raises ModelResting."""
        with self._lock:
            if self._failed < self._most:
                return
            left_s = self._until_s - time.monotonic()
            if left_s > 0:
                raise ModelResting(wait_s=round(left_s, 1))
            self._until_s = time.monotonic() + self._rest_s  # this one tries for all

    def worked(self) -> None:
        """The server gave an answer, if only a refusal."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """It did not, retries included."""
        with self._lock:
            self._failed += 1
            self._until_s = time.monotonic() + self._rest_s
