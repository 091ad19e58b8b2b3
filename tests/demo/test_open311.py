"""Open311 GeoReport v2 over HTTP: every request, both formats, other people's client, bad input."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import georeport
import httpx
import pytest
import sqlalchemy as sa
from defusedxml.ElementTree import fromstring

from demo.api.georeport import answer, read_moment
from demo.api.open311_answers import Told
from demo.store.desk_tables import ContactRow, DocketRow
from demo.store.interface_tables import SubmissionRow
from demo.store.submissions import PublicRequest
from demo.store.tables import CaseRow
from tests.demo.faces_kit import POLICY, UNREADABLE, Served, serving_programs, until_true

V2 = "/open311/v2"
WORDS = "은행동 12번지 가로등이 꺼졌습니다.\n<b>빨리</b> 고쳐 주세요. 010-1234-5678"
FORM = {
    "service_code": "교통",
    "lat": "37.566535",
    "long": "126.9779692",
    "address_string": "은행동 12번지",
    "first_name": "길동",
    "last_name": "홍",
    "email": "hong@example.org",
    "phone": "010-1234-5678",
    "account_id": "acc-7",
    "device_id": "device-123",
    "media_url": "https://photos.example.org/lamp.jpg",
    "description": WORDS,
    "attribute[show][]": ["description", "address"],
}
# The children of each element, in the order of the specification's published examples.
REQUEST = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime",
    "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip
SERVICE = [
    "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
]  # fmt: skip
ATTRIBUTE = [
    "variable", "code", "datatype", "required", "datatype_description", "order", "description",
    "values",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class City:
    served: Served
    client: httpx.Client
    key: str
    number: str
    token: str


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A desk with one filed request that shows its words and its place."""
    folder = tmp_path_factory.mktemp("city")
    with serving_programs(folder, opens_per_minute=500, calls_per_minute=5000) as served:
        key = served.key("city-app", "submit")
        with served.client() as client:
            posted = client.post(f"{V2}/requests.json", data={"api_key": key, **FORM})
            token = posted.json()[0]["token"]
            yield City(
                served=served, client=client, key=key, token=token,
                number=str(until_true(lambda: number_of(client, token))),
            )  # fmt: skip


def number_of(client: httpx.Client, token: str) -> str | None:
    return client.get(f"{V2}/tokens/{token}.json").json()[0]["service_request_id"]


def post(city: City, kind: str = "json", **changed: Any) -> httpx.Response:
    form = {"api_key": city.key, **FORM, **changed}
    form = {name: value for name, value in form.items() if value is not None}
    return city.client.post(f"{V2}/requests.{kind}", data=form)


def xml(response: httpx.Response) -> Element:
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return fromstring(response.content)


def names(element: Element | None) -> list[str]:
    assert element is not None
    return [child.tag for child in element]


# --- a client that is not ours --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_the_public_client_works_unpatched(city: City, kind: str) -> None:
    client = georeport.GeoReport(f"{city.served.address}{V2}", "gaon", output_format=kind)
    services = client.get_service_list()
    assert [service["service_code"] for service in services] == [
        category.code for category in POLICY.categories
    ]
    definition = client.get_service_definition("교통")
    assert definition["service_code"] == "교통"
    assert client.get_service_request(city.number)["service_code"] == "교통"
    yesterday = (dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1)).isoformat()
    found = client.get_service_requests(status="open", service_code="교통", start_date=yesterday)
    rows = found if isinstance(found, list) else [found]
    assert city.number in [row["service_request_id"] for row in rows]


# --- every request, both formats ------------------------------------------------------------


def test_discovery(city: City) -> None:
    tree = xml(city.client.get(f"{V2}/discovery.xml"))
    assert tree.tag == "discovery"
    assert names(tree) == ["changeset", "contact", "key_service", "endpoints"]
    endpoint = tree.find("endpoints/endpoint")
    assert names(endpoint) == ["specification", "url", "changeset", "type", "formats"]
    assert tree.findtext("endpoints/endpoint/url") == f"{city.served.address}{V2}"
    assert [f.text for f in tree.iter("format")] == ["text/xml", "application/json"]
    told = city.client.get("/open311/discovery.json").json()
    assert told["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert xml(city.client.get(f"{V2}/discovery")).tag == "discovery"


def test_services_and_their_definition(city: City) -> None:
    tree = xml(city.client.get(f"{V2}/services.xml", params={"jurisdiction_id": "gaon"}))
    assert tree.tag == "services"
    assert len(tree) == len(POLICY.categories)
    assert all(names(service) == SERVICE for service in tree)
    assert {service.findtext("type") for service in tree} == {"batch"}
    told = city.client.get(f"{V2}/services.json", headers={"Accept-Language": "en"}).json()
    assert list(told[0]) == SERVICE
    assert told[0]["metadata"] is True
    assert told[0]["service_name"].isascii()
    tree = xml(city.client.get(f"{V2}/services/교통.xml"))
    assert names(tree) == ["service_code", "attributes"]
    assert names(tree.find("attributes/attribute")) == ATTRIBUTE
    assert names(tree.find("attributes/attribute/values/value")) == ["key", "name"]
    told = city.client.get(f"{V2}/services/교통.json").json()
    assert told["attributes"][0]["required"] is False
    assert [value["key"] for value in told["attributes"][0]["values"]] == [
        "description", "address", "media",
    ]  # fmt: skip


def test_a_post_gives_a_token_and_no_number(city: City) -> None:
    tree = xml(post(city, "xml"))
    assert tree.tag == "service_requests"
    assert names(tree.find("request")) == ["token", "service_notice", "account_id"]
    assert tree.findtext("request/account_id") == "acc-7"
    told = post(city).json()
    assert isinstance(told, list)
    assert list(told[0]) == ["token", "service_notice", "account_id"]


def test_a_token_tells_the_number_once_it_is_filed(city: City) -> None:
    tree = xml(city.client.get(f"{V2}/tokens/{city.token}.xml"))
    assert names(tree.find("request")) == ["service_request_id", "token"]
    assert tree.findtext("request/service_request_id") == city.number
    stuck = post(city, description=UNREADABLE).json()[0]["token"]
    waiting = city.client.get(f"{V2}/tokens/{stuck}.json").json()
    assert waiting == [{"service_request_id": None, "token": stuck}]
    assert city.client.get(f"{V2}/tokens/{'0' * 32}.json").status_code == 404


def test_one_request_in_both_formats(city: City) -> None:
    tree = xml(city.client.get(f"{V2}/requests/{city.number}.xml"))
    assert tree.tag == "service_requests"
    assert len(tree) == 1
    assert names(tree[0]) == REQUEST
    told = city.client.get(f"{V2}/requests/{city.number}.json").json()
    assert isinstance(told, list)
    assert list(told[0]) == REQUEST
    request = told[0]
    assert request["status"] == "open"
    assert request["description"].startswith("은행동 12번지 가로등이 꺼졌습니다.")
    assert request["address"] == "은행동 12번지"
    assert (request["lat"], request["long"]) == (37.566535, 126.9779692)
    assert request["media_url"] is None  # not among what the citizen shows
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert dt.datetime.fromisoformat(request[name]).utcoffset() == dt.timedelta(hours=9)
    for private in ("hong@", "길동", "device-123", "acc-7"):
        assert private not in str(told)


def test_nothing_but_the_state_is_shown_unless_the_citizen_chose_it(city: City) -> None:
    token = post(city, **{"attribute[show][]": None}).json()[0]["token"]
    number = until_true(lambda: number_of(city.client, token))
    request = city.client.get(f"{V2}/requests/{number}.json").json()[0]
    hidden = ("description", "address", "address_id", "lat", "long", "media_url")
    assert {name: request[name] for name in hidden} == dict.fromkeys(hidden)
    assert request["service_name"] == "교통"


def test_filters(city: City) -> None:
    def found(**query: str) -> list[str]:
        told = city.client.get(f"{V2}/requests.json", params=query).json()
        return [row["service_request_id"] for row in told]

    now = dt.datetime.now(tz=dt.UTC)
    day = dt.timedelta(days=1)
    assert city.number in found()
    assert city.number in found(service_code="토지,교통", status="open")
    assert city.number in found(status="open,closed")
    assert city.number not in found(status="closed")
    assert city.number not in found(service_code="토지")
    assert city.number in found(start_date=(now - day).isoformat(), end_date=now.isoformat())
    assert city.number not in found(end_date=(now - day).isoformat())
    assert city.number not in found(start_date=(now + day).isoformat())
    # The numbers override everything else, and unknown ones are left out.
    assert found(service_request_id=f"{city.number},MW-1", status="closed") == [city.number]
    korean = f"{(now - day).astimezone(dt.timezone(dt.timedelta(hours=9))):%Y-%m-%dT%H:%M:%S+09:00}"
    raw = city.client.get(f"{V2}/requests.json?start_date={korean}")
    assert raw.status_code == 200


def test_the_answered_are_closed(city: City) -> None:
    token = post(city).json()[0]["token"]
    number = str(until_true(lambda: number_of(city.client, token)))
    with city.served.interfaces.api.counter.store.database.write() as session:
        line = session.scalars(
            sa.select(DocketRow).join(CaseRow, CaseRow.id == DocketRow.case_id).where(
                CaseRow.number == number
            )
        ).one()  # fmt: skip
        line.state = "answered"
    request = city.client.get(f"{V2}/requests/{number}.json").json()[0]
    assert request["status"] == "closed"
    assert request["status_notes"]


def test_the_person_lies_where_a_right_is_asked_for(city: City) -> None:
    with city.served.interfaces.api.counter.store.database.read() as session:
        case = session.scalars(sa.select(CaseRow).where(CaseRow.number == city.number)).one()
        contact = session.get(ContactRow, case.id)
        kept = session.get(SubmissionRow, case.id)
        assert contact is not None
        assert kept is not None
        assert (contact.name, contact.phone) == ("길동 홍", "010-1234-5678")
        assert (contact.email, contact.account) == ("hong@example.org", "acc-7")
        assert kept.contact == {}
        assert "device-123" not in str(vars(kept))
        assert [note["facts"]["reason"] for note in case.notes if "reason" in note["facts"]] == [
            "link.not_opened"
        ]
        docket = session.get(DocketRow, case.id)
        assert docket is not None
        assert (docket.channel, docket.category, docket.place) == (
            "open311", "교통", "은행동 12번지",
        )  # fmt: skip
        assert docket.latitude == 37.566535


def test_a_request_that_can_not_be_read_is_given_up_with_its_reason(city: City) -> None:
    token = post(city, description=UNREADABLE).json()[0]["token"]

    def problem() -> str | None:
        with city.served.interfaces.api.counter.store.database.read() as session:
            wanted = sa.select(SubmissionRow.problem).where(SubmissionRow.token == token)
            return session.scalars(wanted).one()

    assert until_true(problem) == "document.damaged"
    assert number_of(city.client, token) is None


def test_what_everybody_sees_is_masked() -> None:
    now = dt.datetime.now(tz=dt.UTC)
    found = PublicRequest(
        number="MW-20261124-7F3KQ", state="received", closed=False, service_code="교통",
        department="교통행정과", description="전화 010-1234-5678", address="은행동, 010-1234-5678",
        address_id="", latitude=None, longitude=None, link="", requested_at=now, updated_at=now,
        due_on=now.date(),
    )  # fmt: skip
    told = Told(policy=POLICY, mask=lambda text: text.replace("010-1234-5678", "●"))
    shown = told.request(found, "ko")
    assert (shown["description"], shown["address"]) == ("전화 ●", "은행동, ●")
    gone = told.request(dataclasses.replace(found, service_code="옛분류"), "ko")
    assert gone["service_name"] == "옛분류"


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"api_key": None}, 403, "api.key_needed"),
        ({"api_key": "mwk_wrong"}, 403, "api.key_needed"),
        ({"service_code": "없는분류"}, 404, "service_code"),
        ({"service_code": None}, 400, "service_code"),
        ({"description": "가" * 4001}, 400, "description"),
        ({"description": "끝\x00"}, 400, "case.field_invalid"),
        ({"lat": None, "long": None, "address_string": None}, 400, "address_string"),
        ({"long": None}, 400, "long"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"email": "x" * 201}, 400, "email"),
        ({"attribute[show][]": "everything"}, 400, "attribute"),
        ({"attribute[COLOUR]": "red"}, 400, "attribute"),
        ({"media_url": "http://169.254.169.254/latest/meta-data"}, 400, "media_url"),
        ({"media_url": "http://2130706433/"}, 400, "media_url"),
        ({"media_url": "http://0x7f.1/"}, 400, "media_url"),
        ({"media_url": "http://[::ffff:10.0.0.1]/a.jpg"}, 400, "media_url"),
        ({"media_url": "http://[64:ff9b::a00:1]/a.jpg"}, 400, "media_url"),
        ({"media_url": "http://localhost./a.jpg"}, 400, "media_url"),
        ({"media_url": "http://files.internal/a.jpg"}, 400, "media_url"),
        ({"media_url": "https://user:word@example.org/a.jpg"}, 400, "media_url"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
    ],
)
def test_refusals_have_code_and_description(
    city: City, changed: dict[str, str], status: int, says: str
) -> None:
    tree = xml(post(city, "xml", **changed))
    assert tree.tag == "errors"
    assert names(tree.find("error")) == ["code", "description"]
    assert tree.findtext("error/code") == str(status)
    told = post(city, **changed)
    assert told.status_code == status
    assert list(told.json()[0]) == ["code", "description"]
    assert told.json()[0]["code"] == status
    assert says in told.json()[0]["description"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/없는분류.xml", 404),
        ("/services.yaml", 404),
        ("/requests/MW-20261124-XXXXX.xml", 404),
        ("/requests/1%20OR%201=1.xml", 404),
        ("/nothing.xml", 404),
        ("/requests.xml?status=burning", 400),
        ("/requests.xml?start_date=yesterday", 400),
        ("/requests.xml?start_date=2026-01-01T00:00:00", 400),
        ("/requests.xml?start_date=9999-12-31T23:59:59Z", 400),
        ("/requests.xml?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400),
        ("/requests.xml?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400),
    ],
)
def test_bad_questions(city: City, path: str, status: int) -> None:
    response = city.client.get(f"{V2}{path}")
    assert response.status_code == status
    assert xml(response).findtext("error/code") == str(status)


def test_what_is_no_form_in_utf8_is_refused(city: City) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content, headers in (
        (b"api_key=%FF%FE", form),
        (b"\xff\xfe", form),
        (b"a=1&" * 61, form),
        (b"{}", {"Content-Type": "application/json"}),
    ):
        response = city.client.post(f"{V2}/requests.json", content=content, headers=headers)
        assert response.status_code == 400, content
    large = city.client.post(f"{V2}/requests.json", content=b"a" * 1_000_001, headers=form)
    assert large.status_code == 413


def test_markup_and_sql_stay_words(city: City) -> None:
    hostile = "'; DROP TABLE cases; -- <script>alert(1)</script> ]]> &amp; \u202e"
    token = post(city, description=hostile, address_string=hostile).json()[0]["token"]
    number = until_true(lambda: number_of(city.client, token))
    tree = xml(city.client.get(f"{V2}/requests/{number}.xml"))
    assert tree.findtext("request/description") == hostile
    assert tree.findtext("request/address") == " ".join(hostile.split())


def test_a_leap_day_and_a_foreign_clock_are_moments(city: City) -> None:
    assert read_moment("2028-02-29T00:00:00+14:00") == dt.datetime(2028, 2, 28, 10, tzinfo=dt.UTC)
    query = {"start_date": "2028-02-29T00:00:00Z", "end_date": "2028-02-29T23:59:59-12:00"}
    assert city.client.get(f"{V2}/requests.json", params=query).json() == []


def test_xml_carries_no_character_that_it_can_not() -> None:
    made = answer("xml", "errors", [{"code": 400, "description": "a\x00b\ufffe<c>"}])
    assert fromstring(bytes(made.body)).findtext("error/description") == "ab<c>"
