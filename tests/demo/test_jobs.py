"""Work outlives the page, the connection and the process; it ends once, and says how."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.jobs import Jobs
from demo.live import Snapshot
from demo.store.cases import CaseStore, Receipt
from pipelines.errors import CaseFiled, CaseNotFound, CaseNotReady, NoSpeech
from pipelines.types import (
    Cancel,
    CaseResult,
    DraftToken,
    Evidence,
    EvidenceFound,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    ignore,
)
from tests.conftest import ROOT
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import TEXTS, make_evidence, make_recording, make_result, make_store

PATIENCE_S = 20.0


class GatedWork:
    """Does the steps of the real pipeline, waits at the gate after reading, then does `then`."""

    def __init__(self, then: Callable[[MediaFile], CaseResult] = make_result) -> None:
        self.gate = threading.Event()
        self.reading = threading.Semaphore(0)
        self.then = then
        self.seen: list[tuple[str, tuple[str, ...], str | None]] = []

    def run(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        self.seen.append(("run", (), language))
        on_event(Progress(stage="reading", fraction=0.0))
        for index, piece in enumerate(make_evidence(media.sha256)):
            on_event(EvidenceFound(index=index, evidence=piece))
        on_event(Progress(stage="drafting", fraction=0.5))
        for token in ("{", '"title"'):
            on_event(DraftToken(text=token))
        self.reading.release()
        self._wait(cancel)
        result = self.then(media)
        on_event(Progress(stage="done", fraction=1.0))
        return result

    def redraft(
        self,
        media: MediaFile,
        evidence: Sequence[Evidence],
        *,
        language: str,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        self.seen.append(("redraft", tuple(piece.text for piece in evidence), language))
        self.reading.release()
        self._wait(cancel)
        return make_result(media, tuple(evidence), title="neu")

    def _wait(self, cancel: Cancel | None) -> None:
        while not self.gate.wait(0.005):
            if cancel is not None:
                cancel.check()

    def wait_until_reading(self) -> None:
        assert self.reading.acquire(timeout=PATIENCE_S)


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> CaseStore:  # noqa: F811
    return make_store(tmp_path, engine)


@pytest.fixture
def work() -> GatedWork:
    return GatedWork()


@pytest.fixture
def jobs(store: CaseStore, work: GatedWork) -> Iterator[Jobs]:
    made = Jobs(store, work)
    made.start()
    yield made
    work.gate.set()
    made.close()


def opened(store: CaseStore, tmp_path: Path, content: bytes = b"sound") -> Receipt:
    return store.open(make_recording(tmp_path, content), None)


def end_of(jobs: Jobs, number: str) -> Snapshot:
    until = time.monotonic() + PATIENCE_S
    now = jobs.snapshot(number)
    while not now.ended:
        assert time.monotonic() < until, f"still {now.stage}"
        now = jobs.wait(number, now.revision, 1.0)
    return now


def test_a_job_shows_what_it_finds_and_ends_drafted(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    now = jobs.snapshot(receipt.number)
    assert (now.stage, now.fraction, now.draft_text) == ("drafting", 0.5, '{"title"')
    assert tuple(piece.text for piece in now.evidence) == TEXTS
    assert (now.view, now.error, now.ended) == (None, None, False)
    assert store.view(receipt.number).status == "reading"
    work.gate.set()
    end = end_of(jobs, receipt.number)
    assert end.view == store.find(receipt.number, receipt.secret)
    assert end.view is not None
    assert end.view.status == "drafted"
    assert end.revision > now.revision


def test_the_row_follows_coarsely(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    row = store.ledger.newest(receipt.number)
    assert (row.state, row.stage, row.fraction) == ("running", "drafting", 0.5)


def test_the_browser_is_closed_half_way(store: CaseStore, work: GatedWork, tmp_path: Path) -> None:
    """Nobody looks any more; the job finishes, and the receipt opens it, today and tomorrow."""
    jobs = Jobs(store, work)
    jobs.start()
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    page = threading.Thread(target=lambda: jobs.wait(receipt.number, 0, 0.05))
    page.start()
    work.wait_until_reading()
    page.join()
    work.gate.set()
    until = time.monotonic() + PATIENCE_S
    while store.find(receipt.number, receipt.secret).status != "drafted":
        assert time.monotonic() < until
        time.sleep(0.01)
    jobs.close()
    later = Jobs(store, work)
    view = later.snapshot(receipt.number).view
    assert view is not None
    assert view.draft is not None
    assert view == store.find(receipt.number, receipt.secret)


def test_a_reloaded_page_finds_its_place(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    again = jobs.wait(receipt.number, -1, PATIENCE_S)
    assert len(again.evidence) == 2
    assert again.draft_text


def test_places_in_the_queue(jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path) -> None:
    numbers = [opened(store, tmp_path).number for _ in range(4)]
    jobs.submit(numbers[0])
    work.wait_until_reading()
    for number in numbers[1:]:
        jobs.submit(number)
    assert jobs.waiting == 3
    assert [jobs.snapshot(number).ahead for number in numbers] == [0, 1, 2, 3]
    assert [jobs.snapshot(number).stage for number in numbers[1:]] == ["queued"] * 3
    before = jobs.snapshot(numbers[3])
    jobs.cancel(numbers[2])
    assert jobs.wait(numbers[3], before.revision, PATIENCE_S).ahead == 2
    work.gate.set()
    assert [end_of(jobs, number).view.status for number in numbers] == [  # type: ignore[union-attr]
        "drafted", "drafted", "cancelled", "drafted",
    ]  # fmt: skip


def test_submitting_twice_is_one_job(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    for _ in range(3):
        jobs.submit(receipt.number)
    work.gate.set()
    end_of(jobs, receipt.number)
    jobs.submit(receipt.number)
    assert end_of(jobs, receipt.number).view is not None
    assert work.seen == [("run", (), None)]


def test_cancelled_in_the_queue_never_runs(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    first, second = opened(store, tmp_path), opened(store, tmp_path)
    jobs.submit(first.number)
    work.wait_until_reading()
    jobs.submit(second.number)
    jobs.cancel(second.number)
    end = jobs.snapshot(second.number)
    assert end.ended
    assert store.view(second.number).status == "cancelled"
    work.gate.set()
    end_of(jobs, first.number)
    assert len(work.seen) == 1


def test_cancelled_while_it_runs_keeps_the_evidence_and_may_be_tried_again(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    jobs.cancel(receipt.number)
    end = end_of(jobs, receipt.number)
    assert end.view is not None
    assert (end.view.status, len(end.view.evidence), end.error) == ("cancelled", 2, None)
    jobs.cancel(receipt.number)
    work.gate.set()
    jobs.submit(receipt.number)
    again = end_of(jobs, receipt.number)
    assert again.view is not None
    assert (again.view.status, len(again.view.evidence)) == ("drafted", 2)


def test_an_error_of_ours_ends_as_a_note(store: CaseStore, tmp_path: Path) -> None:
    def refuse(media: MediaFile) -> CaseResult:
        raise NoSpeech(length_s=4)

    work = GatedWork(refuse)
    work.gate.set()
    jobs = Jobs(store, work)
    jobs.start()
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    end = end_of(jobs, receipt.number)
    jobs.close()
    note = Note(code="media.no_speech", facts={"length_s": 4})
    assert end.error == note
    view = store.find(receipt.number, receipt.secret)
    assert (view.status, view.error) == ("failed", note)
    assert tuple(piece.text for piece in view.evidence) == TEXTS


def test_a_mistake_of_ours_is_an_incident_without_words(
    store: CaseStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(media: MediaFile) -> CaseResult:
        raise KeyError(TEXTS[0])

    work = GatedWork(stumble)
    work.gate.set()
    jobs = Jobs(store, work)
    jobs.start()
    broken, fine = opened(store, tmp_path), opened(store, tmp_path)
    with caplog.at_level(logging.DEBUG):
        jobs.submit(broken.number)
        end = end_of(jobs, broken.number)
        work.then = make_result
        jobs.submit(fine.number)
        assert end_of(jobs, fine.number).error is None, "the thread must live on"
    jobs.close()
    assert end.error is not None
    assert end.error.code == "internal"
    assert str(end.error.facts["incident"]) in caplog.text
    assert "stumble" in caplog.text, "the log says where"
    assert "KeyError" in caplog.text
    assert TEXTS[0] not in caplog.text
    assert store.view(broken.number).error == end.error


def test_a_redraft_uses_the_corrected_evidence(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    work.gate.set()
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    view = end_of(jobs, receipt.number).view
    assert view is not None
    view = store.correct(receipt.number, receipt.secret, view.version, 0, "네거리 가로등")
    jobs.redraft(receipt.number)
    end = end_of(jobs, receipt.number)
    assert work.seen[-1] == ("redraft", ("네거리 가로등", TEXTS[1]), "ko")
    assert end.view is not None
    assert end.view.draft is not None
    assert (end.view.draft.title, end.view.heard) == ("neu", TEXTS)


def test_no_redraft_without_evidence_or_after_filing(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    store.ledger.record_end(receipt.number, "failed", None, ())
    with pytest.raises(CaseNotReady):
        jobs.redraft(receipt.number)
    work.gate.set()
    jobs.submit(receipt.number)
    view = end_of(jobs, receipt.number).view
    assert view is not None
    store.file(receipt.number, receipt.secret, view.version)
    with pytest.raises(CaseFiled):
        jobs.redraft(receipt.number)


def test_wait_is_never_longer_than_asked(
    jobs: Jobs, store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    now = jobs.snapshot(receipt.number)
    started = time.monotonic()
    assert jobs.wait(receipt.number, now.revision, 0.2) == now
    assert 0.15 < time.monotonic() - started < 2.0


def test_an_unknown_number_is_not_found(jobs: Jobs) -> None:
    for look in (
        lambda: jobs.snapshot("MW-20261124-22222"),
        lambda: jobs.wait("MW-20261124-22222", 0, 5.0),
        lambda: jobs.submit("MW-20261124-22222"),
    ):
        with pytest.raises(CaseNotFound):
            look()


def test_closing_ends_the_threads_and_gives_the_work_back(
    store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    receipt = opened(store, tmp_path)
    for _ in range(5):  # more often than the cap on attempts: an orderly end is no attempt
        jobs = Jobs(store, work)
        jobs.start()
        work.wait_until_reading()
        jobs.close()
        assert store.view(receipt.number).status == "queued"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("job-")]
    work.gate.set()
    last = Jobs(store, work)
    last.start()
    assert end_of(last, receipt.number).error is None
    last.close()


def test_old_pictures_leave_memory_and_come_back_from_the_store(
    store: CaseStore, work: GatedWork, tmp_path: Path
) -> None:
    now = [0.0]
    jobs = Jobs(store, work, keep_ended_s=60.0, clock=lambda: now[0])
    jobs.start()
    work.gate.set()
    first, second = opened(store, tmp_path), opened(store, tmp_path)
    jobs.submit(first.number)
    in_memory = end_of(jobs, first.number)
    assert jobs.held == 1
    now[0] = 61.0
    jobs.submit(second.number)
    end_of(jobs, second.number)
    assert jobs.held == 1
    rebuilt = jobs.snapshot(first.number)
    jobs.close()
    assert (rebuilt.view, rebuilt.evidence) == (in_memory.view, in_memory.evidence)
    assert rebuilt.ended


def test_what_cannot_be_written_down_is_shown_and_taken_up_again(tmp_path: Path) -> None:
    """The table is locked away while the work ends; the next start does it again."""
    store = make_store(tmp_path)
    work = GatedWork()
    jobs = Jobs(store, work)
    jobs.start()
    receipt = opened(store, tmp_path)
    jobs.submit(receipt.number)
    work.wait_until_reading()
    rename(store, "jobs", "hidden")
    work.gate.set()
    end = end_of(jobs, receipt.number)
    assert end.error is not None
    assert end.error.code == "store.unavailable"
    jobs.close()
    rename(store, "hidden", "jobs")
    assert store.ledger.unfinished() == (receipt.number,)
    later = Jobs(store, work)
    later.start()
    assert end_of(later, receipt.number).error is None
    later.close()


def rename(store: CaseStore, old: str, new: str) -> None:
    with store.database.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


def child(folder: Path, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.demo.job_child", str(folder), mode]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_in_the_middle_another_process_finishes_it(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    receipt = opened(store, tmp_path)
    first = child(tmp_path, "hang")
    assert first.stdout is not None
    assert first.stdout.readline() == "begun\n"
    first.kill()
    first.communicate()
    assert store.find(receipt.number, receipt.secret).status == "reading"
    second = child(tmp_path, "finish")
    second.communicate(timeout=60)
    assert second.returncode == 0
    view = store.find(receipt.number, receipt.secret)
    assert (view.status, len(view.evidence)) == ("drafted", 2)
    assert [event.kind for event in view.events] == ["opened", "started", "started", "drafted"]


@pytest.mark.slow
def test_a_poisonous_file_kills_three_processes_and_no_more(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    receipt = opened(store, tmp_path)
    codes = []
    for _ in range(4):
        process = child(tmp_path, "die")
        process.communicate(timeout=60)
        codes.append(process.returncode)
    assert codes == [-signal.SIGKILL] * 3 + [0]
    view = store.find(receipt.number, receipt.secret)
    assert (view.status, view.error) == ("failed", Note(code="job.gave_up", facts={"attempts": 3}))
