"""Retention in the running program, once a day, and as a command.

    python -m demo retention [--dry-run] [--json]

Exit status 0: done, the counts on stdout. 2: a setting, the rules or the store can't be used.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from collections.abc import Callable, Sequence

from demo.store.cases import CaseStore
from demo.store.retention import Forget, Plan, Retention
from demo.store.retention_rules import load_rules
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.settings import Settings
from pipelines.wording import say

log = logging.getLogger(__name__)

SESSIONS = ("previews", "films", "compare")
"""In the data folder: where the pages keep files for a session."""
CASE_PAGES = "pages"
"""In the data folder: pages that were set for papers of cases which have none of their own."""
FIRST_S, EVERY_S = 120.0, 86_400.0


def make_retention(
    settings: Settings,
    policy: Policy,
    store: CaseStore,
    *,
    forget: Sequence[Forget] = (),
    on_gone: Sequence[Callable[[frozenset[str]], object]] = (),
) -> Retention | None:
    """None where the agency has no rules: then nothing is ever deleted. Raises PolicyInvalid."""
    codes = {entry.code for entry in policy.categories}
    rules = load_rules(settings.policy_path.parent, codes)
    if rules is None:
        return None
    data = settings.data_dir
    return Retention(
        database=store.database,
        rules=rules,
        data_dir=data,
        media=store.files.root,
        derived=(data / CASE_PAGES,),
        sessions=tuple(data / name for name in SESSIONS),
        forget=forget,
        on_gone=on_gone,
    )


class Keeper:
    """Runs the retention soon after the start and then once a day, in a thread of its own."""

    def __init__(
        self, retention: Retention | None, *, first_s: float = FIRST_S, every_s: float = EVERY_S
    ) -> None:
        self._retention, self._first_s, self._every_s = retention, first_s, every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="retention", daemon=True)

    def start(self) -> None:
        """Without rules nothing runs, and the log says so."""
        if self._retention is None:
            log.warning("no retention rules: nothing is ever deleted")
            return
        self._thread.start()

    def close(self) -> None:
        """Wait for the run that is under way."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _serve(self) -> None:
        wait_s = self._first_s
        while not self._closing.wait(wait_s):
            wait_s = self._every_s
            try:
                if self._retention is not None:
                    self._retention.run()
            except Exception as exc:  # noqa: BLE001 - the thread's edge: tomorrow it runs again
                name = exc.code if isinstance(exc, MinwonError) else type(exc).__name__
                log.error("retention did not run: %s", name)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command's arguments, without its name."""
    parser = argparse.ArgumentParser(prog="python -m demo retention", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="say what would go; change nothing")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args(arguments)


def run(settings: Settings, given: Sequence[str]) -> int:
    """The command; returns the exit status.

    Raises SettingsInvalid, PolicyInvalid, StoreUnavailable, DiskFull.
    """
    from demo.wiring_cases import open_retention

    options = parse(given[1:])
    retention = open_retention(settings)
    if retention is None:
        sys.stdout.write(say("retention.no_rules", settings.ui_language) + "\n")
        return 0
    plan = retention.plan() if options.dry_run else retention.run()
    if options.json:
        told = {"dry_run": options.dry_run, "counts": plan.counts()}
        told["cases"] = [
            {"number": one.number, "rule": one.rule, "category": one.category} for one in plan.cases
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(as_text(plan, settings.ui_language, dry_run=options.dry_run))
    return 0


def as_text(plan: Plan, language: str, *, dry_run: bool) -> str:
    """The counts as a person reads them."""
    title = say("retention.would_go" if dry_run else "retention.gone", language)
    counts = plan.counts()
    wide = max(map(len, counts))
    rows = [f"  {name.ljust(wide)}  {count:6d}" for name, count in counts.items()]
    return "\n".join([title, *rows, ""])
