"""A text with one way to write each digit, dash and blank; letters keep their places."""

from __future__ import annotations

import re
import unicodedata

_DASHES = dict.fromkeys("‐‑‒–—―−﹣-⁃", "-")
_BLANKS = dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000", " ")
_LONG_VOWEL = re.compile(r"(?<=\d)ー(?=\d)")
"""Between figures the Japanese sign is a dash; in words it is a letter."""
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


class _Table(dict[int, int]):
    """Filled as signs are met."""

    def __missing__(self, code: int) -> int:
        sign = chr(code)
        found = _DASHES.get(sign) or _BLANKS.get(sign) or _simple(sign)
        self[code] = ord(found)
        return self[code]


_TABLE = _Table()


def _simple(sign: str) -> str:
    """Full-width letters and digits of any script become the plain ones; others stay."""
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.digit(sign))
    folded = unicodedata.normalize("NFKC", sign)
    wide = unicodedata.east_asian_width(sign) == "F"
    return folded if wide and len(folded) == 1 else sign


def plain(text: str) -> str:
    """The same number of letters; cheap."""
    if text.isascii():
        return text
    return _LONG_VOWEL.sub("-", text.translate(_TABLE))


def seen(text: str) -> tuple[str, list[int] | None]:
    """The text without signs that nobody sees, and where each letter stood; None = all stayed."""
    if not any(sign in text for sign in _UNSEEN):
        return text, None
    places = [place for place, sign in enumerate(text) if sign not in _UNSEEN]
    return "".join(text[place] for place in places), places
