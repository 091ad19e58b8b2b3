"""The interfaces: keys, replays, submissions, hooks and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("deliveries", "hooks", "submissions", "replays", "api_keys")


def upgrade() -> None:
    """Forward."""
    _keys()
    _submissions()
    _hooks()


def downgrade() -> None:
    """Back."""
    for table in TABLES:
        op.drop_table(table)


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("name", name="uq_api_keys_name"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_table(
        "replays",
        sa.Column("call_hash", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_hash", name="pk_replays"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_replays_case_id"),
    )
    op.create_index("ix_replays_case_id", "replays", ["case_id"])


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("key_name", sa.String(64), nullable=False),
        sa.Column("service_code", sa.String(64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("address_id", sa.String(200), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(64), nullable=True),
        sa.Column("filed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_submissions"),
        sa.UniqueConstraint("token", name="uq_submissions_token"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_submissions_case_id"),
    )
    op.create_index("ix_submissions_filed_at_case_id", "submissions", ["filed_at", "case_id"])


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("hook_id", KEY, nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["hook_id"], ["hooks.id"], name="fk_deliveries_hook_id"),
    )
    op.create_index("ix_deliveries_hook_id", "deliveries", ["hook_id"])
    op.create_index("ix_deliveries_state_next_at", "deliveries", ["state", "next_at"])
