"""The figures of a line as values, in five languages: whether a translation kept them.

"3만 5천 원" and "35,000 won" hold the same value, so do "3월" and "March", "두 번" and "2 times".
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from pipelines.types import Language

_SCALES = {
    **{"천": 1000, "千": 1000, "만": 10_000, "万": 10_000, "萬": 10_000},
    **{"억": 10**8, "億": 10**8, "亿": 10**8, "조": 10**12, "兆": 10**12},
    **{"thousand": 1000, "mil": 1000, "million": 10**6, "millón": 10**6, "millones": 10**6},
    "billion": 10**9,
}
_DIGITS = r"\d+(?:[.,]\d+)*"
_SCALE = "|".join(
    rf"{word}\b" if word.isascii() or "ó" in word else word
    for word in sorted(_SCALES, key=len, reverse=True)
)
_WRITTEN = re.compile(rf"(?:{_DIGITS}\s?(?:{_SCALE})+\s?)+(?:{_DIGITS})?|{_DIGITS}", re.IGNORECASE)
_PART = re.compile(rf"({_DIGITS})\s?((?:{_SCALE})*)", re.IGNORECASE)
_ONE_SCALE = re.compile(_SCALE, re.IGNORECASE)
_MONTHS = (
    "january february march april may june july august september october november december",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)
_WORDS: dict[Language, str] = {
    "en": "one=1 once=1 two=2 twice=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 "
    "eleven=11 twelve=12 fifteen=15 twenty=20 thirty=30 forty=40 fifty=50 hundred=100 "
    "thousand=1000 first=1 second=2 third=3",
    "es": "un=1 una=1 uno=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 "
    "once=11 doce=12 quince=15 veinte=20 treinta=30 cuarenta=40 cincuenta=50 cien=100 mil=1000 "
    "primer=1 primero=1 primera=1 segundo=2 segunda=2 tercer=3 tercero=3 tercera=3",
}
_NATIVE = (
    "한=1 하나=1 첫=1 두=2 둘=2 세=3 셋=3 석=3 네=4 넷=4 넉=4 다섯=5 여섯=6 일곱=7 여덟=8 아홉=9 "
    "열=10 스무=20 스물=20 서른=30 마흔=40 쉰=50 하루=1 이틀=2 사흘=3 나흘=4 열흘=10"
)
_ONES = ("영일이삼사오육칠팔구", "〇一二三四五六七八九")
_SINO = {sign: value for signs in _ONES for value, sign in enumerate(signs)}
_SINO |= {"両": 2, "两": 2, "零": 0}
_STEPS = {"십": 10, "十": 10, "백": 100, "百": 100, "천": 1000, "千": 1000}
_SAID_KO = re.compile(
    r"[영일이삼사오육칠팔구십백천만억]+"
    r"(?=\s?(?:년|월|일|시간|시|분|초|층|호|번|원|개월|개|주|미터|킬로|프로|퍼센트|명|대|가구|건|차))"
)
_SAID_HAN = re.compile(r"[〇零一二三四五六七八九十百千万億亿两両]+")


def figures_kept(source: str, language: Language, told: str, target: Language) -> bool:
    """True where `told` holds every figure of `source`, and none that is not there."""
    mine, theirs = written(source, language), written(told, target)
    lost, new = mine - theirs, theirs - mine
    return set(lost) <= spoken(told, target) and set(new) <= spoken(source, language)


def written(text: str, language: Language) -> Counter[Decimal]:
    """The values that stand in digits, with the words that multiply them, and how often each."""
    plain = unicodedata.normalize("NFKC", text)
    found: Counter[Decimal] = Counter()
    for match in _WRITTEN.finditer(plain):
        found[sum(_parts(match.group(), language), Decimal(0))] += 1
    return found


def _parts(text: str, language: Language) -> Iterator[Decimal]:
    """3만 5천 -> 30,000 and 5,000."""
    for match in _PART.finditer(text):
        scales = (_SCALES[scale.lower()] for scale in _ONE_SCALE.findall(match[2]))
        yield _value(match[1], language) * math.prod(scales)


def _value(digits: str, language: Language) -> Decimal:
    """Signs between groups of three digits say nothing; any other one is the decimal sign."""
    groups, mark = (".", ",") if language == "es" else (",", ".")
    plain = re.sub(rf"(?<=\d)[{groups}](?=\d{{3}}(?!\d))", "", digits).replace(groups, ".")
    try:
        return Decimal(plain.replace(mark, "."))
    except InvalidOperation:  # 192.168.0.1: as it stands
        return Decimal(re.sub(r"\D", "", digits))


def spoken(text: str, language: Language) -> set[Decimal]:
    """The values that stand there in words: numbers, months, days."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if language == "ko":
        held = {value for word, value in _table(_NATIVE).items() if word in plain}
        return held | {_said(match.group()) for match in _SAID_KO.finditer(plain)}
    if language in ("ja", "zh"):
        return {_said(match.group()) for match in _SAID_HAN.finditer(plain)}
    table = _table(_WORDS[language])
    table |= {name: Decimal(n) for names in _MONTHS for n, name in enumerate(names.split(), 1)}
    return {table[word] for word in re.findall(r"[^\W\d_]+", plain) if word in table}


def _table(pairs: str) -> dict[str, Decimal]:
    return {word: Decimal(value) for word, _, value in (p.partition("=") for p in pairs.split())}


def _said(signs: str) -> Decimal:
    """이백삼십 -> 230, 二十五 -> 25."""
    total = section = digit = 0
    for sign in signs:
        if sign in _SINO:
            digit = 10 * digit + _SINO[sign]
        elif sign in _STEPS:
            section, digit = section + (digit or 1) * _STEPS[sign], 0
        else:
            total, section, digit = total + (section + digit or 1) * _SCALES[sign], 0, 0
    return Decimal(total + section + digit)
