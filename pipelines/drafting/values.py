"""Values as people write them in forms -> one plain form a type, or None."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Literal

LONGEST_KOREAN_NAME = 4
LONGEST_PART = 4
"""Of a telephone number."""
FieldType = Literal["text", "person", "date", "amount", "number", "phone", "email", "address"]

_MONTHS = {
    name[:3]: number
    for names in (
        "january february march april may june july august september october november december",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_YMD = re.compile(
    r"(?<!\d)(?P<era>令和|平成|昭和)?\s?(?P<y>\d{4}|\d{1,2}|元)\s?[.\-/년年]\s?(?P<m>\d{1,2})\s?[.\-/월月]"
    r"\s?(?P<d>\d{1,2})\s?(?:[.일日]|(?!\d))"
)
_DMY = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:de\s+)?(?P<month>[A-Za-z]{3,10})\.?,?\s+(?:de\s+)?(?P<y>\d{4})",
    re.IGNORECASE,
)
_MDY = re.compile(r"(?P<month>[A-Za-z]{3,10})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})")
_PHONE = re.compile(
    r"(?<![\d-])(?:\+\d{1,3}[\s-]?)?\(?\d{2,4}\)?[\s.)-]{0,2}\d{3,4}[\s.-]{0,2}\d{4}(?![\d-])"
)
_SHORT_PHONE = re.compile(r"(?<![\d-])1[56]\d{2}-\d{4}(?![\d-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WON_SIGN = re.compile(r"(?:[₩\\￦]\s?|\bW\s?(?=\d{1,3},))(\d[\d,]*)")
"""A scan may show the sign as a W."""
_SCALES = {"조": 10**12, "억": 10**8, "만": 10**4, "億": 10**8, "亿": 10**8, "万": 10**4}
_SMALL = {"천": 1000, "백": 100, "십": 10}
_SINO = {sign: value for value, sign in enumerate("영일이삼사오육칠팔구")}
_AMOUNT = re.compile(
    r"(?:[₩\\$¥￦€]\s?\d[\d,]*(?:\.\d{1,2})?)"
    r"|(?:\d[\d,.]*\s?(?:[조억만천백십億亿万]\s?\d*[\d,]*\s?)*(?:원|won|円|元|달러|dollars?|euros?|€|KRW))"
    r"|(?:[일이삼사오육칠팔구십백천만억]{2,}\s?원)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"[가-힣]{2,5}|[\u4e00-\u9fffぁ-ヿ々]{1,6}[\s　]?[\u4e00-\u9fffぁ-ヿ々]{0,6}"
    r"|[A-ZÁÉÍÓÚÑ][\w'.áéíóúñ-]*(?:[\s-](?:de|la|del|[A-ZÁÉÍÓÚÑ][\w'.áéíóúñ-]*)){0,4}"
)
_BEHIND_NAME = re.compile(
    r"\s*(?:[((]?\s*(?:인|서명|서명 또는 인|印|签字|signature|firma|한글|한자)\s*[))]"
    r"|㊞|님|씨|귀하)\s*.*$",
    re.I,
)
_NUMBER = re.compile(r"제?\s?(?P<kept>(?:[A-Za-z가-힣]\s?){0,12}[-–]?\s?\d[\dA-Za-z/–-]*)\s?호?")


def normalise(text: str, kind: FieldType) -> str | None:
    """The value in its plain form: dates as 2026-03-02, amounts as digits, phones with hyphens.

    None where the text is no such value.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).strip(" :;·_")
    if not plain:
        return None
    return _READERS[kind](plain)


def date_of(text: str) -> str | None:
    """The first whole date, as YYYY-MM-DD."""
    for pattern in (_YMD, _DMY, _MDY):
        for match in pattern.finditer(text):
            found = _date(match)
            if found is not None:
                return found.isoformat()
    return None


def _date(match: re.Match[str]) -> dt.date | None:
    parts = match.groupdict()
    year = 1 if parts["y"] == "元" else int(parts["y"])
    if parts.get("era"):
        year += _ERAS[parts["era"]]
    elif year < 100:  # '26 is this century, '88 the last
        year += 2000 if year < 50 else 1900
    month = int(parts["m"]) if parts.get("m") else _MONTHS.get(parts["month"][:3].lower(), 0)
    try:
        return dt.date(year, month, int(parts["d"]))
    except ValueError:
        return None


def amount_of(text: str) -> str | None:
    """The first sum of money, in digits: "1억 2천만 원" -> "120000000"."""
    sign = _WON_SIGN.search(text)
    if sign is not None:  # the figure behind the words decides
        return sign.group(1).replace(",", "")
    for match in _AMOUNT.finditer(text):
        value = _worth(match.group())
        if value is not None:
            return value
    bare = re.fullmatch(r"(?:금\s?)?(\d{1,3}(?:,\d{3})+|\d{3,})\s?(?:정)?", text)
    bare = bare or re.fullmatch(r"[^\w\s]{1,2}\s?(\d{1,3}(?:,\d{3})+)", text)  # a misread sign
    return bare.group(1).replace(",", "") if bare else None


def _worth(text: str) -> str | None:
    """The value of one written sum."""
    if re.search(r"\d\.\d{1,2}(?!\d)", text) and not re.search("[조억만천]", text):
        return re.sub(r"[^\d.]", "", text)
    total, section, digits = 0, 0, ""
    for sign in text:
        if sign.isdigit():
            digits += sign
        elif sign in _SINO:
            digits = str(_SINO[sign])
        elif sign in _SMALL:
            section += int(digits or 1) * _SMALL[sign]
            digits = ""
        elif sign in _SCALES:
            total += (section + int(digits or 0) or 1) * _SCALES[sign]
            section, digits = 0, ""
    total += section + int(digits or 0)
    return str(total) if total else None


def phone_of(text: str) -> str | None:
    """The first telephone number, its parts joined by hyphens."""
    short = _SHORT_PHONE.search(text)
    match = _PHONE.search(text)
    if match is None or (short is not None and short.start() <= match.start()):
        return short.group() if short else None
    found = match.group().strip()
    parts = re.findall(r"\d+", found)
    if len(parts) == 1 or max(map(len, parts)) > LONGEST_PART:  # a scan loses blanks
        parts = _split_phone("".join(parts))
    lead = "+" if found.startswith("+") else ""
    return lead + "-".join(parts)


def _split_phone(digits: str) -> list[str]:
    if not digits.startswith("0") or not 9 <= len(digits) <= 11:
        return [digits]
    area = 2 if digits.startswith("02") else 3
    return [digits[:area], digits[area:-4], digits[-4:]]


def _person_of(text: str) -> str | None:
    name = _BEHIND_NAME.sub("", text).strip(" .,·")
    if re.fullmatch(r"[가-힣 ]+", name) and len(name.replace(" ", "")) <= LONGEST_KOREAN_NAME:
        name = name.replace(" ", "")  # 홍 길 동, or a scan's blanks
    name = re.sub(r"\s*[((].*$", "", name).strip()
    return name if _PERSON.fullmatch(name) else None


def _number_of(text: str) -> str | None:
    match = _NUMBER.match(text)
    return re.sub(r"\s", "", match["kept"]).strip("-") if match else None


def _email_of(text: str) -> str | None:
    match = _EMAIL.search(text)
    return match.group().rstrip(".") if match else None


def _address_of(text: str) -> str | None:
    kept = re.sub(r"\s*[((]\s*(?:전화|연락처|☎).*$", "", text).strip()
    kept = re.sub(r"^[((\[]?\s?(?:우|〒)?\s?\d{3}-?\d{2,4}[))\]]?\s+", "", kept)
    return kept if len(kept) >= 5 and re.search(r"[^\W\d_]", kept) else None


def _text_of(text: str) -> str | None:
    return text if re.search(r"\w", text) else None


_READERS = {
    "text": _text_of,
    "person": _person_of,
    "date": date_of,
    "amount": amount_of,
    "number": _number_of,
    "phone": phone_of,
    "email": _email_of,
    "address": _address_of,
}
