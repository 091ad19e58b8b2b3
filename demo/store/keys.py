"""Keys of programs: made once, shown once, kept as a hash; and secrets made from our own key."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from demo.receipts import ALPHABET, SECRET_GROUPS
from demo.store.audit import Audit
from demo.store.database import Database, utc_now
from demo.store.interface_tables import KeyRow, Right
from pipelines.interface_errors import KeyInvalid

RIGHTS: tuple[Right, ...] = get_args(Right)
PREFIX = "mwk_"
"""So that a scanner of leaked secrets can know one."""
LONGEST = 200
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A program that proved its key."""

    name: str
    rights: frozenset[Right]


class KeyStore:
    """Thread-safe. Every method raises StoreUnavailable and DiskFull."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._audit = Audit(database, utc_now)

    def add(self, name: str, rights: Sequence[str], *, actor: str = "system") -> str:
        """The new key; it can't be shown again. Raises KeyInvalid."""
        unknown = [right for right in rights if right not in RIGHTS]
        if unknown or not rights:
            raise KeyInvalid(problem=f"rights: one or more of {', '.join(RIGHTS)}")
        if not NAME.fullmatch(name):
            raise KeyInvalid(problem="name: small letters, digits, dots and dashes")
        key = PREFIX + secrets.token_urlsafe(32)
        row = KeyRow(
            name=name,
            key_hash=_hash(key),
            rights=sorted(set(rights)),
            created_at=utc_now(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
                facts = {"key": name, "rights": ",".join(row.rights)}
                self._audit.append(session, actor, "key_added", facts=facts)
        except IntegrityError as exc:
            raise KeyInvalid(problem="name: taken") from exc
        return key

    def end(self, name: str, *, actor: str = "system") -> None:
        """The key opens nothing any more. Raises KeyInvalid where there is none of that name."""
        with self._database.write() as session:
            row = session.scalars(sa.select(KeyRow).where(KeyRow.name == name)).one_or_none()
            if row is None:
                raise KeyInvalid(problem="name: unknown")
            row.active = False
            self._audit.append(session, actor, "key_ended", facts={"key": name})

    def all(self) -> tuple[tuple[Caller, bool], ...]:
        """(who, whether the key is active), by name."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(KeyRow).order_by(KeyRow.name))
            return tuple((_caller(row), row.active) for row in rows)

    def caller(self, key: str) -> Caller | None:
        """Who holds this key; None for a wrong or ended one."""
        wanted = sa.select(KeyRow).where(KeyRow.key_hash == _hash(key[:LONGEST]), KeyRow.active)
        with self._database.read() as session:
            row = session.scalars(wanted).one_or_none()
            return _caller(row) if row is not None else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _caller(row: KeyRow) -> Caller:
    return Caller(name=row.name, rights=frozenset(cast("list[Right]", row.rights)))


def derived(key: bytes, purpose: str, of: str) -> bytes:
    """32 bytes that only this installation can make, the same ones each time."""
    return hmac.digest(key, f"{purpose}\0{of}".encode(), "sha256")


def receipt_secret(key: bytes, of: str) -> str:
    """A receipt's secret that can be made again, so that it need not be kept."""
    number, groups = int.from_bytes(derived(key, "receipt", of)), []
    for _ in range(SECRET_GROUPS):
        group = ""
        for _ in range(4):
            number, place = divmod(number, len(ALPHABET))
            group += ALPHABET[place]
        groups.append(group)
    return "-".join(groups)
