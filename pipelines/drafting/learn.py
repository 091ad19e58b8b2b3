"""The small head learns from officials' decisions: trained in seconds, judged on what it never saw.

The same three views as the policy's own head (see `classify`), with the pieces of words folded into
fewer columns, so that ten thousand decisions are one system of equations of a few thousand.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
SLIP = 0.02
"""By so much what was known before may get worse: less is noise."""
FEWEST = 20
"""Decisions, and half as many held out, below which nothing is said."""


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
class Learned:
    """A head, and what it fits."""

    head: Head
    key: str

    def to_bytes(self) -> bytes:
        """NumPy's .npz, without pickles."""
        room = io.BytesIO()
        np.savez_compressed(
            room,
            weights=self.head.weights,
            temperature=np.float64(self.head.temperature),
            key=np.array(self.key),
        )
        return room.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Learned:
        """The opposite. Raises ValueError for anything else."""
        with np.load(io.BytesIO(blob), allow_pickle=False) as kept:
            head = Head(weights=kept["weights"], temperature=float(kept["temperature"]))
            return cls(head=head, key=str(kept["key"]))


def head_key(embedder: str, categories: Sequence[str]) -> str:
    """Of heads that may take each other's place."""
    named = "\n".join([embedder, str(FOLDED), *categories])
    return hashlib.sha256(named.encode()).hexdigest()


def folded(features: Vectors) -> Vectors:
    """(n, features of `classify`) -> the same with BUCKETS columns of grams added up to FOLDED."""
    grams = features[:, DIMENSIONS : DIMENSIONS + BUCKETS]
    fewer = grams.reshape(len(grams), BUCKETS // FOLDED, FOLDED).sum(axis=1)
    return np.hstack([features[:, :DIMENSIONS], fewer, features[:, DIMENSIONS + BUCKETS :]])


def fit(features: Vectors, labels: Labels, categories: int) -> Head:
    """A ridge regression on each category, solved in the space of the features.

    The temperature is fitted on every fifth row, by a head that was trained without them.
    """
    out = np.arange(len(labels)) % 5 == 4
    trial = _solve(features[~out], labels[~out], categories)
    scores = Head(weights=trial, temperature=1.0).scores(features[out])
    losses = [loss(scores, labels[out], temperature) for temperature in TEMPERATURES]
    temperature = TEMPERATURES[int(np.argmin(losses))]
    return Head(weights=_solve(features, labels, categories), temperature=temperature)


def _solve(features: Vectors, labels: Labels, categories: int) -> Vectors:
    rows = np.hstack([features, np.ones((len(features), 1), dtype=np.float32)])
    targets = (2 * np.eye(categories)[labels] - 1).astype(np.float32)
    square = rows.T @ rows
    square[np.diag_indices_from(square)] += STRENGTH
    return np.asarray(np.linalg.solve(square, rows.T @ targets), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Decided cases: features, the decided category's place, and what may be learned from."""

    features: Vectors
    labels: Labels
    held_out: Mask
    """True = never learned from, by any version."""
    known: Mask
    """True = was decided when the present head was made: what a bad batch can't bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A new head beside the present one, on rows that neither learned from."""

    head: Head
    decisions: int
    held_out: int
    before: float | None
    after: float | None
    guard_before: float
    guard_after: float
    verdict: str
    """better, worse or few."""


def retrain(own: tuple[Vectors, Labels], decided: Rows, present: Head | None) -> Verdict:
    """Train on the policy's own texts and on the decisions, and hold it against the present head.

    Every fifth of the policy's texts is an anchor that nobody learns from. Without a present head
    the one before is what the same training makes of the policy alone. It is "worse" if what was
    held out gets worse as a whole, or anchors and earlier decisions get worse by more than SLIP:
    decisions that contradict everything before are noticed even though they agree with themselves.
    """
    features, labels = own
    categories = int(labels.max()) + 1
    anchors = np.arange(len(labels)) % 5 == 0
    if present is None:
        present = fit(features[~anchors], labels[~anchors], categories)
    learned = ~decided.held_out
    head = fit(
        np.vstack([features[~anchors], decided.features[learned]]),
        np.concatenate([labels[~anchors], decided.labels[learned]]),
        categories,
    )
    out = decided.held_out
    told = decided.features[out], decided.labels[out]
    before, after = (accuracy(each, *told) for each in (present, head))
    old = out & decided.known
    guard = np.vstack([features[anchors], decided.features[old]])
    guard_labels = np.concatenate([labels[anchors], decided.labels[old]])
    guard_before, guard_after = (accuracy(each, guard, guard_labels) for each in (present, head))
    verdict = "worse"
    if learned.sum() < FEWEST or out.sum() < FEWEST // 2:
        verdict = "few"
    elif after >= before and guard_after >= guard_before - SLIP:
        verdict = "better"
    return Verdict(
        head=head,
        decisions=int(learned.sum()),
        held_out=int(out.sum()),
        before=before if out.any() else None,
        after=after if out.any() else None,
        guard_before=guard_before,
        guard_after=guard_after,
        verdict=verdict,
    )


def accuracy(head: Head, features: Vectors, labels: Labels) -> float:
    """The share of rows whose first category is right; 0 where there are none."""
    if not len(labels):
        return 0.0
    return float((head.scores(features).argmax(axis=1) == labels).mean())
