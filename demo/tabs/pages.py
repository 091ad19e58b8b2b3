"""The pages of the application: what each brings along, and who may open it."""

from __future__ import annotations

from demo.admin.rooms import Administration
from demo.compare.room import CompareRoom
from demo.films.room import FilmRoom
from demo.insights.room import InsightsRoom
from demo.intake import Intake
from demo.office.room import OfficeRoom
from demo.papers.room import PaperRoom
from demo.tabs import accounts as accounts_page
from demo.tabs import audit as audit_page
from demo.tabs import compare as compare_page
from demo.tabs import desk as desk_page
from demo.tabs import documents as documents_page
from demo.tabs import insights as insights_page
from demo.tabs import intake as intake_page
from demo.tabs import video as video_page
from demo.tabs.page import Tab


def tabs_of(
    intake: Intake,
    room: PaperRoom | None,
    films: FilmRoom | None,
    duels: CompareRoom | None,
    insights: InsightsRoom | None,
    office: OfficeRoom | None,
    admin: Administration | None,
) -> list[Tab]:
    """Every page that can be served, in the order of the header."""
    limits = intake.settings
    tabs = [
        Tab(
            name="voice",
            folder="",
            script="page.js",
            beside=("evidence.js",),
            max_file_mb=limits.max_file_mb,
            build=lambda *page: intake_page.build(intake, *page),
        )
    ]
    if room is not None:
        tabs.append(
            Tab(
                name="documents",
                right="papers",
                folder="documents/",
                script="papers.js",
                styles=("papers.css",),
                max_file_mb=limits.max_document_mb,
                build=lambda *page: documents_page.build(room, *page),
            )
        )
    if films is not None:
        tabs.append(
            Tab(
                name="video",
                right="papers",
                folder="video/",
                script="films.js",
                beside=("live.js",),
                styles=("papers.css", "films.css"),
                max_file_mb=limits.max_file_mb,
                build=lambda *page: video_page.build(films, *page),
            )
        )
    if duels is not None:
        tabs.append(
            Tab(
                name="compare",
                right="papers",
                folder="compare/",
                script="compare.js",
                styles=("papers.css", "compare.css"),
                max_file_mb=limits.max_file_mb,
                build=lambda *page: compare_page.build(duels, *page),
            )
        )
    if insights is not None:
        tabs.append(
            Tab(
                name="insights",
                right="insights",
                cases=True,
                folder="insights/",
                script="insights.js",
                styles=("insights.css",),
                max_file_mb=1,
                build=lambda *page: insights_page.build(insights, *page),
            )
        )
    if office is not None:
        tabs.append(
            Tab(
                name="desk",
                right="read",
                cases=True,
                folder="desk/",
                script="desk.js",
                beside=("evidence.js",),
                styles=("papers.css", "desk.css"),
                max_file_mb=1,
                build=lambda *page: desk_page.build(office, *page),
            )
        )
    return [*tabs, *(_of_administration(admin) if admin is not None else ())]


def _of_administration(admin: Administration) -> list[Tab]:
    return [
        Tab(
            name="accounts",
            right="accounts",
            cases=True,
            hidden=True,
            folder="accounts/",
            script="accounts.js",
            styles=("desk.css", "admin.css"),
            max_file_mb=1,
            build=lambda *page: accounts_page.build(admin.accounts, *page),
        ),
        Tab(
            name="audit",
            right="audit",
            cases=True,
            hidden=True,
            folder="audit/",
            script="audit.js",
            styles=("insights.css", "desk.css", "admin.css"),
            max_file_mb=1,
            build=lambda *page: audit_page.build(admin.audit, *page),
        ),
    ]
