"""Fixtures that name their engine: every promise of the store holds on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from demo.store.database import open_engine
from pipelines.settings import Settings
from tests.demo.store_kit import find_postgres, fresh_database, running_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    binaries = find_postgres()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_postgres(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database: SQLite always, and a real PostgreSQL server in the full run."""
    if request.param == "sqlite":
        made = open_engine(Settings(data_dir=tmp_path))
        yield made
        made.dispose()
        return
    server = request.getfixturevalue("postgres_server")
    with fresh_database(server) as url:
        made = open_engine(Settings(data_dir=tmp_path, database_url=url))
        yield made
        made.dispose()
