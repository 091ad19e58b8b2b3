"""GeoReport v2 as bytes: the same answer in XML or JSON, named as the specification names it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi.responses import Response

from pipelines.drafting.clock import KOREA

Format = Literal["xml", "json"]
MEDIA_TYPES: dict[Format, str] = {"xml": "text/xml", "json": "application/json"}
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
# What lists are made of, in XML: <services><service>...</service></services>.
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
# What XML 1.0 can't carry, escaped or not.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | float | bool | None | Sequence[Any] | Mapping[str, Any]


def moment(at: dt.datetime) -> str:
    """W3C date and time with its offset, in Korea's: 2026-11-24T09:30:00+09:00."""
    return at.astimezone(KOREA).replace(microsecond=0).isoformat()


def read_moment(text: str) -> dt.datetime:
    """Raises ValueError, also for a time without an offset."""
    # A "+" that was not encoded in an address arrives as a space.
    read = dt.datetime.fromisoformat(re.sub(r" (\d\d:\d\d)$", r"+\1", text.strip()))
    if read.tzinfo is None:
        raise ValueError("no offset")
    return read.astimezone(dt.UTC)


def answer(
    kind: Format, root: str, value: Value, status: int = 200, headers: Mapping[str, str] = {}
) -> Response:
    """`root` names the XML element; in JSON a list stands bare, as the examples have it."""
    body = _xml(root, value) if kind == "xml" else _json(value)
    media_type = f"{MEDIA_TYPES[kind]}; charset=utf-8"
    return Response(body, status, headers=dict(headers), media_type=media_type)


def _json(value: Value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _xml(root: str, value: Value) -> bytes:
    top = Element(root)
    _fill(top, value)
    return DECLARATION + tostring(top, encoding="unicode").encode()


def _fill(parent: Element, value: Value) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(SubElement(parent, name), inner)
    elif isinstance(value, bool):
        parent.text = "true" if value else "false"
    elif isinstance(value, str):
        parent.text = _UNFIT.sub("", value)
    elif isinstance(value, Sequence):
        for inner in value:
            _fill(SubElement(parent, ITEMS[parent.tag]), inner)
    elif value is not None:
        parent.text = str(value)
