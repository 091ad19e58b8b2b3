"""What a model of transformers has read already: the front part that the next prompt shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Anything = Any
"""A cache of transformers, which has no types."""


class Prefix:
    """The keys and values of the last prompt and answer. One thread at a time.

    Only caches that can be cut back are kept: a sliding window has forgotten its front part.
    """

    def __init__(self) -> None:
        self._cache: Anything = None
        self._tokens: list[int] = []

    def take(self, tokens: Sequence[int]) -> tuple[Anything, int]:
        """(cache, tokens of it) to go on from; (None, 0) where nothing is shared.

        The last token is always read anew: its output is what the answer begins with. The cache
        belongs to the caller until it is kept again.
        """
        cache, known = self._cache, self._tokens
        self._cache, self._tokens = None, []
        shared = 0
        for old, new in zip(known, tokens[:-1], strict=False):
            if old != new:
                break
            shared += 1
        if cache is None or shared == 0:
            return None, 0
        surplus = len(known) - shared
        if surplus:
            cache.crop(-surplus)
        return cache, shared

    def keep(self, cache: Anything, tokens: Sequence[int]) -> None:
        """Remember the cache of a whole sequence: prompt and answer."""
        kinds = {type(layer).__name__ for layer in getattr(cache, "layers", ())}
        if kinds != {"DynamicLayer"}:
            return
        length = int(cache.get_seq_length())
        if length <= len(tokens):
            self._cache, self._tokens = cache, list(tokens[:length])
