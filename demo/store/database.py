"""Settings -> an engine with the promises we need, and short transactions on it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from pipelines.errors import DiskFull, MinwonError, SettingsInvalid, StoreUnavailable
from pipelines.settings import Settings

BUSY_TIMEOUT_S = 10.0
PROMISES = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""Of SQLite. secure_delete: what is deleted is overwritten, not only forgotten."""
WRITES = "minwon_writes"
"""Execution option: this connection's transactions take SQLite's write lock at their start."""
DISK_FULL_STATE = "53100"
"""PostgreSQL's SQLSTATE for a full disk."""


def open_engine(settings: Settings) -> Engine:
    """The engine of `database_url`; by default SQLite in data_dir, which is made.

    Raises SettingsInvalid for a URL that can't work, StoreUnavailable, DiskFull.
    """
    url = _url(settings)
    if url.get_backend_name() != "sqlite":
        try:
            return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as exc:
            raise _bad_url(type(exc).__name__) from exc
    if not url.database or url.database == ":memory:" or "mode=memory" in url.database:
        raise _bad_url("a database in memory forgets people's cases")
    return _open_sqlite(url)


def _url(settings: Settings) -> URL:
    if not settings.database_url:
        folder = settings.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise StoreUnavailable(reason=type(exc).__name__) from exc
        return URL.create("sqlite", database=str(folder / "cases.sqlite3"))
    try:
        return make_url(settings.database_url)
    except ArgumentError as exc:
        raise _bad_url("not a database URL") from exc


def _bad_url(problem: str) -> SettingsInvalid:
    return SettingsInvalid(name="MINWON_DATABASE_URL", problem=problem)


def _open_sqlite(url: URL) -> Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Python's driver starts transactions by itself, too late and not for DDL: we do it below.
        connection.isolation_level = None
        for pragma in PROMISES:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def utc_now() -> dt.datetime:
    """The time by the machine's clock."""
    return dt.datetime.now(tz=dt.UTC)


class Database:
    """Short transactions. Errors of the database become ours, once, here."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; nothing that is changed in it is kept."""
        with translated(), Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """All or nothing, and on disk when the block is left without an exception.

        Raises DiskFull, StoreUnavailable.
        """
        with (
            translated(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def lock_table(self, session: Session, name: str) -> None:
        """Nobody else writes to that table until the transaction ends.

        SQLite has one writer anyway. `name` is one of our own tables.
        """
        if self.engine.url.get_backend_name() == "postgresql":
            session.execute(sa.text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))

    def settle(self) -> None:
        """Write SQLite's log into its file and empty it: what was deleted is nowhere then."""
        if self.engine.url.get_backend_name() == "sqlite":
            with translated(), self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                if driver is not None:
                    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def answers(self) -> bool:
        """True where the database answers a trivial question now."""
        try:
            with self.read() as session:
                session.execute(sa.text("SELECT 1"))
        except MinwonError:
            return False
        return True


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver that are nobody's mistake become DiskFull or StoreUnavailable."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as exc:
        raise _ours(exc) from exc
    except sa.exc.TimeoutError as exc:
        raise StoreUnavailable(reason="pool") from exc


def _ours(exc: DBAPIError) -> MinwonError:
    driver: Any = exc.orig
    name = str(getattr(driver, "sqlite_errorname", "")) or str(getattr(driver, "sqlstate", ""))
    if name in {"SQLITE_FULL", DISK_FULL_STATE}:
        return DiskFull(path="database", needed_mb=1)
    return StoreUnavailable(reason=name or type(driver).__name__)


def data_file(engine: Engine) -> Path | None:
    """SQLite's file; None for a server."""
    if engine.url.get_backend_name() != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database)
