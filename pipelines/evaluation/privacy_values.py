"""What the invented lines are filled with: names, places, and digits as people say them."""

from __future__ import annotations

import random
from collections.abc import Sequence

SURNAMES = """
    김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 전 홍 고 문 양 손 배 백 허 남 심 노
    하 곽 성 차 주 우 구 민 진 나 지 엄 변 채 원 천 방 공 현 함 여 염 추 도 소 석 선 설 마 길 연
    위 표 명 기 반 왕 금 옥 육 인 맹 제 모 탁 국 어 은 편 남궁 황보 선우 제갈
""".split()
"""The commoner ones; four of two syllables."""
GIVEN = """
    민수 서연 지훈 하은 도윤 수빈 영호 순자 미경 재현 예진 동욱 은정 성호 경숙 지우 태양 나래
    보라 하늘 준 솔 영희 철수 병철 춘식 말숙 정우 유진 시우 아름 소영 광수 혜경 기범 다은 윤아
    상철 옥분 현준 건우 채원 주원 가은 인수 복동 필수 규리 세아 로운
""".split()
BANKS: list[tuple[str, tuple[int, ...]]] = [
    ("국민은행", (6, 2, 6)),
    ("신한은행", (3, 3, 6)),
    ("우리은행", (4, 3, 6)),
    ("농협", (3, 4, 4, 2)),
    ("기업은행", (3, 6, 2, 3)),
    ("하나은행", (3, 6, 5)),
    ("카카오뱅크", (4, 2, 7)),
    ("새마을금고", (4, 4, 4, 1)),
    ("우체국", (6, 2, 6)),
]
LOCALS = "hong mskim seoyeon.lee dohwan jiwoo citizen park1988 blue_sky apple choi-jh".split()
DOMAINS = "naver.com gmail.com daum.net hanmail.net kakao.com nate.com example.co.kr".split()
DOMAINS_SAID = (
    "네이버 점 컴", "네이버 닷컴", "지메일 점 com", "다음 점 넷", "naver.com", "한메일 닷넷",
)  # fmt: skip
DISTRICTS = [
    ("서울특별시", "마포구"), ("서울시", "강서구"), ("부산광역시", "해운대구"),
    ("경기도", "수원시 팔달구"), ("대전", "유성구"), ("충청북도", "청주시 흥덕구"),
    ("전남", "여수시"), ("강원특별자치도", "춘천시"),
]  # fmt: skip
ROADS = "월드컵북로 중앙로 은행나무길 한빛대로 가로수길 성미산로12길 세종로 강변로3번길".split()
DONGS = "성산동 합정동 우동 매교동 봉명동 복대동 학동 퇴계동".split()
APARTMENTS = "한빛아파트 푸른마을아파트 은하빌라 햇살오피스텔 별빛맨션 새봄연립".split()
PLACES = (
    "은행나무 사거리 앞", "성산동 125-3", "마포구청역 2번 출구", "월드컵북로 23", "중앙시장 입구",
    "한강공원",
)  # fmt: skip
LAWS = "민원처리법 도로교통법 「건축법」 「개인정보 보호법」 주민등록법 공동주택관리법".split(" ")
ENGLISH_NAMES = "John Smith|Mary Ann Jones|Peter O'Brien|Grace Lee".split("|")
JAPANESE_NAMES = "田中太郎 佐藤花子 鈴木一郎 高橋美咲".split()
CHINESE_NAMES = "王小明 李娜 张伟 陈美玲".split()
SPANISH_NAMES = "Juan Pérez|María García López|Carlos Núñez".split("|")

_SYLLABLES = ("공", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_WORDS = {
    "en": "zero one two three four five six seven eight nine".split(),
    "ja": "ゼロ いち に さん よん ご ろく なな はち きゅう".split(),
    "zh": "零 一 二 三 四 五 六 七 八 九".split(),
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),
}
_ALSO = {"en": {0: "oh"}, "ja": {4: "し", 7: "しち", 9: "く"}, "zh": {1: "幺"}, "es": {}}


def in_syllables(digits: str, draw: random.Random) -> str:
    """1234 -> 일이삼사; some say 영 for 0."""
    zero = draw.choice("공공공영")
    return "".join(zero if digit == "0" else _SYLLABLES[int(digit)] for digit in digits)


def in_words(groups: Sequence[str], language: str, draw: random.Random) -> str:
    """A digit a word, a pause between groups."""
    words, also = _WORDS[language], draw.choice((_ALSO[language], {}))
    join = "" if language in ("zh", "ja") else " "
    pause = {"en": " ", "es": " ", "ja": draw.choice(("の", "、")), "zh": draw.choice(("", " "))}
    said = [join.join(also.get(int(d), words[int(d)]) for d in group) for group in groups]
    return pause[language].join(said)


def with_units(groups: Sequence[str], draw: random.Random) -> str:
    """The first group digit by digit, the others as numbers: 1234 -> 천이백삼십사."""
    first, *rest = groups
    join = draw.choice((" ", "에 ", " 다시 "))
    return join.join([in_syllables(first, draw), *map(_number, rest)])


def _number(group: str) -> str:
    if group[0] == "0":
        return "".join(_SYLLABLES[int(digit)] for digit in group)
    told = ""
    for digit, unit in zip(group, ("천", "백", "십", ""), strict=True):
        if digit != "0":
            told += ("" if digit == "1" and unit else _SYLLABLES[int(digit)]) + unit
    return told
