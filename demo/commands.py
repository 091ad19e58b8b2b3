"""Keys and webhooks from the command line, beside a running desk or without one.

    python -m demo key add NAME --right submit [--right read ...]     prints the key, once
    python -m demo key list | key end NAME
    python -m demo hook add URL --event filed [--event answered ...]  prints its secret, once
    python -m demo hook list | hook end NUMBER

Exit status 0: done. 2: a setting, an argument or the store can't be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from demo.api.media import load_key
from demo.courier import Allowed, shown_secret
from demo.store.database import Database, open_engine
from demo.store.hooks import TOPICS, Hooks
from demo.store.keys import RIGHTS, KeyStore
from demo.store.upgrade import upgrade
from pipelines.settings import Settings


def run(settings: Settings, given: Sequence[str]) -> int:
    """Do it and print what came of it; returns the exit status. Raises KeyInvalid, HookInvalid,
    AddressRefused, StoreUnavailable, DiskFull.
    """
    options = _parser().parse_args(given)
    engine = open_engine(settings)
    upgrade(engine)
    database = Database(engine)
    if options.thing == "key":
        _key(KeyStore(database), options)
    else:
        _hook(settings, Hooks(database), options)
    return 0


def _key(keys: KeyStore, options: argparse.Namespace) -> None:
    if options.do == "add":
        sys.stdout.write(keys.add(options.name, options.right) + "\n")
    elif options.do == "end":
        keys.end(options.name)
    else:
        for caller, active in keys.all():
            state = "" if active else "  ended"
            sys.stdout.write(f"{caller.name}  {','.join(sorted(caller.rights))}{state}\n")


def _hook(settings: Settings, hooks: Hooks, options: argparse.Namespace) -> None:
    if options.do == "add":
        Allowed.of(settings).check(options.url)
        hook = hooks.add(options.url, options.event)
        secret = shown_secret(load_key(settings.data_dir), hook)
        sys.stdout.write(f"{hook.id}\n{secret}\n")
    elif options.do == "end":
        hooks.end(options.number)
    else:
        for each in hooks.standings():
            last = ""
            if each.last_failed_at is not None:
                last = f"  last: {each.last_reason} {each.last_failed_at.isoformat('T', 'seconds')}"
            state = "" if each.hook.active else "  ended"
            sys.stdout.write(
                f"{each.hook.id}  {each.hook.url}  {','.join(each.hook.topics)}{state}  "
                f"sent {each.sent}, waiting {each.waiting}, dead {each.dead}{last}\n"
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo")
    things = parser.add_subparsers(dest="thing", required=True)
    keys = things.add_parser("key").add_subparsers(dest="do", required=True)
    add = keys.add_parser("add")
    add.add_argument("name")
    add.add_argument("--right", action="append", choices=RIGHTS, required=True)
    keys.add_parser("end").add_argument("name")
    keys.add_parser("list")
    hooks = things.add_parser("hook").add_subparsers(dest="do", required=True)
    add = hooks.add_parser("add")
    add.add_argument("url")
    add.add_argument("--event", action="append", choices=TOPICS, required=True)
    hooks.add_parser("end").add_argument("number", type=int)
    hooks.add_parser("list")
    return parser
