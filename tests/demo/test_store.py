"""The store keeps what it promised: on disk first, nothing half, nothing of somebody else's."""

from __future__ import annotations

import datetime as dt
import logging
import os
import resource
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.store.cases import CaseStore
from demo.store.database import open_engine
from demo.store.files import MediaFolder
from pipelines.errors import (
    CaseConflict,
    CaseFieldInvalid,
    CaseFiled,
    CaseNotFound,
    CaseNotReady,
    DiskFull,
    MediaMissing,
    SettingsInvalid,
    StoreUnavailable,
)
from pipelines.settings import Settings
from pipelines.types import Note
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import (
    TEXTS,
    drafted,
    make_evidence,
    make_recording,
    make_result,
    make_store,
)


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> CaseStore:  # noqa: F811
    return make_store(tmp_path, engine)


def test_what_was_acknowledged_is_there_for_another_process(
    store: CaseStore, tmp_path: Path
) -> None:
    media = make_recording(tmp_path)
    receipt = store.open(media, "ko")
    media.path.unlink()
    stranger = sa.create_engine(store.database.engine.url)
    with stranger.connect() as connection:
        row = connection.execute(sa.text("SELECT number, status FROM cases")).one()
        job = connection.execute(sa.text("SELECT state, kind FROM jobs")).one()
    stranger.dispose()
    assert tuple(row) == (receipt.number, "queued")
    assert tuple(job) == ("queued", "run")
    assert store.media_path(media.sha256).read_bytes() == b"not really sound " * 100


def test_a_new_case_reads_back(store: CaseStore, tmp_path: Path) -> None:
    media = make_recording(tmp_path)
    receipt = store.open(media, None)
    view = store.find(receipt.number.lower().replace("-", " "), receipt.secret.lower())
    assert (view.status, view.version, view.language) == ("queued", 1, None)
    assert view.draft is None
    assert view.created_at.utcoffset() == dt.timedelta(0)
    assert abs((dt.datetime.now(tz=dt.UTC) - view.created_at).total_seconds()) < 60
    assert [event.kind for event in view.events] == ["opened"]
    assert (view.media[0].name, view.media[0].sha256) == ("민원.wav", media.sha256)


def test_a_result_reads_back_equal(store: CaseStore, tmp_path: Path) -> None:
    media = make_recording(tmp_path)
    receipt = store.open(media, None)
    result = make_result(media)
    store.ledger.claim(receipt.number)
    store.ledger.record_result(receipt.number, result)
    view = store.find(receipt.number, receipt.secret)
    assert view.status == "drafted"
    assert (view.draft, view.evidence, view.notes) == (result.draft, result.evidence, result.notes)
    assert (view.timing, view.model, view.language) == (result.timing, "fake", "ko")


def test_unknown_number_and_wrong_secret_answer_alike(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    other, other_secret = drafted(store, tmp_path)
    answers = []
    for typed in [("MW-20261124-22222", secret), (number, other_secret), ("", ""), (other, secret)]:
        with pytest.raises(CaseNotFound) as caught:
            store.find(*typed)
        answers.append(str(caught.value))
    assert set(answers) == {"case.not_found"}


def test_unknown_number_and_wrong_secret_take_the_same_time(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    number, secret = drafted(store, tmp_path)

    def fastest(typed: str) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            with pytest.raises(CaseNotFound):
                store.find(typed, secret[::-1])
            times.append(time.process_time() - started)
        return min(times)

    known, unknown = fastest(number), fastest("no number at all")
    assert 0.5 < known / unknown < 2.0


def test_every_change_needs_the_secret(store: CaseStore, tmp_path: Path) -> None:
    number, _ = drafted(store, tmp_path)
    for change in (
        lambda: store.edit(number, "wrong", 3, {"title": "x"}),
        lambda: store.correct(number, "wrong", 3, 0, "x"),
        lambda: store.file(number, "wrong", 3),
    ):
        with pytest.raises(CaseNotFound):
            change()
    assert store.view(number).status == "drafted"


def test_an_edit_keeps_what_the_model_wrote(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    version = store.find(number, secret).version
    view = store.edit(number, secret, version, {"title": " 가로등 두 개 고장 ", "urgency": "high"})
    assert view.version == version + 1
    assert view.draft is not None
    assert view.drafted is not None
    assert (view.draft.title, view.draft.urgency) == ("가로등 두 개 고장", "high")
    assert (view.drafted.title, view.drafted.urgency) == ("가로등 고장", "normal")
    assert view.edited == ("title", "urgency")
    assert [entry.field for entry in view.draft.citations] == ["place"]
    assert view == store.find(number, secret)
    last = view.events[-1]
    assert (last.kind, last.actor, dict(last.facts)) == (
        "edited",
        "citizen",
        {"fields": "title,urgency"},
    )


def test_an_edit_can_be_taken_back(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    view = store.find(number, secret)
    view = store.edit(number, secret, view.version, {"title": "다른 제목"})
    view = store.edit(number, secret, view.version, {"title": "가로등 고장"})
    assert view.edited == ()
    assert view.draft == view.drafted


def test_a_chosen_category_brings_its_department(engine: Engine, tmp_path: Path) -> None:  # noqa: F811
    make_store(tmp_path, engine)
    follows = {"위생": {"department": "위생과", "due_date": "2026-12-10"}}
    store = CaseStore(engine, tmp_path, on_category=lambda _, category: follows[category])
    number, secret = drafted(store, tmp_path)
    version = store.find(number, secret).version
    with pytest.raises(CaseFieldInvalid) as caught:
        store.edit(number, secret, version, {"category": "없는 분류"})
    assert caught.value.facts == {"field": "category", "problem": "value"}
    view = store.edit(number, secret, version, {"category": "위생"})
    assert view.draft is not None
    assert (view.draft.department, view.draft.due_date) == ("위생과", dt.date(2026, 12, 10))
    assert not view.draft.category_unsure


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"title": "가" * 121}, {"field": "title", "problem": "length", "limit": 120}),
        ({"urgency": "yesterday"}, {"field": "urgency", "problem": "value"}),
        ({"department": "위생과"}, {"field": "unknown", "problem": "unknown"}),
        ({"drafted_by": "rules"}, {"field": "unknown", "problem": "unknown"}),
        ({"place": "a\x00b"}, {"field": "place", "problem": "characters"}),
        ({"summary": "\ud83d"}, {"field": "summary", "problem": "characters"}),
    ],
)
def test_a_wrong_edit_changes_nothing(
    store: CaseStore, tmp_path: Path, fields: dict[str, str], facts: dict[str, object]
) -> None:
    number, secret = drafted(store, tmp_path)
    before = store.find(number, secret)
    with pytest.raises(CaseFieldInvalid) as caught:
        store.edit(number, secret, before.version, {"request": "고쳐 주세요", **fields})
    assert caught.value.facts == facts
    assert store.find(number, secret) == before


def test_the_second_of_two_editors_is_told(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    seen = store.find(number, secret).version
    store.edit(number, secret, seen, {"title": "첫째"})
    for change in (
        lambda: store.edit(number, secret, seen, {"title": "둘째"}),
        lambda: store.correct(number, secret, seen, 0, "둘째"),
        lambda: store.file(number, secret, seen),
    ):
        with pytest.raises(CaseConflict):
            change()
    draft = store.find(number, secret).draft
    assert draft is not None
    assert draft.title == "첫째"


def test_of_many_editors_at_once_exactly_one_wins(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    seen = store.find(number, secret).version
    outcomes: list[str] = []

    def edit(index: int) -> None:
        try:
            store.edit(number, secret, seen, {"title": f"제목 {index}"})
            outcomes.append("kept")
        except CaseConflict:
            outcomes.append("told")

    threads = [threading.Thread(target=edit, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] + ["told"] * 7
    assert store.find(number, secret).version == seen + 1


def test_a_correction_keeps_what_was_heard_and_when(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    before = store.find(number, secret)
    text = "은행나무 네거리 앞 가로등이 꺼졌습니다"
    view = store.correct(number, secret, before.version, 0, f" {text}\n")
    piece = view.evidence[0]
    assert (piece.text, view.heard) == (text, TEXTS)
    changed = piece.words[1]
    assert (changed.text, changed.heard) == (" 네거리", "사거리")
    assert changed.start_s == before.evidence[0].words[1].start_s
    assert not any(word.unsure for word in piece.words)
    assert view.evidence[1] == before.evidence[1]
    assert view == store.find(number, secret)


@pytest.mark.parametrize(("index", "text"), [(2, "x"), (-1, "x"), (0, "  "), (0, "x" * 20_001)])
def test_a_wrong_correction_is_refused(
    store: CaseStore, tmp_path: Path, index: int, text: str
) -> None:
    number, secret = drafted(store, tmp_path)
    before = store.find(number, secret)
    with pytest.raises(CaseFieldInvalid):
        store.correct(number, secret, before.version, index, text)
    assert store.find(number, secret) == before


def test_filing_is_final_and_can_be_repeated(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    version = store.find(number, secret).version
    filed = store.file(number, secret, version)
    assert filed.status == "filed"
    assert filed.filed_at is not None
    assert store.file(number, secret, version) == filed, "a second click changes nothing"
    assert [event.kind for event in filed.events].count("filed") == 1
    with pytest.raises(CaseFiled):
        store.edit(number, secret, filed.version, {"title": "x"})
    with pytest.raises(CaseFiled):
        store.correct(number, secret, filed.version, 0, "x")
    with pytest.raises(CaseFiled):
        store.ledger.enqueue(number, "redraft")


def test_a_late_second_result_overwrites_nothing(store: CaseStore, tmp_path: Path) -> None:
    """Two programs on one database may have done the same job."""
    number, secret = drafted(store, tmp_path)
    filed = store.file(number, secret, store.find(number, secret).version)
    store.ledger.record_result(number, make_result(store.media_files(number)[0], title="late"))
    store.ledger.record_end(number, "failed", Note(code="model.failed"), ())
    assert store.find(number, secret) == filed


def test_what_is_not_drafted_is_not_filed_or_edited(store: CaseStore, tmp_path: Path) -> None:
    receipt = store.open(make_recording(tmp_path), None)
    for change in (
        lambda: store.file(receipt.number, receipt.secret, 1),
        lambda: store.edit(receipt.number, receipt.secret, 1, {"title": "x"}),
        lambda: store.correct(receipt.number, receipt.secret, 1, 0, "x"),
    ):
        with pytest.raises(CaseNotReady) as caught:
            change()
        assert caught.value.facts == {"status": "queued"}


def test_a_redraft_keeps_corrections_and_edits(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    view = store.find(number, secret)
    view = store.edit(number, secret, view.version, {"place": "네거리"})
    view = store.correct(number, secret, view.version, 0, "네거리 가로등")
    assert store.ledger.enqueue(number, "redraft")
    store.ledger.claim(number)
    media = store.media_files(number)[0]
    store.ledger.record_result(number, make_result(media, view.evidence, title="새 초안"))
    after = store.find(number, secret)
    assert after.draft is not None
    assert (after.draft.title, after.draft.place) == ("새 초안", "네거리")
    assert (after.evidence, after.heard) == (view.evidence, TEXTS)


def test_a_failure_keeps_the_evidence(store: CaseStore, tmp_path: Path) -> None:
    media = make_recording(tmp_path)
    receipt = store.open(media, None)
    store.ledger.claim(receipt.number)
    note = Note(code="model.failed", facts={"reason": "test"})
    found = make_evidence(media.sha256)
    store.ledger.record_end(receipt.number, "failed", note, found)
    view = store.find(receipt.number, receipt.secret)
    assert (view.status, view.error, view.evidence) == ("failed", note, found)


def test_a_failed_redraft_goes_back_to_the_draft(store: CaseStore, tmp_path: Path) -> None:
    number, secret = drafted(store, tmp_path)
    store.ledger.enqueue(number, "redraft")
    store.ledger.claim(number)
    store.ledger.record_end(number, "failed", Note(code="model.busy"), ())
    view = store.find(number, secret)
    assert (view.status, view.error) == ("drafted", Note(code="model.busy"))
    assert len(view.evidence) == 2


def test_events_cannot_be_changed_or_removed(store: CaseStore, tmp_path: Path) -> None:
    number, _ = drafted(store, tmp_path)
    for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="events are kept"),
            store.database.engine.begin() as connection,
        ):
            connection.execute(sa.text(statement))
    assert [event.kind for event in store.view(number).events] == ["opened", "started", "drafted"]


def test_a_reference_to_nothing_is_refused(store: CaseStore) -> None:
    with (
        pytest.raises(sa.exc.IntegrityError),
        store.database.engine.begin() as connection,
    ):
        connection.execute(
            sa.text("INSERT INTO case_media VALUES (999, :sha, 0, 'x')"), {"sha": "0" * 64}
        )


def test_the_same_recording_lies_there_once_under_each_senders_name(
    store: CaseStore, tmp_path: Path
) -> None:
    first = make_recording(tmp_path)
    second = replace(make_recording(tmp_path), name="other.wav")
    one, two = store.open(first, None), store.open(second, None)
    assert store.find(one.number, one.secret).media[0].name == "민원.wav"
    assert store.find(two.number, two.secret).media[0].name == "other.wav"
    files = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert files == [store.media_path(first.sha256)]
    assert files[0].relative_to(tmp_path / "media").as_posix() == (
        f"{first.sha256[:2]}/{first.sha256}"
    )


def test_many_cases_with_one_recording_at_once(store: CaseStore, tmp_path: Path) -> None:
    media = make_recording(tmp_path)
    receipts = []
    threads = [
        threading.Thread(target=lambda: receipts.append(store.open(media, None))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.number for receipt in receipts}) == 8
    assert len(store.ledger.unfinished()) == 8


@pytest.mark.parametrize("sha256", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64])
def test_a_media_path_never_leaves_the_folder(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(CaseNotFound):
        make_store(tmp_path).media_path(sha256)


def test_media_belong_to_their_case(store: CaseStore, tmp_path: Path) -> None:
    mine = make_recording(tmp_path)
    other = make_recording(tmp_path, b"another recording")
    receipt, _ = store.open(mine, None), store.open(other, None)
    assert store.case_media(receipt.number, mine.sha256).sha256 == mine.sha256
    with pytest.raises(CaseNotFound):
        store.case_media(receipt.number, other.sha256)


def test_a_file_that_is_no_longer_the_admitted_one_opens_no_case(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    media = make_recording(tmp_path)
    media.path.write_bytes(b"something else")
    with pytest.raises(MediaMissing):
        store.open(media, None)
    media.path.unlink()
    with pytest.raises(MediaMissing):
        store.open(media, None)
    assert store.ledger.unfinished() == ()
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


def test_no_room_for_the_file_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit of the process on the size of files stands in for the end of the disk (EFBIG)."""
    folder = MediaFolder(tmp_path / "media")
    folder.prepare()
    media = make_recording(tmp_path, b"x" * 300_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(DiskFull) as caught:
            folder.keep(media)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.facts["needed_mb"] == 1
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []
    folder.keep(media)


def test_a_full_database_is_said(tmp_path: Path) -> None:
    store = make_store(tmp_path)

    @sa.event.listens_for(store.database.engine, "connect")
    def small(connection, _) -> None:
        connection.execute("PRAGMA max_page_count=40").close()

    store.database.engine.dispose()
    with pytest.raises(DiskFull):  # noqa: PT012
        for index in range(200):
            store.open(make_recording(tmp_path, f"{index}".encode()), None)
    kept = store.ledger.unfinished()
    assert kept
    assert store.view(kept[-1]).status == "queued"


def test_leftovers_of_a_killed_process_go_after_an_hour(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path / "media")
    folder.prepare()
    old, new = (folder.root / ".incoming" / name for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    folder.prepare()
    assert (old.exists(), new.exists()) == (False, True)


def test_sqlite_keeps_its_promises_on_every_connection(tmp_path: Path) -> None:
    made = open_engine(Settings(data_dir=tmp_path / "new" / "folder"))
    with made.connect() as one, made.connect() as two:
        for connection in (one, two):
            found = [
                connection.scalar(sa.text(f"PRAGMA {pragma}"))
                for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 10_000]
    assert stat.S_IMODE((tmp_path / "new" / "folder").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "nonsense", "nodb+nodriver://host/x"]
)
def test_a_database_that_cannot_work_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        open_engine(Settings(data_dir=tmp_path, database_url=url))
    assert caught.value.facts["name"] == "MINWON_DATABASE_URL"


def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody:hunter2@127.0.0.1:9/none?connect_timeout=2"
    engine = open_engine(Settings(data_dir=tmp_path, database_url=url))  # noqa: F811
    store = CaseStore(engine, tmp_path)
    with pytest.raises(StoreUnavailable) as caught:
        store.view("MW-20261124-22222")
    assert "hunter2" not in str(caught.value)
    assert not store.database.answers()


def test_logs_carry_no_words_and_no_secrets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        store = make_store(tmp_path)
        number, secret = drafted(store, tmp_path)
        view = store.find(number, secret)
        store.edit(number, secret, view.version, {"title": "비밀 제목"})
    assert number in caplog.text
    for words in (secret, *TEXTS, "비밀 제목", "민원.wav", "가로등"):
        assert words not in caplog.text
