"""Retention: what was deleted by rule; only the events of such a case may be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_A_REMOVED_CASE = (
    "EXISTS (SELECT 1 FROM removals JOIN cases ON cases.number = removals.number "
    "WHERE cases.id = OLD.case_id)"
)
"""By the number: an id may be given out again, a receipt's number never is."""


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "removals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
        sa.UniqueConstraint("number", name="uq_removals_number"),
    )
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER events_no_delete")
        _sqlite_guard("events", "DELETE", "events are kept", f" WHEN NOT {OF_A_REMOVED_CASE}")
        for action in ("UPDATE", "DELETE"):
            _sqlite_guard("removals", action, "removals are kept")
    elif dialect == "postgresql":
        _postgres_events(f"IF TG_OP = 'DELETE' AND {OF_A_REMOVED_CASE} THEN RETURN OLD; END IF; ")
        op.execute(
            "CREATE FUNCTION removals_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'removals are kept'; END $$"
        )
        op.execute(
            "CREATE TRIGGER removals_are_kept BEFORE UPDATE OR DELETE ON removals "
            "FOR EACH ROW EXECUTE FUNCTION removals_are_kept()"
        )


def downgrade() -> None:
    """Back: events are closed again."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER events_no_delete")
        _sqlite_guard("events", "DELETE", "events are kept")
    elif dialect == "postgresql":
        _postgres_events("")
    op.drop_table("removals")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION removals_are_kept()")


def _sqlite_guard(table: str, action: str, words: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def _postgres_events(first: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {first}RAISE EXCEPTION 'events are kept'; END $$"
    )
