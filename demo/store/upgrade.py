"""Bring a database to the newest revision, wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection, Engine

from demo.store.database import WRITES, translated
from pipelines.errors import StoreUnavailable

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK = 0x4D494E57
"""The number of PostgreSQL's advisory lock ("MINW"): one upgrade at a time."""


def config(connection: Connection) -> Config:
    """Alembic's configuration, made here: no file, no path of any machine."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The newest revision."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return str(ScriptDirectory.from_config(made).get_current_head())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run what is missing, in one transaction; two processes that start at once take turns.

    Raises StoreUnavailable (also for tables that a newer program made) and DiskFull.
    """
    _run(engine, lambda connection: command.upgrade(config(connection), revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to an older revision ("base" = no tables), in one transaction."""
    _run(engine, lambda connection: command.downgrade(config(connection), revision))


def _run(engine: Engine, change: Callable[[Connection], None]) -> None:
    sqlite = engine.url.get_backend_name() == "sqlite"
    writer = engine.execution_options(**{WRITES: True})
    with translated(), writer.connect() as connection:
        if sqlite:
            # A table is changed by a copy that takes its place; its children must not notice.
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                if engine.url.get_backend_name() == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
                change(connection)
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise StoreUnavailable(reason="foreign keys broken by an upgrade")
        except (CommandError, ResolutionError) as exc:
            raise StoreUnavailable(reason="made by a newer program") from exc
        finally:
            if sqlite:
                _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, pragma: str) -> None:
    """Outside of any transaction, where alone these work."""
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA {pragma}").close()
