"""The tables of search by meaning and of what the corrections taught.

The index of words is the database's own (FTS5, tsvector): the revision makes it, see `words`.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from demo.store.tables import Base, Json, Key, UtcTime


class IndexedRow(Base):
    """What one filed case says, with personal data masked, and what that means."""

    __tablename__ = "indexed"
    __table_args__ = (Index(None, "made_by", "serial"),)

    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """The matter without its place: what the vector is made of, and what heads learn from."""
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    """See `meaning.pack`; None = not made yet."""
    made_by: Mapped[str | None] = mapped_column(String(64))
    """The embedder's name: vectors of two don't compare."""
    serial: Mapped[int | None] = mapped_column(Integer)
    """Grows with every vector that is written, so that a reader takes only what is new."""


class HeadRow(Base):
    """One version of the small head that the officials' decisions trained; at most one is active.

    None active = the policy's own.
    """

    __tablename__ = "heads"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    weights: Mapped[bytes] = mapped_column(LargeBinary)
    """NumPy's .npz without pickles."""
    decisions: Mapped[int] = mapped_column(Integer)
    """Cases with an official's decision that it learned from."""
    held_out: Mapped[int] = mapped_column(Integer)
    """Cases with a decision that no version ever learns from, by which it was judged."""
    before: Mapped[float | None]
    """The share of those that the head before it had right; None where there were none."""
    after: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(String(16))
    """better, worse or few: only what is better becomes active by itself."""
    active: Mapped[bool] = mapped_column(Boolean)
    facts: Mapped[Json] = mapped_column(JSON)
    """Counts and shares behind the verdict."""
