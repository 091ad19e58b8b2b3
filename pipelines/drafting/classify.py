"""Text -> how well each category of the policy fits, with honest confidences.

Three views of a text are put side by side: what it means (embeddings, which work across
languages), pieces of its words (which survive recognition errors), and the policy's own keywords.
One small linear head, trained at the start on the policy's examples, joins them; a head trained on
the officials' corrections can take its place.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.drafting.case import CategoryCandidate
from pipelines.drafting.features import Grams, Keywords, VectorCache, pieces, unit
from pipelines.drafting.learn import (
    BATCH,
    FOLDED,
    STRENGTH,
    TEMPERATURES,
    Head,
    Learned,
    folded,
    head_key,
    loss,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.drafting.embed import Embedder, Vectors
    from pipelines.drafting.policy import Policy

    Labels = NDArray[np.intp]

GRAM_WEIGHT = 1.0
KEYWORD_WEIGHT = 0.1
"""Measured: docs/decisions/category.md."""


def fit_head(features: Vectors, labels: Labels, groups: Labels, categories: int) -> Head:
    """Train on (n, features) and their categories; the temperature comes from leaving rows out.

    `groups`: rows of one number come from one text and are left out together. Solved in the space
    of the rows, as there are fewer rows than features; the scores that rows get when the head is
    trained without them follow from the same inverse, so this costs next to nothing.
    """
    rows = np.hstack([features, np.ones((len(features), 1), dtype=np.float32)])
    targets = 2 * np.eye(categories)[labels] - 1
    inverse = np.linalg.inv((rows @ rows.T).astype(np.float64) + STRENGTH * np.eye(len(rows)))
    alpha = inverse @ targets
    left_out = np.empty_like(targets)
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        left_out[at] = targets[at] - np.linalg.solve(inverse[np.ix_(at, at)], alpha[at])
    losses = [loss(left_out, labels, temperature) for temperature in TEMPERATURES]
    return Head(
        weights=(rows.T @ alpha).astype(np.float32),
        temperature=TEMPERATURES[int(np.argmin(losses))],
    )


def without_keywords(features: Vectors, categories: int) -> Vectors:
    """The same rows as if no keyword had matched.

    Who writes the examples writes the keywords too, so in training the keywords look far better
    than they are. Seeing every row a second time without them keeps the head from leaning on them.
    """
    bare = features.copy()
    bare[:, -categories:] = 0
    return bare


class Classifier:
    """Ranks the policy's categories for a text. Thread-safe; ready after the first call."""

    def __init__(
        self, policy: Policy, embedder: Embedder, *, cache_dir: Path | None = None
    ) -> None:
        """`cache_dir`: where vectors of the policy's texts are kept; None keeps none."""
        self._policy = policy
        self._embedder = embedder
        self._cache = VectorCache(embedder, cache_dir)
        self._lock = threading.Lock()
        self._trained: _Trained | None = None
        self._learned: Learned | None = None

    def warm(self) -> None:
        """Train on the policy's texts, unless that is done. Under 1 s with cached vectors."""
        self._ready()

    def rank(self, text: str) -> tuple[CategoryCandidate, ...]:
        """All categories, the best first; the confidences sum to 1."""
        trained, learned = self._ready(), self._learned
        features = self._features(trained, text)
        if learned is not None:
            shares = learned.head.confidences(folded(features))[0]
        else:
            shares = trained.head.confidences(features)[0]
        order = np.argsort(-shares, kind="stable")
        return tuple(
            CategoryCandidate(
                category=self._policy.categories[index].code, confidence=float(shares[index])
            )
            for index in order
        )

    def adopt(self, learned: Learned | None) -> None:
        """From now on rank by this head; None = by the policy's own.

        A head of another policy's categories or of other vectors is left aside.
        """
        self._learned = learned if learned is not None and learned.key == self.key else None

    @property
    def key(self) -> str:
        """What a head must have been trained for to fit here."""
        return head_key(self._embedder.name, [entry.code for entry in self._policy.categories])

    def features(self, meanings: Vectors, texts: Sequence[str]) -> Vectors:
        """(n, 384) vectors of meaning and their n texts -> (n, features) for a learned head."""
        trained = self._ready()
        parts = [
            folded(trained.join(meanings[at : at + BATCH], texts[at : at + BATCH]))
            for at in range(0, len(texts), BATCH)
        ]
        return np.concatenate(parts) if parts else np.empty((0, FOLDED), dtype=np.float32)

    def own_rows(self) -> tuple[Vectors, Labels]:
        """The policy's own texts as `features`, and the category's place of each."""
        texts, labels = training_rows(self._policy)
        return self.features(self._cache.vectors(texts), texts), labels

    def _features(self, trained: _Trained, text: str) -> Vectors:
        meaning = self._embedder.query(pieces(text)).mean(axis=0, keepdims=True)
        return trained.join(meaning, [text])

    def _ready(self) -> _Trained:
        with self._lock:
            if self._trained is None:
                self._trained = self._train()
            return self._trained

    def _train(self) -> _Trained:
        texts, labels = training_rows(self._policy)
        vectors = self._cache.vectors(texts)
        views = _Trained(
            centre=vectors.mean(axis=0, keepdims=True),
            grams=Grams(texts),
            keywords=Keywords(self._policy.categories),
            head=Head(weights=np.zeros((1, 1), dtype=np.float32), temperature=1.0),
        )
        features = views.join(vectors, texts)
        head = fit_head(
            np.vstack([features, without_keywords(features, len(self._policy.categories))]),
            np.tile(labels, 2),
            np.tile(np.arange(len(texts)), 2),
            len(self._policy.categories),
        )
        return _Trained(centre=views.centre, grams=views.grams, keywords=views.keywords, head=head)


def training_rows(policy: Policy) -> tuple[list[str], Labels]:
    """The texts that the policy gives for its categories, and the category's place of each."""
    rows = [
        (text, index)
        for index, category in enumerate(policy.categories)
        for text in (*category.examples, *category.descriptions)
    ]
    return [text for text, _ in rows], np.array([index for _, index in rows], dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trained:
    centre: Vectors
    grams: Grams
    keywords: Keywords
    head: Head

    def join(self, meaning: Vectors, texts: Sequence[str]) -> Vectors:
        """(n, 384) vectors and their n texts -> (n, features)."""
        return np.hstack(
            [
                unit(meaning - self.centre),
                np.float32(GRAM_WEIGHT**0.5) * self.grams.vectors(texts),
                np.float32(KEYWORD_WEIGHT**0.5) * self.keywords.vectors(texts),
            ]
        )
