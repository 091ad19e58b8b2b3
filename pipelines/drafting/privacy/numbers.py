"""Numbers that belong to a person: resident, telephone, passport, licence, card, account.

A number alone says little: its form, its check digit and the words around it decide together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.drafting.privacy.checks import (
    barcode_fits,
    birth_of,
    luhn_fits,
    resident_fits,
)
from pipelines.drafting.privacy.found import Found, Kind
from pipelines.drafting.privacy.spoken import Run, runs

LOOK_BEHIND, LOOK_AHEAD = 24, 14
LAST_CHECK_DIGITS = "2010"
"""Year and month up to which resident numbers have a check digit."""

_RESIDENT_CUE = re.compile(
    r"주\s?민|외국인\s?(?:등록|번호)|등록\s?번호|resident|registration|住民|居民", re.I
)
_CARD_CUE = re.compile(r"카드|결제|card|カード|卡|tarjeta", re.I)
_LICENCE_CUE = re.compile(r"면허|licen[cs]e|免許|驾照|驾驶证|licencia", re.I)
_PASSPORT_CUE = re.compile(r"여권|passport|パスポート|旅券|护照|pasaporte", re.I)
_PHONE_CUE = re.compile(
    r"전화|연락|휴대|핸드폰|번호|문자|☎|☏|℡|팩스|fax|\btel|phone|mobile|call|電話|携帯|电话|手机|打|teléfono|móvil|llam",
    re.IGNORECASE,
)
_ACCOUNT_CUE = re.compile(
    r"계좌|은행|뱅크|농협|수협|신협|축협|우체국|새마을|입금|송금|이체|예금주|통장|환급|환불|account|口座|账户|账号|cuenta",
    re.IGNORECASE,
)
_OTHER_NUMBER = re.compile(
    r"(?:접수|운송장|송장|주문|사건|문서|관리|일련|사업자|법인|고유|승인|처리|민원|제품|부품|모델|품번|바코드|시리얼"
    r"|예약|등기|(?<!면)허가|공고|좌표|버전|코드)(?:등록)?\s?(?:번호)?(?:는|은|가|이)?\s*[:：]?\s*$"
)
"""Right before a number that says which other number it is."""

_GAP = r"[-.\s]"
_RESIDENT = re.compile(rf"(?<![\d-])(\d{{6}}\s?{_GAP}?\s?[1-8])(\d{{6}}|[*xX●○]{{6}})(?![\d-])")
_RESIDENT_FRONT = re.compile(r"(?<![\d-])\d{6}-[1-8](?![\d*-])")
_RESIDENT_BACK = re.compile(r"뒷\s?(?:자리|번호)\D{0,6}(?P<back>[1-8]\d{6})(?!\d)")
_PHONE = re.compile(
    r"(?<!\d)(?<!\d[-.])(?<![A-Za-z]-)(?:"
    r"(?:\+|00)82[-.\s)]{0,2}\(?0?\)?(?:1[016789]|2|[3-6]\d|70)[-.\s)]{0,2}\d{3,4}[-.\s]?\d{4}"
    r"|\(?[0OoQ][1Il|][0OoQ16789]\)?[-.\s)]{0,3}\d{3,4}[-.\s]{0,3}\d{4}"
    r"|\(?0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d)\)?[-.\s)]{1,3}\d{3,4}[-.\s]{1,3}\d{4}"
    r")(?![\d]|[-.]\d|\s?호(?!\d))"
)
_BARE_LANDLINE = re.compile(r"(?<![\d-])0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d)\d{7,8}(?![\d-])")
_LOCAL = re.compile(r"(?<![\d-])[2-9]\d{2,3}-\d{4}(?![\d-])")
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9-])(?:[MSRODG]\s?\d{8}|[MSROD]\d{3}[A-Z]\d{4}|[A-Z]{1,2}\d{6,8})(?![A-Za-z0-9-])"
)
_NEW_PASSPORT = re.compile(r"[MSROD]\d{3}[A-Z]\d{4}")
_LICENCE = re.compile(
    r"(?<![\d-])(?:(?:1[1-9]|2[0-8])|서울|부산|경기|경기남부|경기북부|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)"
    r"([-\s]{0,3})\d{2}([-\s]{0,3})\d{6}([-\s]{0,3})\d{2}(?![\d-])"
)
_CARD = re.compile(
    r"(?<![\d-])(?:\d{4}(\s?-\s?|[.\s]|)\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([-.\s]?)\d{6}\2\d{5})(?![\d-])"
)
_ACCOUNT = re.compile(r"(?<![\d-])(?:\d{2,6}(?:[-\s]\d{1,7}){1,4}|\d{10,14})(?![\d-])")
_SPOKEN_MOBILE = re.compile(r"01[016789]\d{7,8}")
_SPOKEN_LANDLINE = re.compile(r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d)\d{7,8}")
_SPOKEN_LETTER = re.compile(r"(?:엠|에스|알|오|디|M|S|R|O|D)\s*$")
_DIGITS = re.compile(r"\D")


def find_numbers(text: str) -> Iterator[Found]:
    """Candidates, the surer kinds first; they may overlap."""
    for find in (_residents, _cards, _licences, _phones, _passports, _accounts):
        yield from find(text)


def find_spoken(text: str) -> Iterator[Found]:
    """Numbers that somebody said."""
    for run in runs(text):
        rules = (_said_phone,) if _is_other(text, run.spans[0][0]) else _SPOKEN
        found = next(filter(None, (rule(text, run) for rule in rules)), None)
        if found is not None:
            yield found


def _near(cue: re.Pattern[str], text: str, start: int, end: int) -> bool:
    before = text[max(0, start - LOOK_BEHIND) : start]
    return bool(cue.search(before) or cue.search(text[end : end + LOOK_AHEAD]))


def _is_other(text: str, start: int) -> bool:
    return bool(_OTHER_NUMBER.search(text[max(0, start - LOOK_BEHIND) : start]))


def _digits(text: str) -> str:
    return _DIGITS.sub("", text)


def _residents(text: str) -> Iterator[Found]:
    for match in _RESIDENT.finditer(text):
        front, digits = _digits(match[1]), _digits(match.group())
        if birth_of(front) is None or _is_other(text, match.start()):
            continue
        if match.group().isdigit() and not _near(_RESIDENT_CUE, text, *match.span()):
            newer = front[6] in "3478" and front[:4] >= LAST_CHECK_DIGITS
            if not (resident_fits(digits) or (newer and not barcode_fits(digits))):
                continue
        yield _found(match, "resident")

    for match in _RESIDENT_FRONT.finditer(text):
        if birth_of(_digits(match.group())) and _near(_RESIDENT_CUE, text, *match.span()):
            yield _found(match, "resident")
    for match in _RESIDENT_BACK.finditer(text):
        yield Found(start=match.start("back"), end=match.end("back"), kind="resident")


def _cards(text: str) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        fits = luhn_fits(_digits(match.group())) and not _is_other(text, match.start())
        if fits or _near(_CARD_CUE, text, *match.span()):
            yield _found(match, "card")


def _licences(text: str) -> Iterator[Found]:
    for match in _LICENCE.finditer(text):
        whole = all(match.groups())  # with every hyphen it has a form that nothing else has
        if _near(_LICENCE_CUE, text, *match.span()) or (
            whole and not _is_other(text, match.start())
        ):
            yield _found(match, "licence")


def _phones(text: str) -> Iterator[Found]:
    for match in _PHONE.finditer(text):
        if not re.search(r"제\s?$", text[max(0, match.start() - 2) : match.start()]):
            yield _found(match, "phone")
    for pattern in (_BARE_LANDLINE, _LOCAL):
        for match in pattern.finditer(text):
            near = _PHONE_CUE.search(text[max(0, match.start() - 14) : match.start()])
            if near and not _is_other(text, match.start()):
                yield _found(match, "phone")


def _passports(text: str) -> Iterator[Found]:
    for match in _PASSPORT.finditer(text):
        own = match.group()
        sure = (own[0] == "M" and len(own) == 9) or _NEW_PASSPORT.fullmatch(own)
        if _near(_PASSPORT_CUE, text, *match.span()) or (
            sure and not _is_other(text, match.start())
        ):
            yield _found(match, "passport")


def _accounts(text: str) -> Iterator[Found]:
    for match in _ACCOUNT.finditer(text):
        fits = 10 <= len(_digits(match.group())) <= 15 and not _is_other(text, match.start())
        if fits and _near(_ACCOUNT_CUE, text, *match.span()):
            yield _found(match, "account")


def _found(match: re.Match[str], kind: Kind) -> Found:
    return Found(start=match.start(), end=match.end(), kind=kind)


# --- spoken: one rule a kind, the first that fits the run decides -------------------------------


def _said(run: Run, first: int, last: int, kind: Kind) -> Found:
    start, end = run.stretch(first, last)
    return Found(start=start, end=end, kind=kind)


def _around(run: Run) -> tuple[int, int]:
    return run.stretch(0, len(run.digits))


def _said_passport(text: str, run: Run) -> Found | None:
    start, end = _around(run)
    letter = _SPOKEN_LETTER.search(text[:start])
    if letter is None or not 7 <= len(run.digits) <= 9:
        return None
    if not _near(_PASSPORT_CUE, text, letter.start(), end):
        return None
    return Found(start=letter.start(), end=end, kind="passport")


def _said_resident(text: str, run: Run) -> Found | None:
    for first in sorted(run.breaks):
        digits = run.digits[first : first + 13]
        if len(digits) == 13 and len(run.digits) - first <= 14 and birth_of(digits) is not None:
            return _said(run, first, first + 13, "resident")
    return None


def _said_card(text: str, run: Run) -> Found | None:
    if len(run.digits) not in (15, 16, 17):
        return None
    if luhn_fits(run.digits[:16]) or _near(_CARD_CUE, text, *_around(run)):
        return _said(run, 0, len(run.digits), "card")
    return None


def _said_licence(text: str, run: Run) -> Found | None:
    fits = len(run.digits) in (12, 13) and 11 <= int(run.digits[:2]) <= 28
    if fits and _near(_LICENCE_CUE, text, *_around(run)):
        return _said(run, 0, len(run.digits), "licence")
    return None


def _said_account(text: str, run: Run) -> Found | None:
    fits = 10 <= len(run.digits) <= 15 and not _SPOKEN_MOBILE.match(run.digits)
    if fits and _near(_ACCOUNT_CUE, text, *_around(run)):
        return _said(run, 0, len(run.digits), "account")
    return None


def _said_phone(text: str, run: Run) -> Found | None:
    match = _SPOKEN_MOBILE.search(run.digits)
    if match is not None:
        return _said(run, match.start(), match.end(), "phone")
    for first in sorted(run.breaks):
        match = _SPOKEN_LANDLINE.match(run.digits, first)
        if match is not None and len(run.digits) - match.end() <= 1:
            return _said(run, first, match.end(), "phone")
    near = _near(_PHONE_CUE, text, *_around(run))
    if near and len(run.digits) >= 9 and run.digits.startswith("01"):
        return _said(run, 0, len(run.digits), "phone")  # a digit was swallowed
    return None


_SPOKEN: tuple[Callable[[str, Run], Found | None], ...] = (
    _said_passport,
    _said_licence,
    _said_account,
    _said_card,
    _said_resident,
    _said_phone,
)
