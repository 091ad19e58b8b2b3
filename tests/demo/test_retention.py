"""Threat 34: what is old enough is really gone, rows, files, pages and bytes; nothing else is."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError

from demo.__main__ import main
from demo.retention import Keeper
from demo.store.cases import CaseStore
from demo.store.desk_tables import AuditRow, ContactRow, DocketRow, MessageRow
from demo.store.removal_tables import RemovalRow
from demo.store.retention import Plan, Retention, owning_columns
from demo.store.retention_rules import Closed, Files, Rules, Unfiled, load_rules
from demo.store.tables import Base, CaseRow, EventRow, MediaRow
from demo.store.upgrade import downgrade, upgrade
from pipelines.errors import PolicyInvalid
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import TEXTS, make_recording, make_result, make_store

NOW = dt.datetime.now(tz=dt.UTC)
RULES = Rules(
    closed=Closed(days=100, category={"교통": 300}),
    unfiled=Unfiled(drafted=30, cancelled=7, failed=14),
    files=Files(uploads=2, backups=35),
)
Later = Callable[[int], Retention]


@pytest.fixture
def store(tmp_path: Path, engine: Engine) -> CaseStore:  # noqa: F811
    return make_store(tmp_path, engine)


@pytest.fixture
def later(store: CaseStore, tmp_path: Path) -> Later:
    """The retention as it runs so many days from now."""

    def made(days: int, **more: object) -> Retention:
        return Retention(
            database=store.database,
            rules=RULES,
            data_dir=tmp_path,
            media=store.files.root,
            derived=(tmp_path / "pages",),
            sessions=(tmp_path / "previews",),
            now=lambda: NOW + dt.timedelta(days=days),
            **more,  # type: ignore[arg-type]
        )

    return made


def a_case(store: CaseStore, folder: Path, content: bytes = b"sound" * 99) -> tuple[str, str]:
    """A drafted case: (number, sum of its file)."""
    media = make_recording(folder, content)
    receipt = store.open(media, None)
    store.ledger.claim(receipt.number)
    store.ledger.record_result(receipt.number, make_result(media))
    return receipt.number, media.sha256


def docketed(
    store: CaseStore, number: str, state: str, category: str = "환경미화", **more: object
) -> int:
    """The office has it, and closed it now where `state` says so."""
    with store.database.write() as session:
        case = session.scalars(sa.select(CaseRow).where(CaseRow.number == number)).one()
        case.status, case.filed_at = "filed", NOW
        words = {"title": "가로등", "department": "도로과", "urgency": "normal", "place": ""}
        times = {"filed_at": NOW, "due_on": NOW.date(), "changed_at": NOW, **more}
        row = DocketRow(case_id=case.id, state=state, channel="web", category=category)
        for name, value in {**words, **times}.items():
            setattr(row, name, value)
        session.add(row)
        return case.id


def rows_of(store: CaseStore, case_id: int) -> dict[str, int]:
    with store.database.read() as session:
        counted = {
            str(column): session.scalar(
                sa.select(sa.func.count()).select_from(column.table).where(column == case_id)
            )
            for column, _ in owning_columns()
        }
        counted["cases"] = session.scalar(
            sa.select(sa.func.count()).select_from(CaseRow).where(CaseRow.id == case_id)
        )
    return {name: count for name, count in counted.items() if count}


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("cases.sqlite3*"))


def test_a_closed_case_leaves_nothing_but_a_line(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    number, sha256 = a_case(store, tmp_path)
    case_id = docketed(store, number, "answered", answered_at=NOW, answer="010-2345-6789")
    with store.database.write() as session:
        session.add(ContactRow(case_id=case_id, name="홍길동", phone="010-2345-6789"))
        session.add(MessageRow(case_id=case_id, time=NOW, kind="reply", text="저는 홍길동입니다"))
        told = {"time": NOW, "actor": "user:kim", "action": "read", "facts": {}}
        session.add(AuditRow(case_number=number, before_hash="", hash="a" * 64, **told))
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / f"{sha256}.pdf"
    page.write_bytes(b"%PDF")
    forgotten, gone = [], []
    due = later(
        101,
        forget=[lambda session, ids: forgotten.append(list(ids))],
        on_gone=[gone.append],
    )
    sqlite = store.database.engine.url.get_backend_name() == "sqlite"

    before = rows_of(store, case_id)
    assert {"cases", "events.case_id", "contacts.case_id", "evidence.case_id"} <= before.keys()
    assert not sqlite or TEXTS[0].encode() in bytes_of(tmp_path)
    plan = due.plan()
    assert plan.counts() == {"closed 환경미화": 1, "media": 1, "uploads": 0, "backups": 0}
    assert rows_of(store, case_id) == before, "a dry run changes nothing"
    assert store.media_path(sha256).is_file()

    assert due.run() == plan
    assert rows_of(store, case_id) == {}
    assert not (store.files.root / sha256[:2] / sha256).exists()
    assert not page.exists()
    assert forgotten == [[case_id]]
    assert gone == [frozenset({sha256})]
    with store.database.read() as session:
        line = session.scalars(sa.select(RemovalRow)).one()
        assert (line.number, line.rule) == (number, "closed")
        assert line.counts["evidence"] == len(TEXTS)
        assert session.scalar(sa.select(sa.func.count()).select_from(MediaRow)) == 0
        assert session.scalars(sa.select(AuditRow.case_number)).all() == [number]
    if sqlite:
        left = bytes_of(tmp_path)
        assert not any(
            word.encode() in left for word in (*TEXTS, "홍길동", "010-2345-6789", "사거리")
        )
    assert due.run().cases == ()


def test_only_what_is_due_goes(store: CaseStore, later: Later, tmp_path: Path) -> None:
    numbers = [a_case(store, tmp_path, bytes([n]) * 50)[0] for n in range(6)]
    docketed(store, numbers[0], "withdrawn")
    docketed(store, numbers[1], "answered", "교통", answered_at=NOW)
    docketed(store, numbers[2], "working")
    with store.database.write() as session:
        for number, status in zip(numbers[3:], ("drafted", "cancelled", "reading"), strict=True):
            session.execute(
                sa.update(CaseRow).where(CaseRow.number == number).values(status=status)
            )

    def due(days: int) -> list[str]:
        return [one.number for one in later(days).plan().cases]

    assert due(6) == []
    assert due(8) == [numbers[4]]
    assert due(31) == [numbers[3], numbers[4]]
    assert due(101) == [numbers[0], numbers[3], numbers[4]]
    assert due(9999) == [numbers[0], numbers[1], numbers[3], numbers[4]], "what is open stays"


def test_a_file_that_another_case_holds_stays(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    number, sha256 = a_case(store, tmp_path)
    other, _ = a_case(store, tmp_path)
    docketed(store, number, "answered", answered_at=NOW)
    docketed(store, other, "working")
    plan = later(101).run()
    assert [one.number for one in plan.cases] == [number]
    assert plan.media == 0
    assert store.media_files(other)[0].path.read_bytes()
    assert sha256 in {media.sha256 for media in store.view(other).media}


def test_a_case_that_was_merged_into_it_stays(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    main_one, _ = a_case(store, tmp_path, b"1" * 50)
    twin, _ = a_case(store, tmp_path, b"2" * 50)
    main_id = docketed(store, main_one, "answered", answered_at=NOW)
    twin_id = docketed(store, twin, "merged", "교통", merged_into_id=main_id)
    assert [one.number for one in later(101).run().cases] == [main_one]
    with store.database.read() as session:
        row = session.get(DocketRow, twin_id)
        assert row is not None
        assert row.merged_into_id is None


def test_events_go_only_with_a_case_that_is_written_down(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    kept, _ = a_case(store, tmp_path, b"1" * 50)
    docketed(store, kept, "working")
    number, _ = a_case(store, tmp_path, b"2" * 50)
    docketed(store, number, "answered", answered_at=NOW)
    later(101).run()
    # The next case may get the deleted one's id: its events are its own.
    again, _ = a_case(store, tmp_path, b"3" * 50)
    ids = sa.select(CaseRow.id).where(CaseRow.number.in_((kept, again)))
    for victim in (kept, again):
        theirs = ids.where(CaseRow.number == victim).scalar_subquery()
        refused(store, sa.delete(EventRow).where(EventRow.case_id == theirs), "events")
    refused(store, sa.delete(RemovalRow), "removals")
    refused(store, sa.update(RemovalRow).values(rule="nobody"), "removals")


def refused(store: CaseStore, change: sa.Executable, what: str) -> None:
    with store.database.read() as session, pytest.raises(DatabaseError, match=f"{what} are kept"):
        session.execute(change)


def test_going_back_a_revision_closes_the_events_again(
    store: CaseStore,
    tmp_path: Path,
    engine: Engine,  # noqa: F811
) -> None:
    number, _ = a_case(store, tmp_path)
    with store.database.write() as session:
        session.add(RemovalRow(number=number, time=NOW, rule="closed", counts={}))
    downgrade(engine, "0003")
    refused(store, sa.delete(EventRow), "events")
    upgrade(engine)
    assert store.view(number).events


def test_every_table_that_names_a_case_is_known() -> None:
    """A new table with a case's id in it, and no key, would be forgotten by every removal."""
    known = {(column.table.name, column.name) for column, _ in owning_columns()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("case_id")
    }
    assert named <= known
    assert ("events", "case_id") in known


def test_what_lies_beside_the_database_goes_by_its_age(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    a_case(store, tmp_path)
    session_folder, backup = tmp_path / "previews" / ("a" * 40), tmp_path / "backups" / "one.zip"
    stray = store.files.root / "ab" / ("ab" * 32)
    for path in (session_folder / "file-1", backup, stray):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert later(1).plan() == Plan(cases=(), media=1, uploads=0, backups=0)
    assert later(3).plan().uploads == 1
    os.utime(session_folder / "file-1", (NOW.timestamp() + 3 * 86_400,) * 2)
    assert later(3).plan().uploads == 0, "somebody still looks at it"
    gone = later(36).run()
    assert (gone.media, gone.uploads, gone.backups) == (1 + 1, 1, 1), "the draft's file too"
    assert not session_folder.exists()
    assert not backup.exists()
    assert not stray.exists()


def test_the_same_bytes_that_come_in_while_they_go_are_kept(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    """The file lay there when it was looked for, and is deleted before the new case holds it."""
    number, sha256 = a_case(store, tmp_path)
    docketed(store, number, "answered", answered_at=NOW)
    keep, times = store.files.keep, []

    def slow(media: object) -> Path:
        kept = keep(media)  # type: ignore[arg-type]
        if not times:
            times.append(1)
            later(101).run()
        return kept

    store.files.keep = slow  # type: ignore[method-assign,assignment]
    other, _ = a_case(store, tmp_path)
    assert store.media_files(other)[0].sha256 == sha256


def test_rules_are_checked_and_without_them_nothing_is_deleted(tmp_path: Path) -> None:
    assert load_rules(tmp_path, {"교통"}) is None
    file = tmp_path / "retention.toml"
    good = RULES.model_dump()
    text = "\n".join(
        f"[{table}]\n" + "\n".join(f"{k} = {v}" for k, v in rows.items() if isinstance(v, int))
        for table, rows in good.items()
    )
    file.write_text(text + '\n[closed.category]\n"교통" = 10\n', encoding="utf-8")
    rules = load_rules(tmp_path, {"교통"})
    assert rules is not None
    assert rules.closed.category == {"교통": 10}
    with pytest.raises(PolicyInvalid, match="no category"):
        load_rules(tmp_path, {"환경미화"})
    file.write_text(text.replace("failed = 14", "failed = 0"), encoding="utf-8")
    with pytest.raises(PolicyInvalid, match="failed"):
        load_rules(tmp_path, {"교통"})


def test_the_command_tells_and_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MINWON_DATA_DIR", str(tmp_path))
    store = make_store(tmp_path)
    number, sha256 = a_case(store, tmp_path)
    past = NOW - dt.timedelta(days=400)
    with store.database.write() as session:
        session.execute(sa.update(CaseRow).values(updated_at=past))
    assert main(["retention", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"] is True
    assert told["counts"] == {"drafted": 1, "media": 1, "uploads": 0, "backups": 0}
    assert told["cases"] == [{"number": number, "rule": "drafted", "category": ""}]
    assert store.media_path(sha256).is_file()
    assert main(["retention"]) == 0
    assert "drafted" in capsys.readouterr().out
    assert not (store.files.root / sha256[:2] / sha256).exists()


def test_the_running_program_does_it_by_itself(
    store: CaseStore, later: Later, tmp_path: Path
) -> None:
    number, _ = a_case(store, tmp_path)
    docketed(store, number, "answered", answered_at=NOW)
    done = threading.Event()
    keeper = Keeper(later(101, on_gone=[lambda sums: done.set()]), first_s=0.0)
    keeper.start()
    assert done.wait(30)
    keeper.close()
    assert later(101).plan().cases == ()
