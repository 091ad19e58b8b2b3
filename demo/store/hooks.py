"""Webhooks: who wants to know what, and the messages that wait for them.

A message is written in the very transaction that changes the docket: what is told has happened,
and nothing that happened is forgotten, whenever the process ends.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from demo.store.audit import Audit, Facts
from demo.store.database import Database, utc_now
from demo.store.desk_tables import DocketRow
from demo.store.interface_tables import DeliveryRow, HookRow
from demo.store.tables import CaseRow
from pipelines.interface_errors import HookInvalid

Topic = Literal["filed", "changed", "answered"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
KEEP = dt.timedelta(days=30)
"""How long an ended message is kept for looking up."""
AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One address that wants to know."""

    id: int
    url: str
    topics: tuple[str, ...]
    salt: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that is due."""

    id: int
    hook: Hook
    message_id: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it went with one hook so far."""

    hook: Hook
    sent: int
    waiting: int
    dead: int
    last_reason: str | None
    """Of the newest failure, with its time."""
    last_failed_at: dt.datetime | None


class Hooks:
    """Thread-safe. Every method raises StoreUnavailable and DiskFull."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._audit = Audit(database, utc_now)

    def add(self, url: str, topics: Sequence[str], *, actor: str = "system") -> Hook:
        """A new one; the address has been checked. Raises HookInvalid for an unknown topic."""
        if not topics or not set(topics) <= set(TOPICS):
            raise HookInvalid(problem=f"events: one or more of {', '.join(TOPICS)}")
        row = HookRow(
            url=url,
            events=sorted(set(topics)),
            salt=secrets.token_hex(16),
            active=True,
            created_at=utc_now(),
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            facts: Facts = {"hook": row.id, "events": ",".join(row.events)}
            self._audit.append(session, actor, "hook_added", facts=facts)
            return _hook(row)

    def end(self, hook_id: int, *, actor: str = "system") -> None:
        """It is told nothing more; what waits for it is dead. Raises HookInvalid."""
        with self._database.write() as session:
            row = session.get(HookRow, hook_id)
            if row is None:
                raise HookInvalid(problem="number: unknown")
            row.active = False
            session.execute(
                sa.update(DeliveryRow)
                .where(DeliveryRow.hook_id == hook_id, DeliveryRow.state == "waiting")
                .values(state="dead", reason="hook_ended", ended_at=utc_now())
            )
            self._audit.append(session, actor, "hook_ended", facts={"hook": hook_id})

    def standings(self) -> tuple[Standing, ...]:
        """Every hook, in the order of their numbers."""
        counted = sa.select(DeliveryRow.hook_id, DeliveryRow.state, sa.func.count()).group_by(
            DeliveryRow.hook_id, DeliveryRow.state
        )
        with self._database.read() as session:
            counts = {(hook, state): count for hook, state, count in session.execute(counted)}
            return tuple(
                Standing(
                    hook=_hook(row),
                    sent=counts.get((row.id, "sent"), 0),
                    waiting=counts.get((row.id, "waiting"), 0),
                    dead=counts.get((row.id, "dead"), 0),
                    last_reason=failed.reason if failed is not None else None,
                    last_failed_at=failed.ended_at if failed is not None else None,
                )
                for row in session.scalars(sa.select(HookRow).order_by(HookRow.id))
                for failed in (session.scalars(_newest_dead(row.id)).first(),)
            )

    def due(self, now: dt.datetime) -> tuple[Delivery, ...]:
        """What waits and may be tried now, oldest first, AT_ONCE at most."""
        wanted = (
            sa.select(DeliveryRow)
            .where(DeliveryRow.state == "waiting", DeliveryRow.next_at <= now)
            .order_by(DeliveryRow.next_at, DeliveryRow.id)
            .limit(AT_ONCE)
        )
        with self._database.read() as session:
            return tuple(
                Delivery(
                    id=row.id,
                    hook=_hook(row.hook),
                    message_id=row.message_id,
                    body=row.body,
                    attempts=row.attempts,
                )
                for row in session.scalars(wanted)
            )

    def sent(self, delivery_id: int, now: dt.datetime) -> None:
        """The receiver has it."""
        self._change(delivery_id, state="sent", reason=None, ended_at=now)

    def failed(self, delivery_id: int, reason: str, next_at: dt.datetime | None) -> None:
        """One attempt failed; without `next_at` it was the last."""
        if next_at is None:
            self._change(delivery_id, state="dead", reason=reason, ended_at=utc_now())
        else:
            self._change(delivery_id, reason=reason, next_at=next_at)

    def forget(self, now: dt.datetime) -> None:
        """Ended messages that nobody looks up any more go."""
        old = DeliveryRow.ended_at < now - KEEP
        with self._database.write() as session:
            session.execute(sa.delete(DeliveryRow).where(old))

    def _change(self, delivery_id: int, **values: str | dt.datetime | None) -> None:
        with self._database.write() as session:
            session.execute(
                sa.update(DeliveryRow)
                .where(DeliveryRow.id == delivery_id, DeliveryRow.state == "waiting")
                .values(attempts=DeliveryRow.attempts + 1, **values)
            )


def _newest_dead(hook_id: int) -> sa.Select[DeliveryRow]:
    return (
        sa.select(DeliveryRow)
        .where(DeliveryRow.hook_id == hook_id, DeliveryRow.state == "dead")
        .order_by(DeliveryRow.id.desc())
        .limit(1)
    )


def _hook(row: HookRow) -> Hook:
    return Hook(id=row.id, url=row.url, topics=tuple(row.events), salt=row.salt, active=row.active)


# --- what the docket tells -------------------------------------------------------------------


@event.listens_for(DocketRow, "after_insert")
def _filed(_: Mapper[DocketRow], connection: Connection, row: DocketRow) -> None:
    _tell(connection, row, ("filed",))


@event.listens_for(DocketRow, "after_update")
def _changed(_: Mapper[DocketRow], connection: Connection, row: DocketRow) -> None:
    if not sa.inspect(row).attrs.state.history.has_changes():
        return
    _tell(connection, row, ("changed", "answered") if row.state == "answered" else ("changed",))


def _tell(connection: Connection, row: DocketRow, topics: Sequence[Topic]) -> None:
    hooks = connection.execute(sa.select(HookRow.id, HookRow.events).where(HookRow.active)).all()
    messages = [(hook.id, topic) for hook in hooks for topic in topics if topic in hook.events]
    if not messages:
        return
    now = utc_now()
    number = connection.scalar(sa.select(CaseRow.number).where(CaseRow.id == row.case_id))
    connection.execute(
        sa.insert(DeliveryRow),
        [
            {
                "hook_id": hook_id,
                "message_id": f"msg_{secrets.token_hex(12)}",
                "body": _body(topic, str(number), row, now),
                "state": "waiting",
                "attempts": 0,
                "created_at": now,
                "next_at": now,
            }
            for hook_id, topic in messages
        ],
    )


def _body(topic: Topic, number: str, row: DocketRow, now: dt.datetime) -> str:
    """Codes, days and the number: no title, no place, no name."""
    return json.dumps(
        {
            "type": f"case.{topic}",
            "timestamp": now.isoformat(),
            "data": {
                "number": number,
                "state": row.state,
                "channel": row.channel,
                "category": row.category,
                "department": row.department,
                "due_on": row.due_on.isoformat(),
            },
        },
        ensure_ascii=False,
    )
