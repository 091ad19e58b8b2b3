"""Lines with invented personal data whose places are known: assets/samples/privacy.toml, filled.

Every value is drawn by a fixed seed and belongs to nobody; check digits are made right where the
number has one, because a rule that looks for them must not be helped or hindered by chance.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pipelines.drafting.privacy import Kind
from pipelines.drafting.privacy.checks import luhn_digit, resident_digit
from pipelines.evaluation import privacy_values as values
from pipelines.settings import ASSETS

SEED = 20261124
Way = Literal["text", "spoken", "plain"]
Split = Literal["dev", "test", "first", "second", "third", "fourth"]
FILES: dict[Split, str] = {
    "test": "privacy.toml",
    "dev": "privacy.toml",
    "first": "privacy_unseen.toml",
    "second": "privacy_unseen.toml",
    "third": "privacy_unseen.toml",
    "fourth": "privacy_unseen.toml",
}
LINES: dict[Split, dict[Way, int]] = {
    "dev": {"text": 90, "spoken": 50, "plain": 60},
    "test": {"text": 130, "spoken": 80, "plain": 90},
    "first": {"text": 120, "spoken": 70, "plain": 70},
    "second": {"text": 72, "spoken": 44, "plain": 50},
    "third": {"text": 68, "spoken": 44, "plain": 48},
    "fourth": {"text": 68, "spoken": 44, "plain": 48},
}
"""1,246 in all; each template is used about as often as its neighbours."""
OUTSIDE = "\0"
"""In a filled value, behind what is no part of the personal data (a bank's name)."""
_SLOT = re.compile(r"\{(?P<sign>[-~]?)(?P<kind>[a-z]+)(?:\.(?P<form>[a-z_]+))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One piece of personal data; `kind` None = neither way."""

    start: int
    end: int
    kind: Kind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLine:
    """One line and what it holds. `template` tells which lines are of one making."""

    text: str
    truth: tuple[Truth, ...]
    way: Way
    template: int


def lines(split: Split) -> list[LabelledLine]:
    """The same ones at every call."""
    draw = random.Random(SEED + list(FILES).index(split))  # noqa: S311 - no secrets
    text = (ASSETS / "samples" / FILES[split]).read_text(encoding="utf-8")
    parts = tomllib.loads(text)[split]
    made: list[LabelledLine] = []
    for way, wanted in LINES[split].items():
        templates = parts[way]
        made += [_filled(templates, n % len(templates), way, draw) for n in range(wanted)]
    return made


def _filled(templates: list[str], number: int, way: Way, draw: random.Random) -> LabelledLine:
    template, text, truth, last = templates[number], "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[last : slot.start()]
        name = slot["kind"] + (f".{slot['form']}" if slot["form"] else "")
        outside, _, value = FILLERS[name](draw).rpartition(OUTSIDE)
        text += outside
        if slot["sign"] != "-":
            kind = None if slot["sign"] == "~" else slot["kind"]
            truth.append(Truth(start=len(text), end=len(text) + len(value), kind=kind))  # type: ignore[arg-type]
        text += value
        last = slot.end()
    return LabelledLine(text=text + template[last:], truth=tuple(truth), way=way, template=number)


def _draw(draw: random.Random, words: str) -> str:
    return draw.choice(words.split())


def _plate(draw: random.Random) -> str:
    return f"{draw.randint(10, 399)}{_draw(draw, '가 나 다 라 마 거 너 더 러')} {_digits(draw, 4)}"


def _digits(draw: random.Random, count: int, first: str = "") -> str:
    return first + "".join(draw.choice("0123456789") for _ in range(count - len(first)))


def _mobile(draw: random.Random) -> tuple[str, str, str]:
    return "010", _digits(draw, 4, draw.choice("2345679")), _digits(draw, 4)


def _landline(draw: random.Random) -> tuple[str, str, str]:
    area = draw.choice(["02", "031", "032", "042", "051", "053", "062", "064", "070"])
    middle = 4 if area in ("02", "070") else 3
    return area, _digits(draw, middle, draw.choice("23456789")), _digits(draw, 4)


def _birth(draw: random.Random) -> dt.date:
    return dt.date(1940, 1, 1) + dt.timedelta(days=draw.randrange(29_000))


def _resident(draw: random.Random, foreign: bool = False) -> tuple[str, str]:
    born = _birth(draw)
    sex = draw.choice((5, 6) if foreign else (1, 2)) + (2 if born.year >= 2000 else 0)
    twelve = f"{born:%y%m%d}{sex}{_digits(draw, 5)}"
    last = resident_digit(twelve, foreign=foreign)
    return twelve[:6], twelve[6:] + str(last)


def _card(draw: random.Random) -> list[str]:
    fifteen = _digits(draw, 15, draw.choice(["4", "51", "53", "9410", "3560"]))
    whole = fifteen + str(luhn_digit(fifteen))
    return [whole[n : n + 4] for n in range(0, 16, 4)]


def _account(draw: random.Random) -> tuple[str, list[str]]:
    bank, sizes = draw.choice(values.BANKS)
    return bank, [_digits(draw, size, draw.choice("123456789")) for size in sizes]


def _licence(draw: random.Random) -> list[str]:
    year = f"{draw.randrange(100):02d}"
    return [str(draw.randint(11, 26)), year, _digits(draw, 6), _digits(draw, 2)]


def _bank_and(draw: random.Random, join: str) -> str:
    bank, parts = _account(draw)
    return f"{bank} {OUTSIDE}{join.join(parts)}"


def _said(draw: random.Random, groups: list[str], joins: tuple[str, ...]) -> str:
    join = draw.choice(joins)
    return join.join(values.in_syllables(group, draw) for group in groups)


def _phone_mixed(draw: random.Random) -> str:
    front, middle, last = _mobile(draw)
    return draw.choice(
        (
            f"{front}에 {values.in_syllables(middle, draw)} {values.in_syllables(last, draw)}",
            f"{values.in_syllables(front, draw)} {middle} {last}",
            f"{values.in_syllables(front, draw)} {values.in_syllables(middle, draw)}에 {last}",
        )
    )


def _resident_said(draw: random.Random) -> str:
    front, back = _resident(draw)
    join = draw.choice((" ", " 다시 ", " 대시 ", "에 "))
    return values.in_syllables(front, draw) + join + values.in_syllables(back, draw)


def _spoken_account(draw: random.Random) -> str:
    return _said(draw, _account(draw)[1], (" ", " 다시 ", "에 "))


def _email(draw: random.Random) -> str:
    local = draw.choice(values.LOCALS) + draw.choice(("", str(draw.randrange(1000)), "_kr", ".m"))
    return f"{local}@{draw.choice(values.DOMAINS)}"


def _email_said(draw: random.Random) -> str:
    local = draw.choice(values.LOCALS) + str(draw.randrange(100))
    return f"{local} {draw.choice(('골뱅이', '앳'))} {draw.choice(values.DOMAINS_SAID)}"


def _name(draw: random.Random) -> str:
    given = draw.choice(values.GIVEN)
    return draw.choice(values.SURNAMES) + given


def _road(draw: random.Random) -> str:
    city, gu = draw.choice(values.DISTRICTS)
    road = draw.choice(values.ROADS)
    tail = draw.choice(("", f", {draw.randint(2, 9)}층", f" ({draw.choice(values.DONGS)})",
                        f", {draw.randint(101, 120)}동 {draw.randint(101, 2304)}호"))  # fmt: skip
    return f"{city} {gu} {road} {draw.randint(1, 399)}{tail}"


def _lot(draw: random.Random) -> str:
    city, gu = draw.choice(values.DISTRICTS)
    lot = f"{draw.randint(1, 900)}-{draw.randint(1, 40)}"
    tail = draw.choice(("", "번지", " 2층", " 301호"))
    return f"{city} {gu} {draw.choice(values.DONGS)} {lot}{tail}"


def _apartment(draw: random.Random) -> str:
    front = draw.choice(("", f"{draw.choice(values.DONGS)} ", f"{draw.choice(values.ROADS)} 21 "))
    house = f"{draw.randint(101, 130)}동 {draw.randint(101, 2504)}호"
    return f"{front}{draw.choice(values.APARTMENTS)} {house}"


def _date(draw: random.Random) -> str:
    day = dt.date(2023, 1, 1) + dt.timedelta(days=draw.randrange(1300))
    forms = ("%Y-%m-%d", "%Y.%m.%d.", "%Y년 %-m월 %-d일", "%-m월 %-d일", "%y.%m.%d", "%Y%m%d")
    return day.strftime(draw.choice(forms))


def _price(draw: random.Random) -> str:
    won = draw.randrange(1, 30_000) * 1000
    return draw.choice((f"{won:,}원", f"{won}원", f"{won // 10000 + 1}만 원", f"₩{won:,}"))


def _statute(draw: random.Random) -> str:
    law = draw.choice(values.LAWS)
    tail = draw.choice(("", f"제{draw.randint(1, 9)}항", f"의{draw.randint(2, 5)} 제1항 제3호"))
    return f"{law} 제{draw.randint(2, 120)}조{tail}"


def _barcode(draw: random.Random) -> str:
    twelve = _digits(draw, 12, "880")
    odd, even = sum(map(int, twelve[::2])), sum(map(int, twelve[1::2]))
    return twelve + str(-(odd + 3 * even) % 10)


def _tracking(draw: random.Random) -> str:
    return draw.choice(
        (_digits(draw, 12, "6"), f"{_digits(draw, 4, '5')}-{_digits(draw, 4)}-{_digits(draw, 4)}")
    )


def _joined(make: Callable[[random.Random], tuple[str, ...] | list[str]], join: str) -> Filler:
    return lambda draw: join.join(make(draw))


def _spoken(make: Callable[[random.Random], tuple[str, ...] | list[str]], *joins: str) -> Filler:
    return lambda draw: _said(draw, list(make(draw)), joins)


Filler = Callable[[random.Random], str]
FILLERS: dict[str, Filler] = {
    "name": _name,
    "name.spaced": lambda draw: " ".join(_name(draw)),
    "name.en": lambda draw: draw.choice(values.ENGLISH_NAMES),
    "name.ja": lambda draw: draw.choice(values.JAPANESE_NAMES),
    "name.zh": lambda draw: draw.choice(values.CHINESE_NAMES),
    "name.es": lambda draw: draw.choice(values.SPANISH_NAMES),
    "phone": _joined(_mobile, "-"),
    "phone.dots": _joined(_mobile, "."),
    "phone.spaced": _joined(_mobile, " "),
    "phone.bare": _joined(_mobile, ""),
    "phone.land": _joined(_landline, "-"),
    "phone.intl": lambda draw: f"+82{draw.choice(('-', ' '))}" + "-".join(_mobile(draw))[1:],
    "phone.spoken": _spoken(_mobile, " "),
    "phone.spoken_e": _spoken(_mobile, "에 ", "의 "),
    "phone.spoken_dash": _spoken(_mobile, " 다시 ", " 대시 ", " 하이픈 "),
    "phone.spoken_fill": _spoken(_mobile, " 어 ", ", ", " 음 "),
    "phone.spoken_land": _spoken(_landline, " ", "에 ", "국에 "),
    "phone.units": lambda draw: values.with_units(_mobile(draw), draw),
    "phone.mixed": _phone_mixed,
    "phone.en": lambda draw: values.in_words(_mobile(draw), "en", draw),
    "phone.ja": lambda draw: values.in_words(_mobile(draw), "ja", draw),
    "phone.zh": lambda draw: values.in_words(_mobile(draw), "zh", draw),
    "phone.es": lambda draw: values.in_words(_mobile(draw), "es", draw),
    "resident": _joined(_resident, "-"),
    "resident.bare": _joined(_resident, ""),
    "resident.foreign": lambda draw: "-".join(_resident(draw, foreign=True)),
    "resident.spoken": _resident_said,
    "passport": lambda draw: draw.choice("MS") + _digits(draw, 8),
    "passport.new": lambda draw: f"M{_digits(draw, 3)}{draw.choice('ABCDEFGH')}{_digits(draw, 4)}",
    "passport.spoken": lambda draw: "엠 " + values.in_syllables(_digits(draw, 8), draw),
    "licence": _joined(_licence, "-"),
    "licence.spoken": _spoken(_licence, " ", " 다시 "),
    "card": _joined(_card, "-"),
    "card.spaced": _joined(_card, " "),
    "card.spoken": _spoken(_card, " ", "에 "),
    "account": lambda draw: _bank_and(draw, "-"),
    "account.bare": lambda draw: _bank_and(draw, ""),
    "account.spoken": _spoken_account,
    "email": _email,
    "email.spoken": _email_said,
    "address.road": _road,
    "address.lot": _lot,
    "address.apt": _apartment,
    "date": _date,
    "time": lambda draw: f"{draw.randint(0, 23)}시 {draw.randint(0, 59)}분",
    "place": lambda draw: draw.choice(values.PLACES),
    "price": _price,
    "statute": _statute,
    "unit": lambda draw: f"{draw.randint(101, 120)}동 {draw.randint(1, 20)}0{draw.randint(1, 8)}호",
    "plate": _plate,
    "case": lambda draw: f"20{_draw(draw, '19가단 23나 26구합 24노')}{_digits(draw, 5)}",
    "product": lambda draw: f"{_draw(draw, 'XK LG AB TR')}-{_digits(draw, 4)}-{_digits(draw, 3)}",
    "barcode": _barcode,
    "business": lambda draw: f"{_digits(draw, 3, '1')}-{_digits(draw, 2)}-{_digits(draw, 5)}",
    "document": lambda draw: f"{_draw(draw, '안전과 도로과 총무과')}-{_digits(draw, 5)}",
    "receipt": lambda draw: f"2026-{_digits(draw, 7)}",
    "coordinates": lambda draw: f"37.{_digits(draw, 6)}, 127.{_digits(draw, 6)}",
    "count": lambda draw: str(draw.randint(2, 4000)),
    "percent": lambda draw: f"{draw.randint(1, 99)}.{draw.randint(0, 9)}%",
    "version": lambda draw: f"{draw.randint(1, 9)}.{draw.randint(0, 20)}.{_digits(draw, 4)}",
    "tracking": _tracking,
    "representative": lambda draw: f"15{_digits(draw, 2)}-{_digits(draw, 4)}",
}  # fmt: skip
