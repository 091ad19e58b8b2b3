"""Cases that resemble another: the same matter reported twice, and what was answered before.

Twins share the dong, some weeks and the spot; then the matter decides: the category, and the
meaning of the sentence that tells it, for greetings and pleas are alike in all cases. What a
citizen may learn of somebody else's case is a type of its own without any words in it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import DocketRow, DocketState
from demo.store.docket import OPEN, joined_to_it
from demo.store.indexing import Indexer, matter
from demo.store.meaning import Meanings, unpack
from demo.store.search import EVERYTHING, Filters, Search
from demo.store.search_tables import IndexedRow
from demo.store.tables import CaseRow
from demo.store.tokens import tokens
from pipelines.drafting.clock import KOREA
from pipelines.errors import CaseNotFound

if TYPE_CHECKING:
    from pipelines.drafting.classify import Classifier
    from pipelines.drafting.embed import Vectors

WINDOW = dt.timedelta(days=30)
MOST_AROUND = 2_000
"""Cases of one dong within the window that are looked at, the newest."""
MOST_READ = 12
"""Of those at one spot, the nearest in meaning, whose sentences are compared."""
CLOSE_M = 80.0
SAME_CATEGORY = 0.25
"""Beside a cosine; this and TWIN measured: docs/decisions/search.md."""
UNKNOWN_SPOT = 0.5
SAME_SPOT = 0.7
TWIN = 0.2
"""From this score on two cases at one spot are offered as one matter."""
ALIKE = 0.3
"""A cosine from which on the meaning is given as a reason."""
TELLING = 0.5
"""Of a share: from here on it is named as a reason."""
WEEK_DAYS = 7
Reason = Literal["spot", "meaning", "category", "week"]
SIDES = frozenset(
    (
        "앞 옆 뒤 뒤쪽 뒤편 앞쪽 옆쪽 건너 건너편 맞은편 정문 후문 입구 출구 골목 "
        "근처 부근 인근 주변 쪽 사이 일대"
    ).split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A case, or what is about to become one. Personal data is masked."""

    text: str
    place: str
    categories: Mapping[str, float]
    """Category -> confidence; an official's choice has 1."""
    district: str | None
    dong: str | None
    filed_at: dt.datetime
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A case that may be about the same matter, for officials."""

    number: str
    score: float
    meaning: float
    """0 to 1."""
    spot: float
    """0 to 1: how alike the places are."""
    category: float
    """0 to 1: how sure it is that both are of one category."""
    days: int
    """Between the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joinable:
    """All that a citizen may learn of somebody else's case."""

    number: str
    """For our own code, which lets the citizen join; never shown."""
    category: str
    dong: str | None
    week: dt.date
    """The Monday of the week in which it was filed."""
    state: DocketState
    joined: int
    """How many others have joined it."""


class Similar:
    """Thread-safe."""

    def __init__(
        self,
        database: Database,
        search: Search,
        meanings: Meanings,
        indexer: Indexer,
        classifier: Classifier,
    ) -> None:
        self._database, self._search = database, search
        self._meanings, self._indexer = meanings, indexer
        self._classifier = classifier

    def twins(self, number: str, *, limit: int = 5) -> tuple[Twin, ...]:
        """Open cases that report the same matter, the likeliest first. Raises CaseNotFound."""
        with self._database.read() as session:
            case_id, about, vector = self._of(session, number)
            found = self._around(session, about, vector, but=case_id)
        return tuple(twin for twin, _ in found[:limit])

    def joinable(self, about: Matter, *, limit: int = 3) -> tuple[Joinable, ...]:
        """Open cases that a citizen may join instead of filing the same again."""
        vector = self._indexer.vector(matter(self._indexer.masked(about.text), about.place))
        with self._database.read() as session:
            found = self._around(session, about, vector, but=None)
        return tuple(
            Joinable(
                number=twin.number,
                category=row.category,
                dong=row.dong,
                week=_monday(row.filed_at),
                state=row.state,
                joined=row.joined,
            )
            for twin, row in found[:limit]
        )

    def answered(
        self, number: str, *, filters: Filters = EVERYTHING, limit: int = 5
    ) -> tuple[str, ...]:
        """Numbers of answered cases about such a matter, wherever and whenever, nearest first.

        Raises CaseNotFound.
        """
        seen = [*filters.conditions(), DocketRow.state == "answered"]
        with self._database.read() as session:
            case_id, _, vector = self._of(session, number)
            near = self._search.nearest(session, vector, seen, limit + 1)
            wanted = [other for other in near if other != case_id][:limit]
            named = sa.select(CaseRow.id, CaseRow.number).where(CaseRow.id.in_(wanted))
            numbers = dict(session.execute(named).tuples().all())
        return tuple(numbers[other] for other in wanted if other in numbers)

    def _of(self, session: Session, number: str) -> tuple[int, Matter, Vectors]:
        wanted = (
            sa.select(DocketRow, CaseRow.draft, IndexedRow.text, IndexedRow.vector)
            .join(CaseRow, CaseRow.id == DocketRow.case_id)
            .outerjoin(IndexedRow, IndexedRow.case_id == DocketRow.case_id)
            .where(CaseRow.number == number)
        )
        found = session.execute(wanted).one_or_none()
        if found is None:
            raise CaseNotFound
        row, draft, text, blob = found
        vector = unpack([blob])[0] if blob else self._indexer.vector(text or row.title)
        about = Matter(
            text=text or row.title,
            place=row.place,
            categories=categories_of(draft, row.category),
            district=row.district,
            dong=row.dong,
            filed_at=row.filed_at,
            latitude=row.latitude,
            longitude=row.longitude,
        )
        return row.case_id, about, vector

    def _around(
        self, session: Session, about: Matter, vector: Vectors, *, but: int | None
    ) -> list[tuple[Twin, sa.Row[Any]]]:
        if about.dong is None:
            return []  # somewhere is nowhere: every complaint of that kind would be offered
        self._meanings.refresh(session)
        rows = session.execute(_nearby(about)).all()
        near = [row for row in rows if row.case_id != but and alike_spots(about, row) >= SAME_SPOT]
        cosines = self._meanings.cosines(vector, [row.case_id for row in near])
        near.sort(key=lambda row: -cosines.get(row.case_id, -1.0))
        found = [
            (weighed(about, row, meaning), row)
            for row, meaning in self._compared(session, about, near[:MOST_READ])
        ]
        twins = [(twin, row) for twin, row in found if twin.score >= TWIN]
        return sorted(twins, key=lambda pair: -pair[0].score)

    def _compared(
        self, session: Session, about: Matter, rows: Sequence[sa.Row[Any]]
    ) -> list[tuple[sa.Row[Any], float]]:
        """Each with the cosine of the two sentences that tell the matters."""
        ids = [row.case_id for row in rows]
        wanted = sa.select(IndexedRow.case_id, IndexedRow.text).where(IndexedRow.case_id.in_(ids))
        texts = dict(session.execute(wanted).tuples().all())
        if not texts:
            return []
        chosen = max(about.categories, key=lambda code: about.categories[code], default="")
        mine = self._classifier.gist(matter(about.text, about.place), chosen)
        return [
            (row, float(mine @ self._classifier.gist(texts[row.case_id], row.category)))
            for row in rows
            if row.case_id in texts
        ]


def categories_of(draft: Mapping[str, Any] | None, category: str) -> dict[str, float]:
    """What the model held possible, unless an official decided."""
    offered = (draft or {}).get("category_candidates", [])
    shares = {entry["category"]: float(entry["confidence"]) for entry in offered}
    chosen = max(shares, key=lambda code: shares[code], default=None)
    return shares if chosen == category else {category: 1.0}


def _nearby(about: Matter) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            DocketRow.case_id,
            CaseRow.number,
            DocketRow.category,
            DocketRow.place,
            DocketRow.district,
            DocketRow.dong,
            DocketRow.latitude,
            DocketRow.longitude,
            DocketRow.filed_at,
            DocketRow.state,
            joined_to_it().label("joined"),
        )
        .join(CaseRow, CaseRow.id == DocketRow.case_id)
        .where(
            DocketRow.district == about.district,
            DocketRow.dong == about.dong,
            DocketRow.state.in_(OPEN),
            DocketRow.filed_at.between(about.filed_at - WINDOW, about.filed_at + WINDOW),
        )
        .order_by(DocketRow.filed_at.desc())
        .limit(MOST_AROUND)
    )


def weighed(about: Matter, row: Any, meaning: float) -> Twin:  # noqa: ANN401 - a row of _nearby
    """How likely two cases at one spot are one matter, and why."""
    category = about.categories.get(row.category, 0.0)
    return Twin(
        number=row.number,
        score=meaning + SAME_CATEGORY * category,
        meaning=max(0.0, meaning),
        spot=alike_spots(about, row),
        category=category,
        days=abs((about.filed_at - row.filed_at).days),
    )


def alike_spots(one: Matter, other: Any) -> float:  # noqa: ANN401 - a row of _nearby
    """0 to 1: by position where both have one, otherwise by the words left of the shorter place."""
    if None not in (one.latitude, one.longitude, other.latitude, other.longitude):
        return math.exp(-_metres(one, other) / CLOSE_M)
    areas = {one.dong or "", *(one.district or "").split()}
    mine, others = _spot(one.place, areas), _spot(other.place, areas)
    if not mine or not others:
        return UNKNOWN_SPOT
    return len(mine & others) / min(len(mine), len(others))


def _spot(place: str, areas: set[str]) -> set[str]:
    """What is left of a place without its area and without the side from which it is seen."""
    for area in sorted(areas, key=len, reverse=True):
        place = place.replace(area, " ") if area else place
    place = " ".join(word for word in place.split() if word not in SIDES)
    return {token for token in tokens(place) if len(token) > 1 or token.isdigit()}


def _metres(one: Matter, other: Any) -> float:  # noqa: ANN401 - a row of _nearby
    north = (one.latitude or 0.0) - other.latitude
    east = ((one.longitude or 0.0) - other.longitude) * math.cos(math.radians(other.latitude))
    return 111_320.0 * math.hypot(north, east)


def _monday(moment: dt.datetime) -> dt.date:
    day = moment.astimezone(KOREA).date()
    return day - dt.timedelta(days=day.weekday())


def reasons(twin: Twin) -> tuple[Reason, ...]:
    """What speaks for it, for words on a page."""
    found: dict[Reason, bool] = {
        "spot": twin.spot >= SAME_SPOT,
        "meaning": twin.meaning >= ALIKE,
        "category": twin.category >= TELLING,
        "week": twin.days <= WEEK_DAYS,
    }
    return tuple(name for name, holds in found.items() if holds)
