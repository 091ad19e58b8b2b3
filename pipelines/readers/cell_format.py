"""A number and its format code -> what the cell shows: 1234567 and #,##0"원" -> 1,234,567원.

The codes that office tables use in fact: digits, thousands, decimals, percent, powers, words in
quotes, sections by sign, dates and times. Fractions and what else is rare show the plain number.
"""

from __future__ import annotations

import datetime as dt
import re

_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[0#?]+)?(?:E[+-]?0+)?", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(.)', re.DOTALL)
_DATE_PART = re.compile(
    r'"([^"]*)"|\\(.)|'
    r"(yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|am/pm|aaa+)|(.)",
    re.DOTALL,
)
_WEEKDAYS = "월화수목금토일"
_PLAIN_DATES = ("mm-dd-yy", "m/d/yy h:mm", "d-mmm-yy", "d-mmm", "mmm-yy", "general", "")
"""Codes that every machine shows in its own country's way: here as year-month-day."""


def shown(value: object, code: str | None) -> str:
    """The text of one cell; "" where there is no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return _moment(value, code or "")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, int | float):
        return _number(value, code or "General")
    return str(value)


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".10g")


def _number(value: float, code: str) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    sections = code.split(";")
    section, value = _section(sections, value)
    section = _BRACKETS.sub("", section)
    if section.strip().lower() in ("general", "@", ""):
        return _general(value)
    literal = "".join(_marked(section))
    match = _DIGITS.search(literal)
    if match is None or "/" in literal:
        return _words(literal) if match is None and len(sections) > 1 else _general(value)
    percent = "%" in literal
    body = _digits(abs(value) * (100 if percent else 1), match[0])
    sign = "-" if value < 0 else ""
    text = sign + _words(literal[: match.start()]) + body + _words(literal[match.end() :])
    return text.strip()


def _section(sections: list[str], value: float) -> tuple[str, float]:
    """The part of the code for this sign; a part for negatives brings its own sign."""
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


_PRIVATE = 0xE000
"""Letters of quoted words are moved here, so that a 0 in a word is not taken for a digit."""


def _marked(section: str) -> list[str]:
    out = []
    for match in _TOKEN.finditer(section):
        word = match[1] if match[1] is not None else match[2]
        if word is not None:
            out.append("".join(chr(_PRIVATE + ord(c)) if ord(c) < 0x100 else c for c in word))
        elif match[3] is not None:
            out.append(match[3])
    return out


def _words(literal: str) -> str:
    return "".join(
        chr(ord(c) - _PRIVATE) if _PRIVATE <= ord(c) < _PRIVATE + 0x100 else c for c in literal
    )


def _digits(value: float, pattern: str) -> str:
    power = re.search(r"E[+-]?0+$", pattern, re.IGNORECASE)
    decimals = pattern.partition(".")[2]
    places = sum(sign in "0#?" for sign in re.sub(r"E.*$", "", decimals, flags=re.IGNORECASE))
    if power:
        return f"{value:.{places}E}"
    whole_pattern = pattern.partition(".")[0]
    trailing = len(whole_pattern) - len(whole_pattern.rstrip(","))
    value /= 1000**trailing
    grouped = "," in whole_pattern.rstrip(",")
    text = f"{value:,.{places}f}" if grouped else f"{value:.{places}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional if "." in text else 0):
        if text.endswith("0"):
            text = text[:-1]
    text = text.removesuffix(".")
    least = sum(sign == "0" for sign in whole_pattern)
    whole, dot, rest = text.partition(".")
    return whole.rjust(least, "0") + dot + rest if not grouped else text


def _moment(value: dt.datetime | dt.date | dt.time, code: str) -> str:
    code = _BRACKETS.sub("", code.split(";")[0])
    if code.lower() in _PLAIN_DATES or (isinstance(value, dt.time) and "y" in code.lower()):
        return _plain_moment(value)
    if not re.search(r"[ymdhs]", re.sub(r'"[^"]*"', "", code), re.IGNORECASE):
        return _plain_moment(value)
    return _dated(value, code)


def _plain_moment(value: dt.datetime | dt.date | dt.time) -> str:
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    return value.strftime("%H:%M") if isinstance(value, dt.time) else value.isoformat()


def _dated(value: dt.datetime | dt.date | dt.time, code: str) -> str:
    day = value if isinstance(value, dt.date) else dt.date(1900, 1, 1)
    time = value if isinstance(value, dt.time) else dt.time()
    if isinstance(value, dt.datetime):
        time = value.time()
    half = "am/pm" in code.lower()
    hour = (time.hour % 12 or 12) if half else time.hour
    out: list[str] = []
    clock = False  # "m" after an hour, or before a second, is minutes
    for match in _DATE_PART.finditer(code):
        name = match[3] or ""
        low = name.lower()
        if low in ("m", "mm") and (
            clock or code[match.end() :].lower().lstrip(": ").startswith("s")
        ):
            out.append(f"{time.minute:02d}" if low == "mm" else str(time.minute))
            clock = False
        elif name:
            out.append(_date_part(low, day, hour, time))
            clock = low in ("h", "hh")
        else:
            out.append(match[1] or match[2] or match[4] or "")
    return "".join(out).strip().rstrip("@")


def _date_part(name: str, day: dt.date, hour: int, time: dt.time) -> str:
    parts = {
        "yyyy": f"{day.year:04d}",
        "yy": f"{day.year % 100:02d}",
        "mmmm": f"{day:%B}",
        "mmm": f"{day:%b}",
        "mm": f"{day.month:02d}",
        "m": str(day.month),
        "dddd": f"{day:%A}",
        "ddd": f"{day:%a}",
        "dd": f"{day.day:02d}",
        "d": str(day.day),
        "hh": f"{hour:02d}",
        "h": str(hour),
        "ss": f"{time.second:02d}",
        "s": str(time.second),
        "am/pm": "AM" if time.hour < 12 else "PM",
        "aaa": _WEEKDAYS[day.weekday()],
        "aaaa": _WEEKDAYS[day.weekday()] + "요일",
    }
    return parts.get(name, "")
