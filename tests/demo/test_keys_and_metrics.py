"""Keys and webhooks from the command line; what is counted, and who may look."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from demo.__main__ import main
from demo.receipts import hash_secret, secret_fits
from demo.store.interface_tables import KeyRow
from demo.store.keys import KeyStore, receipt_secret
from demo.store.submissions import Contact, Submission, forget
from demo.store.tables import CaseRow
from tests.demo.faces_kit import serving_programs, until_true
from tests.demo.store_kit import drafted, make_store


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINWON_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINWON_UI_LANGUAGE", "en")
    monkeypatch.setenv("MINWON_HOOK_HOSTS", "hooks.example")
    return tmp_path


def test_a_key_is_shown_once_and_kept_as_a_hash(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "add", "city-app", "--right", "submit", "--right", "read"]) == 0
    key = capsys.readouterr().out.strip()
    assert main(["key", "list"]) == 0
    assert capsys.readouterr().out == "city-app  read,submit\n"
    store = make_store(desk)
    with store.database.read() as session:
        kept = session.scalars(sa.select(KeyRow)).one()
        assert key not in str(vars(kept))
    caller = KeyStore(store.database).caller(key)
    assert caller is not None
    assert (caller.name, caller.rights) == ("city-app", {"submit", "read"})
    assert KeyStore(store.database).caller(key + "x") is None
    assert main(["key", "add", "city-app", "--right", "read"]) == 2
    assert "taken" in capsys.readouterr().err
    assert main(["key", "add", "Bad Name!", "--right", "read"]) == 2
    assert main(["key", "end", "city-app"]) == 0
    assert main(["key", "end", "nobody"]) == 2
    assert KeyStore(store.database).caller(key) is None
    store.database.engine.dispose()


def test_a_hook_is_kept_only_where_the_operator_allows_it(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hook", "add", "https://hooks.example/in", "--event", "filed"]) == 0
    number, secret = capsys.readouterr().out.split()
    assert (number, secret[:6]) == ("1", "whsec_")
    assert main(["hook", "add", "https://evil.example/in", "--event", "filed"]) == 2
    assert "evil.example" in capsys.readouterr().err
    assert main(["hook", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed == "1  https://hooks.example/in  filed  sent 0, waiting 0, dead 0\n"
    assert main(["hook", "end", "1"]) == 0
    assert main(["hook", "end", "7"]) == 2


def test_a_secret_that_can_be_made_again_is_like_any_other() -> None:
    made = receipt_secret(b"k" * 32, "who\0call")
    assert made == receipt_secret(b"k" * 32, "who\0call")
    assert made != receipt_secret(b"x" * 32, "who\0call")
    assert made != receipt_secret(b"k" * 32, "who\0other")
    assert [len(group) for group in made.split("-")] == [4] * 5
    assert secret_fits(made, hash_secret(made))


def test_what_lies_beside_a_case_goes_with_it(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    number, _ = drafted(store, tmp_path)
    with store.database.write() as session:
        case = session.scalars(sa.select(CaseRow).where(CaseRow.number == number)).one()
        Submission(
            key_name="a", service_code="교통", place="은행동", address_id="", latitude=None,
            longitude=None, link="", shown=(), contact=Contact(name="홍길동"),
        )(session, case)  # fmt: skip
        session.flush()
        forget(session, [case.id])
        assert session.scalar(sa.text("SELECT count(*) FROM submissions")) == 0
    store.database.engine.dispose()


def test_metrics_are_counted_and_carry_no_words(tmp_path: Path) -> None:
    with (
        serving_programs(tmp_path, wrong_receipts_per_minute=100) as served,
        served.client() as client,
    ):
        sent = {"text": (None, "비밀스러운 말")}
        receipt = client.post("/api/v1/cases", files=sent).json()
        client.get(f"/api/v1/cases/{receipt['number']}", headers={"X-Receipt-Secret": "A"})

        def values() -> dict[str, float]:
            return {
                sample.name + "".join(f",{v}" for v in sample.labels.values()): sample.value
                for family in text_string_to_metric_families(client.get("/metrics").text)
                for sample in family.samples
            }

        until_true(lambda: values().get("minwon_cases,drafted"))
        found = values()
        assert found["minwon_refusals_total,case.not_found"] == 1
        assert found["minwon_jobs_ended_total,done,run"] == 1
        assert found["minwon_stage_seconds_count,draft"] == 1
        assert found["minwon_queue_length"] == 0
        assert not [name for name in found if name.startswith("minwon_open311_requests,")]
        assert found["minwon_model_state,ready,draft"] == 1
        whole = client.get("/metrics").text
        assert receipt["number"] not in whole
        assert "비밀" not in whole

        # A proxy on this machine looks like this machine, unless it says whom it speaks for.
        passed_on = {"X-Forwarded-For": "203.0.113.9"}
        assert client.get("/metrics", headers=passed_on).status_code == 401
        key = {"Authorization": f"Bearer {served.key('watch', 'metrics')}"}
        assert client.get("/metrics", headers={**passed_on, **key}).status_code == 200
        wrong = {"Authorization": f"Bearer {served.key('reader', 'read')}"}
        assert client.get("/metrics", headers={**passed_on, **wrong}).status_code == 403
        client.headers["X-Forwarded-For"] = "127.0.0.1"
        assert client.get("/metrics").status_code == 401
