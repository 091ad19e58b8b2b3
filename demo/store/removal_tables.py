"""The table of what was deleted by rule. Every change here needs a revision under migrations/."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from demo.store.tables import Base, Json, Key, UtcTime


class RemovalRow(Base):
    """One case that retention deleted: that it was there, and by which rule it went.

    Rows are added, never changed (triggers hold it), and no key binds them: they outlive the case.
    Only a case that stands here loses its events. Nothing of it is a person's word.
    """

    __tablename__ = "removals"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    rule: Mapped[str] = mapped_column(String(64))
    """closed, drafted, cancelled or failed; or who asked for it."""
    counts: Mapped[Json] = mapped_column(JSON)
    """table -> rows."""
