"""How far a transcript lies from the truth: one documented standard for every figure we print.

Both texts are brought to one form first: Unicode NFKC, lower case, no punctuation, no spaces
(spacing is not audible, and Korean writers differ in it). A number's way of being written is not
audible either: digits are read out in Korean, and where a digit can be read in several ways ("3시"
is 세시, "3층" is 삼층) the reading nearest to the other text counts. Everything else counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

_SINO = "영일이삼사오육칠팔구"
_UNITS = ("", "십", "백", "천")
_BIG = ("", "만", "억", "조")
_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_DIGITS = re.compile(r"\d+")
_HANGUL = re.compile(r"[가-힣]")


def bare(text: str) -> str:
    """The letters and digits of a text alone: NFKC, lower case, no spaces, no punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # L and M: letters and the marks that belong to them; N: digits.
    kept = "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")
    return unicodedata.normalize("NFC", kept)


def cer(truth: str, heard: str) -> float:
    """Character error rate: edits from the truth to what was heard, by the truth's length.

    1.0 where the truth is empty and something was heard; can be over 1.
    """
    edits, length = character_edits(truth, heard)
    return edits / length if length else float(edits > 0)


def character_edits(truth: str, heard: str) -> tuple[int, int]:
    """(edits, characters of the truth), to be summed over many recordings."""
    true, said = bare(_thousands(truth)), bare(_thousands(heard))
    if _HANGUL.search(true):
        said = _nearest_reading(said, true)
        true = _nearest_reading(true, said)
    return Levenshtein.distance(true, said), len(true)


def wer(truth: str, heard: str) -> float:
    """Word error rate over words as `bare` leaves them; for languages that write spaces."""
    true = [word for word in map(bare, truth.split()) if word]
    said = [word for word in map(bare, heard.split()) if word]
    return Levenshtein.distance(true, said) / len(true) if true else float(bool(said))


def _thousands(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def _nearest_reading(text: str, other: str) -> str:
    """`text` with each of its numbers read out in the way that lies nearest to `other`.

    A number that the other text writes in the same digits stays as it is.
    """
    at = 0
    while match := _DIGITS.search(text, at):
        head, tail = text[: match.start()], text[match.end() :]
        if match.group() in _DIGITS.findall(other):
            at = match.end()
            continue
        reading = min(
            _readings(match.group()),
            key=lambda said: Levenshtein.distance(head + said + tail, other),
        )
        text, at = head + reading + tail, match.start() + len(reading)
    return text


def _readings(digits: str) -> Sequence[str]:
    found = [_sino(digits), "".join(_SINO[int(d)] for d in digits)]
    found.append(found[1].replace("영", "공"))
    if len(digits) <= 2 and 0 < int(digits) < 100:
        native = _TENS[int(digits) // 10] + _ONES[int(digits) % 10]
        found += [native, "스무" if int(digits) == 20 else native]
        found += {1: ["하나"], 2: ["둘"], 3: ["셋"], 4: ["넷"]}.get(int(digits), [])
    return found


def _sino(digits: str) -> str:
    """42 -> 사십이; more than 16 digits are read one by one."""
    value = digits.lstrip("0")
    if not value or digits.startswith("0") or len(value) > 16:
        return "".join(_SINO[int(d)] for d in digits)
    text = ""
    for power, digit in zip(range(len(value) - 1, -1, -1), value, strict=True):
        unit = _UNITS[power % 4]
        if digit != "0":
            text += ("" if digit == "1" and unit else _SINO[int(digit)]) + unit
        if (
            power % 4 == 0
            and power
            and value[max(0, len(value) - power - 4) : len(value) - power].strip("0")
        ):
            text += _BIG[power // 4]
    return text[1:] if text.startswith("일만") else text
