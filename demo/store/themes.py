"""What cases are about, found without being told: clusters of their vectors, each by examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.figures import Range
from demo.store.meaning import unpack
from demo.store.search_tables import IndexedRow
from pipelines.drafting.features import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.drafting.embed import Vectors

MOST = 2_000
"""Cases that are looked at, the newest."""
THEMES = 8
FEWEST = 3
"""Cases that make a theme."""
ROUNDS = 8
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Cases that mean alike."""

    share: float
    """Of the cases that were looked at."""
    titles: tuple[str, ...]
    """Masked titles of those in its middle, all different; the first names it."""


def themes(database: Database, asked: Range) -> tuple[Theme, ...]:
    """The largest first; () where there are too few cases. Raises StoreUnavailable."""
    wanted = (
        sa.select(DocketRow.title, IndexedRow.vector)
        .join(IndexedRow, IndexedRow.case_id == DocketRow.case_id)
        .where(*asked.conditions(), IndexedRow.vector.is_not(None))
        .order_by(DocketRow.filed_at.desc())
        .limit(MOST)
    )
    with database.read() as session:
        found = session.execute(wanted).all()
    if len(found) < FEWEST * THEMES:
        return ()
    vectors = unpack([row.vector for row in found])
    vectors = unit(vectors - vectors.mean(axis=0, keepdims=True))
    owner, centres = clusters(vectors, THEMES)
    made = []
    for at in range(len(centres)):
        mine = np.flatnonzero(owner == at)
        if len(mine) < FEWEST:
            continue
        nearest = mine[np.argsort(-(vectors[mine] @ centres[at]), kind="stable")]
        titles = dict.fromkeys(found[int(n)].title for n in nearest)
        made.append(Theme(share=len(mine) / len(found), titles=tuple(titles)[:EXAMPLES]))
    return tuple(sorted(made, key=lambda theme: -theme.share))


def clusters(vectors: Vectors, count: int) -> tuple[NDArray[np.intp], Vectors]:
    """(n, 384) unit rows -> (whose cluster each is, the unit centres); the same every time.

    Each first centre is the row that is least like those before it.
    """
    centres = vectors[:1]
    nearest = vectors @ centres[0]
    for _ in range(count - 1):
        centres = np.vstack([centres, vectors[int(nearest.argmin())]])
        nearest = np.maximum(nearest, vectors @ centres[-1])
    owner = (vectors @ centres.T).argmax(axis=1)
    for _ in range(ROUNDS):
        sums = np.zeros_like(centres)
        np.add.at(sums, owner, vectors)
        centres = unit(sums)
        owner = (vectors @ centres.T).argmax(axis=1)
    return owner, centres
