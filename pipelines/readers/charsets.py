"""Bytes of a text file -> its words. Owner of chardet, chosen by measurement (office.md)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from pipelines.errors import DocumentDamaged
from pipelines.readers.flow import Collector

SAMPLE_BYTES = 200_000
UNSURE_BELOW = 0.3
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDER = {
    "euc-kr": "cp949",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "utf-8",
}
"""What programs write under the older name holds signs of the newer one."""
MAX_STRANGE = 0.02
"""Share of signs that no writing has; more is another character set, or no text at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text, and the character set it was read with. `confidence` in [0, 1]."""

    text: str
    encoding: str
    stated: bool
    """By a mark at the start, by the file itself, or by being valid UTF-8."""
    confidence: float = 1.0

    def tell(self, out: Collector) -> None:
        """A note where the character set was found out, not stated."""
        if not self.stated:
            unsure = self.confidence < UNSURE_BELOW
            code = "document.encoding_unsure" if unsure else "document.encoding"
            out.note(code, encoding=self.encoding.upper())


def decode(data: bytes, stated: str = "") -> Decoded:
    """Mark, then the name that the file states, then UTF-8, then what the bytes look like.

    Raises DocumentDamaged where no character set gives writing.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(text=data.decode(encoding, "replace"), encoding=encoding, stated=True)
    for encoding in filter(None, (_known(stated), "utf-8")):
        text = _strictly(data, encoding)
        if text is not None and not _strange(text):
            return Decoded(text=text, encoding=encoding, stated=True)
    return _guessed(data)


def _known(name: str) -> str:
    name = name.strip().strip("\"'").lower()
    name = _WIDER.get(name, name)
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return name


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guessed(data: bytes) -> Decoded:
    import chardet

    found = chardet.detect(data[:SAMPLE_BYTES])
    encoding = _known(str(found["encoding"] or ""))
    if not encoding:
        raise DocumentDamaged
    text = data.decode(encoding, "replace")
    if _strange(text):
        raise DocumentDamaged
    confidence = float(found["confidence"] or 0.0)
    return Decoded(text=text, encoding=encoding, stated=False, confidence=confidence)


def _strange(text: str) -> bool:
    """Control marks, private signs and the sign for "not decodable" in more than a few places."""
    strange = sum(
        c < "\t" or "\x0e" <= c < " " or "\x7f" <= c < "\xa0" or c == "\ufffd" for c in text
    )
    return strange > MAX_STRANGE * max(len(text), 1)
