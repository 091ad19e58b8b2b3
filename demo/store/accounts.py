"""Accounts of the office and their sessions. The browser holds a token, the table its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demo.access import ROLES, User
from demo.refusals import AccountInvalid, SignInFailed
from demo.store.audit import Audit
from demo.store.database import Database, utc_now
from demo.store.desk_tables import LoginRow, Role, UserRow
from demo.store.passwords import MAX_CHARS, MIN_CHARS, Passwords

MOST_FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=15)
IDLE_FOR = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=10)
"""One working day: then everybody signs in anew."""
SEEN_EVERY = dt.timedelta(minutes=1)
"""So often at most a look is written down."""
TOKEN_BYTES = 32
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
DEMO_LOGINS = "demo."
"""How the logins of live demonstrations begin; no other account may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the list of accounts."""

    user: User
    active: bool
    locked_until: dt.datetime | None
    has_password: bool


class Accounts:
    """Thread-safe. Every method may raise StoreUnavailable and DiskFull."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        now: Callable[[], dt.datetime] = utc_now,
        passwords: Passwords | None = None,
    ) -> None:
        self._database, self._audit, self._now = database, audit, now
        self._passwords = passwords or Passwords()

    def any(self) -> bool:
        """True where somebody could sign in: from then on the office's pages ask who it is."""
        wanted = sa.select(UserRow.id).where(UserRow.active).limit(1)
        with self._database.read() as session:
            return session.scalars(wanted).first() is not None

    def add(
        self,
        login: str,
        name: str,
        role: str,
        *,
        department: str | None = None,
        password: str | None = None,
        subject: str | None = None,
        actor: str = "system",
        departments: Collection[str] | None = None,
    ) -> User:
        """A new account. `departments`: those that there are. Raises AccountInvalid."""
        _check(login, name, role, department, departments)
        row = UserRow(
            login=login,
            name=" ".join(name.split()),
            role=role,
            department=department,
            password_hash=self._hash(password) if password is not None else None,
            subject=subject,
            active=True,
            failures=0,
            created_at=self._now(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
                session.flush()
                self._audit.append(session, actor, "account_added", facts={"login": login})
        except IntegrityError as exc:
            raise AccountInvalid(problem="taken") from exc
        return user_of(row)

    def change(
        self, login: str, *, password: str | None = None, active: bool | None = None,
        actor: str = "system",
    ) -> None:  # fmt: skip
        """A new password, or shut or open again; its sessions end. Raises AccountInvalid."""
        made = self._hash(password) if password is not None else None
        with self._database.write() as session:
            row = _by_login(session, login)
            if row is None:
                raise AccountInvalid(problem="unknown")
            if made is not None:
                row.password_hash, row.failures, row.locked_until = made, 0, None
            if active is not None:
                row.active = active
            session.execute(sa.delete(LoginRow).where(LoginRow.user_id == row.id))
            what = "account_reset" if made else "account_opened" if active else "account_shut"
            self._audit.append(session, actor, what, facts={"login": login})

    def all(self) -> tuple[Account, ...]:
        """Every account, by login."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(UserRow).order_by(UserRow.login))
            return tuple(
                Account(
                    user=user_of(row),
                    active=row.active,
                    locked_until=row.locked_until,
                    has_password=row.password_hash is not None,
                )
                for row in rows
            )

    def working(self, department: str | None = None) -> tuple[User, ...]:
        """Who may be given a case: active people, of a department or of all."""
        wanted = sa.select(UserRow).where(UserRow.active).order_by(UserRow.name, UserRow.id)
        if department is not None:
            wanted = wanted.where(UserRow.department == department)
        with self._database.read() as session:
            return tuple(user_of(row) for row in session.scalars(wanted))

    def sign_in(self, login: str, password: str, *, old_token: str = "") -> tuple[User, str]:
        """(the user, a new token). `old_token`: what the browser held, which ends here.

        The attempt is counted before the password is looked at, so many at once are as few as one
        after the other. Raises SignInFailed, after the same work, whatever was wrong.
        """
        plain = login.strip().lower()[:64]
        with self._database.write() as session:
            row = _by_login(session, plain)
            kept = row.password_hash if row is not None and self._open(row) else None
            if row is not None and kept is not None:
                row.failures += 1
                if row.failures >= MOST_FAILURES:
                    row.locked_until = self._now() + LOCKED_FOR
                    self._audit.append(session, "system", "account_locked", facts={"user": row.id})
        if not self._passwords.fits(password, kept):
            raise SignInFailed
        if kept is not None and self._passwords.outdated(kept):
            kept = self._passwords.hashed(password[:MAX_CHARS])
        return self._begin(UserRow.login == plain, old_token, kept)

    def sign_in_as(self, subject: str, *, old_token: str = "") -> tuple[User, str]:
        """Whom the office's own login (OIDC) vouches for. Raises SignInFailed."""
        return self._begin(UserRow.subject == subject, old_token, None)

    def sign_in_demo(self, login: str, *, old_token: str = "") -> tuple[User, str]:
        """One of the ready accounts of a demonstration. Raises SignInFailed."""
        if not login.startswith(DEMO_LOGINS):
            raise SignInFailed
        return self._begin(UserRow.login == login, old_token, None)

    def user(self, token: str) -> User | None:
        """Whose session it is; None where it ended, was never one, or the account was shut."""
        if not token:
            return None
        wanted = sa.select(LoginRow).where(LoginRow.token_hash == token_hash(token))
        now = self._now()
        with self._database.read() as session:
            row = session.scalars(wanted).one_or_none()
            if row is None or not row.user.active:
                return None
            user, seen_at = user_of(row.user), row.seen_at
            # A clock that was set back must not make a session longer than it is.
            ahead = seen_at - now > SEEN_EVERY
            if ahead or now - seen_at > IDLE_FOR or now - row.created_at > ABSOLUTE:
                return None
        if now - seen_at > SEEN_EVERY:
            with self._database.write() as session:
                session.execute(
                    sa.update(LoginRow)
                    .where(LoginRow.token_hash == token_hash(token))
                    .values(seen_at=now)
                )
        return user

    def sign_out(self, token: str) -> None:
        """The session ends; a token that is none changes nothing."""
        with self._database.write() as session:
            row = session.get(LoginRow, token_hash(token))
            if row is not None:
                self._audit.append(session, f"user:{row.user.login}", "signed_out")
                session.delete(row)

    def set_demo(self, staff: Collection[tuple[str, str, str | None]]) -> None:
        """The ready accounts of a demonstration: (name, role, department) each; all others of
        before are shut, and without any of them nobody can sign in unasked."""
        wanted = {f"{DEMO_LOGINS}{n}": line for n, line in enumerate(staff, 1)}
        ours = UserRow.login.startswith(DEMO_LOGINS, autoescape=True)
        with self._database.write() as session:
            known = {row.login: row for row in session.scalars(sa.select(UserRow).where(ours))}
            for login, row in known.items():
                row.active = login in wanted
                if not row.active:
                    session.execute(sa.delete(LoginRow).where(LoginRow.user_id == row.id))
            for login, (name, role, department) in wanted.items():
                row = known.get(login) or UserRow(login=login, failures=0, created_at=self._now())
                row.name, row.role, row.department, row.active = name, role, department, True
                session.add(row)

    def _begin(
        self, whose: sa.ColumnElement[bool], old_token: str, kept: str | None
    ) -> tuple[User, str]:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._now()
        with self._database.write() as session:
            row = session.scalars(sa.select(UserRow).where(whose)).one_or_none()
            if row is None or not row.active:
                raise SignInFailed
            row.failures, row.locked_until = 0, None
            row.password_hash = kept or row.password_hash
            old = LoginRow.created_at < now - ABSOLUTE
            session.execute(sa.delete(LoginRow).where(old))
            session.execute(sa.delete(LoginRow).where(LoginRow.token_hash == token_hash(old_token)))
            session.add(
                LoginRow(token_hash=token_hash(token), user_id=row.id, created_at=now, seen_at=now)
            )
            self._audit.append(session, f"user:{row.login}", "signed_in")
            return user_of(row), token

    def _open(self, row: UserRow) -> bool:
        left = row.locked_until - self._now() if row.locked_until is not None else None
        if left is not None and not dt.timedelta() < left <= LOCKED_FOR:  # over, or the clock moved
            row.failures, row.locked_until = 0, None
        return row.active and row.locked_until is None

    def _hash(self, password: str) -> str:
        if not MIN_CHARS <= len(password) <= MAX_CHARS:
            raise AccountInvalid(problem="password", min_chars=MIN_CHARS)
        return self._passwords.hashed(password)


def token_hash(token: str) -> str:
    """A token has 256 random bits: a plain hash of it can't be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def user_of(row: UserRow) -> User:
    """A row -> the user."""
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        role=cast("Role", row.role),
        department=row.department,
    )


def _by_login(session: Session, login: str) -> UserRow | None:
    wanted = sa.select(UserRow).where(UserRow.login == login).with_for_update()
    return session.scalars(wanted).one_or_none()


def _check(
    login: str, name: str, role: str, department: str | None, known: Collection[str] | None
) -> None:
    if not LOGIN.fullmatch(login) or login.startswith(DEMO_LOGINS):
        raise AccountInvalid(problem="login")
    if not " ".join(name.split()) or len(name) > 100 or not name.isprintable():
        raise AccountInvalid(problem="name")
    if role not in ROLES:
        raise AccountInvalid(problem="role")
    missing = department is None and role == "official"
    gone = department is not None and known is not None and department not in known
    if missing or gone:
        raise AccountInvalid(problem="department")
