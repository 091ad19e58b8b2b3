"""The compare page with real readers and two models of our own behind it.

    python -m tests.demo.compare_kit FOLDER PORT [PACE_S]

Admission, the process that parses, lanes, votes and page are the real ones; one model drafts from
the first lines that it is offered, the other one, three times as slow, from the last ones.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from demo.compare.rivals import Rival
from demo.compare.room import CompareRoom
from demo.wiring import make_duels
from demo.wiring_cases import make_intake
from pipelines.build import previews_of, readers_of
from pipelines.bundle import BundlePipeline
from pipelines.bundle_reader import BundleReader
from pipelines.document import DocumentPipeline
from pipelines.drafting.draft import Drafter
from pipelines.drafting.policy import load_policy
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Vectorer
from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.fake import FakeModel
from pipelines.foundation.lazy import LazyModel
from pipelines.media.worker import Worker
from pipelines.places import Areas
from pipelines.settings import ASSETS, Settings
from pipelines.types import Ask
from tests.demo.page_kit import ToldWork
from tests.demo.papers_kit import OneCategory, PointingModel
from tests.pipelines.drafting.paper_kit import PairsEmbedder

NAMES = ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b")
PLENTY_MB = 100_000


class LastLine(PointingModel):
    """Drafts from the lines at the end; answers no question."""

    def _next(self, ask: Ask) -> str:
        with self._taken:
            self.asks.append(ask)
        wanted: Any = (ask.schema or {}).get("properties", {})
        if "line" in wanted:
            return json.dumps({"line": 0, "answer": ""})
        return json.dumps({"place": "", "urgency": "low", "title": 2, "summary": [2], "request": 2})


@contextlib.contextmanager
def a_compare_room(
    settings: Settings, pace_s: float = 0.0, free_mb: Callable[[], int] = lambda: PLENTY_MB
) -> Iterator[CompareRoom]:
    """A room whose lanes do not run yet; every process that it started ends with it."""
    worker = Worker()
    policy = load_policy(ASSETS / "policy" / "policy.toml")
    vectorer, areas = Vectorer(PairsEmbedder()), Areas.load()
    unused: Any = None  # recordings and videos have kits of their own
    models: dict[str, Callable[[], FakeModel]] = {
        NAMES[0]: lambda: PointingModel(pace_s),
        NAMES[1]: lambda: LastLine(3 * pace_s),
    }

    def rival(name: str) -> Rival:
        model = LazyModel(models[name], name=name)
        drafter = Drafter(model=model, policy=policy, classifier=OneCategory(), areas=areas)
        papers = DocumentPipeline(
            reader=readers_of(settings, worker, previews_of(settings)),
            drafter=drafter,
            answerer=Answerer(model=model),
            vectorer=vectorer,
        )
        return Rival(
            row=load_catalog()[name],
            settings=settings.model_copy(update={"model": name}),
            model=model,
            pipeline=BundlePipeline(
                reader=BundleReader(speech=unused, papers=papers, videos=unused),
                drafter=drafter,
                answerer=papers.answerer,
                vectorer=vectorer,
            ),
            shared=False,
            free_mb=free_mb,
        )

    rivals = [rival(name) for name in NAMES]
    intake = make_intake(settings, policy, ToldWork(pace_s))
    room = make_duels(intake, rivals[0].pipeline.reader, rivals, previews_of(settings))
    try:
        yield room
    finally:
        room.desk.close()
        worker.close()


def main() -> None:
    """Serve until the process is told to end."""
    import uvicorn

    from demo.__main__ import quiet_libraries

    quiet_libraries()
    from demo.app import create_app

    folder, port, pace_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    settings = Settings(data_dir=folder, cache_dir=folder, host="127.0.0.1", port=port)
    intake = make_intake(settings, load_policy(settings.policy_path), ToldWork(pace_s))
    with a_compare_room(settings, pace_s) as duels:
        ready = {"speech": "ready", "draft": "ready"}
        app = create_app(intake, lambda: ready, duels=duels)
        duels.desk.start()
        uvicorn.run(
            app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2
        )


if __name__ == "__main__":
    main()
