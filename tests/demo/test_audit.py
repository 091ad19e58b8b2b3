"""The chain of the audit: the database refuses changes, and what gets past it is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.store.audit import GENESIS, Anchor
from tests.demo.desk_kit import Office
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401

ROWS = 6


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:  # noqa: F811
    """With the four rows that its accounts left, and some about a case."""
    made = Office(engine, tmp_path)
    for n in range(ROWS):
        made.store.audit.note("user:road", "read", "MW-1", {"n": n, "share": 0.1 * n})
    return made


def forged(office: Office, statement: str) -> None:
    """Past the triggers, as somebody who owns the database can."""
    sqlite = office.engine.dialect.name == "sqlite"
    with office.store.database.write() as session:
        if sqlite:
            session.execute(sa.text("DROP TRIGGER audit_no_update"))
            session.execute(sa.text("DROP TRIGGER audit_no_delete"))
        else:
            session.execute(sa.text("DROP TRIGGER audit_is_kept ON audit"))
        session.execute(sa.text(statement))


def test_what_holds_is_told_with_its_end(office: Office) -> None:
    verdict = office.store.audit.verify()
    assert verdict.whole
    assert verdict.rows == 4 + ROWS
    assert verdict.last is not None
    assert verdict.last.hash != GENESIS
    assert [row.facts["n"] for row in office.store.audit.of_case("MW-1")] == list(range(ROWS))
    assert office.store.audit.newest(1)[0].facts["n"] == ROWS - 1


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses(office: Office, statement: str) -> None:
    with (
        pytest.raises(sa.exc.DatabaseError, match="the audit is kept"),
        office.store.database.write() as session,
    ):
        session.execute(sa.text(statement))
    assert office.store.audit.verify().whole


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET actor = 'user:admin' WHERE id = 6", 6),
        ("UPDATE audit SET facts = '{\"n\": 9}' WHERE id = 7", 7),
        ("UPDATE audit SET case_number = NULL WHERE id = 8", 8),
        ("DELETE FROM audit WHERE id = 5", 6),
        ("UPDATE audit SET hash = before_hash WHERE id = 1", 1),
    ],
)
def test_the_first_broken_row_is_named(office: Office, statement: str, broken: int) -> None:
    forged(office, statement)
    verdict = office.store.audit.verify()
    assert verdict.broken_id == broken


def test_a_note_of_the_end_shows_what_a_chain_alone_cannot(office: Office) -> None:
    noted = office.store.audit.verify().last
    assert noted is not None
    office.store.audit.note("citizen", "filed", "MW-2")
    assert office.store.audit.verify(noted).whole
    assert not office.store.audit.verify(Anchor(id=noted.id, hash="f" * 64)).whole
    forged(office, f"DELETE FROM audit WHERE id >= {noted.id}")  # noqa: S608
    assert office.store.audit.verify().whole  # the rest is a whole chain
    assert office.store.audit.verify(noted).broken_id == noted.id


def test_many_writers_make_one_chain(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: office.store.audit.note("system", "x", None, {"n": n}), range(24)))
    verdict = office.store.audit.verify()
    assert verdict.whole
    assert verdict.rows == 4 + ROWS + 24
