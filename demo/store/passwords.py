"""Passwords as Argon2id hashes. Sole owner of argon2."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.receipts import ALPHABET

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_CHARS = 10
MAX_CHARS = 256
AT_ONCE = 2
"""Each takes 64 MB: a flood of sign-ins must not take the machine's memory."""

GROUPS = 4
"""Of four symbols each: 72 bits, read out over the telephone without a mistake."""


def given_out() -> str:
    """A password for somebody else's first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(GROUPS))


@dataclass(slots=True)
class Passwords:
    """Thread-safe. The cost is RFC 9106's second recommended choice, which is the library's own."""

    memory_kib: int = 65_536
    rounds: int = 3
    _gate: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )
    _hasher: PasswordHasher | None = None
    _nobody: str = ""

    def hashed(self, password: str) -> str:
        """The hash to keep."""
        with self._gate:
            return self._made().hash(password)

    def fits(self, password: str, kept: str | None) -> bool:
        """True where it has that hash; with None the same work is done for nothing."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if not self._nobody:
            self._nobody = self.hashed("nobody's")
        try:
            with self._gate:
                self._made().verify(kept or self._nobody, password[:MAX_CHARS])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """True where today's parameters are others."""
        return self._made().check_needs_rehash(kept)

    def _made(self) -> PasswordHasher:
        if self._hasher is None:
            from argon2 import PasswordHasher

            self._hasher = PasswordHasher(time_cost=self.rounds, memory_cost=self.memory_kib)
        return self._hasher
