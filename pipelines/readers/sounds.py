"""How near two Korean words sound: a weighted edit distance over their jamo."""

from __future__ import annotations

import functools
import unicodedata

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = (
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ",
    "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㆁ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip
# Letters that are taken for each other, and what a mistake between them costs.
_GROUPS: tuple[tuple[str, float], ...] = (
    ("ㅐㅔ", 0.1), ("ㅒㅖ", 0.1), ("ㅙㅚㅞ", 0.1), ("ㅚㅔ", 0.3), ("ㅖㅔ", 0.3), ("ㅢㅣ", 0.3),
    ("ㅢㅡ", 0.3), ("ㅢㅔ", 0.4), ("ㅓㅗ", 0.4), ("ㅡㅜ", 0.4), ("ㅡㅓ", 0.4), ("ㅗㅜ", 0.5),
    ("ㅕㅓ", 0.5), ("ㅑㅏ", 0.5), ("ㅛㅗ", 0.5), ("ㅠㅜ", 0.5), ("ㅝㅓ", 0.4), ("ㅘㅏ", 0.5),
    ("ㅟㅣ", 0.4), ("ㅏㅓ", 0.6), ("ㅣㅡ", 0.6), ("ㅐㅏ", 0.7), ("ㅕㅛ", 0.4), ("ㅠㅛ", 0.5),
    ("ㄱㄲㅋ", 0.3), ("ㄷㄸㅌ", 0.3), ("ㅂㅃㅍ", 0.3), ("ㅈㅉㅊ", 0.3), ("ㅅㅆ", 0.2),
    ("ㄴㅁㆁ", 0.5), ("ㄴㄹ", 0.4), ("ㅅㄷㅈㅊㅌ", 0.6), ("ㄱㄷㅂ", 0.7), ("ㅋㅌㅍ", 0.7), ("ㅎㅋㅌㅍㅊ", 0.6),
)  # fmt: skip
_WEAK = {"ㅎ": 0.4, "ㅡ": 0.6, "ㄹ": 0.7, "ㆁ": 0.7, "ㄴ": 0.8}
"""Letters that are easily lost or added."""


def jamo(text: str) -> str:
    """Hangul as it sounds, letter by letter: 들이 and 드리 are the same. Other signs stay."""
    out = []
    for sign in unicodedata.normalize("NFC", text):
        code = ord(sign) - 0xAC00
        if not 0 <= code < 11_172:
            out.append(sign)
            continue
        initial = _INITIALS[code // 588]
        # ㅇ before a vowel is silent; behind one it is a sound of its own, written ㆁ here.
        out.append("" if initial == "ㅇ" else initial)
        out.append(_VOWELS[code % 588 // 28])
        out.append(_FINALS[code % 28])
    return "".join(out)


@functools.cache
def _costs() -> dict[tuple[str, str], float]:
    table: dict[tuple[str, str], float] = {}
    for group, cost in _GROUPS:
        for a in group:
            for b in group:
                if a != b:
                    table[a, b] = min(cost, table.get((a, b), 1.0))
    return table


def distance(a: str, b: str) -> float:
    """What it takes to hear `a` for `b`, both already as `jamo`: 1 for each unlike sound."""
    costs = _costs()
    row = [0.0]
    for sound in b:
        row.append(row[-1] + _WEAK.get(sound, 1.0))
    for sound in a:
        lost = _WEAK.get(sound, 1.0)
        following = [row[0] + lost]
        for j, other in enumerate(b, start=1):
            swap = 0.0 if sound == other else costs.get((sound, other), 1.0)
            following.append(
                min(
                    row[j - 1] + swap,
                    row[j] + lost,
                    following[j - 1] + _WEAK.get(other, 1.0),
                )
            )
        row = following
    return row[-1]
