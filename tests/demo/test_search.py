"""Search over filed cases: by words, by meaning, by number; who may see what; nothing stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.store import additions
from demo.store.meaning import Meanings, pack, unpack
from demo.store.search import Filters
from demo.store.search_tables import IndexedRow
from demo.store.tables import CaseRow
from demo.store.tokens import tokens
from pipelines.drafting.features import unit
from tests.demo.search_kit import FILED, Office
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import make_recording, make_result


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:  # noqa: F811
    return Office(tmp_path, engine)


def found(office: Office, query: str, **how: object) -> list[str]:
    return [hit.number for hit in office.search.search(query, **how)]  # type: ignore[arg-type]


def test_words_are_found_however_they_are_spaced_and_bent(office: Office) -> None:
    lamp = office.file("가로등이 꺼져서 밤에 어두워요")
    parked = office.file("불법 주차한 차가 길을 막았습니다")
    office.file("수돗물에서 녹물이 나옵니다")
    assert found(office, "가로등", by="words") == [lamp]
    assert found(office, "불법주차", by="words") == [parked]
    assert found(office, "녹", by="words")
    assert found(office, "물", by="words")
    assert found(office, "없는낱말", by="words") == []


def test_a_receipt_number_comes_first(office: Office) -> None:
    first, second = office.file("가로등 고장"), office.file("가로등 고장")
    for number in (first, second):
        assert found(office, number)[0] == number


def test_meaning_finds_what_words_alone_leave_to_chance(office: Office) -> None:
    lamp = office.file("가로등 불이 나가서 어두움", place="망원동")
    office.file("축제 음악이 시끄러움", place="망원동")
    assert found(office, "어두운 가로등", by="meaning")[0] == lamp
    assert found(office, "어두운 가로등")[0] == lamp


@pytest.mark.parametrize("by", ["words", "meaning", "all"])
def test_filters_hold_whichever_way_a_case_is_found(office: Office, by: str) -> None:
    office.file("가로등 고장", department="공원녹지과")
    seen = office.file("가로등 고장", department="도로과")
    office.file("가로등 고장", department="도로과", state="answered")
    own = Filters(departments=("도로과",), states=("received",))
    assert found(office, "가로등", filters=own, by=by) == [seen]
    hidden = Filters(departments=("세무과",))
    assert found(office, "가로등", filters=hidden, by=by) == []
    assert found(office, seen, filters=hidden, by=by) == []


@pytest.mark.parametrize(
    "query",
    ['"', "가로등 OR", "NEAR(가로등 고장)", "가로등*", "-가로등", "title:가로등",
     "'; DROP TABLE cases; --",
     "가로등 & !고장", "%_", "\0", "<b>가로등</b>", "가" * 5000],
)  # fmt: skip
def test_signs_of_search_languages_mean_nothing(office: Office, query: str) -> None:
    lamp = office.file("가로등 고장")
    assert set(found(office, query)) <= {lamp}
    assert found(office, "가로등", by="words") == [lamp]


def test_a_changed_case_is_found_by_what_it_says_now(office: Office) -> None:
    number = office.file("가로등 고장")
    with office.database.write() as session:
        session.execute(sa.text("UPDATE evidence SET text = '놀이터 그네 파손'"))
        office.indexer.put(session, office.case_id(number))
    while office.indexer.embed_some():
        continue
    assert found(office, "그네", by="words") == [number]
    assert found(office, "가로등 고장", by="words") == []
    assert found(office, "놀이터 그네", by="meaning") == [number]


def test_a_file_that_is_added_after_filing_is_found_by_its_words(office: Office) -> None:
    store, number = office.store, office.file("가로등 고장")
    store.filing.followers.append(office.indexer.put)
    with office.database.write() as session:
        case = session.get_one(CaseRow, office.case_id(number))
        additions.link(session, case, [make_recording(office.folder, b"late" * 50)], FILED)
        additions.queue(case, (), FILED)
    before = store.view(number)
    assert store.ledger.claim(number) is not None
    late = dataclasses.replace(before.evidence[0], text="놀이터 그네도 망가짐")
    made = make_result(before.media[-1].file, (*before.evidence, late))
    store.ledger.record_result(number, made)
    assert found(office, "그네", by="words") == [number]
    while office.indexer.embed_some():
        continue
    assert found(office, "그네 망가짐", by="meaning") == [number]


def test_personal_data_is_masked_before_it_is_indexed(office: Office) -> None:
    number = office.file("가로등 고장 연락은 010-1234-5678")
    assert found(office, "5678", by="words") == []
    with office.database.read() as session:
        assert "5678" not in session.get_one(IndexedRow, office.case_id(number)).text


def test_a_forgotten_case_leaves_nothing(office: Office) -> None:
    gone, kept = office.file("희귀낱말뷁 고장"), office.file("가로등 고장")
    found(office, "고장")
    with office.database.write() as session:
        office.indexer.forget(session, [office.case_id(gone)])
    assert found(office, "고장") == [kept]
    assert office.meanings.cosines(np.ones(384, dtype=np.float32), [office.case_id(gone)]) == {}
    with office.database.read() as session:
        assert session.get(IndexedRow, office.case_id(gone)) is None
        if office.database.engine.dialect.name == "sqlite":
            blocks = session.scalars(sa.text("SELECT block FROM case_words_data")).all()
            assert not any("뷁".encode() in block for block in blocks)


def test_what_another_process_deleted_is_not_found(office: Office) -> None:
    gone, kept = office.file("가로등 고장"), office.file("가로등 파손")
    assert len(found(office, "가로등", by="meaning")) == 2
    with office.database.write() as session:
        session.execute(sa.delete(IndexedRow).where(IndexedRow.case_id == office.case_id(gone)))
    assert found(office, "가로등", by="meaning") == [kept]


def test_reindexing_makes_all_of_it_again(office: Office) -> None:
    lamp, swing = office.file("가로등 고장"), office.file("그네 파손")
    with office.database.write() as session:
        office.indexer.forget(session, [office.case_id(lamp), office.case_id(swing)])
    assert found(office, "가로등") == []
    assert office.indexer.reindex() == 2
    assert found(office, "가로등")[0] == lamp
    assert found(office, "그네 파손", by="meaning")[0] == swing


def test_vectors_of_another_embedder_are_made_again(office: Office) -> None:
    lamp = office.file("가로등 고장")
    with office.database.write() as session:
        session.execute(sa.update(IndexedRow).values(made_by="older"))
    assert found(office, "가로등", by="meaning") == []
    assert office.indexer.embed_some() == 1
    assert found(office, "가로등", by="meaning") == [lamp]


def test_a_packed_vector_keeps_its_direction() -> None:
    rows = unit(np.random.default_rng(1).standard_normal((50, 384)).astype(np.float32))
    back = unpack([pack(row) for row in rows])
    assert float((rows * back).sum(axis=1).min()) > 0.999


def test_the_nearest_are_the_nearest() -> None:
    rows = unit(np.random.default_rng(1).standard_normal((9000, 384)).astype(np.float32))
    meanings = Meanings("x")
    blobs = [pack(row) for row in rows]
    meanings._set(np.arange(9000), *(np.ascontiguousarray(part) for part in _parts(blobs)))
    nearest = [case_id for case_id, _ in meanings.best(rows[8123], 5)]
    exact = np.argsort(-(unpack(blobs) @ rows[8123]))[:5].tolist()
    assert nearest == exact
    assert nearest[0] == 8123


def _parts(blobs: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    raw = np.frombuffer(b"".join(blobs), dtype=np.int8).reshape(len(blobs), -1)
    return raw[:, 4:], raw[:, :4].copy().view(np.float32)[:, 0]


def test_tokens() -> None:
    assert tokens("가로등 꺼짐, CCTV 12번") == [
        "가로", "로등", "등꺼", "꺼짐", "짐", "cctv", "12", "번",
    ]  # fmt: skip
