"""What a draft says against what the evidence holds: places, numbers, dates and nouns."""

from __future__ import annotations

import re
import unicodedata

from pipelines.korean import nouns

# What the task itself brings into every draft, whatever the complaint: kept as small as it can be,
# and without any word that names a thing, a place, a person or an event.
_KOREAN_FRAME = """
요청 신고 문의 건의 민원 민원인 불편 문제 사항 내용 상황 상태 관련 확인 점검 조치 처리 해결 개선
필요 발생 접수 안내 답변 조사 검토 대응 지원 요구 희망 의견 제안 현재 최근 곳 것 점 등 때문 위치
장소 신속
"""
_OTHER_FRAME = """
request requests requested report reports reported complaint complaints problem problems issue
issues please need needs needed want wants asks asked inspect inspection check fix repair resolve
action take address situation about with from that this have been there their they citizen caller
speaker because which when where while would should could
solicita solicitud pide queja problema problemas reporte reporta necesita revisar arreglar para
porque como cuando donde esta este desde sobre hace hacer favor situación ciudadano
"""
FRAME_WORDS = frozenset(_KOREAN_FRAME.split())
_LATIN_FRAME = frozenset(_OTHER_FRAME.split())
_HAN_FRAME = frozenset(
    "的了在是有和请求要希望解决处理问题检查修理报告投诉情况附近对为需要进行能够尽快因此"
    "要望苦情確認対応修理報告必要状況改善問題点検調査希望依頼周辺付近早急"
)
_COUNT = "시간|차례|마리|군데|번|개|명|달|주|시|일|년|월|층|대|건|분|째|살|곳|장|호"
_NATIVE = {
    1: "한|하나",
    2: "두|둘",
    3: "세|셋|석",
    4: "네|넷|넉",
    5: "다섯",
    6: "여섯",
    7: "일곱",
    8: "여덟",
    9: "아홉",
    10: "열",
    20: "스무|스물",
    30: "서른",
    40: "마흔",
    50: "쉰",
}
_VALUES = {form: value for value, forms in _NATIVE.items() for form in forms.split("|")}
# "한번" and "한 곳" are manners of speech; a single 한 is let through.
_SAID = re.compile(
    rf"(?<![가-힣])(?P<word>{'|'.join(sorted(_VALUES.keys() - {'한'}, key=len, reverse=True))})"
    rf"\s?(?P<count>{_COUNT})"
)
_NUMBER = re.compile(rf"(?P<digits>\d+)(?:\s?(?P<count>{_COUNT}))?")
_SINO = "영일이삼사오육칠팔구"
_ENDINGS = ("mente", "ciones", "ción", "ing", "ies", *("ed", "es", "os", "as"), *"syoae")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")
_SPACES = re.compile(r"\s+")


class Held:
    """The words of the evidence, ready to be asked whether they carry a claim."""

    def __init__(self, text: str, language: str) -> None:
        self._text = unicodedata.normalize("NFC", text)
        self._language = language
        self._squeezed = squeezed(self._text)
        self._stems = {_stem(word) for word in _latin_words(self._text)}
        self._single = (
            {part for noun in nouns(self._text) for part in (*noun.parts, noun.text)}
            if language == "ko"
            else set()
        )

    def missing(self, claim: str) -> tuple[str, ...]:
        """The places, numbers and nouns of a claim that the evidence doesn't hold, in order."""
        claim = unicodedata.normalize("NFC", claim)
        found = [
            match.group().replace(" ", "")
            for match in _NUMBER.finditer(_whole_numbers(claim))
            if not self._has_number(match["digits"], match["count"] or "")
        ]
        match self._language:
            case "ko":
                found += self._missing_counts(claim) + self._missing_nouns(claim)
            case "ja" | "zh":
                found += self._missing_signs(claim)
        if self._language != "ko":  # Latin letters within Korean are nouns already
            found += self._missing_latin(claim)
        return tuple(dict.fromkeys(found))

    def holds(self, phrase: str) -> bool:
        """True where the phrase itself stands in the evidence, spacing aside."""
        return squeezed(unicodedata.normalize("NFC", phrase)) in self._squeezed

    def _missing_nouns(self, claim: str) -> list[str]:
        missing = []
        for noun in nouns(claim):
            if not self._has_noun(noun.text) and not all(map(self._has_noun, noun.parts)):
                missing.append(noun.text)
        return missing

    def _has_noun(self, noun: str) -> bool:
        # One syllable stands in many a word that means something else (불 in 불편).
        said = self.holds(noun) if len(noun) > 1 else noun in self._single
        return said or noun in FRAME_WORDS

    def _missing_counts(self, claim: str) -> list[str]:
        """Numbers in words: "세 번" that nobody said, be it as "세 번" or as "3번"."""
        missing = []
        for match in _SAID.finditer(claim):
            value = _VALUES[match["word"]]
            digits = re.search(rf"(?<!\d){value}\s?{match['count']}", self._text)
            if not digits and not self.holds(match.group()):
                missing.append(match.group())
        return missing

    def _missing_signs(self, claim: str) -> list[str]:
        runs = re.findall(r"[\u4e00-\u9fff]+|[ァ-ヺー]{2,}", claim)
        missing = []
        for run in runs:
            if self.holds(run):
                continue
            if run[0] >= "\u4e00":
                lost = "".join(c for c in run if c not in self._squeezed and c not in _HAN_FRAME)
                missing += [run] if lost else []
            else:
                missing.append(run)
        return missing

    def _missing_latin(self, claim: str) -> list[str]:
        return [
            word
            for word in _latin_words(claim)
            if word not in _LATIN_FRAME and _stem(word) not in self._stems
        ]

    def _has_number(self, digits: str, count: str) -> bool:
        """The number with its counter: who called three times did not say three o'clock."""
        # A whole number of the evidence, not a piece of a longer one: "3" is not in "13".
        written = rf"(?<!\d){digits}(?!\d)" + (rf"\s?{count}" if count else "")
        if re.search(written, _whole_numbers(self._text)):
            return True
        return self._language == "ko" and bool(_spoken(digits, count).search(self._text))


def _whole_numbers(text: str) -> str:
    """12,000 as 12000: the comma within a number is no matter of truth."""
    return _THOUSANDS.sub("", text)


def squeezed(text: str) -> str:
    """Lower case, without white space: spacing is no matter of truth."""
    return _SPACES.sub("", text).lower()


def _spoken(digits: str, count: str) -> re.Pattern[str]:
    """How the number may have been said, with its counter (any where none is given) behind it:
    3 -> "세 번", "삼 년"."""
    value = int(digits)
    forms = [_NATIVE[value]] if value in _NATIVE else []
    if 10 < value < 60 and value % 10 and value - value % 10 in _NATIVE:
        tens = _NATIVE[value - value % 10].split("|")
        forms += [f"(?:{'|'.join(tens)})(?:{_NATIVE[value % 10]})"]
    forms.append(_sino(value))
    return re.compile(rf"(?:{'|'.join(forms)})\s?(?:{count or _COUNT})")


def _sino(value: int) -> str:
    """Sino-Korean reading below 10,000: 125 -> 백이십오."""
    if value == 0 or value >= 10_000:
        return _SINO[0] if value == 0 else str(value)
    out = ""
    for power, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit, value = divmod(value, power)
        if digit:
            out += ("" if digit == 1 and name else _SINO[digit]) + name
    return out


def _latin_words(text: str) -> list[str]:
    """Lower-cased words of four and more letters: shorter ones carry grammar, not facts."""
    return [w for w in re.findall(r"[a-záéíóúüñ]+", text.lower()) if len(w) >= 4]


def _stem(word: str) -> str:
    """Without the endings that number, tense and gender hang on."""
    for ending in (
        "mente",
        "ciones",
        "ción",
        "ing",
        "ies",
        "ed",
        "es",
        "os",
        "as",
        "s",
        "y",
        "o",
        "a",
        "e",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:6]
