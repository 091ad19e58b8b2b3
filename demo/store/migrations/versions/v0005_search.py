"""Search: the index of words, vectors of meaning; heads that corrections trained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "indexed",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(64), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_indexed"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_indexed_case_id"),
    )
    op.create_index("ix_indexed_made_by_serial", "indexed", ["made_by", "serial"])
    op.create_table(
        "heads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Integer(), nullable=False),
        sa.Column("before", sa.Double(), nullable=True),
        sa.Column("after", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heads"),
    )
    _index_of_words()


def downgrade() -> None:
    """Back."""
    for table in ("case_words", "heads", "indexed"):
        op.drop_table(table)


def _index_of_words() -> None:
    """Tokens are ours (`demo.store.tokens`), so each database only splits at blanks."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE case_words USING fts5("
            "number, title, place, body, answer, tokenize = 'unicode61 remove_diacritics 0')"
        )
        return
    op.execute(
        "CREATE TABLE case_words (case_id BIGINT CONSTRAINT pk_case_words PRIMARY KEY, "
        "words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_case_words_words ON case_words USING gin (words)")
