"""Settings -> every object of the application, built and joined here and nowhere else."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from demo.api.media import MediaLinks, load_key
from demo.bundles import CaseBundles
from demo.compare.desk import CompareDesk
from demo.compare.rivals import Rival, rivals_of
from demo.compare.room import CompareRoom
from demo.films.desk import FilmDesk
from demo.films.handout import FilmHandout
from demo.films.live import LiveDesk
from demo.films.live_room import LiveRoom
from demo.films.room import FilmRoom
from demo.films.stills import Stills
from demo.films.work import CutClip, FilmWork
from demo.finding import Finding, make_finding
from demo.gate import Door
from demo.insights.room import InsightsRoom
from demo.intake import Intake, TakenAt
from demo.interfaces import Interfaces, make_interfaces
from demo.jobs import Jobs
from demo.metrics import Meter
from demo.office.room import OfficeRoom
from demo.pages import CasePages
from demo.papers.desk import PaperDesk
from demo.papers.handout import Handout
from demo.papers.links import PaperLinks
from demo.papers.room import PaperRoom
from demo.papers.sessions import Sessions
from demo.papers.shots import Draws, Shots
from demo.papers.work import PaperWork
from demo.retention import CASE_PAGES, Keeper, make_retention
from demo.samples import load_showcase
from demo.store import submissions
from demo.store.accounts import Accounts
from demo.store.cases import CaseStore
from demo.store.database import Database, open_engine
from demo.store.deskwork import DeskWork
from demo.store.docket import Docket
from demo.store.edits import OnCategory
from demo.store.filing import Filing, Position
from demo.store.indexing import forget
from demo.store.retention import Retention
from demo.store.upgrade import upgrade
from demo.store.views import StoredMedia
from demo.store.votes import VoteStore
from demo.work import Several, Work, nobody
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.clock import day_in_korea, due_date
from pipelines.drafting.fields import load_fields
from pipelines.drafting.policy import Policy, load_policy
from pipelines.drafting.privacy import mask
from pipelines.errors import MinwonError
from pipelines.media.worker import Limits, Worker
from pipelines.places.resolve import resolve
from pipelines.readers.page_reader import PageLimits
from pipelines.readers.page_shots import Blur, PageShots
from pipelines.settings import Settings
from pipelines.types import Cancel, MediaFile, ignore

if TYPE_CHECKING:
    from pipelines.build import Parts
    from pipelines.bundle_reader import BundleReader
    from pipelines.document import DocumentPipeline
    from pipelines.readers.photos import PhotoReader
    from pipelines.video import VideoPipeline

log = logging.getLogger(__name__)

PAGES_PER_CHILD = 300
"""Drawn pages until the process that draws is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The running application: one of each, however many sessions."""

    intake: Intake
    room: PaperRoom
    films: FilmRoom
    finding: Finding
    insights: InsightsRoom
    office: OfficeRoom
    duels: CompareRoom | None
    """None where fewer than two models could run here."""
    interfaces: Interfaces
    parts: Parts
    keeper: Keeper

    def models(self) -> dict[str, str]:
        """Model -> cold, loading, ready or failed. Cheap."""
        return models_of(self.parts)

    def start(self) -> None:
        """Take up unfinished work; load the models behind the page's back."""
        self.intake.jobs.start()
        self.room.desk.start()
        self.films.desk.start()
        self.finding.start()
        if self.duels is not None:
            self.duels.desk.start()
        self.interfaces.start()
        self.parts.worker.start()
        self.parts.watcher.start()
        self.keeper.start()
        threading.Thread(target=self.parts.warm, name="warm-up", daemon=True).start()

    def close(self) -> None:
        """Give unfinished work back, then free the models."""
        self.keeper.close()
        self.interfaces.close()
        self.intake.jobs.close()
        self.room.desk.close()
        self.films.desk.close()
        self.finding.close()
        self.films.live.desk.close()
        if self.duels is not None:
            self.duels.desk.close()
        self.parts.close()


def make_desk(settings: Settings) -> Desk:
    """Everything from settings; no weights are loaded yet.

    Raises PolicyInvalid, ModelUnknown, SettingsInvalid, StoreUnavailable, DiskFull.
    """
    from pipelines.build import build, previews_of

    parts = build(settings)
    room = make_room(settings, parts.policy, parts.document, parts.blurred)
    bundles = CaseBundles(
        pipeline=parts.bundle,
        ui_language=settings.ui_language,
        made=previews_of(settings),
        kept=settings.data_dir / CASE_PAGES,
    )
    shots, meter = room.shots.pages, Meter()
    intake = make_intake(
        settings,
        parts.policy,
        parts.voice,
        several=bundles,
        shots=shots,
        meter=meter,
        taken_at=lambda media: position_of(parts.photos, media),
    )
    key = load_key(settings.data_dir)
    database = intake.store.database
    finding = finding_of(parts, database)
    rivals = rivals_of(settings, parts)
    gone = [intake.pages.forget] if intake.pages is not None else []
    return Desk(
        parts=parts,
        intake=intake,
        keeper=Keeper(
            make_retention(
                settings,
                parts.policy,
                intake.store,
                forget=(finding.indexer.forget, submissions.forget),
                on_gone=gone,
            )
        ),
        office=make_office(intake),
        interfaces=make_interfaces(intake, meter, key, lambda: models_of(parts)),
        room=room,
        finding=finding,
        insights=InsightsRoom(database=database, policy=parts.policy, learning=finding.learning),
        films=make_films(settings, parts.policy, parts.video, parts.blurred, _cut_by(parts)),
        duels=make_duels(intake, parts.bundle.reader, rivals, previews_of(settings))
        if len(rivals) > 1
        else None,
    )


def finding_of(parts: Parts, database: Database) -> Finding:
    """Search and learning on the classifier that drafts."""
    return make_finding(
        database,
        parts.embedder,
        parts.classifier,
        policy=parts.policy,
        areas=parts.areas,
        mask=mask,
    )


def make_duels(
    intake: Intake, reader: BundleReader, rivals: Sequence[Rival], previews: Path
) -> CompareRoom:
    """The compare page around any models; votes go into the store of cases."""
    settings = intake.settings
    desk = CompareDesk(
        sessions=Sessions(settings=settings, place="compare"),
        reader=reader,
        rivals=rivals,
        votes=VoteStore(intake.store.database),
        previews=previews,
    )
    return CompareRoom(settings=settings, policy=intake.policy, desk=desk)


def models_of(parts: Parts) -> dict[str, str]:
    """Model -> cold, loading, ready or failed. Cheap."""
    return {"speech": parts.recogniser.state, "draft": parts.model.state}


def _cut_by(parts: Parts) -> CutClip:
    from pipelines.readers.veil import ClipMade, blurred_clip

    def cut(
        media: MediaFile, start_s: float, end_s: float, target: Path, cancel: Cancel
    ) -> ClipMade:
        watcher, faces = parts.watcher, parts.photos.faces
        return blurred_clip(media, start_s, end_s, target, watcher, faces, cancel)

    return cut


def make_films(
    settings: Settings, policy: Policy, pipeline: VideoPipeline, blur: Blur, cut: CutClip
) -> FilmRoom:
    """The video page around any pipeline; `cut` writes a blurred clip. Raises OSError."""
    shots = Shots(pages=Stills(blur=blur), small_of_page=True)
    sessions = Sessions(settings=settings, place="films", on_end=[shots.forget])
    age_s = 2 * round(settings.keep_papers_h * 3600)
    links = PaperLinks(load_key(settings.data_dir), age_s, "films")
    return FilmRoom(
        settings=settings,
        policy=policy,
        desk=FilmDesk(sessions=sessions, work=FilmWork(pipeline=pipeline, cut=cut)),
        shots=shots,
        links=links,
        handout=FilmHandout(shots=shots),
        live=LiveRoom(desk=LiveDesk(hosts=settings.live_hosts, blur=blur), links=links),
    )


def make_room(
    settings: Settings, policy: Policy, pipeline: DocumentPipeline, blur: Blur
) -> PaperRoom:
    """The documents page around any pipeline; `blur` makes a picture fit to be shown.

    Raises PolicyInvalid, OSError.
    """
    looker = Worker(
        limits=Limits(files_per_child=PAGES_PER_CHILD),
        preload=("pipelines.readers.page_shots", "pipelines.readers.page_reader"),
    )
    plan = load_fields()
    limits = PageLimits(pages=settings.max_pages, page_in=settings.max_page_in)
    work = PaperWork(pipeline=pipeline, looker=looker, plan=plan, limits=limits)
    shots = Shots(pages=PageShots(worker=looker, blur=blur))
    return PaperRoom(
        settings=settings,
        policy=policy,
        plan=plan,
        desk=PaperDesk(sessions=Sessions(settings=settings, on_end=[shots.forget]), work=work),
        shots=shots,
        links=PaperLinks(load_key(settings.data_dir), 2 * round(settings.keep_papers_h * 3600)),
        handout=Handout(),
    )


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
    store.catch_up()
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


def make_office(intake: Intake) -> OfficeRoom:
    """The desk on the citizen's store."""
    settings, policy, store = intake.settings, intake.policy, intake.store
    accounts = Accounts(store.database, store.audit)
    if settings.demo_logins:
        log.warning("MINWON_DEMO_LOGINS: anybody who reaches this page may sign in. Made-up cases!")
    accounts.set_demo(demo_staff(policy) if settings.demo_logins else ())
    return OfficeRoom(
        settings=settings,
        policy=policy,
        store=store,
        links=intake.links,
        door=Door(accounts=accounts, required=settings.require_login, demo=settings.demo_logins),
        docket=Docket(store.database),
        work=DeskWork(
            store.database,
            store.audit,
            departments={entry.code: entry.department for entry in policy.categories},
            filing=store.filing,
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
