"""What GeoReport v2 tells of categories and cases, as values that become XML or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo.api.georeport import SPECIFICATION, moment, read_moment
from demo.api.open311_form import SHOW, SHOWABLE
from demo.receipts import read_number
from demo.store.database import utc_now
from demo.store.submissions import PublicRequest, Wanted
from pipelines.drafting.clock import KOREA
from pipelines.drafting.policy import Category, Policy
from pipelines.interface_errors import ApiInvalid
from pipelines.wording import say

LONGEST = dt.timedelta(days=90)
MOST_CODES = 100
FIRST_YEAR, LAST_YEAR = 1970, 2200
END_OF_DAY = dt.time(18, tzinfo=KOREA)
CHANGESET = "2026-11-24T00:00:00+09:00"
"""When what is told here last changed its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Pure. `mask` hides personal data in a citizen's words."""

    policy: Policy
    mask: Callable[[str], str]

    def discovery(self, base: str, contact: str) -> dict[str, Any]:
        """`base`: the office's address, without a slash at its end."""
        return {
            "changeset": CHANGESET,
            "contact": contact,
            "key_service": contact,
            "endpoints": [
                {
                    "specification": SPECIFICATION,
                    "url": f"{base}/open311/v2",
                    "changeset": CHANGESET,
                    "type": "production",
                    "formats": ["text/xml", "application/json"],
                }
            ],
        }

    def services(self, language: str) -> list[dict[str, Any]]:
        """Every category. "batch": a request is filed a little later, a token is given."""
        return [
            {
                "service_code": category.code,
                "service_name": _name(category.names, language),
                "description": category.descriptions[0],
                "metadata": True,
                "type": "batch",
                "keywords": ", ".join(category.keywords),
                "group": _name(category.departments, language),
            }
            for category in self.policy.categories
        ]

    def definition(self, category: Category, language: str) -> dict[str, Any]:
        """The one attribute: what of a request everybody may see; nothing unless chosen."""
        return {
            "service_code": category.code,
            "attributes": [
                {
                    "variable": True,
                    "code": SHOW,
                    "datatype": "multivaluelist",
                    "required": False,
                    "datatype_description": say("open311.show_how", language),
                    "order": 1,
                    "description": say("open311.show", language),
                    "values": [
                        {"key": key, "name": say(f"open311.{key}", language)} for key in SHOWABLE
                    ],
                }
            ],
        }

    def notice(self, language: str) -> str:
        """What happens after a post."""
        return say("open311.notice", language)

    def request(self, found: PublicRequest, language: str) -> dict[str, Any]:
        """One filed request; texts are masked here."""
        known = {category.code: category.names for category in self.policy.categories}
        names = known.get(found.service_code, {"ko": found.service_code})
        due = dt.datetime.combine(found.due_on, END_OF_DAY)
        return {
            "service_request_id": found.number,
            "status": "closed" if found.closed else "open",
            "status_notes": say(f"open311.state_{found.state}", language),
            "service_name": _name(names, language),
            "service_code": found.service_code,
            "description": self.mask(found.description) or None,
            "agency_responsible": f"{self.policy.agency} {found.department}",
            "service_notice": None,
            "requested_datetime": moment(found.requested_at),
            "updated_datetime": moment(found.updated_at),
            "expected_datetime": moment(due),
            "address": self.mask(found.address) or None,
            "address_id": found.address_id or None,
            "zipcode": None,
            "lat": found.latitude,
            "long": found.longitude,
            "media_url": found.link or None,
        }


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """The filters of GET requests. Raises ApiInvalid."""
    numbers = _listed(query, "service_request_id")
    if numbers:
        return Wanted(numbers=tuple(read_number(number) or "" for number in numbers))
    since, until = _moment(query, "start_date"), _moment(query, "end_date")
    if since is None:
        since = (until or utc_now()) - LONGEST
    elif until is None:
        until = since + LONGEST
    if until is not None and not dt.timedelta(0) <= until - since <= LONGEST:
        raise ApiInvalid(field="start_date, end_date", problem="value")
    statuses = set(_listed(query, "status"))
    if not statuses <= {"open", "closed"}:
        raise ApiInvalid(field="status", problem="value")
    return Wanted(
        service_codes=_listed(query, "service_code"),
        since=since,
        until=until,
        closed="closed" in statuses if len(statuses) == 1 else None,
    )


def _listed(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(part.strip() for part in query.get(name, "").split(",") if part.strip())
    if len(values) > MOST_CODES:
        raise ApiInvalid(field=name, problem="length", limit=MOST_CODES)
    return values


def _moment(query: Mapping[str, str], name: str) -> dt.datetime | None:
    text = query.get(name, "")
    try:
        read = read_moment(text) if text else None
        if read is None or FIRST_YEAR <= read.year <= LAST_YEAR:
            return read
    except (ValueError, OverflowError):
        pass
    raise ApiInvalid(field=name, problem="value")


def _name(names: Mapping[str, str], language: str) -> str:
    return names.get(language, names["ko"])
