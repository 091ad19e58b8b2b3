"""The roll of the office: who has an account, as what, and what administrators change of it.

Every change is an audit row of the same transaction. Nothing is ever removed: whoever did something
must stay known by name, so an account is shut instead.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demo.access import ROLES, User
from demo.refusals import AccountInvalid, LastAdministrator, PasswordUnfit
from demo.store.audit import Audit
from demo.store.database import Database, utc_now
from demo.store.desk_tables import LoginRow, Role, UserRow
from demo.store.passwords import MAX_CHARS, MIN_CHARS, Passwords

IDLE_FOR = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=10)
"""One working day: then everybody signs in anew."""
LOGIN = re.compile(r"[a-z0-9][a-z0-9._\-]{1,63}")
DEMO_LOGINS = "demo."
"""How the logins of live demonstrations begin; no other account may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the list of accounts."""

    user: User
    active: bool
    locked_until: dt.datetime | None
    """In the future: nobody gets in, after too many wrong passwords."""
    has_password: bool
    signed_in_at: dt.datetime | None
    sessions: int
    """That are open now."""


class Roll:
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
        must_renew: bool = False,
        subject: str | None = None,
        actor: str = "system",
        departments: Collection[str] | None = None,
    ) -> User:
        """A new account. `departments`: those that there are. Raises AccountInvalid."""
        if not LOGIN.fullmatch(login) or login.startswith(DEMO_LOGINS):
            raise AccountInvalid(problem="login")
        _check(name, role, department, departments)
        row = UserRow(
            login=login,
            name=" ".join(name.split()),
            role=role,
            department=department,
            password_hash=self._hash(password) if password is not None else None,
            must_renew=must_renew,
            subject=subject,
            active=True,
            failures=0,
            created_at=self._now(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
                session.flush()
                facts = {"login": login, "role": role}
                self._audit.append(session, actor, "account_added", facts=facts)
        except IntegrityError as exc:
            raise AccountInvalid(problem="taken") from exc
        return user_of(row)

    def change(
        self, login: str, *, password: str | None = None, must_renew: bool = False,
        active: bool | None = None, actor: str = "system",
    ) -> None:  # fmt: skip
        """A new password, or shut or open again; its sessions end.

        Opening also ends a lock-out. Raises AccountInvalid, PasswordUnfit, LastAdministrator.
        """
        made = self._hash(password) if password is not None else None
        with self._database.write() as session:
            row = self._locked(session, login)
            if made is not None:
                row.password_hash, row.must_renew = made, must_renew
            if active is not None:
                self._keep_one(session, row, stays=active)
                row.active = active
            if made is not None or active:
                row.failures, row.locked_until = 0, None
            self._end_sessions(session, row)
            own = actor == f"user:{login}"
            what = ("password_changed" if own else "account_reset") if made else ""
            what = what or ("account_opened" if active else "account_shut")
            self._audit.append(session, actor, what, facts={"login": login})

    def place(
        self,
        login: str,
        *,
        name: str,
        role: str,
        department: str | None,
        departments: Collection[str],
        actor: str,
    ) -> None:
        """Another name, role or department, from the next click on; nothing where all is as it was.

        Raises AccountInvalid, LastAdministrator.
        """
        _check(name, role, department, departments)
        wanted = {"name": " ".join(name.split()), "role": role, "department": department}
        with self._database.write() as session:
            row = self._locked(session, login)
            self._keep_one(session, row, stays=role == "administrator")
            changed = [field for field, value in wanted.items() if getattr(row, field) != value]
            if not changed:
                return
            facts = {"login": login, "fields": ", ".join(changed)}
            if role != row.role:
                facts |= {"from": row.role, "to": role}
            for field in changed:
                setattr(row, field, wanted[field])
            self._audit.append(session, actor, "account_placed", facts=facts)

    def end_sessions(self, login: str, *, actor: str) -> None:
        """Wherever they are signed in, they are not any more. Raises AccountInvalid."""
        with self._database.write() as session:
            self._end_sessions(session, self._locked(session, login))
            self._audit.append(session, actor, "sessions_ended", facts={"login": login})

    def all(self) -> tuple[Account, ...]:
        """Every account, by login."""
        now = self._now()
        open_now = (
            sa.select(LoginRow.user_id, sa.func.count())
            .where(LoginRow.seen_at >= now - IDLE_FOR, LoginRow.created_at >= now - ABSOLUTE)
            .group_by(LoginRow.user_id)
        )
        with self._database.read() as session:
            sessions = dict(session.execute(open_now).tuples().all())
            rows = session.scalars(sa.select(UserRow).order_by(UserRow.login))
            return tuple(
                Account(
                    user=user_of(row),
                    active=row.active,
                    locked_until=row.locked_until
                    if row.locked_until is not None and row.locked_until > now
                    else None,
                    has_password=row.password_hash is not None,
                    signed_in_at=row.signed_in_at,
                    sessions=sessions.get(row.id, 0),
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

    def _locked(self, session: Session, login: str) -> UserRow:
        """The row, which nobody else changes before the commit. Raises AccountInvalid."""
        row = by_login(session, login)
        if row is None:
            raise AccountInvalid(problem="unknown")
        return row

    def _keep_one(self, session: Session, row: UserRow, *, stays: bool) -> None:
        """Raises LastAdministrator where nobody else who could sign in looks after the accounts."""
        if stays or not (row.active and row.role == "administrator" and _can_come(row)):
            return
        self._database.lock_table(session, "users")  # two who demote each other take turns
        others = sa.select(UserRow).where(
            UserRow.role == "administrator", UserRow.active, UserRow.id != row.id
        )
        if not any(_can_come(other) for other in session.scalars(others)):
            raise LastAdministrator(login=row.login)

    def _end_sessions(self, session: Session, row: UserRow) -> None:
        session.execute(sa.delete(LoginRow).where(LoginRow.user_id == row.id))

    def _hash(self, password: str) -> str:
        if not MIN_CHARS <= len(password) <= MAX_CHARS:
            raise PasswordUnfit(problem="password", min_chars=MIN_CHARS)
        return self._passwords.hashed(password)


def user_of(row: UserRow) -> User:
    """A row -> the user."""
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        role=cast("Role", row.role),
        department=row.department,
        must_renew=row.must_renew,
    )


def by_login(session: Session, login: str) -> UserRow | None:
    """The account, locked until the commit."""
    wanted = sa.select(UserRow).where(UserRow.login == login).with_for_update()
    return session.scalars(wanted).one_or_none()


def _can_come(row: UserRow) -> bool:
    """Those of a demonstration are gone with it: they have neither."""
    return row.password_hash is not None or row.subject is not None


def _check(name: str, role: str, department: str | None, known: Collection[str] | None) -> None:
    if not " ".join(name.split()) or len(name) > 100 or not name.isprintable():
        raise AccountInvalid(problem="name")
    if role not in ROLES:
        raise AccountInvalid(problem="role")
    missing = department is None and role == "official"
    gone = department is not None and known is not None and department not in known
    if missing or gone:
        raise AccountInvalid(problem="department")
