"""Digits as people say them -> runs of plain digits that know where they stand.

Korean digit by digit ("공일공 일이삼사"), as numbers ("천이백삼십사"), with figures between, with
the words that people say for a dash; English, Spanish, Japanese and Chinese digit by digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KOREAN = dict(zip("공영일이삼사오육륙칠팔구", "001234566789", strict=True)) | dict(
    zip("하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉".split(), "123456789", strict=True)
)
_UNITS = {"천": 1000, "백": 100, "십": 10}
_EASTERN = (
    dict(zip("零〇一二三四五六七八九", "00123456789", strict=True))
    | {"幺": "1", "两": "2", "ゼロ": "0", "れい": "0", "いち": "1", "に": "2", "さん": "3"}
    | {"よん": "4", "し": "4", "ご": "5", "ろく": "6", "なな": "7", "しち": "7", "はち": "8"}
    | {"きゅう": "9", "く": "9", "ゼロー": "0", "まる": "0"}
)
_LATIN = (
    dict(
        zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True)
    )
    | dict(
        zip(
            "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),
            "0123456789",
            strict=True,
        )
    )
    | {"oh": "0", "o": "0"}
)


def _any(words: dict[str, str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SAID = (
    _any(_KOREAN)
    .replace("|이", r"|(?:(?<!\d)이|이(?!\s))")
    .replace("|일|", r"|(?:(?<!\d)일|일(?!\s))|")
)
"""Behind a figure and before a blank, 이 is a particle and 일 a day."""


_DASH = "다시|대시|하이픈|빼기|짝대기"
_PAUSE = rf"\s{{0,2}}(?:[-,.·]|{_DASH}|국에|국의|번에|에|의|국|음|어)?[,.]?\s{{0,2}}"
_ENDS_A_WORD = r"(?!(?<=[가-힣])[가-힣](?![가-힣]))"
"""A single syllable that hangs on a word is none: 착공 2025.12.15."""
_KO = re.compile(rf"{_ENDS_A_WORD}(?:{_SAID}|[천백십]|\d)(?:{_PAUSE}(?:{_SAID}|[천백십]|\d)){{6,}}")
_DATE = re.compile(r"(?:19|20)\d\d\s?[.-]\s?\d{1,2}\s?[.-]\s?\d{1,2}")
"""Figures of a date behind a word that could be digits: 1차 공사 2025.03.02."""
_KO_STEP = re.compile(rf"(?:{_DASH})|(?P<digit>{_SAID}|\d)|(?P<unit>[천백십])")
_CJK = re.compile(rf"(?:{_any(_EASTERN)}|\d)(?:[\s,、の・-]{{0,2}}(?:{_any(_EASTERN)}|\d)){{8,}}")
_CJK_STEP = re.compile(rf"(?P<digit>{_any(_EASTERN)}|\d)")
_WORD = rf"(?:(?:double|triple)\s)?(?:{_any(_LATIN)}|\d)"
_WEST = re.compile(
    rf"\b{_WORD}(?:[\s,.-]{{1,2}}(?:(?:dash|hyphen|guion|guión)\s)?{_WORD}){{6,}}\b", re.IGNORECASE
)
_WEST_STEP = re.compile(
    rf"(?:(?P<times>double|triple)\s)?\b(?P<digit>{_any(_LATIN)}|\d)\b", re.IGNORECASE
)
_ENDS = re.compile(r"에요|예요|고|구요|구|라|며|거|야|요|었|니|지|네|죠|란|랑|나|든|다|면|기")
"""Behind a 이 that belongs to "it is" and is no two."""


RESIDENT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Digits in a row. `spans[i]`: where digit i stands; `breaks`: indices after a pause."""

    digits: str
    spans: tuple[tuple[int, int], ...]
    breaks: frozenset[int]

    def stretch(self, first: int, last: int) -> tuple[int, int]:
        """Where the digits [first:last] stand in the text."""
        return self.spans[first][0], self.spans[last - 1][1]


def runs(text: str) -> Iterator[Run]:
    """Every run that has a spoken digit or a spoken dash in it, in order for each language."""
    for match in _KO.finditer(text):
        said = match.group()
        if not said.replace(" ", "").isascii() and not _DATE.search(said):
            run = _korean(text, match)
            if len(run.digits) == RESIDENT - 1:  # only a resident number is so long, less a two
                run = _korean(text, match, particle=False)
            yield run
    for pattern, step, words in ((_CJK, _CJK_STEP, _EASTERN), (_WEST, _WEST_STEP, _LATIN)):
        for match in pattern.finditer(text):
            if re.search(r"[^\W\d]", match.group()):
                yield _plain_run(match, step, words)


def _korean(text: str, match: re.Match[str], *, particle: bool = True) -> Run:
    """`particle`: a last 이 before an ending is none of the digits."""
    end = match.end()
    glued = particle and text[end - 1] == "이" and _ENDS.match(text, end) is not None
    made = _Made()
    group: list[re.Match[str]] = []
    for step in _KO_STEP.finditer(text, match.start(), end - glued):
        spoken = step["digit"] or step["unit"]
        if group and (not spoken or step.start() != group[-1].end()):
            made.add_group(group)
            group = []
        if spoken:
            group.append(step)
    made.add_group(group)
    return made.run(through=end)


def _plain_run(match: re.Match[str], step: re.Pattern[str], words: dict[str, str]) -> Run:
    made = _Made()
    last = match.start()
    for found in step.finditer(match.string, match.start(), match.end()):
        if found.start() - last > 1 or "\n" in match.string[last : found.start()]:
            made.pause()
        sign = found["digit"].lower()
        times = {"double": 2, "triple": 3}.get((found.groupdict().get("times") or "").lower(), 1)
        made.add(words.get(sign, sign) * times, found.span())
        last = found.end()
    return made.run()


class _Made:
    """A run in the making."""

    def __init__(self) -> None:
        self._digits = ""
        self._spans: list[tuple[int, int]] = []
        self._breaks = {0}

    def add(self, digits: str, span: tuple[int, int]) -> None:
        self._digits += digits
        self._spans += [span] * len(digits)

    def pause(self) -> None:
        self._breaks.add(len(self._digits))

    def add_group(self, group: list[re.Match[str]]) -> None:
        """Signs without a pause between them: digits, or a number with its units."""
        if not group:
            return
        self.pause()
        if not any(step["unit"] for step in group):
            for step in group:
                self.add(_KOREAN.get(step["digit"], step["digit"]), step.span())
            return
        total, digit = 0, ""
        for step in group:
            if step["unit"]:
                total += int(digit or 1) * _UNITS[step["unit"]]
                digit = ""
            else:
                digit += _KOREAN.get(step["digit"], step["digit"])
        told = str(total + int(digit or 0))
        self.add(told, (group[0].start(), group[-1].end()))

    def run(self, through: int = 0) -> Run:
        """`through`: the last digit reaches so far; a 이 that may be a two is hidden with it."""
        self.pause()
        if self._spans:
            start, end = self._spans[-1]
            self._spans[-1] = start, max(end, through)
        return Run(digits=self._digits, spans=tuple(self._spans), breaks=frozenset(self._breaks))
