"""What personal data is: its kinds, and one finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "resident", "phone", "passport", "licence", "card", "account", "address", "email", "name"
]
KINDS: frozenset[Kind] = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """text[start:end] is personal data."""

    start: int
    end: int
    kind: Kind

    def overlaps(self, other: Found) -> bool:
        """True where they share a letter."""
        return self.start < other.end and other.start < self.end
