"""Signing in to the office's accounts. The browser holds a token, the table its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa

from demo.access import User
from demo.refusals import PasswordUnfit, SignInFailed
from demo.store.desk_tables import LoginRow, UserRow
from demo.store.passwords import MAX_CHARS, MIN_CHARS
from demo.store.roll import ABSOLUTE, DEMO_LOGINS, IDLE_FOR, Account, Roll, by_login, user_of

__all__ = ["ABSOLUTE", "DEMO_LOGINS", "IDLE_FOR", "Account", "Accounts", "token_hash"]

MOST_FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=15)
SEEN_EVERY = dt.timedelta(minutes=1)
"""So often at most a look is written down."""
TOKEN_BYTES = 32


class Accounts(Roll):
    """The roll, and who of it is signed in. Thread-safe; raises as Roll."""

    def sign_in(self, login: str, password: str, *, old_token: str = "") -> tuple[User, str]:
        """(the user, a new token). `old_token`: what the browser held, which ends here.

        The attempt is counted before the password is looked at, so many at once are as few as one
        after the other. Raises SignInFailed, after the same work, whatever was wrong.
        """
        plain = login.strip().lower()[:64]
        return self._begin(UserRow.login == plain, old_token, self._proved(plain, password))

    def renew(self, user: User, old: str, new: str) -> str:
        """Their own new password; every session of theirs ends, and the token of a new one begins.

        A wrong old one counts as a wrong sign-in does. Raises SignInFailed, PasswordUnfit.
        """
        if old == new or not MIN_CHARS <= len(new) <= MAX_CHARS:
            raise PasswordUnfit(problem="password", min_chars=MIN_CHARS)
        self._proved(user.login, old)
        self.change(user.login, password=new, actor=user.actor)
        return self._begin(UserRow.id == user.id, "", None)[1]

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

    def _proved(self, login: str, password: str) -> str | None:
        """The hash to keep, after one more attempt. Raises SignInFailed."""
        with self._database.write() as session:
            row = by_login(session, login)
            kept = row.password_hash if row is not None and self._open(row) else None
            if row is not None and kept is not None:
                row.failures += 1
                if row.failures >= MOST_FAILURES:
                    row.locked_until = self._now() + LOCKED_FOR
                    self._audit.append(session, "system", "account_locked", facts={"login": login})
        if not self._passwords.fits(password, kept):
            raise SignInFailed
        if kept is not None and self._passwords.outdated(kept):
            kept = self._passwords.hashed(password[:MAX_CHARS])
        return kept

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
            row.signed_in_at = now
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


def token_hash(token: str) -> str:
    """A token has 256 random bits: a plain hash of it can't be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
