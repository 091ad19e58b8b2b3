"""What pages cost: the application without any page, then each page at its first request.

python -m tests.demo.page_costs
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from starlette.testclient import TestClient

from demo.__main__ import quiet_libraries
from demo.wiring_cases import make_intake
from pipelines.drafting.policy import load_policy
from pipelines.settings import Settings
from pipelines.types import LANGUAGES
from tests.demo.films_kit import a_film_room
from tests.demo.page_kit import ToldWork
from tests.demo.papers_kit import a_room


def memory_mb() -> float:
    """What this process holds of its own."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def main() -> None:
    """Print seconds of processor time and MB; the sum is what pages at the start would cost."""
    quiet_libraries()
    from demo.app import create_app

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, cache_dir=folder, ui_language="ko")
        intake = make_intake(settings, load_policy(settings.policy_path), ToldWork(0.1))
        with a_room(settings, 0.1) as room, a_film_room(settings, 0.1) as films:
            before_s, before_mb = time.process_time(), memory_mb()
            app = create_app(intake, dict, room, films)
            _say("no page", time.process_time() - before_s, memory_mb() - before_mb)
            with TestClient(app) as web:
                costs = [_first(web, path) for path in _paths()]
            _say(f"{len(costs)} pages", sum(s for s, _ in costs), sum(mb for _, mb in costs))


def _paths() -> list[str]:
    folders = ("", "documents/", "video/")
    return [("/" if c == "ko" else f"/{c}/") + f for c in LANGUAGES for f in folders]


def _first(web: TestClient, path: str) -> tuple[float, float]:
    before_s, before_mb = time.process_time(), memory_mb()
    web.get(path).raise_for_status()
    cost = (time.process_time() - before_s, memory_mb() - before_mb)
    _say(path, *cost)
    return cost


def _say(what: str, cpu_s: float, mb: float) -> None:
    sys.stdout.write(f"{what:16} {cpu_s:6.2f} s {mb:7.1f} MB\n")


if __name__ == "__main__":
    main()
