"""The office's own login (OpenID Connect) as this program sees it: one small protocol.

Which provider, its keys and its way over the network are the agency's; an adapter of some lines
around a well-kept client (authlib, say) fits here. Nothing of it is built in: it needs a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is to that login. `subject`: what UserRow.subject holds."""

    subject: str


class IdentityProvider(Protocol):
    """Thread-safe."""

    def address(self, *, state: str, nonce: str, back: str) -> str:
        """Where the browser goes to sign in; `back` is where it is sent afterwards."""
        ...

    def identity(self, *, code: str, nonce: str, back: str) -> Identity:
        """Who came back with the code, its token checked against the nonce. Raises SignInFailed."""
        ...
