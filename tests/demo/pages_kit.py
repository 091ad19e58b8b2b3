"""All pages in one process, each with a work of our own behind it.

    python -m tests.demo.pages_kit FOLDER PORT [PACE_S]

Store, queues, admission, the processes that parse and the pages are the real ones; what is heard
is told in advance, slowly enough to be watched, and the foundation model points at lines.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from demo.wiring_cases import make_intake
from pipelines.drafting.policy import load_policy
from pipelines.settings import Settings
from tests.demo.films_kit import a_film_room
from tests.demo.page_kit import ToldWork
from tests.demo.papers_kit import a_room


def main() -> None:
    """Serve until the process is told to end."""
    import uvicorn

    from demo.__main__ import quiet_libraries

    quiet_libraries()
    from demo.app import create_app

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    pace_s = float(sys.argv[3]) if len(sys.argv) > 3 else 0.05
    settings = Settings(data_dir=folder, cache_dir=folder, host="127.0.0.1", port=port)
    intake = make_intake(settings, load_policy(settings.policy_path), ToldWork(pace_s, folder))
    started = time.monotonic()

    def models() -> dict[str, str]:
        state = "ready" if time.monotonic() - started > 2.0 else "loading"
        return {"speech": state, "draft": state}

    with a_room(settings, pace_s) as room, a_film_room(settings, pace_s) as films:
        app = create_app(intake, models, room, films)
        for lanes in (intake.jobs, room.desk, films.desk):
            lanes.start()
        uvicorn.run(
            app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2
        )
    intake.jobs.close()


if __name__ == "__main__":
    main()
