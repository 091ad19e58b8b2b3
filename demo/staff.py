"""`python -m demo user ...` and `audit verify`: accounts and the audit from the command line.

    user add LOGIN --role administrator [--name NAME] [--department DEPARTMENT] [--subject SUBJECT]
    user list | user reset LOGIN | user shut LOGIN | user open LOGIN
    audit verify [--expect ID:HASH]

A password is asked for, or taken from MINWON_PASSWORD or from a pipe; never from an argument, which
every list of processes shows.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from demo.access import ROLES
from demo.store.accounts import Accounts
from demo.store.audit import Anchor, Audit
from demo.store.database import Database, open_engine, utc_now
from demo.store.upgrade import upgrade
from pipelines.drafting.policy import load_policy
from pipelines.settings import Settings

BROKEN = 1
PASSWORD = "MINWON_PASSWORD"  # noqa: S105 - the name of a variable


def run(settings: Settings, given: list[str]) -> int:
    """Do it; returns the exit status. Raises AccountInvalid, PolicyInvalid, StoreUnavailable."""
    options = _parser().parse_args(given)
    engine = open_engine(settings)
    upgrade(engine)
    database = Database(engine)
    audit = Audit(database, utc_now)
    if options.command == "audit":
        return _verify(audit, options.expect)
    return _user(Accounts(database, audit), settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    user = commands.add_parser("user").add_subparsers(dest="what", required=True)
    add = user.add_parser("add")
    add.add_argument("login")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--name")
    add.add_argument("--department")
    add.add_argument("--subject", help="who they are to the agency's own login; then no password")
    user.add_parser("list")
    for name in ("reset", "shut", "open"):
        user.add_parser(name).add_argument("login")
    verify = commands.add_parser("audit").add_subparsers(dest="what", required=True)
    verify.add_parser("verify").add_argument("--expect", metavar="ID:HASH", type=_anchor)
    return parser


def _anchor(text: str) -> Anchor:
    number, _, made = text.partition(":")
    return Anchor(id=int(number), hash=made)


def _user(accounts: Accounts, settings: Settings, options: argparse.Namespace) -> int:
    if options.what == "list":
        for account in accounts.all():
            state = "active" if account.active else "shut"
            user = account.user
            told = (user.login, user.role, user.department or "-", state, user.name)
            sys.stdout.write("\t".join(told) + "\n")
        return 0
    if options.what == "add":
        policy = load_policy(settings.policy_path)
        accounts.add(
            options.login,
            options.name or options.login,
            options.role,
            department=options.department,
            password=None if options.subject else _password(),
            subject=options.subject,
            departments={entry.department for entry in policy.categories},
        )
    elif options.what == "reset":
        accounts.change(options.login, password=_password())
    else:
        accounts.change(options.login, active=options.what == "open")
    sys.stdout.write(f"{options.login}: {options.what}\n")
    return 0


def _password() -> str:
    given = os.environ.get(PASSWORD)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return getpass.getpass("Password: ")


def _verify(audit: Audit, expected: Anchor | None) -> int:
    verdict = audit.verify(expected)
    if not verdict.whole:
        sys.stdout.write(f"BROKEN at row {verdict.broken_id}; {verdict.rows} rows before it hold\n")
        return BROKEN
    end = f", last {verdict.last.id}:{verdict.last.hash}" if verdict.last is not None else ""
    sys.stdout.write(f"whole: {verdict.rows} rows{end}\n")
    return 0
