"""The small heads that officials' decisions can train: their shape, their bytes, their equations.

The same three views as the policy's own head (see `classify`), with the pieces of words folded into
fewer columns, so that ten thousand decisions are one system of equations of a few thousand. How
they are trained and judged: `teach`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.drafting.embed import DIMENSIONS
from pipelines.drafting.features import BUCKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.drafting.embed import Vectors

    Labels = NDArray[np.intp]
    Scores = NDArray[np.float64]
    Mask = NDArray[np.bool_]

BATCH = 1000
FOLDED = 2048
STRENGTH = 2.0
"""Of the ridge; measured: docs/decisions/category.md."""
TEMPERATURES = tuple(0.02 * 1.25**step for step in range(20))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A ridge regression on each category, and the temperature that makes its scores confidences.

    Replaceable: anything trained on more rows has the same shape.
    """

    weights: Vectors
    """(features + 1, categories); the last row is the offset."""
    temperature: float

    def scores(self, features: Vectors) -> Scores:
        """(n, features) -> (n, categories), about +1 for what fits and -1 for what doesn't."""
        return np.asarray(features @ self.weights[:-1] + self.weights[-1], dtype=np.float64)

    def confidences(self, features: Vectors) -> Scores:
        """(n, features) -> (n, categories), each row sums to 1."""
        return softmax(self.scores(features), self.temperature)


def softmax(scores: Scores, temperature: float) -> Scores:
    """(n, categories) -> the same, positive, each row sums to 1."""
    scaled = (scores - scores.max(axis=1, keepdims=True)) / temperature
    raised = np.exp(scaled)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def loss(scores: Scores, labels: Labels, temperature: float) -> float:
    """The mean surprise at the right category, with that temperature."""
    right = softmax(scores, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Which department takes a case of a category, where officials send some of them elsewhere."""

    weights: Vectors
    """(features + 1, departments); the last row is the offset."""
    allowed: Mask
    """(categories, departments): the policy's own, and where decisions went often enough."""
    departments: tuple[str, ...]

    def choose(self, features: Vectors, categories: Labels) -> Labels:
        """(n, features) and the category's place of each -> the department's place of each."""
        scores = features @ self.weights[:-1] + self.weights[-1]
        best = np.where(self.allowed[categories], scores, -np.inf).argmax(axis=1)
        return np.asarray(best, dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A head, and what it fits."""

    head: Head
    key: str
    routes: Routes | None = None
    """None = each category's department is the policy's."""

    def to_bytes(self) -> bytes:
        """NumPy's .npz, without pickles."""
        room = io.BytesIO()
        kept: dict[str, Any] = {
            "weights": self.head.weights,
            "temperature": np.float64(self.head.temperature),
            "key": np.array(self.key),
        }
        if self.routes is not None:
            kept["routes"] = self.routes.weights
            kept["allowed"] = self.routes.allowed
            kept["departments"] = np.array(self.routes.departments)
        np.savez_compressed(room, **kept)
        return room.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Learned:
        """The opposite. Raises ValueError for anything else."""
        with np.load(io.BytesIO(blob), allow_pickle=False) as kept:
            head = Head(weights=kept["weights"], temperature=float(kept["temperature"]))
            routes = _unpacked(kept) if "routes" in kept else None
            return cls(head=head, key=str(kept["key"]), routes=routes)


def _unpacked(kept: Mapping[str, NDArray[Any]]) -> Routes:
    return Routes(
        weights=kept["routes"],
        allowed=kept["allowed"],
        departments=tuple(kept["departments"].tolist()),
    )


def head_key(embedder: str, categories: Sequence[str]) -> str:
    """Of heads that may take each other's place."""
    named = "\n".join([embedder, str(FOLDED), *categories])
    return hashlib.sha256(named.encode()).hexdigest()


def folded(features: Vectors) -> Vectors:
    """(n, features of `classify`) -> the same with BUCKETS columns of grams added up to FOLDED."""
    grams = features[:, DIMENSIONS : DIMENSIONS + BUCKETS]
    fewer = grams.reshape(len(grams), BUCKETS // FOLDED, FOLDED).sum(axis=1)
    return np.hstack([features[:, :DIMENSIONS], fewer, features[:, DIMENSIONS + BUCKETS :]])


def without_keywords(features: Vectors, keywords: int) -> Vectors:
    """The same rows as if none of the keywords, the last columns, had matched.

    Who writes the examples writes the keywords too, so in training the keywords look far better
    than they are. Seeing every row a second time without them keeps the head from leaning on them.
    """
    bare = features.copy()
    bare[:, -keywords:] = 0
    return bare


def best_temperature(scores: Scores, labels: Labels) -> float:
    """By which scores of rows that were not learned from become the likeliest confidences."""
    return min(TEMPERATURES, key=lambda temperature: loss(scores, labels, temperature))


def targets(labels: Labels, classes: int) -> Scores:
    """(n,) -> (n, classes), +1 for the right one and -1 for the others."""
    return np.asarray(2 * np.eye(classes)[labels] - 1, dtype=np.float64)


def solve(features: Vectors, wanted: Scores, strength: float = STRENGTH) -> Vectors:
    """The ridge regression of (n, features) on (n, classes), in the smaller of the two spaces."""
    rows = with_offset(features)
    if len(rows) <= rows.shape[1]:
        square = (rows @ rows.T).astype(np.float64)
        square[np.diag_indices_from(square)] += strength
        return np.asarray(rows.T @ np.linalg.solve(square, wanted), dtype=np.float32)
    square = (rows.T @ rows).astype(np.float64)
    square[np.diag_indices_from(square)] += strength
    return np.asarray(np.linalg.solve(square, rows.T @ wanted), dtype=np.float32)


def with_offset(features: Vectors) -> Vectors:
    """A last column of ones."""
    return np.hstack([features, np.ones((len(features), 1), dtype=np.float32)])
