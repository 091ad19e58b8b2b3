"""E-mail addresses, written or said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.drafting.privacy.found import Found

_HOSTS = "네이버|지메일|구글|다음|한메일|카카오|네이트|핫메일|아웃룩|야후"
_DOT = r"\s?(?:점|닷|쩜|\.|dot|punto|ドット|点)\s?"
_END = r"(?:com|컴|net|넷|kr|케이알|org|go|co|씨오|jp|cn|es)"
_WRITTEN = re.compile(r"[\w.+-]{1,64}\s?@\s?[\w-]+(?:\s?\.\s?[A-Za-z][\w-]*)+", re.ASCII)
_SAID = re.compile(
    rf"[\w.+-]+\s?(?:골뱅이|앳|엣|\(at\)|\[at\]|\sat\s|arroba|アットマーク|@)\s?"
    rf"(?:{_HOSTS}|[A-Za-z][\w-]*)(?:{_DOT}{_END})+",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Found]:
    """Written ones first."""
    if "@" in text:
        for match in _WRITTEN.finditer(text):
            yield Found(start=match.start(), end=match.end(), kind="email")
    for match in _SAID.finditer(text):
        yield Found(start=match.start(), end=match.end(), kind="email")
