"""The tables. Every change here needs a revision under migrations/; a test compares the two."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

Status = Literal["queued", "reading", "drafted", "failed", "cancelled", "filed"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["run", "redraft", "add"]
"""run = read all and draft; redraft = from what is read; add = read what is new, and draft."""
Json = dict[str, Any]

# Portable: SQLite counts rows up by itself only for INTEGER keys.
Key = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment, always with its zone: SQLite forgets zones, so UTC goes in and UTC comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is not a moment")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Every constraint has a name, because a migration can only change what it can name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CaseRow(Base):
    """One complaint. `draft` is what the model wrote, `edited` what people changed of it."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer, default=1)
    language: Mapped[str | None] = mapped_column(String(16))
    """What the citizen chose; where they chose none, what was heard."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    filed_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    draft: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    edited: Mapped[Json] = mapped_column(JSON, default=dict)
    notes: Mapped[list[Json]] = mapped_column(JSON, default=list)
    model: Mapped[str | None] = mapped_column(String(200))
    timing: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))

    media: Mapped[list[CaseMediaRow]] = relationship(order_by="CaseMediaRow.position")
    evidence: Mapped[list[EvidenceRow]] = relationship(
        order_by="EvidenceRow.position", cascade="all, delete-orphan"
    )
    events: Mapped[list[EventRow]] = relationship(order_by="EventRow.id")
    jobs: Mapped[list[JobRow]] = relationship(order_by="JobRow.id")


class MediaRow(Base):
    """One stored file. The same bytes lie there once, whoever sent them."""

    __tablename__ = "media"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(16))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_s: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)


class CaseMediaRow(Base):
    """Which case holds which file, under which name: a name is its sender's, so it lies here."""

    __tablename__ = "case_media"

    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("media.sha256"), primary_key=True, index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)

    file: Mapped[MediaRow] = relationship()


class EvidenceRow(Base):
    """One piece of evidence. `original_text` is what was heard, `text` what holds now."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"))
    position: Mapped[int]
    """Its index: what citations point to."""
    source: Mapped[str] = mapped_column(String(64))
    where: Mapped[Json] = mapped_column("place_in_source", JSON)
    text: Mapped[str] = mapped_column(Text)
    original_text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    language: Mapped[str] = mapped_column(String(16))
    words: Mapped[list[Json]] = mapped_column(JSON)
    image: Mapped[str | None] = mapped_column(Text)


class EventRow(Base):
    """What happened to a case. Rows are added, never changed: triggers in the database hold this.

    Facts are counts, codes and names of fields, never people's words.
    """

    __tablename__ = "events"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"))
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    facts: Mapped[Json] = mapped_column(JSON)


class JobRow(Base):
    """One piece of work on a case; it outlives the page, the connection and the process."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "state", "id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    stage: Mapped[str] = mapped_column(String(16))
    fraction: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)

    case: Mapped[CaseRow] = relationship(back_populates="jobs")
