"""The half of wiring that is about cases: store, queue, links, the office and what finds them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from demo.api.media import MediaLinks, load_key
from demo.finding import Finding
from demo.gate import Door
from demo.intake import Intake
from demo.jobs import Jobs
from demo.joining import WAIT_S, Joining, TakenAt
from demo.metrics import Meter
from demo.office.found import Found
from demo.office.room import OfficeRoom
from demo.pages import CasePages
from demo.papers.shots import Draws
from demo.retention import CASE_PAGES, make_retention
from demo.samples import load_showcase
from demo.store import submissions
from demo.store.accounts import Accounts
from demo.store.cases import CaseStore
from demo.store.database import open_engine
from demo.store.deskwork import DeskWork
from demo.store.docket import Docket
from demo.store.edits import OnCategory
from demo.store.filing import Filing, Position, catch_up
from demo.store.indexing import forget
from demo.store.retention import Retention
from demo.store.upgrade import upgrade
from demo.store.views import StoredMedia
from demo.work import Several, Work, nobody
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.clock import day_in_korea, due_date
from pipelines.drafting.policy import Policy, load_policy
from pipelines.errors import MinwonError
from pipelines.places.resolve import resolve
from pipelines.settings import Settings
from pipelines.types import ignore

if TYPE_CHECKING:
    from pipelines.readers.photos import PhotoReader

log = logging.getLogger(__name__)


def make_intake(
    settings: Settings,
    policy: Policy,
    work: Work,
    *,
    several: Several | None = None,
    shots: Draws | None = None,
    meter: Meter | None = None,
    taken_at: TakenAt | None = None,
) -> Intake:
    """Store, queue and links around any work; `shots` draws pages of papers, `meter` counts.

    Raises SettingsInvalid, StoreUnavailable.
    """
    previews = settings.data_dir / CASE_PAGES
    engine = open_engine(settings)
    upgrade(engine)
    store = CaseStore(
        engine,
        settings.data_dir,
        on_category=follows_from(policy),
        filing=filing_by(policy),
    )
    catch_up(store.database, store.filing)
    return Intake(
        settings=settings,
        policy=policy,
        store=store,
        jobs=Jobs(store, work, several=several, on_worked=meter.worked if meter else nobody),
        refused=meter.refused if meter else ignore,
        links=MediaLinks(load_key(settings.data_dir)),
        pages=CasePages(shots=shots, previews=previews) if shots is not None else None,
        taken_at=taken_at,
        samples=load_showcase(),
    )


def open_retention(settings: Settings) -> Retention | None:
    """For the command: the store and the rules alone. Raises as `make_intake`, PolicyInvalid."""
    policy = load_policy(settings.policy_path)
    engine = open_engine(settings)
    upgrade(engine)
    return make_retention(
        settings, policy, CaseStore(engine, settings.data_dir), forget=(forget, submissions.forget)
    )


def position_of(photos: PhotoReader, media: Sequence[StoredMedia]) -> Position | None:
    """The position of the first photo that has one; a photo that can't be read has none."""
    for entry in media:
        if entry.kind != "image":
            continue
        with contextlib.suppress(MinwonError):
            taken = photos.taken(entry.file)
            if taken.latitude is not None and taken.longitude is not None:
                return taken.latitude, taken.longitude
    return None


def joining_of(
    intake: Intake, finding: Finding, secret_key: bytes, *, wait_s: float = WAIT_S
) -> Joining:
    """What finds cases of others for one that is not filed yet, within `wait_s`."""
    filing, taken_at = intake.store.filing, intake.taken_at
    return Joining(finding.similar, filing, secret_key, taken_at=taken_at, wait_s=wait_s)


def make_office(intake: Intake, finding: Finding | None = None) -> OfficeRoom:
    """The desk on the citizen's store; without `finding` it looks through numbers and titles."""
    settings, policy, store = intake.settings, intake.policy, intake.store
    accounts = Accounts(store.database, store.audit)
    if settings.demo_logins:
        log.warning("MINWON_DEMO_LOGINS: anybody who reaches this page may sign in. Made-up cases!")
    accounts.set_demo(demo_staff(policy) if settings.demo_logins else ())
    docket = Docket(store.database)
    found = None
    if finding is not None:
        found = Found(docket=docket, cases=finding.search, alike=finding.similar)
        store.filing.followers.append(finding.indexer.put)
    return OfficeRoom(
        settings=settings,
        policy=policy,
        store=store,
        links=intake.links,
        door=Door(accounts=accounts, required=settings.require_login, demo=settings.demo_logins),
        docket=docket,
        find=found.find if found is not None else None,
        similar=found.similar if found is not None else None,
        work=DeskWork(
            store.database,
            store.journal,
            departments={entry.code: entry.department for entry in policy.categories},
        ),
    )


def demo_staff(policy: Policy) -> list[tuple[str, str, str | None]]:
    """(name, role, department) of those who may be played in a demonstration."""
    departments = list(dict.fromkeys(entry.department for entry in policy.categories))
    officials: list[tuple[str, str, str | None]] = [
        (f"시연 담당자 {number}", "official", department)
        for number, department in enumerate(departments, 1)
    ]
    return [*officials, ("시연 팀장", "supervisor", None), ("시연 관리자", "administrator", None)]


def filing_by(policy: Policy) -> Filing:
    """The docket's line of a case by the agency's own clocks and area."""
    return Filing(
        working_days={entry.code: entry.working_days for entry in policy.categories},
        resolve=partial(resolve, home=policy.area),
    )


def follows_from(policy: Policy) -> OnCategory:
    """What changes with the category: who is in charge, and until when."""

    def on_category(_: CaseDraft, code: str) -> Mapping[str, str]:
        entry = policy.category(code)
        today = day_in_korea()
        return {
            "department": entry.department,
            "due_date": due_date(today, entry.working_days).isoformat(),
        }

    return on_category
