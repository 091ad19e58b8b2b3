"""Names of people, where something beside them says that they are one.

A Korean name looks like many ordinary words, so a surname alone never makes one: a label ("성명"),
an introduction ("저는 ... 입니다"), an ending ("씨", "올림") or a number beside it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines import korean
from pipelines.drafting.privacy.found import Found
from pipelines.drafting.privacy.words import (
    AFTER_NAMES,
    DOUBLE_SURNAMES,
    GIVEN_SYLLABLES,
    JOSA,
    LABELS,
    NOT_NAMES,
    ROLES,
    SURNAMES,
    TITLES,
)

_SURNAME = f"[{''.join(SURNAMES)}]"
_DOUBLE = "|".join(DOUBLE_SURNAMES)
_END = rf"(?=(?:{'|'.join(sorted(JOSA, key=len, reverse=True))})?(?![가-힣]))"
_LONG = rf"(?:(?:{_DOUBLE})[가-힣]{{1,2}}|{_SURNAME}[가-힣]{{2}})"
_NAME = rf"(?:(?:{_DOUBLE})[가-힣]{{1,2}}|{_SURNAME}[가-힣]{{2}}|{_SURNAME}[가-힣])"
_SPACED = (
    rf"(?:{_SURNAME}\s{{1,3}}[가-힣]\s{{1,3}}[가-힣]|{_SURNAME}\s{{1,2}}[가-힣]{{2}}"
    rf"|(?:{_DOUBLE})\s[가-힣]{{1,2}})(?![가-힣])"
)
_LABEL = "|".join(sorted((*LABELS, *ROLES), key=len, reverse=True)).replace(" ", r"\s{0,6}")
_LABEL += "|[가-힣]{1,4}[자인주]명"
"""입금자명, 예약자명: who somebody is, and that a name follows."""
_STARTS = r"(?<![가-힣A-Za-z0-9])"
_GAP = (
    r"(?:\s?\([^()\d]{1,12}\))?(?:\s{0,3}(?:성\s?명|이\s?름|성함|함자))?"
    r"(?:(?:은|는|이|가)요?|도|의)?\s{0,3}"
)
"""A particle hangs on the label; behind a blank the name begins ("보호자 은나래")."""
_COLON = r"[:：=|/,]\s{0,4}|[\t\n]\s*|\s{2,6}"
_LABELLED = re.compile(
    rf"(?<![가-힣])(?:{_LABEL}){_GAP}(?P<colon>{_COLON})?\s?(?P<name>{_NAME}){_END}"
)
_LATIN = r"[A-ZÁÉÍÓÚÑ][\w'.-]*(?:[ -](?:(?:de|la|del|van|von|bin)\s)?[A-ZÁÉÍÓÚÑ][\w'.-]*){1,3}"
_LABELLED_FOREIGN = re.compile(
    rf"(?<![가-힣])(?:{_LABEL}|외국인|체류자|근로자){_GAP}(?:{_COLON})?\s?(?P<name>{_LATIN}|[\u4e00-\u9fff]{{2,4}}(?![\u4e00-\u9fff]))"
)
_LABELLED_SPACED = re.compile(rf"(?<![가-힣])(?:{_LABEL}){_GAP}(?:{_COLON})(?P<name>{_SPACED})")
_LIVES = r"(?:[가-힣0-9\s-]{2,20}(?:사는|거주하는|거주하고 있는|다니는|근무하는|일하는)\s)?"
_BORN = r"(?:이?라고|이라는)"
_SAYS = [
    re.compile(
        rf"{_STARTS}(?:저는|제가|나는|내가|저|전|제\s?이름은|이름은|이름이)\s{{1,2}}{_LIVES}(?P<name>{_NAME})"
        r"(?=\s?(?:입니다|인데|이고|이구|이?라고|이?라는|이?에요|예요|이며|고요|구요|이요)|요(?![가-힣])"
        r"|[이가]\s아니|[이가]\s아닙)"
    ),
    re.compile(rf"{_STARTS}(?:저|본인)\s(?P<name>{_LONG})(?=[은는]\s)"),
    re.compile(rf"{_STARTS}(?P<name>{_LONG})(?=이?라는\s(?:사람|분))"),
    re.compile(rf"{_STARTS}(?P<name>{_LONG})(?=\s외\s?\d{{1,5}}\s?[명인])"),
    re.compile(
        rf"(?:^|[.!?,]\s?|\n|안녕하세요\s|안녕하십니까\s|안녕하세요[.,]\s|사는\s)(?P<name>{_NAME})"
        rf"(?={_BORN}\s?(?:합니다|해요|하는데|하고|하며|불러))"
    ),
    re.compile(
        rf"(?:안녕하세요|안녕하십니까|여보세요|네|예|[에서] 사는)[.,]?\s{_LIVES}(?P<name>{_LONG})"
        r"(?=입니다|인데|이?에요|예요|이?요(?![가-힣]))"
    ),
    re.compile(rf"(?:{'|'.join(ROLES)})\s?\((?P<name>{_NAME})\)"),
    re.compile(rf"{_STARTS}(?P<name>{_NAME})(?=\s(?:씨|님){_END})"),
    re.compile(rf"{_STARTS}(?P<name>{_LONG})(?=\s(?:{'|'.join(AFTER_NAMES)})님?{_END})"),
    re.compile(rf"{_STARTS}(?P<name>{_LONG})(?=(?:씨|님)(?![가-힣]{{2}}))"),
    re.compile(rf"{_STARTS}(?P<name>{_LONG})(?=\s올립니다)"),
    re.compile(
        rf"{_STARTS}(?P<name>{_NAME}|{_SPACED})(?=\s{{0,3}}(?:올림|드림|배상|귀하|\((?:인|서명|印)|㊞))"
    ),
]
_NO_WHO = (
    r"[가-힣]{0,3}(?:법인|무인|승인|확인|개인|원인|요인|할인|글자|의자|상자|전자|숫자|모자|과자|그림자"
    r"|적자|흑자|투자|이자|한자|격자|액자|십자|동인|라인|시인|공인|봉인|날인)\s"
)
"""Words in 자 and 인 that are no person."""
_WHO_DID = re.compile(
    r"(?:드린|했던|(?:접수|신청|문의|신고|통화|제출|방문|요청|예약|등록)한|낸|넣은|올린|남긴|보낸|받은|사는"
    rf"|다니는|일하는|근무하는|하는|있는|온)\s(?P<name>{_LONG})(?=인데|입니다|이?에요|예요|이?라고|올시다)"
)
_WHOEVER = re.compile(
    rf"(?<![가-힣])(?!{_NO_WHO})[가-힣]{{1,5}}[자인]\s?(?P<colon>[:：]\s{{0,3}})?(?<=[\s:：])(?P<name>{_LONG}){_END}"
)
_NO_PERSONS = "장실판관권세금비물점료율부소도과청"
"""What things end in and given names hardly ever: for cues that are weak."""
_THINGS = re.compile(
    r"(?:골목|길|도로|거리|다리|동네|마을|학교|가게|식당|상호|회사|단체|건물|공원|하천|노선|정류장|병원"
    r"|제품|약|강아지|고양이|개)(?:의)?\s(?:이름|명칭)[은이]\s{0,2}$"
)
_ALONE = re.compile(rf"{_STARTS}(?P<name>{_LONG}){_END}")
_NO_NAME_ALONE = _NO_PERSONS + "동리길로역구시군읍면산천교문선단"
_BEHIND = re.compile(rf"\s?(?:\((?P<name>{_NAME})\)|[,/]\s?(?P<listed>{_LONG})\s?(?=[,/]|$|\n))")
_NAMED = re.compile(r"성\s?명|이\s?름|성함")
_BESIDE = re.compile(
    rf"{_STARTS}(?P<name>{_NAME})\s?(?P<mark>[(,/·:])?\s?"
    r"(?:(?:연락처|전화(?:번호)?|휴대(?:폰|전화)|핸드폰|[Tt][Ee][Ll]|[Hh]\.?[Pp]|T|☎)\s?[.:：]?\s?)?$"
)
LOOK_BEHIND = 20
_FOREIGN = [
    re.compile(
        r"(?i:\b(?:my name is|name\s?[:：]|this is|i am|i'm|me llamo|mi nombre es"
        r"|nombre\s?[:：]|soy))\s{1,2}"
        r"(?P<name>[A-ZÁÉÍÓÚÑ][\w'.-]*(?:\s(?:de\s|la\s|del\s)?[A-ZÁÉÍÓÚÑ][\w'-]+){1,3})"
    ),
    re.compile(
        r"(?:名前は|氏名は?|お名前は?)\s?[:：]?\s?"
        r"(?P<name>[\u4e00-\u9fffぁ-ヿ々]{1,4}\s?[\u4e00-\u9fffァ-ヿ々]{1,4}?)"
        r"(?=です|と|\s|$|[、。,.(])"
    ),
    re.compile(r"(?:はじめまして|私は)[、。]?(?P<name>[\u4e00-\u9fff々]{2,6})(?=です)"),
    re.compile(r"(?P<name>[\u4e00-\u9fff々]{2,6})(?=と(?:申し|言い|いい)ます)"),
    re.compile(r"我是(?P<name>(?:(?![人国的民生工住市户])[\u4e00-\u9fff]){2,3})(?=[,，。、;；])"),
    re.compile(
        r"(?:我叫|(?:姓名|联系人|申请人|投诉人|户主)\s?[:：]?\s?|名字(?:是|叫)\s?)(?!姓名|电话|手机|地址)"
        r"(?P<name>[\u4e00-\u9fff]{2,4}?)(?=[,，。.\s、;；]|$)"
    ),
]
_GAP_ENDS = " \t\n:：=|/,)은는이가도의요"
_NO_NAME_ENDS = ("하고", "하는", "에게", "에서", "으로")
_HUNG_SURELY = frozenset("는을를의와과에")
_VERB_ENDS = "요다까죠"
"""A sentence that ends right before a number ("전화 주세요 010-...")."""
_NOT_FOREIGN = re.compile(r"^(?:a|the|not|from|in|at|so|very|I|My|Your|The|This|It)\b")


def find_names(text: str, beside: list[Found]) -> Iterator[Found]:
    """`beside`: numbers that were found; a name may stand right before one."""
    if re.search("[가-힣]", text):
        yield from _korean(text)
        for number in beside:
            yield from _beside(text, number)
    for pattern in _FOREIGN:
        for match in pattern.finditer(text):
            if not _NOT_FOREIGN.match(match["name"]):
                yield _found(match)


def _beside(text: str, number: Found) -> Iterator[Found]:
    """A name right before or behind somebody's number."""
    match = _BEHIND.match(text, number.end)
    group = "name" if match and match["name"] else "listed"
    if match is not None and _sounds_like_one(match[group], short=True) and _is_name(match[group]):
        yield _found(match, group=group)
    shift = max(0, number.start - LOOK_BEHIND)
    match = _BESIDE.search(text[shift : number.start])
    if match is None or number.kind not in ("phone", "resident"):
        return
    likely = _sounds_like_one(match["name"], short=match["mark"] == "(")
    if likely and _is_name(match["name"]) and match["name"][-1] not in _VERB_ENDS:
        yield _found(match, shift)


def _korean(text: str) -> Iterator[Found]:
    yield from _labelled(text)
    for pattern in (_WHO_DID, _WHOEVER):
        for match in pattern.finditer(text):
            name = match["name"]
            plain = name[:2] in NOT_NAMES or name[-1] in _NO_PERSONS
            if _sounds_like_one(name) and _is_name(name) and not plain:
                yield _found(match)
    yield from _alone(text)
    for match in _LABELLED_FOREIGN.finditer(text):
        yield _found(match)
    for pattern in _SAYS:
        for match in pattern.finditer(text):
            name = "".join(match["name"].split())
            thing = _THINGS.search(text[: match.start("name")])
            if _sounds_like_one(name, short=True) and _is_name(name) and not thing:
                yield _found(match)


def _alone(text: str) -> Iterator[Found]:
    """Without any cue: a word that sounds like a name and that no dictionary has."""
    likely = [
        match
        for match in _ALONE.finditer(text)
        if match["name"][-1] not in _NO_NAME_ALONE
        and _sounds_like_one(match["name"])
        and _is_name(match["name"])
    ]
    unknown = korean.unknown(text) if likely else frozenset()
    for match in likely:
        if match.span("name") in unknown:
            yield _found(match)


def _labelled(text: str) -> Iterator[Found]:
    for match in _LABELLED_SPACED.finditer(text):
        if _is_name("".join(match["name"].split()), labelled=True):
            yield _found(match)
    for match in _LABELLED.finditer(text):
        front = text[match.start() : match.start("name")]
        named = not front.startswith(ROLES) or _NAMED.search(front)
        sure = bool(match["colon"] or named)
        glued = text[match.start("name") - 1] not in _GAP_ENDS
        if glued and not sure:
            continue
        enough = _sounds_like_one(match["name"]) if glued or not sure else True
        thing = _THINGS.search(text[: match.start("name")])
        if enough and not thing and _is_name(match["name"], labelled=bool(match["colon"])):
            yield _found(match)


def _found(match: re.Match[str], shift: int = 0, group: str = "name") -> Found:
    start, end = match.span(group)
    return Found(start=start + shift, end=end + shift, kind="name")


def _sounds_like_one(word: str, *, short: bool = False) -> bool:
    """True where its given name is made of syllables that given names are made of."""
    given = word[2:] if word.startswith(DOUBLE_SURNAMES) else word[1:]
    return (short or len(word) > 2) and all(sign in GIVEN_SYLLABLES for sign in given)


def _is_name(word: str, *, labelled: bool = False) -> bool:
    """False for an ordinary word, alone or with what people hang on it.

    Behind a label and a colon only what can't end a name counts as hung on: 홍보라 is one.
    """
    if word in NOT_NAMES or word in TITLES or word in ROLES or word.endswith(_NO_NAME_ENDS):
        return False
    if len(word) == 2 and word[1] in _HUNG_SURELY:
        return False
    hung = _HUNG_SURELY if labelled else JOSA
    return not any(word[:length] in NOT_NAMES and word[length:] in hung for length in (2, 3))
