"""Alembic runs this file; the connection and its transaction come from demo.store.upgrade."""

from __future__ import annotations

from alembic import context

from demo.store import (  # noqa: F401  # tables on the same metadata
    desk_tables,
    interface_tables,
    removal_tables,
    search_tables,
    vote_tables,
)
from demo.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
