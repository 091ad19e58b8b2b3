"""The table of votes on models. Every change here needs a revision under migrations/."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from demo.store.tables import Base, Key, UtcTime


class VoteRow(Base):
    """Which of two models wrote the better answer; nothing of what was asked or answered."""

    __tablename__ = "votes"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    ballot: Mapped[str] = mapped_column(String(64), unique=True)
    """One vote a comparison."""
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(String(16))
    """What was compared: "draft" or "ask"."""
    left: Mapped[str] = mapped_column("left_model", String(200))
    right: Mapped[str] = mapped_column("right_model", String(200))
    verdict: Mapped[str] = mapped_column(String(16))
