"""Finding filed cases: by number, by words, by meaning, and by both together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.receipts import read_number
from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.meaning import Meanings
from demo.store.tables import CaseRow
from demo.store.tokens import terms
from demo.store.words import Term, index_of
from pipelines import korean
from pipelines.places import Areas

if TYPE_CHECKING:
    from demo.store.meaning import Ids
    from pipelines.drafting.embed import Embedder, Vectors

By = Literal["all", "words", "meaning"]
Conditions = Sequence[sa.ColumnElement[bool]]
"""On DocketRow: what the asker may see and wants to see."""
LONGEST_QUERY = 400
CANDIDATES = 400
"""Found by words, before meaning is weighed too."""
NEAR = 60
"""Found by meaning alone."""
MEANING = 5.0
"""What a cosine weighs beside the share of the words: among complaints it runs from about 0.75 to
0.95. Chosen on the dev questions, see docs/decisions/search.md."""
SEEN_FIRST = 2_000
"""The best, before filters: more only where too few of them may be seen."""
SURE = 99.0
"""The score of a receipt number that is typed in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the asker may see, and what they want to see; empty = all."""

    departments: Collection[str] = ()
    states: Collection[str] = ()
    categories: Collection[str] = ()
    district: str = ""
    filed_from: dt.datetime | None = None
    filed_until: dt.datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """On DocketRow."""
        made: list[sa.ColumnElement[bool]] = []
        for column, values in (
            (DocketRow.department, self.departments),
            (DocketRow.state, self.states),
            (DocketRow.category, self.categories),
        ):
            if values:
                made.append(column.in_(sorted(values)))
        if self.district:
            made.append(DocketRow.district == self.district)
        if self.filed_from is not None:
            made.append(DocketRow.filed_at >= self.filed_from)
        if self.filed_until is not None:
            made.append(DocketRow.filed_at < self.filed_until)
        return made


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One case that was found."""

    case_id: int
    number: str
    score: float
    """Larger is better; compares within one answer only."""
    how: tuple[str, ...]
    """number, words, meaning: what found it."""


class Search:
    """Thread-safe. Nothing that the filters leave out is returned, whichever way it was found."""

    def __init__(
        self, database: Database, embedder: Embedder, meanings: Meanings, areas: Areas
    ) -> None:
        self._database, self._embedder, self._meanings = database, embedder, meanings
        self._areas = areas
        self._words = index_of(database.engine)

    def search(
        self, query: str, *, filters: Filters = EVERYTHING, limit: int = 20, by: By = "all"
    ) -> tuple[Hit, ...]:
        """The best first. Any text is a query: signs of search languages mean nothing here.

        Raises StoreUnavailable.
        """
        query = query.replace("\0", " ").strip()[:LONGEST_QUERY]
        if not query:
            return ()
        places = [place for _, _, place in self._areas.place_spans(query)]
        asked = terms(query, korean.content(query, verbs=False))
        vector = None if by == "words" else self._embedder.query([_about(query, places)])[0]
        conditions = filters.conditions()
        with self._database.read() as session:
            found = self._ranked(session, asked, vector, conditions, limit, by)
            exact = self._exact(session, query, conditions)
            return self._hits(session, exact, found, limit)

    def _ranked(
        self,
        session: Session,
        asked: Sequence[Term],
        vector: Vectors | None,
        conditions: Conditions,
        limit: int,
        by: By,
    ) -> dict[int, tuple[float, set[str]]]:
        """Case id -> (score, what found it)."""
        worded: dict[int, float] = {}
        if by != "meaning":
            ids, shares = self._words.find(session, asked)
            first = self._allowed(session, ids, conditions, CANDIDATES if by == "all" else limit)
            worded = {int(ids[at]): float(shares[at]) for at in first}
        if vector is None:
            return {n: (share, {"words"}) for n, share in worded.items()}
        near = self.nearest(session, vector, conditions, max(limit, NEAR))
        if by == "meaning":
            return {n: (cosine, {"meaning"}) for n, cosine in near.items()}
        # What one way found is weighed the other way too: a case that both know a little of must
        # not lose to one that only one of them knows well.
        cosines = near | self._meanings.cosines(vector, list(worded))
        found: dict[int, tuple[float, set[str]]] = {}
        for n in {*worded, *near}:
            how = ({"words"} if n in worded else set()) | ({"meaning"} if n in near else set())
            found[n] = (worded.get(n, 0.0) + MEANING * cosines.get(n, 0.0), how)
        return found

    def nearest(
        self, session: Session, vector: Vectors, conditions: Conditions, limit: int
    ) -> dict[int, float]:
        """Ids of cases -> cosine, the nearest first."""
        self._meanings.refresh(session)
        if not conditions:
            return dict(self._meanings.best(vector, limit))
        near = self._meanings.best(vector, SEEN_FIRST)
        ids = np.array([case_id for case_id, _ in near], dtype=np.int64)
        first = self._allowed(session, ids, conditions, limit)
        if len(first) >= limit or len(near) < SEEN_FIRST:
            return dict(near[at] for at in first)
        every = np.fromiter(session.scalars(sa.select(DocketRow.case_id).where(*conditions)), int)
        return dict(self._meanings.best(vector, limit, among=every))

    def _allowed(self, session: Session, ids: Ids, conditions: Conditions, limit: int) -> list[int]:
        """Positions of the first `limit` ids that the conditions let through."""
        if not conditions:
            return list(range(min(limit, len(ids))))
        wanted = sa.select(DocketRow.case_id).where(*conditions)
        some = [int(n) for n in ids[:SEEN_FIRST]]
        allowed = set(session.scalars(wanted.where(DocketRow.case_id.in_(some))))
        kept = [at for at, n in enumerate(some) if n in allowed]
        if len(kept) < limit and len(ids) > SEEN_FIRST:
            every = np.fromiter(session.scalars(wanted), int)
            kept = [int(at) for at in np.flatnonzero(np.isin(ids, every))]
        return kept[:limit]

    def _exact(self, session: Session, query: str, conditions: Conditions) -> list[int]:
        number = read_number(query)
        if number is None:
            return []
        wanted = (
            sa.select(DocketRow.case_id)
            .join(CaseRow, CaseRow.id == DocketRow.case_id)
            .where(CaseRow.number == number, *conditions)
        )
        return list(session.scalars(wanted))

    def _hits(
        self,
        session: Session,
        exact: Sequence[int],
        found: dict[int, tuple[float, set[str]]],
        limit: int,
    ) -> tuple[Hit, ...]:
        scores = found | {case_id: (SURE, {"number"}) for case_id in exact}
        best = sorted(scores, key=lambda case_id: (-scores[case_id][0], -case_id))[: 2 * limit]
        # What was deleted a moment ago is in no docket any more.
        named = (
            sa.select(CaseRow.id, CaseRow.number)
            .join(DocketRow, DocketRow.case_id == CaseRow.id)
            .where(CaseRow.id.in_(best))
        )
        numbers = dict(session.execute(named).tuples().all())
        hits = [
            Hit(
                case_id=case_id,
                number=numbers[case_id],
                score=scores[case_id][0],
                how=tuple(sorted(scores[case_id][1])),
            )
            for case_id in best
            if case_id in numbers
        ]
        return tuple(hits[:limit])


def _about(query: str, places: Sequence[str]) -> str:
    """The query without the places that it names, as cases are: see `indexing.matter`."""
    bare = query
    for place in places:
        bare = bare.replace(place, " ")
    bare = " ".join(bare.split())
    return bare if len(bare) > 1 else query
