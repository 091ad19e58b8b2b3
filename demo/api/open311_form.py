"""A posted service request -> what we keep of it. Everything is checked, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from demo.counter import check_text
from demo.store.submissions import Contact, Submission
from pipelines.addresses import is_public, literal
from pipelines.drafting.policy import Category, Policy
from pipelines.interface_errors import ApiInvalid

MAX_DESCRIPTION = 4000
MAX_SHORT = 200
MAX_LINK = 2000
SHOW = "show"
"""The code of the one attribute of every service."""
SHOWABLE = ("description", "address", "media")
KNOWN = frozenset(
    "api_key jurisdiction_id service_code lat long address_string address_id email device_id "
    "account_id first_name last_name phone description media_url".split()
)
NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{1,15})?")
OWN_NETWORK_NAMES = ("localhost", ".local", ".internal", ".lan", ".home.arpa")


class ServiceUnknown(ApiInvalid):
    """A service_code that this office does not have; GeoReport wants a 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A checked request: the words, and what goes beside them."""

    text: str
    submission: Submission


def read_posted(fields: Sequence[tuple[str, str]], policy: Policy, key_name: str) -> Posted:
    """Raises ApiInvalid (ServiceUnknown for that), CaseFieldInvalid."""
    form = _single(fields)
    category = category_of(policy, form.get("service_code", ""))
    description = form.get("description", "").strip()
    check_text(description, "description", MAX_DESCRIPTION)
    for name in KNOWN - {"description", "media_url"}:
        check_text(form.get(name, ""), name, MAX_SHORT)
    latitude, longitude = _position(form)
    place = " ".join(form.get("address_string", "").split())
    if latitude is None and not place and not form.get("address_id", "").strip():
        raise ApiInvalid(field="lat, long, address_string, address_id", problem="missing")
    name = " ".join(
        part for part in (form.get("first_name", ""), form.get("last_name", "")) if part.strip()
    )
    submission = Submission(
        key_name=key_name,
        service_code=category.code,
        place=place,
        address_id=form.get("address_id", "").strip(),
        latitude=latitude,
        longitude=longitude,
        link=_link(form.get("media_url", "")),
        shown=_shown(fields),
        contact=Contact(
            name=name,
            phone=form.get("phone", "").strip(),
            email=form.get("email", "").strip(),
            account=form.get("account_id", "").strip(),
        ),
    )
    return Posted(text=description or _without_words(category, place), submission=submission)


def category_of(policy: Policy, code: str) -> Category:
    """Raises ApiInvalid for none and ServiceUnknown for one that is not there."""
    if not code:
        raise ApiInvalid(field="service_code", problem="missing")
    try:
        return policy.category(code)
    except KeyError as exc:
        raise ServiceUnknown(field="service_code", problem="unknown") from exc


def _single(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in fields:
        if name in form and name in KNOWN:
            raise ApiInvalid(field=name, problem="value")
        form[name] = value
    return form


def _position(form: Mapping[str, str]) -> tuple[float | None, float | None]:
    """WGS84. Raises ApiInvalid for half a position and for what is none."""
    texts = form.get("lat", "").strip(), form.get("long", "").strip()
    if texts == ("", ""):
        return None, None
    for name, text, limit in zip(("lat", "long"), texts, (90.0, 180.0), strict=True):
        if not text:
            raise ApiInvalid(field=name, problem="missing")
        if not NUMBER.fullmatch(text) or abs(float(text)) > limit:
            raise ApiInvalid(field=name, problem="value")
    return float(texts[0]), float(texts[1])


def _link(url: str) -> str:
    """An address of the open web as text. Raises ApiInvalid for anything else.

    Nothing is looked up or fetched; but an official may follow it, so it must not lead into the
    office's own network.
    """
    url = url.strip()
    if not url:
        return ""
    check_text(url, "media_url", MAX_LINK)
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError as exc:
        raise ApiInvalid(field="media_url", problem="value") from exc
    address = literal(host)
    inside = "." not in host and address is None
    inside = inside or host.endswith(OWN_NETWORK_NAMES)
    inside = inside or (address is not None and not is_public(address))
    if parts.scheme not in {"http", "https"} or parts.username is not None or inside:
        raise ApiInvalid(field="media_url", problem="value")
    if any(symbol.isspace() for symbol in url):
        raise ApiInvalid(field="media_url", problem="value")
    return url


def _shown(fields: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What the citizen lets everybody see; other attributes are not ours to know."""
    chosen = set()
    for name, value in fields:
        if not name.startswith("attribute["):
            continue
        if name not in {f"attribute[{SHOW}]", f"attribute[{SHOW}][]"}:
            raise ApiInvalid(field="attribute", problem="unknown")
        if value not in SHOWABLE:
            raise ApiInvalid(field=f"attribute[{SHOW}]", problem="value")
        chosen.add(value)
    return tuple(sorted(chosen))


def _without_words(category: Category, place: str) -> str:
    """A request may come without a description; the draft then rests on what was chosen."""
    return f"{category.code} 민원입니다." + (f"\n위치: {place}" if place else "")
