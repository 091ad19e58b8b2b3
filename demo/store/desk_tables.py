"""The office's tables: the docket, accounts, messages, corrections and the audit chain.

As with `tables`, every change needs a revision under migrations/.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.store.tables import Base, CaseRow, Json, Key, UtcTime

Role = Literal["official", "supervisor", "administrator"]
"""A citizen has no account: the receipt and its secret open one case."""
DocketState = Literal["received", "working", "waiting", "answered", "withdrawn", "merged"]
"""waiting = for more from the citizen; merged = another case answers for it."""
MessageKind = Literal["request", "reply", "note"]
"""request = the office asks for more; reply = the citizen's words; note = among officials."""


class DocketRow(Base):
    """One filed case as the office keeps it: what lists show, sort and filter, without its words.

    Everything that a list needs lies here, so that a hundred thousand cases stay quick.
    """

    __tablename__ = "docket"
    __table_args__ = (
        Index(None, "state", "due_on", "case_id"),
        Index(None, "department", "state", "due_on"),
        Index(None, "category", "filed_at"),
        Index(None, "category", "state", "due_on"),
        Index(None, "district", "state", "due_on"),
        Index(None, "urgency", "state", "due_on"),
        Index(None, "filed_at", "state", "due_on"),
        Index(None, "assignee_id", "state", "due_on"),
        Index(None, "district", "filed_at"),
        Index(None, "filed_at", "case_id"),
    )

    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    """web, or the name of an interface."""
    title: Mapped[str] = mapped_column(Text)
    """With personal data masked."""
    category: Mapped[str] = mapped_column(String(64))
    department: Mapped[str] = mapped_column(String(64))
    urgency: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(Text)
    """As the citizen said it."""
    district: Mapped[str | None] = mapped_column(String(64))
    """City, county or ward with its province: "서울특별시 마포구"."""
    dong: Mapped[str | None] = mapped_column(String(64))
    """The legal dong, or eup, myeon, ri."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    filed_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    due_on: Mapped[dt.date] = mapped_column(Date)
    """The legal deadline, in Korea's days."""
    changed_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    assignee_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    merged_into_id: Mapped[int | None] = mapped_column(Key, ForeignKey("cases.id"), index=True)
    answer: Mapped[str | None] = mapped_column(Text)
    """What the officials made of the model's reply; None = nobody changed it yet."""
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    answered_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    """The named human without whom nothing is sent."""

    case: Mapped[CaseRow] = relationship(foreign_keys=[case_id])
    assignee: Mapped[UserRow | None] = relationship(foreign_keys=[assignee_id])
    answered_by: Mapped[UserRow | None] = relationship(foreign_keys=[answered_by_id])


class ContactRow(Base):
    """How to reach a citizen who chose to say so; shown by right only, gone with the case."""

    __tablename__ = "contacts"

    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    account: Mapped[str | None] = mapped_column(Text)
    """What another system calls them."""


class UserRow(Base):
    """One person of the office."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(64))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """None = comes through the office's own login (OIDC) only."""
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    """Who they are to that login."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    must_renew: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The password was given out by somebody else: it opens nothing but the page to change it."""
    signed_in_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)


class LoginRow(Base):
    """A session of a signed-in person; the browser holds the token, we its hash."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcTime)

    user: Mapped[UserRow] = relationship()


class MessageRow(Base):
    """What the office and the citizen write to each other about a case."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"))
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    """None = the citizen."""
    text: Mapped[str] = mapped_column(Text)

    user: Mapped[UserRow | None] = relationship()


class CorrectionRow(Base):
    """An official changed what the model had decided: its real error rate, and what teaches it."""

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "field", "time"), Index(None, "case_id", "id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"))
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    field: Mapped[str] = mapped_column(String(32))
    """category, department, urgency, place or reply."""
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """One read or change by somebody: a chain in which each row's hash covers the one before.

    Rows are added, never changed (triggers hold it), and hold no foreign key: they outlive what
    they tell of. Facts are counts, codes and names of fields, never people's words.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "case_number", "id"),
        Index(None, "actor", "id"),
        Index(None, "action", "id"),
        Index(None, "time", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    time: Mapped[dt.datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(100))
    """user:<login>, citizen, key:<name>, or system."""
    action: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[str | None] = mapped_column(String(32))
    facts: Mapped[Json] = mapped_column(JSON)
    before_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
