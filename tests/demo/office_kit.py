"""The pages of the office in one: python -m tests.demo.office_kit FOLDER PORT PACE_S [COUNT]

COUNT cases are planted; the people of the office are STAFF. Several files become one case by the
real pipeline with a model that says nothing, so that the rules draft; one recording is told.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from demo.admin.rooms import make_administration
from demo.api.media import load_key
from demo.bundles import CaseBundles
from demo.store.planted import plant
from demo.wiring_cases import joining_of, make_intake, make_office
from pipelines.drafting.policy import load_policy
from pipelines.media.worker import Worker
from pipelines.settings import Settings
from tests.demo.desk_kit import PASSWORD
from tests.demo.page_kit import ToldWork
from tests.demo.papers_kit import a_room
from tests.demo.search_kit import a_finding
from tests.pipelines.test_bundle import pipeline

STAFF = (
    ("kim.road", "김안전", "official", "안전건설과"),
    ("park.clean", "박청소", "official", "청소행정과"),
    ("lee.head", "이팀장", "supervisor", None),
    ("choi.admin", "최관리", "administrator", None),
)


def main() -> None:
    """Serve until the process is told to end."""
    import uvicorn

    from demo.__main__ import quiet_libraries

    quiet_libraries()
    from demo.app import create_app

    folder, port, pace_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    settings = Settings(data_dir=folder, cache_dir=folder, host="127.0.0.1", port=port)
    idle = Worker()  # no film comes: nothing here needs a child
    bundles = CaseBundles(
        pipeline=pipeline(idle), ui_language="ko", made=folder / "made", kept=folder / "kept"
    )
    policy = load_policy(settings.policy_path)
    intake = make_intake(settings, policy, ToldWork(pace_s), several=bundles)
    if len(sys.argv) > 4:
        plant(intake.store.database.engine, int(sys.argv[4]), 1)
    finding = a_finding(intake.store.database)
    joining = joining_of(intake, finding, load_key(folder), wait_s=50)  # a busy machine is slow
    intake = replace(intake, joining=joining)
    office = make_office(intake, finding)
    for login, name, role, department in STAFF:
        office.door.accounts.add(login, name, role, department=department, password=PASSWORD)
    ready = {"speech": "ready", "draft": "ready"}
    admin = make_administration(office)
    with a_room(settings, pace_s) as room:
        app = create_app(intake, lambda: ready, room, office=office, admin=admin)
        for part in (admin, intake.jobs, room.desk, finding.indexer):
            part.start()
        uvicorn.run(
            app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2
        )
    admin.close()
    intake.jobs.close()
    finding.indexer.close()
    idle.close()


if __name__ == "__main__":
    main()
