"""Tables of the interfaces: keys, what came in through Open311, webhooks and their deliveries.

As with `tables`, every change needs a revision under migrations/.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.store.tables import Base, CaseRow, Json, Key, UtcTime

Right = Literal["submit", "read", "work", "metrics"]
"""submit = open cases for citizens (Open311), read = list and search what is filed, work = change
its state, metrics = read /metrics from another machine."""
DeliveryState = Literal["waiting", "sent", "dead"]


class KeyRow(Base):
    """One program that may use the interfaces; it holds the key, we its hash."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """sha256: a key is 256 random bits, which no dictionary holds."""
    rights: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)


class ReplayRow(Base):
    """A create call that was answered: the same call again gets the same case, not another one."""

    __tablename__ = "replays"

    call_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """sha256 of who called and of the key that they chose for the call."""
    content_hash: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)

    case: Mapped[CaseRow] = relationship()


class SubmissionRow(Base):
    """What a program sent for a citizen beside the complaint itself; gone with the case."""

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "filed_at", "case_id"),)

    case_id: Mapped[int] = mapped_column(Key, ForeignKey("cases.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    key_name: Mapped[str] = mapped_column(String(64))
    service_code: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(Text)
    address_id: Mapped[str | None] = mapped_column(String(200))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    link: Mapped[str | None] = mapped_column(Text)
    """media_url: text, never opened."""
    shown: Mapped[list[str]] = mapped_column(JSON)
    """What the citizen lets everybody see: description, address, media."""
    contact: Mapped[Json] = mapped_column(JSON)
    """name, phone, email, account; moved to `contacts` and emptied when the case is filed."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str | None] = mapped_column(String(64))
    """The code of what keeps it from being filed for good."""
    filed_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)

    case: Mapped[CaseRow] = relationship()


class HookRow(Base):
    """An address that wants to know. Its signing secret is made from the salt and our own key."""

    __tablename__ = "hooks"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    salt: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)


class DeliveryRow(Base):
    """One message for one hook. It outlives the process; sent and dead ones tell what happened."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "state", "next_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    hook_id: Mapped[int] = mapped_column(Key, ForeignKey("hooks.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(40))
    """The receiver's means to notice that it was told twice."""
    body: Mapped[str] = mapped_column(Text)
    """JSON as it is signed and sent: number, state and times, no person's words."""
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(64))
    """Of the last failure: a code of ours."""
    created_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    next_at: Mapped[dt.datetime] = mapped_column(UtcTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcTime)

    hook: Mapped[HookRow] = relationship()
