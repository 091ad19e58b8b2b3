"""What kind of thing a question asks for, in five languages, and whether a text holds such a thing.

"How much" is not answered by a line without a figure: the cheapest sign that a similar line is not
the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMERALS = (
    r"\d|[한두세네]\s?(?:명|개|건|번|대|마리|곳|장|달|해|시간|살|가지|차례|군데|집|조)|다섯|여섯|일곱|여덟|아홉|열\s"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|once|twice|none|dos|tres|cuatro|cinco)\b"
    r"|[一二三四五六七八九十両两]"
)
_FREE = r"무료|면제|받지 않|내지 않|\bfree\b|no charge|no fine|\bnone\b|無料|免费|gratis|gratuit"
_TIME = (
    r"\d|요일|매일|매주|매월|연중|평일|주말|공휴일|자정|정오|상시|즉시|바로|날|때|전까지|이내|공포|월·|화·|분기|아침|저녁|새벽"
    r"|midnight|noon|day|week|month|night|morning|always|曜|毎|月|日|时|時|星期|周|lunes|martes|día|mes"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A kind of answer: how it is asked for and what it looks like."""

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]


_NATIVE = "한두세네다섯여섯일곱여덟아홉열스무"
# Counters: what a question counts with, and what an answer may count the same thing with.
_COUNTERS = {
    "살|세": "살|세",
    "명|분|사람": "명|인|분|사람",
    "마리": "마리",
    "대": "대|면",
    "번|회|차례": "번|회|차례|매[일주월년]|분기",
    "개월|달|년|해|주|일|시간|분|며칠": "개월|달|년|해|주|일|시간|분|밤",
    "건|개|가지|곳|군데|종": "건|개|가지|곳|군데|종|호",
    "층": "층",
    "도|미터|킬로|평|톤|쪽|장|권": "도|미터|킬로|평|톤|쪽|장|권|m|kg|㎡|제곱",
}


def _wanted(name: str, asked: str, held: str) -> Wanted:
    return Wanted(
        name=name,
        asked=re.compile(asked, re.IGNORECASE),
        held=re.compile(held, re.IGNORECASE),
    )


KINDS = (
    _wanted(
        "email",
        r"전자우편|이메일|메일 ?주소|\be-?mail\b|メール|邮箱|邮件|correo electr",
        r"@",
    ),
    _wanted(
        "phone",
        r"전화번호|전화 번호|몇 번으로|연락처|phone number|telephone|which number"
        r"|電話番号|电话号码|teléfono",
        r"\d{2,4}[-)\s.]\s?\d{3,4}|\b1\d{2,3}\b",
    ),
    _wanted(
        "percent",
        r"몇 ?(?:퍼센트|프로|%)|비율은|할인율|what percent|何パーセント|百分之几|porcentaje",
        r"\d\s?(?:%|퍼센트|percent|パーセント|割)|" + _FREE,
    ),
    _wanted(
        "money",
        r"(?:요금|비용|가격|금액|수수료|이용료|사용료|입장료|수강료|료|비|값|시급|월급|수당|보증금|상금|보조금)[은는이가을를]?"
        r"\s?(?:\S+\s){0,2}얼마|how much (?:does|do|is|are) .*(?:cost|fee|ticket|price|sticker)"
        r"|what does .* cost|いくら|多少钱|金额是|cuánto cuesta|precio",
        r"\d\s?(?:만|천|백|억)?\s?(?:\d+천?)?\s?(?:원|won|円|元|달러|€)|[₩$¥€]|%|퍼센트|배의|"
        + _FREE,
    ),
    _wanted(
        "time",
        r"언제|며칠|몇 ?시|몇 ?월|무슨 ?요일|기한|\bwhen\b|what time|which days?|until when"
        r"|いつ|何時|何日|何曜日"
        r"|什么时候|几点|哪天|cuándo|a qué hora",
        _TIME,
    ),
    *(
        _wanted(
            f"count {asked}",
            rf"몇\s?(?:{asked})(?!으로|째)",
            rf"(?:\d|[{_NATIVE}]\s?|[십백천만억]\s?)(?:{held})|\b\d+\b(?=\s[a-z])|전[혀부]|{_FREE}",
        )
        for asked, held in _COUNTERS.items()
    ),
    _wanted(
        "number",
        r"얼마|몇|how (?:much|many|long|far|often)|いくつ|どれくらい|どのくらい"
        r"|何(?:人|個|台|回|番|枚|分|年|歳)"
        r"|多少|几|多长|cuánt",
        _NUMERALS + "|" + _FREE,
    ),
)


def wanted_by(question: str) -> Wanted | None:
    """The first kind that a question asks for; None where any words may answer."""
    return next((kind for kind in KINDS if kind.asked.search(question)), None)
