"""The interfaces on a loopback port, with a work that takes the words of text files as they are.

`python -m tests.demo.faces_kit FOLDER PORT` serves the whole application, pages and MCP as well.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from demo.api.media import load_key
from demo.finding import Finding
from demo.intake import Intake
from demo.interfaces import Interfaces, make_interfaces
from demo.metrics import Meter
from demo.wiring_cases import joining_of, make_intake
from pipelines.drafting.policy import load_policy
from pipelines.errors import DocumentDamaged
from pipelines.settings import ASSETS, Settings
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
    Note,
    OnEvent,
    PageSpot,
    Timing,
    ignore,
)
from tests.demo.page_kit import ToldWork, free_port
from tests.demo.search_kit import a_finding
from tests.demo.store_kit import Enriches, make_draft

POLICY = load_policy(ASSETS / "policy" / "policy.toml")
UNREADABLE = "읽을 수 없는 글"


class TextWork(Enriches):
    """Evidence is what stands in the text files, line by line. See demo.work.Several."""

    def run(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        evidence = [
            Evidence(
                source=file.sha256,
                where=PageSpot(page_no=1, box_pt=(72.0, 72.0 + 14 * row, 500.0, 84.0 + 14 * row)),
                text=line,
                confidence=1.0,
                language="ko",
            )
            for file in media
            if file.media_type == "text/plain"
            for row, line in enumerate(file.path.read_text(encoding="utf-8-sig").splitlines())
        ]
        if any(UNREADABLE in piece.text for piece in evidence):
            raise DocumentDamaged
        return self.redraft(media, evidence)

    def redraft(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        return CaseResult(
            media=tuple(media),
            draft=make_draft(title=known[0].text[:60], citations=[]),
            evidence=tuple(known),
            replies=(),
            notes=(Note(code="speech.corrected", facts={"count": 1}),),
            timing=Timing(read_s=0.2, first_token_s=0.3, draft_s=0.5, total_s=0.7),
            model="fake",
        )


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running desk for programs."""

    address: str
    interfaces: Interfaces
    folder: Path

    def key(self, name: str, *rights: str) -> str:
        return self.interfaces.door.keys.add(name, rights)

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers=headers, timeout=20)


def models() -> Mapping[str, str]:
    return {"draft": "ready"}


def made_from(settings: Settings) -> tuple[Intake, Interfaces, Finding]:
    meter = Meter()
    intake = make_intake(settings, POLICY, ToldWork(0.0), several=TextWork(), meter=meter)
    key, finding = load_key(settings.data_dir), a_finding(intake.store.database)
    intake.store.filing.followers.append(finding.indexer.put)
    intake = replace(intake, joining=joining_of(intake, finding, key, wait_s=50))
    return intake, make_interfaces(intake, meter, key, models), finding


@contextlib.contextmanager
def serving_programs(folder: Path, **settings: object) -> Iterator[Served]:
    """Only the interfaces, in this process: whatever is beside the pages."""
    port = free_port()
    chosen = Settings.model_validate(
        {"data_dir": folder, "cache_dir": folder, "port": port, **settings}
    )
    intake, interfaces, finding = made_from(chosen)
    app = FastAPI()
    interfaces.mount(app)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    intake.jobs.start()
    interfaces.start()
    finding.indexer.start()
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        yield Served(address=f"http://127.0.0.1:{port}", interfaces=interfaces, folder=folder)
    finally:
        server.should_exit = True
        thread.join(10)
        interfaces.close()
        finding.indexer.close()
        intake.jobs.close()
        intake.store.database.engine.dispose()


def until_true(look: object, seconds: float = 10.0) -> object:
    """What `look` says once it is not empty."""
    end = time.monotonic() + seconds
    while not (found := look()):  # type: ignore[operator]
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)
    return found


def main() -> None:
    """Serve until the process is told to end."""
    from demo.__main__ import quiet_libraries

    quiet_libraries()
    from demo.app import create_app

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = Settings(data_dir=folder, cache_dir=folder, port=port)
    intake, interfaces, finding = made_from(settings)
    app = create_app(intake, lambda: dict(models()), interfaces=interfaces)
    intake.jobs.start()
    interfaces.start()
    finding.indexer.start()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)
    interfaces.close()
    finding.indexer.close()
    intake.jobs.close()


if __name__ == "__main__":
    main()
