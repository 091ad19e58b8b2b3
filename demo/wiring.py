"""Settings -> every object of the application, built and joined here and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from demo.admin.rooms import Administration, make_administration
from demo.api.media import load_key
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
from demo.insights.room import InsightsRoom
from demo.intake import Intake
from demo.interfaces import Interfaces, make_interfaces
from demo.metrics import Meter
from demo.office.room import OfficeRoom
from demo.papers.desk import PaperDesk
from demo.papers.handout import Handout
from demo.papers.links import PaperLinks
from demo.papers.room import PaperRoom
from demo.papers.sessions import Sessions
from demo.papers.shots import Shots
from demo.papers.work import PaperWork
from demo.retention import CASE_PAGES, Keeper, make_retention
from demo.store import submissions
from demo.store.database import Database
from demo.store.votes import VoteStore
from demo.wiring_cases import joining_of, make_intake, make_office, position_of
from pipelines.drafting.fields import load_fields
from pipelines.drafting.policy import Policy
from pipelines.drafting.privacy import mask
from pipelines.media.worker import Limits, Worker
from pipelines.readers.page_reader import PageLimits
from pipelines.readers.page_shots import Blur, PageShots
from pipelines.settings import Settings
from pipelines.types import Cancel, MediaFile

if TYPE_CHECKING:
    from pipelines.build import Parts
    from pipelines.bundle_reader import BundleReader
    from pipelines.document import DocumentPipeline
    from pipelines.video import VideoPipeline

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
    admin: Administration
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
        self.admin.start()
        threading.Thread(target=self.parts.warm, name="warm-up", daemon=True).start()

    def close(self) -> None:
        """Give unfinished work back, then free the models."""
        self.admin.close()
        self.keeper.close()
        self.interfaces.close()
        self.intake.jobs.close()
        self.room.desk.close()
        self.films.desk.close()
        self.finding.close()
        if self.intake.joining is not None:
            self.intake.joining.close()
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
    retention = make_retention(
        settings,
        parts.policy,
        intake.store,
        forget=(finding.indexer.forget, submissions.forget),
        on_gone=gone,
    )
    if retention is not None:
        intake = replace(intake, eraser=retention.erase)
    intake = replace(intake, joining=joining_of(intake, finding, key))
    office = make_office(intake, finding)
    return Desk(
        parts=parts,
        intake=intake,
        keeper=Keeper(retention),
        office=office,
        admin=make_administration(office),
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
