"""Questions about a video that need no model: of a second, of the video itself, of when.

What a line says is told apart from when it is seen: times stand beside passages, not in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from pipelines.drafting.retrieve import Index, tokens, words_of
from pipelines.drafting.signs import ENOUGH_WORDS, covered
from pipelines.readers.evidence import FRAME_WORDS
from pipelines.writing import language_of

Itself = Literal["clock", "about"]

_ITSELF = FRAME_WORDS | frozenset(
    "시계 시각 시간 시점 날짜 며칠 일시 연도 요일 길이 개수 시작 끝 전체 모두 "
    "clock date day time year length duration scenes shots second seconds minute minutes start "
    "starts begin begins end ends taken filmed recorded made shot point pointing total".split()
)
"""Where nothing else is asked about, the video itself is."""
_CLOCK = re.compile(
    r"시계|시각|일시|날짜|몇 ?시(?!간)|며칠|몇 ?[월년]|언제|요일"
    r"|\bclock\b|\bdate\b|what (?:time|day)|\bwhen\b",
    re.IGNORECASE,
)
_O_CLOCK = re.compile(r"시계|시각|날짜|며칠|몇 ?시(?!간)|\bclock\b", re.IGNORECASE)
_LENGTH = re.compile(
    r"길이|몇 ?분 ?(?:짜리|길이|인|이)|몇 ?초 ?(?:짜리|길이|인|이)|얼마나 ?(?:길|긴|되)|몇 ?시간"
    r"|how long|\blength\b|\bduration\b",
    re.IGNORECASE,
)
_SCENES = re.compile(r"(?:장면|컷).*몇|몇.*(?:장면|컷)|how many (?:scenes|shots)", re.IGNORECASE)
_WHEN = re.compile(
    r"(?:언제|몇 ?초|몇 ?분)(?!까지).*(?:나오|나온|나와|나타|보이|보여|등장|뜨|뜹|떠|들리|들려)"
    r"|(?:언제|몇 ?초|몇 ?분)(?!까지).*(?:비치|지나가)"
    r"|(?:나오|나타나|보이|등장하|들리|지나가)는 ?(?:것은|때는|게|건|시점은) ?(?:언제|몇 ?초)"
    r"|언제쯤? ?(?:말|언급|이야기|얘기)"
    r"|(?:\bwhen\b|what (?:time|second)).*(?:appear|shown|seen|visible|show up|mention|said)",
    re.IGNORECASE,
)
_FIRST = re.compile(r"처음|맨 ?먼저|\bfirst\b", re.IGNORECASE)
_LAST = re.compile(r"마지막|\blast\b", re.IGNORECASE)
_AT = re.compile(
    r"(?:(?P<min>\d+)\s*분\s*)?(?<![\d:.])(?P<sec>\d+(?:\.\d+)?)\s*초(?!\s*(?:동안|간|이상|이내|마다))"
    r"|(?<![\d:])(?P<m>\d{1,2}):(?P<s>[0-5]\d)(?![\d:])"
    r"|\bat (?:second )?(?P<en>\d+(?:\.\d+)?)(?: ?s(?:ec(?:onds?)?)?)?\b",
    re.IGNORECASE,
)


_ASKS = FRAME_WORDS | frozenset("when does do did is are the a what time second of".split())
MEANS_IT = 0.83
"""Cosine of multilingual-e5; to anything else it says up to 0.82."""


def asked_moment(question: str) -> float | None:
    """The second that a question names ("1분 5초에", "0:12", "at 5 s"); None where none."""
    found = _AT.search(question)
    if found is None:
        return None
    if found["sec"]:
        return 60.0 * int(found["min"] or 0) + float(found["sec"])
    if found["m"]:
        return 60.0 * int(found["m"]) + float(found["s"])
    return float(found["en"])


def asked_itself(question: str) -> Itself | None:
    """What of the video itself is asked for: its length and scenes, or the clock on the picture.

    None where anything else is named: then the question is about what the video says or shows.
    """
    if any(len(word) > 1 and word.lower() not in _ITSELF for word in _matter(question)):
        return None
    length = _LENGTH.search(question) and not _O_CLOCK.search(question)
    if _SCENES.search(question) or length:
        return "about"
    return "clock" if _CLOCK.search(question) else None


def asked_when(question: str) -> bool:
    """True where the question is when something is seen or heard in the video.

    "When does it open" asks for what is said, not for the second in which it is.
    """
    return _WHEN.search(question) is not None


def found_when(index: Index, question: str, among: Collection[int]) -> list[int]:
    """Of passages in the order of their times: those that hold what is asked for best, all alike.

    Empty where none holds enough of it.
    """
    if among and language_of(question) != index.documents[index.owner[min(among)]].language:
        return _meant_when(index, question, list(among))
    held = {at: covered(index, question, index.passages[at].told, FRAME_WORDS) for at in among}
    best = max(held.values(), default=0.0)
    if best < ENOUGH_WORDS:
        return []
    there = [at for at in among if held[at] >= best - 0.01]
    if _FIRST.search(question):
        return there[:1]
    return there[-1:] if _LAST.search(question) else there


def _meant_when(index: Index, question: str, among: Sequence[int]) -> list[int]:
    """The one passage that means what is asked for; across languages words can't tell."""
    matter = " ".join(word for word in _matter(question) if word.lower() not in _ASKS)
    if not matter:
        return []
    alike = index.alike(matter, among)
    best = max(range(len(among)), key=alike.__getitem__)
    return [among[best]] if alike[best] >= MEANS_IT else []


def _matter(question: str) -> list[str]:
    """The words that a question is about, without verbs."""
    return [word for word in words_of(question, verbs=False) if tokens(word)]
