"""The desk's filters count and sort along an index, whichever of them is chosen."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = tuple(
    [column, "state", "due_on"] for column in ("category", "district", "urgency", "filed_at")
)


def upgrade() -> None:
    """Forward."""
    for columns in INDEXES:
        op.create_index(f"ix_docket_{'_'.join(columns)}", "docket", columns)


def downgrade() -> None:
    """Back."""
    for columns in INDEXES:
        op.drop_index(f"ix_docket_{'_'.join(columns)}", "docket")
