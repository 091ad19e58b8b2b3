"""Korean text -> the stretches that name a place, found word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipelines.places.words import (
    DAYS,
    JOSA,
    LANDMARKS,
    NO_NAME,
    NO_ROAD,
    NOT_LANDMARKS,
    NOT_RAISED,
    POSITIONS,
    WEAK_PLACES,
)

if TYPE_CHECKING:
    from pipelines.places import Areas

PartKind = Literal["area", "road", "landmark", "generic", "number", "position"]
WEIGHT = {"area": 4, "road": 4, "landmark": 4, "generic": 1, "number": 1, "position": 1}
NAMES_A_PLACE = {"area", "road", "landmark"}

_WORD = re.compile(r"[가-힣A-Za-z0-9]+(?:[-~·.][가-힣A-Za-z0-9]+)*")
_NUMBER = re.compile(
    r"(?:산\s?)?(?:\d+(?:-\d+)*|[일이삼사오육칠팔구십]+(?=[번호층차]))"
    r"(?:번지|번길|번가길|번|호선|호|동|층|단지|가|통|반|차|공구|길|m|미터)?"
)
_ROAD = re.compile(r"[가-힣]{2,}\d*(?:대로|로|길)(?:\d+(?:번?[가-하]?길)?)?(?:\d+(?:-\d+)?)?")
_ROAD_JOSA = frozenset(["에", "에서", "에는", "에도", "변", "변에", "쪽", "쪽에", "을", "를", "의"])
_QUANTITY = re.compile(
    r" ?\d+(?:[.,]\d+)*\s?(?:일|개월|주|년|월|시(?!장)|분|초|부|건|회|명|인|통|매|장|원|만|천|배|점"
    r"|%|퍼센트|k?m|미터|킬로|㎞|㎡|차선|차로)"
)
"""Behind a road stands the number of a house; "만료일로 3일" is none."""
_PARTICLE_END = tuple("은는을를이가에서의고요다도로와과면니까게")
_NO_NAME_END = (
    "까지",
    "부터",
    "마다",
    "처럼",
    "이란",
    "이나",
    "한",
    "된",
    "될",
    "할",
    "던",
    "진",
    "해",
    "및",
)
"""Verbs before a noun ("정해진 주차장", "침범한 도로") and particles of two syllables."""
_BY_LENGTH = tuple(sorted(JOSA, key=len, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One word that can belong to a place; `end` leaves out the particle `josa`."""

    kind: PartKind
    start: int
    end: int
    josa: str


def korean_spans(areas: Areas, text: str) -> list[tuple[int, int]]:
    """(start, end) of the places in a text, best first, the longest reading before shorter ones."""
    scored: dict[tuple[int, int], float] = {}
    for chain in _chains(_parts(areas, text), text):
        for span, score in _readings(chain, text):
            scored[span] = max(score, scored.get(span, 0.0))
    return sorted(scored, key=lambda span: (-scored[span], span))


def is_bare(areas: Areas, place: str) -> bool:
    """True where a Korean place has no name in it: "병원", "골목 입구"; nobody finds it by that."""
    parts = _parts(areas, place)
    if not parts or any(part.kind in NAMES_A_PLACE for part in parts):
        return False
    # "한빛 아파트" has one: what no part covers is its name.
    return len(place.replace(" ", "")) == sum(part.end - part.start for part in parts)


def _parts(areas: Areas, text: str) -> list[Part]:
    words = list(_WORD.finditer(text))
    parts: list[Part] = []
    for match in words:
        before = parts[-1] if parts else None
        beside = before is not None and not before.josa and match.start() - before.end == 1
        part = _part(areas, text, match, before if beside else None)
        if part:
            parts.append(part)
    return parts


def _part(areas: Areas, text: str, match: re.Match[str], before: Part | None) -> Part | None:
    word = match.group()
    for josa in ("", *_BY_LENGTH):
        if not word.endswith(josa) or len(josa) >= len(word):
            continue
        stem = word[: len(word) - len(josa)]
        end = match.start() + len(stem)
        kind = _kind(areas, stem, josa, before, text[end:])
        if kind:
            return Part(kind=kind, start=match.start(), end=end, josa=josa)
    return None


def _kind(areas: Areas, stem: str, josa: str, before: Part | None, after: str) -> PartKind | None:
    if before is not None and stem in POSITIONS:
        return "position"
    if _NUMBER.fullmatch(stem):
        return "number" if before is not None else None
    if _is_area(areas, stem, before, after):
        return "area"
    if before is not None and stem == "산" and re.match(r" \d", after):
        return "number"
    if _is_road(stem, josa, before, after):
        return "road"
    return _landmark(stem)


def _is_area(areas: Areas, stem: str, before: Part | None, after: str) -> bool:
    names = areas.split(stem)
    if not names or sum(map(len, names)) != len(stem):
        return False
    if areas.is_definite(names):
        return True
    follows = before is not None and before.kind == "area"
    lot = re.match(r"\s?(산\s?)?\d+(-\d+|번지)", after)
    below = re.match(r" ([가-힣0-9]+)", after)
    chained = below is not None and _goes_on(areas, names, below.group(1))
    return follows or bool(lot) or chained


def _goes_on(areas: Areas, names: tuple[str, ...], word: str) -> bool:
    following = areas.split(word)
    return bool(following) and areas.is_definite((*names, *following))


def _is_road(stem: str, josa: str, before: Part | None, after: str) -> bool:
    if stem in NO_ROAD or not _ROAD.fullmatch(stem) or _is_day(stem, josa):
        return False
    if any(character.isdigit() for character in stem):
        return True
    if any(stem.endswith(word) for word in NO_ROAD if len(word) > 2):
        return False
    figure = re.match(r" ?\d", after) is not None
    number = figure and not _QUANTITY.match(after)
    beside_area = before is not None and before.kind == "area"
    if stem.endswith("길") and len(stem) > 2 and (josa in _ROAD_JOSA or beside_area or figure):
        return True
    below = re.match(r" ([가-힣]+)", after)
    leads = below is not None and not josa and _begins_a_place(below.group(1))
    return number or beside_area or leads or josa in _ROAD_JOSA


def _is_day(stem: str, josa: str) -> bool:
    """The day from which something runs: "접수일로부터", "발급일로"."""
    return josa == "부터" or (stem.endswith("일로") and stem[:-2].endswith(DAYS))


def _begins_a_place(word: str) -> bool:
    stems = [word, *(word[: -len(josa)] for josa in JOSA if word.endswith(josa))]
    return any(stem in POSITIONS or stem in LANDMARKS for stem in stems)


def _landmark(stem: str) -> PartKind | None:
    if stem.endswith("부터"):  # a particle, whatever it stands behind; "터" is a place
        return None
    for ending in LANDMARKS:
        if stem.endswith(ending):
            if stem == ending:
                return "generic" if len(stem) > 1 else None
            if stem in NOT_LANDMARKS or stem in NO_ROAD:
                return "generic" if stem in LANDMARKS or stem in WEAK_PLACES else None
            if ending == "고가" and stem[:-1].endswith(NOT_RAISED):  # "사고가 났어요"
                return None
            return "generic" if stem[: -len(ending)] in NO_NAME else "landmark"
    return None


def _chains(parts: list[Part], text: str) -> Iterator[list[Part]]:
    """Runs of parts that stand side by side; "에 있는" and "의" join, other particles end a run."""
    chain: list[Part] = []
    for part in parts:
        if chain and not _joins(chain[-1], part, text):
            yield chain
            chain = []
        chain.append(part)
    if chain:
        yield chain


def _joins(left: Part, right: Part, text: str) -> bool:
    between = text[left.end : right.start]
    if not left.josa:
        return between == " "
    return between in ("의 ", "에 있는 ", " 에 있는 ") and right.kind != "area"


def _readings(chain: list[Part], text: str) -> Iterator[tuple[tuple[int, int], float]]:
    """The whole chain, then what is left when words after its last position word are cut off."""
    while chain and chain[0].kind in {"position", "number"}:
        chain = chain[1:]
    if not chain:
        return
    named = _with_name(chain[0], text)
    for last in range(len(chain), 0, -1):
        kept = chain[:last]
        whole = last == len(chain)
        if not whole and (chain[last].kind == "number" or kept[-1].kind == "area"):
            continue
        score = sum(WEIGHT[part.kind] for part in kept) + (0.0 if whole else -0.5)
        if any(part.kind in NAMES_A_PLACE for part in kept):
            score += 10
        if named is not None:
            yield (named, kept[-1].end), score + 3
        yield (kept[0].start, kept[-1].end), score


def _with_name(first: Part, text: str) -> int | None:
    """Where the word before a bare ending starts, if it can be its name: "한빛 아파트"."""
    if first.kind != "generic":
        return None
    match = re.search(r"([가-힣A-Za-z0-9]{2,}) $", text[: first.start])
    name = match.group(1) if match else ""
    if match is None or name in NO_NAME or name.endswith((*_PARTICLE_END, *_NO_NAME_END)):
        return None
    return None if _QUANTITY.fullmatch(name) else match.start(1)
