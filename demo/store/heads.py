"""What the officials decide teaches the head: versions kept, compared, taken back by one click.

A decision is a case whose category an official changed, or left as it was and answered. Heads learn
from the masked text of the index and from its vectors, never from what a citizen sent.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import CorrectionRow, DocketRow
from demo.store.meaning import unpack
from demo.store.search_tables import HeadRow, IndexedRow
from pipelines.drafting.classify import Classifier
from pipelines.drafting.learn import Learned, Rows, retrain
from pipelines.errors import MinwonError

log = logging.getLogger(__name__)

EVERY = 20
"""New corrections after which the head is trained again."""
MOST = 20_000
"""Decisions that are learned from, the newest."""
FOLDS = 5
"""One of so many cases is held out for ever."""
PAUSE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadView:
    """One version. `before` and `after` are shares of the held-out decisions."""

    id: int
    created_at: dt.datetime
    decisions: int
    held_out: int
    before: float | None
    after: float | None
    verdict: str
    active: bool


class Learning:
    """Thread-safe. One process trains for a database."""

    def __init__(
        self,
        database: Database,
        classifier: Classifier,
        *,
        categories: tuple[str, ...],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(tz=dt.UTC),
    ) -> None:
        """`categories`: the policy's codes, in its order."""
        self._database, self._classifier, self._now = database, classifier, now
        self._place = {code: at for at, code in enumerate(categories)}
        self._closing = threading.Event()
        self._training = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="learning", daemon=True)

    def load(self) -> None:
        """Have the classifier use the active version. Raises StoreUnavailable."""
        with self._database.read() as session:
            blob = session.scalar(sa.select(HeadRow.weights).where(HeadRow.active))
        self._classifier.adopt(Learned.from_bytes(blob) if blob is not None else None)

    def train(self) -> HeadView | None:
        """A new version from all decisions; active at once where it is better.

        None where nobody has decided anything. Raises StoreUnavailable, DiskFull.
        """
        with self._training:
            with self._database.read() as session:
                active = session.scalars(sa.select(HeadRow).where(HeadRow.active)).one_or_none()
                newest = session.scalar(sa.select(sa.func.max(HeadRow.created_at)))
                decided = self._decided(session, newest)
            if decided is None:
                return None
            present = Learned.from_bytes(active.weights) if active is not None else None
            fits = present is not None and present.key == self._classifier.key
            made = retrain(
                self._classifier.own_rows(), decided, present.head if present and fits else None
            )
            learned = Learned(head=made.head, key=self._classifier.key)
            row = HeadRow(
                created_at=self._now(),
                weights=learned.to_bytes(),
                decisions=made.decisions,
                held_out=made.held_out,
                before=made.before,
                after=made.after,
                verdict=made.verdict,
                active=False,
                facts={"guard_before": made.guard_before, "guard_after": made.guard_after},
            )
            with self._database.write() as session:
                session.add(row)
                session.flush()
                if made.verdict == "better":
                    _activate(session, row.id)
                session.refresh(row)
                view = _view(row)
            log.info("head %d from %d decisions: %s", view.id, view.decisions, view.verdict)
            self.load()
            return view

    def activate(self, head_id: int | None) -> None:
        """Go to that version, or with None back to the policy's own head.

        A version that is not there changes nothing. Raises StoreUnavailable, DiskFull.
        """
        with self._database.write() as session:
            if head_id is None or session.get(HeadRow, head_id) is not None:
                _activate(session, head_id)
        self.load()

    def versions(self, limit: int = 20) -> tuple[HeadView, ...]:
        """The newest first. Raises StoreUnavailable."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(HeadRow).order_by(HeadRow.id.desc()).limit(limit))
            return tuple(_view(row) for row in rows)

    def start(self) -> None:
        """Use the active version; follow the corrections behind."""
        self.load()
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _serve(self) -> None:
        while not self._closing.wait(PAUSE_S):
            try:
                if self._new_corrections() >= EVERY:
                    self.train()
            except MinwonError as exc:
                log.warning("learning waits: %s", exc.code)

    def _new_corrections(self) -> int:
        with self._database.read() as session:
            newest = session.scalar(sa.select(sa.func.max(HeadRow.created_at)))
            wanted = sa.select(sa.func.count()).where(CorrectionRow.field == "category")
            if newest is not None:
                wanted = wanted.where(CorrectionRow.time > newest)
            return session.scalar(wanted) or 0

    def _decided(self, session: Session, newest: dt.datetime | None) -> Rows | None:
        corrected = (
            sa.select(CorrectionRow.case_id, sa.func.max(CorrectionRow.time).label("time"))
            .where(CorrectionRow.field == "category")
            .group_by(CorrectionRow.case_id)
            .subquery()
        )
        time = sa.func.coalesce(corrected.c.time, DocketRow.answered_at, type_=sa.DateTime())
        wanted = (
            sa.select(
                DocketRow.case_id,
                DocketRow.category,
                IndexedRow.text,
                IndexedRow.vector,
                corrected.c.time.label("corrected_at"),
                DocketRow.answered_at,
            )
            .join(IndexedRow, IndexedRow.case_id == DocketRow.case_id)
            .outerjoin(corrected, corrected.c.case_id == DocketRow.case_id)
            .where(
                IndexedRow.vector.is_not(None),
                DocketRow.category.in_(self._place),
                sa.or_(corrected.c.case_id.is_not(None), DocketRow.state == "answered"),
            )
            .order_by(time.desc())
            .limit(MOST)
        )
        found = session.execute(wanted).all()
        if not found:
            return None
        times = [row.corrected_at or row.answered_at for row in found]
        vectors = unpack([row.vector for row in found])
        return Rows(
            features=self._classifier.features(vectors, [row.text for row in found]),
            labels=np.array([self._place[row.category] for row in found], dtype=np.intp),
            held_out=np.array([_held_out(row.case_id) for row in found]),
            known=np.array([newest is not None and (t is None or t <= newest) for t in times]),
        )


def _held_out(case_id: int) -> bool:
    return zlib.crc32(str(case_id).encode()) % FOLDS == 0


def _activate(session: Session, head_id: int | None) -> None:
    session.execute(sa.update(HeadRow).values(active=False))
    if head_id is not None:
        session.execute(sa.update(HeadRow).where(HeadRow.id == head_id).values(active=True))


def _view(row: HeadRow) -> HeadView:
    return HeadView(
        id=row.id,
        created_at=row.created_at,
        decisions=row.decisions,
        held_out=row.held_out,
        before=row.before,
        after=row.after,
        verdict=row.verdict,
        active=row.active,
    )
