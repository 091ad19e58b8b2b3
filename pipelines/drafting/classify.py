"""Text -> how well each category of the policy fits, with honest confidences.

Three views of a text are put side by side: what it means (embeddings, which work across
languages), pieces of its words (which survive recognition errors), and the policy's own keywords.
One small linear head, trained at the start on the policy's examples, joins them; a head trained on
the officials' corrections can take its place.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.drafting.case import CategoryCandidate
from pipelines.drafting.decided import Own
from pipelines.drafting.embed import DIMENSIONS
from pipelines.drafting.features import Grams, Keywords, VectorCache, pieces, sentences, unit
from pipelines.drafting.learn import (
    BATCH,
    FOLDED,
    STRENGTH,
    Head,
    Learned,
    best_temperature,
    folded,
    head_key,
    targets,
    with_offset,
    without_keywords,
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
    rows, wanted = with_offset(features), targets(labels, categories)
    inverse = np.linalg.inv((rows @ rows.T).astype(np.float64) + STRENGTH * np.eye(len(rows)))
    alpha = inverse @ wanted
    left_out = np.empty_like(wanted)
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        left_out[at] = wanted[at] - np.linalg.solve(inverse[np.ix_(at, at)], alpha[at])
    return Head(
        weights=(rows.T @ alpha).astype(np.float32),
        temperature=best_temperature(left_out, labels),
    )


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

        A head of another policy's categories or of other vectors is left aside; where only the
        departments are others, they are the policy's again.
        """
        if learned is None or learned.key != self.key:
            self._learned = None
        elif learned.routes and learned.routes.departments != self._policy.departments:
            self._learned = dataclasses.replace(learned, routes=None)
        else:
            self._learned = learned

    @property
    def key(self) -> str:
        """What a head must have been trained for to fit here."""
        return head_key(self._embedder.name, [entry.code for entry in self._policy.categories])

    def gist(self, text: str, category: str) -> Vectors:
        """(384,) of length 1: the sentence that says most of that category, off the centre of all.

        Of an unknown category: the sentence that says most of any.
        """
        trained, parts = self._ready(), sentences(text)
        features = trained.join(self._embedder.query(parts), parts)
        shares = trained.head.confidences(features)
        codes = [entry.code for entry in self._policy.categories]
        telling = shares[:, codes.index(category)] if category in codes else shares.max(axis=1)
        meaning: Vectors = features[int(telling.argmax()), :DIMENSIONS]
        return meaning

    def features(self, meanings: Vectors, texts: Sequence[str]) -> Vectors:
        """(n, 384) vectors of meaning and their n texts -> (n, features) for a learned head."""
        trained = self._ready()
        parts = [
            folded(trained.join(meanings[at : at + BATCH], texts[at : at + BATCH]))
            for at in range(0, len(texts), BATCH)
        ]
        return np.concatenate(parts) if parts else np.empty((0, FOLDED), dtype=np.float32)

    def own_rows(self) -> Own:
        """The policy's own texts as `features`, and where they belong."""
        texts, labels = training_rows(self._policy)
        departments = self._policy.departments
        return Own(
            features=self.features(self._cache.vectors(texts), texts),
            labels=labels,
            departments=departments,
            answers=np.array(
                [departments.index(entry.department) for entry in self._policy.categories]
            ),
        )

    def department(self, text: str, category: str) -> str:
        """Who answers for such a case of that category: the policy's word, or what was learned."""
        learned = self._learned
        chosen = self._policy.category(category)
        if learned is None or learned.routes is None:
            return chosen.department
        place = np.array([self._policy.categories.index(chosen)], dtype=np.intp)
        features = folded(self._features(self._ready(), text))
        return learned.routes.departments[int(learned.routes.choose(features, place)[0])]

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
