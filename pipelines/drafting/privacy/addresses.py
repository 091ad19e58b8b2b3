"""Where somebody lives: an address behind a cue, or one that names a single home.

A place that a complaint is about ("성산동 125-3 앞 가로등") is no personal data: without it nobody
finds the street lamp. So an address counts where a cue says whose it is, or a flat's number does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.drafting.privacy.found import Found

_PROVINCE = (
    "서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주"
    "|충청[남북]|전라[남북]|경상[남북]"
)
_REGION = (
    rf"(?:(?:(?:{_PROVINCE})(?:특별자치도|특별자치시|특별시|광역시|시|도)?"
    r"|[가-힣]{1,5}[시군구읍면리]|[가-힣]{1,5}\d{0,2}동)[,\s]{1,2})"
)
_NOT_A_HOUSE = (
    r"(?![\d,.]*\s?(?:km|m\b|㎡|미터|킬로|차로|차선|번\s?출구|호선|년|월|일|시|분|원|명|개|건|%"
    r"|만|천|억|배|회|번째))"
)
_ROAD = (
    r"[가-힣]{1,10}\d{0,3}(?:대로|로|길)(?:\s?\d{1,3}번?[가-하]?길)?"
    rf"\s?(?:지하\s?)?\d{{1,4}}(?:-\d{{1,4}})?{_NOT_A_HOUSE}"
)
_LOT = (
    r"[가-힣]{1,5}\d{0,2}(?:동|리|가|읍|면)\s?(?:산\s?)?"
    rf"\d{{1,4}}(?:-\d{{1,4}})?(?:번지)?{_NOT_A_HOUSE}"
)
_BUILDING = (
    r"[가-힣A-Za-z0-9]{1,14}(?:아파트|빌라|오피스텔|맨션|연립|주공|빌리지|타운|하이츠|자이|래미안"
    r"|푸르지오|힐스테이트|아이파크|편한세상|더샵|캐슬|센트럴|파크|팰리스|원룸|고시원|빌딩|단지|주택|하우스)"
    r"(?:\s?\d{1,2}단지|\s?\d차)?"
)
_UNIT = (
    r"(?:(?:제?\d{1,4}동|[가-하A-Z]동)[\s,]?(?:(?:지하\s?)?\d{1,2}층[\s,]?)?제?\d{2,4}호"
    r"|(?:(?:지하\s?|지층\s?|[BＢ])?\d{1,2}층[\s,]?)?\d{2,4}호|\d{3,4}-\d{3,4}호?)"
)
_DONG = r"(?:[,\s]{0,2}\([가-힣0-9, ]{2,20}\))"
_HOUSE = re.compile(
    rf"(?<![가-힣A-Za-z\d]){_REGION}{{0,4}}(?:{_ROAD}|{_LOT}){_DONG}?"
    rf"(?:[,\s]{{1,2}}{_BUILDING})?(?P<unit>[,\s]{{0,2}}{_UNIT})?(?:[,\s]{{1,2}}\d{{1,2}}층)?{_DONG}?"
)
_FLAT = re.compile(
    rf"(?<![가-힣A-Za-z\d]){_REGION}{{0,4}}{_BUILDING}[,\s]{{0,2}}"
    r"(?:제?\d{1,4}동|[가-하A-Z]동)?[\s,]?(?:\d{1,2}층\s?)?제?\d{2,4}호"
)
_SAID = "일이삼사오육칠팔구십백천"
_SAID_FLAT = re.compile(
    rf"(?<![가-힣])(?P<building>{_REGION}{{0,4}}{_BUILDING}\s)?[{_SAID}]{{1,7}}동\s?[{_SAID}]{{2,8}}호"
)
_CUE_BEFORE = re.compile(
    r"(?:주\s{0,4}소(?:지)?|거주지|거\s?소|체류지|자택|본적|등록\s?기준지|사는\s?(?:곳|집)|집은|집이|배송지|배달지"
    r"|우편물|(?:사시는|받을|보낼)\s?곳|송달\s?장소|씨\s댁|住所|地址|direcci[oó]n|address|live\s(?:at|in))[^\d\n]{0,10}$",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"\s?(?:에|에서)?\s?(?:[가-힣]{1,6}\s){0,2}(?:살고|살아|삽니다|사는|사시는|산다|거주|주민인|[가-힣]{1,6}[을를]\s(?:하는|운영)|입주민|세입자|로\s?(?:보내|우편|발송|배송))"
)
CUE_LETTERS = 16


def find_addresses(text: str) -> Iterator[Found]:
    """In order of their forms; they may overlap."""
    for match in _HOUSE.finditer(text):
        if match["unit"] or _whose(text, *match.span()):
            yield Found(start=match.start(), end=match.end(), kind="address")
    for match in _FLAT.finditer(text):
        yield Found(start=match.start(), end=match.end(), kind="address")
    for match in _SAID_FLAT.finditer(text):
        if match["building"] or _whose(text, *match.span()):
            yield Found(start=match.start(), end=match.end(), kind="address")


def _whose(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - CUE_LETTERS) : start]
    return bool(_CUE_BEFORE.search(before) or _CUE_AFTER.match(text, end))
