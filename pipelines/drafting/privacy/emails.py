"""E-mail addresses, written or said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.drafting.privacy.found import Found

_HOSTS = "네이버|지메일|구글|다음|한메일|카카오|네이트|핫메일|아웃룩|야후"
_DOT = r"\s?(?:점|닷|쩜|\.|dot|punto|ドット|点)\s?"
_END = r"(?:com|컴|net|넷|kr|케이알|org|go|co|씨오|jp|cn|es)"
_WRITTEN = re.compile(r"[\w.+-]{1,64}\s?@\s?[\w-]+(?:\s?\.\s?[A-Za-z][\w-]*)+", re.ASCII)
_AT = re.compile(r"골뱅이|앳|엣|\(at\)|\[at\]|\bat\b|\barroba\b|アットマーク|@", re.IGNORECASE)
_HOST = re.compile(rf"\s?(?:{_HOSTS}|[A-Za-z][\w-]{{0,60}})(?:{_DOT}{_END})+", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.+-]{1,64}\s?$")
_LONGEST_LOCAL = 65


def find_emails(text: str) -> Iterator[Found]:
    """Written ones first."""
    if "@" in text:
        for match in _WRITTEN.finditer(text):
            yield Found(start=match.start(), end=match.end(), kind="email")
    for match in _AT.finditer(text):
        host = _HOST.match(text, match.end())
        before = max(0, match.start() - _LONGEST_LOCAL)
        local = _LOCAL.search(text[before : match.start()]) if host else None
        if host and local:
            yield Found(start=before + local.start(), end=host.end(), kind="email")
