"""Search, its index, similar cases and learning: one of each, joined over one database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.store.database import Database
from demo.store.heads import Learning
from demo.store.indexing import Indexer, Mask
from demo.store.meaning import Meanings
from demo.store.search import Search
from demo.store.similar import Similar
from pipelines.drafting.classify import Classifier
from pipelines.drafting.policy import Policy
from pipelines.places import Areas

if TYPE_CHECKING:
    from pipelines.drafting.embed import Embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Everything that finds cases, and what learns from them."""

    indexer: Indexer
    search: Search
    similar: Similar
    learning: Learning

    def start(self) -> None:
        """Follow the cases and the corrections behind. Raises StoreUnavailable."""
        self.indexer.start()
        self.learning.start()

    def close(self) -> None:
        """End both threads."""
        self.learning.close()
        self.indexer.close()


def make_finding(
    database: Database,
    embedder: Embedder,
    classifier: Classifier,
    *,
    policy: Policy,
    areas: Areas,
    mask: Mask,
) -> Finding:
    """Join them; loads nothing."""
    meanings = Meanings(embedder.name)
    indexer = Indexer(database, embedder, meanings, mask=mask)
    search = Search(database, embedder, meanings, areas)
    return Finding(
        indexer=indexer,
        search=search,
        similar=Similar(database, search, meanings, indexer, classifier),
        learning=Learning(database, classifier, policy=policy),
    )
