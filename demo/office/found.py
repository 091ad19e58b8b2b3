"""What the search knows, in the desk's terms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from demo.office.similar import SimilarCase
from demo.store import search
from demo.store.docket import Docket, Filters
from demo.store.similar import Similar, reasons
from pipelines.drafting.clock import midnight

MOST_FOUND = 200
"""Of one question: nobody reads more, and the other filters still choose among them."""
MOST_TWINS, MOST_ANSWERED = 3, 4
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Thread-safe."""

    docket: Docket
    cases: search.Search
    alike: Similar

    def find(self, text: str, filters: Filters) -> Sequence[str]:
        """Numbers, best first, of what the filters let through; of a receipt number that one alone.

        Raises StoreUnavailable.
        """
        asked = search.Filters(
            departments=(filters.department,) if filters.department else (),
            states=filters.states,
            categories=(filters.category,) if filters.category else (),
            district=filters.district or "",
            filed_from=midnight(filters.filed_from) if filters.filed_from else None,
            filed_until=midnight(filters.filed_to + DAY) if filters.filed_to else None,
        )
        hits = self.cases.search(text, filters=asked, limit=MOST_FOUND)
        exact = [hit for hit in hits if "number" in hit.how]
        return tuple(hit.number for hit in exact or hits)

    def similar(self, number: str) -> Sequence[SimilarCase]:
        """Open cases that may be the same, then answered ones like it. Raises CaseNotFound."""
        twins = {twin.number: twin for twin in self.alike.twins(number, limit=MOST_TWINS)}
        answered = self.alike.answered(number, limit=MOST_ANSWERED)
        items = self.docket.many(list(dict.fromkeys([*twins, *answered])))
        return [
            SimilarCase(item=item, duplicate=True, reasons=reasons(twins[item.number]))
            if item.number in twins
            else SimilarCase(item=item)
            for item in items
        ]
