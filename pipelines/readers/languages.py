"""Which language to decode each piece in: the given one, or the recording's, or plainly its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipelines.readers.whisper import Probabilities
from pipelines.types import LANGUAGES

OTHERS = 0.3
"""Weight of a language beyond our five: whoever calls a Korean office seldom speaks Welsh, but
noise is often taken for it. Clearly spoken German or French still wins."""
HOME = "ko"
HOME_WEIGHT = 3.0
"""Far more callers of a Korean office than that speak Korean; this much decides near ties only (a
Korean heard through a Japanese accent), and no clip of another language that we have is near."""
OWN_FROM = 0.8
"""A piece is decoded in another language than the recording's only if it is this likely."""


class LanguageChooser:
    """Remembers what was heard so far in one recording."""

    def __init__(self, given: str | None = None) -> None:
        self._given = given
        self._likely: dict[str, float] = defaultdict(float)
        self.certainty = 1.0 if given else 0.0
        """The probability of the recording's language in the piece that speaks most for it."""

    @property
    def main(self) -> str:
        """The recording's language so far; Korean before anything was heard."""
        if self._given:
            return self._given
        return max(self._likely, key=lambda code: self._likely[code]) if self._likely else "ko"

    def __call__(self, heard: Sequence[Probabilities]) -> list[str]:
        """One language for each piece of a batch."""
        if self._given:
            return [self._given] * len(heard)
        weighted = [_weighted(piece) for piece in heard]
        for piece in weighted:
            for code, share in piece.items():
                self._likely[code] += share
        main = self.main
        self.certainty = max([self.certainty, *(piece.get(main, 0.0) for piece in weighted)])
        chosen = []
        for piece in weighted:
            own = max(piece, key=lambda code: piece[code])
            chosen.append(own if piece[own] >= OWN_FROM else main)
        return chosen


def _weighted(piece: Probabilities) -> dict[str, float]:
    shares = {code: p * _weight(code) for code, p in piece.items()}
    total = sum(shares.values())
    return {code: share / total for code, share in shares.items()} if total else shares


def _weight(code: str) -> float:
    if code == HOME:
        return HOME_WEIGHT
    return 1.0 if code in LANGUAGES else OTHERS
