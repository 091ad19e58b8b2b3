"""How near two Korean words sound: a weighted edit distance over their jamo."""

from __future__ import annotations

import functools
import itertools
import unicodedata

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CLUSTERS = """
ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ
ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㆁ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ
"""
_FINALS = ["", *_CLUSTERS.split()]
"""In Unicode's order, with ㅇ written ㆁ; the first is none at all."""
# Letters that are taken for each other, and what a mistake between them costs.
_GROUPS: dict[float, str] = {
    0.1: "ㅐㅔ ㅒㅖ ㅙㅚㅞ",
    0.2: "ㅅㅆ",
    0.3: "ㅚㅔ ㅖㅔ ㅢㅣ ㅢㅡ ㄱㄲㅋ ㄷㄸㅌ ㅂㅃㅍ ㅈㅉㅊ",
    0.4: "ㅢㅔ ㅓㅗ ㅡㅜ ㅡㅓ ㅝㅓ ㅟㅣ ㅕㅛ ㄴㄹ",
    0.5: "ㅘㅝ ㅗㅜ ㅕㅓ ㅑㅏ ㅛㅗ ㅠㅜ ㅘㅏ ㅠㅛ ㄴㅁㆁ",
    0.6: "ㅏㅓ ㅣㅡ ㅅㄷㅈㅊㅌ ㅎㅋㅌㅍㅊ",
    0.7: "ㅐㅏ ㄱㄷㅂ ㅋㅌㅍ",
}
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
    for cost, groups in _GROUPS.items():
        for group in groups.split():
            for a, b in itertools.permutations(group, 2):
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
