"""Given-out passwords are changed, the last sign-in is known, and the audit is searched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEARCHED = ("actor", "action", "time")


def upgrade() -> None:
    """Forward. Whoever signed in before is found in the audit."""
    no = sa.false()
    op.add_column("users", sa.Column("must_renew", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("users", sa.Column("signed_in_at", MOMENT, nullable=True))
    for column in SEARCHED:
        op.create_index(f"ix_audit_{column}_id", "audit", [column, "id"])
    op.execute(
        "UPDATE users SET signed_in_at = (SELECT max(time) FROM audit"
        " WHERE action = 'signed_in' AND actor = 'user:' || users.login)"
    )


def downgrade() -> None:
    """Back."""
    for column in SEARCHED:
        op.drop_index(f"ix_audit_{column}_id", "audit")
    op.drop_column("users", "signed_in_at")
    op.drop_column("users", "must_renew")
