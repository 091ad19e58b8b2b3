"""A process that works on the jobs of a folder; `test_jobs` kills it in the middle.

python -m tests.demo.job_child FOLDER hang|finish|die
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from demo.jobs import Jobs
from pipelines.types import Cancel, CaseResult, EvidenceFound, MediaFile, OnEvent, ignore
from tests.demo.store_kit import make_evidence, make_result, make_store


class ChildWork:
    """Reads, tells that it has begun, and then hangs, finishes or kills its own process."""

    def __init__(self, mode: str) -> None:
        self._mode = mode

    def run(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        on_event(EvidenceFound(index=0, evidence=make_evidence(media.sha256)[0]))
        print("begun", flush=True)  # noqa: T201
        if self._mode == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._mode == "hang":
            threading.Event().wait()
        return make_result(media)


def main() -> None:
    folder, mode = Path(sys.argv[1]), sys.argv[2]
    store = make_store(folder)
    jobs = Jobs(store, ChildWork(mode))  # type: ignore[arg-type]
    numbers = store.ledger.unfinished()
    jobs.start()
    for number in numbers:
        while not jobs.wait(number, -1, 1.0).ended:
            pass
    jobs.close()


if __name__ == "__main__":
    main()
