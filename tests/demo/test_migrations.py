"""The tables on disk are the tables of the code, from whatever revision a database comes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from demo.store import search_tables  # noqa: F401 - their tables belong to Base
from demo.store.database import open_engine
from demo.store.desk_tables import Base
from demo.store.upgrade import downgrade, head, upgrade
from pipelines.errors import StoreUnavailable
from pipelines.settings import Settings
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import drafted, make_store

FIRST = "0001"


def differences(engine: Engine) -> list[object]:  # noqa: F811
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_ours}
        )
        return list(compare_metadata(context, Base.metadata))


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """The index of words is the database's own and has no class."""
    return not (kind == "table" and (name or "").startswith("case_words"))


def tables(engine: Engine) -> set[str]:  # noqa: F811
    return set(sa.inspect(engine).get_table_names())


def test_a_fresh_database_is_what_the_code_says(engine: Engine) -> None:  # noqa: F811
    upgrade(engine)
    assert differences(engine) == []
    assert {"cases", "media", "evidence", "events", "jobs"} <= tables(engine)


def test_down_and_up_again(engine: Engine) -> None:  # noqa: F811
    upgrade(engine)
    downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}
    upgrade(engine)
    assert differences(engine) == []


def test_data_of_the_first_revision_survives(engine: Engine, tmp_path: Path) -> None:  # noqa: F811
    upgrade(engine, FIRST)
    number, secret = drafted(make_store(tmp_path, engine), tmp_path)
    before = make_store(tmp_path, engine).find(number, secret)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == head()
    assert make_store(tmp_path, engine).find(number, secret) == before


def test_an_upgrade_that_breaks_leaves_nothing_behind(engine: Engine) -> None:  # noqa: F811
    """The last table is in the way: the ones made before it must be gone again."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE jobs (id INTEGER)"))
    with pytest.raises((StoreUnavailable, sa.exc.ProgrammingError)):
        upgrade(engine)
    assert tables(engine) == {"jobs"}


def test_tables_of_a_newer_program_are_refused(engine: Engine) -> None:  # noqa: F811
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from-tomorrow'"))
    with pytest.raises(StoreUnavailable, match="newer"):
        upgrade(engine)


def _start(folder: str) -> None:
    upgrade(open_engine(Settings(data_dir=Path(folder))))


def test_two_processes_that_start_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    starting = [context.Process(target=_start, args=(str(tmp_path),)) for _ in range(3)]
    for process in starting:
        process.start()
    for process in starting:
        process.join(60)
    assert [process.exitcode for process in starting] == [0, 0, 0]
    assert differences(open_engine(Settings(data_dir=tmp_path))) == []


def test_foreign_keys_hold_again_after_an_upgrade(tmp_path: Path) -> None:
    made = open_engine(Settings(data_dir=tmp_path))
    upgrade(made)
    with made.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
