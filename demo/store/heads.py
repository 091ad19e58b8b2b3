"""What the officials decide teaches the head: versions kept, compared, taken back by one click.

A decision is a case whose category or department an official changed, or left as they were and
answered. Heads learn from the masked text of the index and from its vectors, never from what a
citizen sent.
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
from pipelines.drafting.decided import Rows
from pipelines.drafting.learn import Learned
from pipelines.drafting.policy import Policy
from pipelines.drafting.teach import Verdict, retrain
from pipelines.errors import MinwonError

log = logging.getLogger(__name__)

EVERY = 20
"""New corrections after which the head is trained again."""
MOST = 20_000
"""Decisions that are learned from, the newest."""
FOLDS = 5
"""One of so many cases is held out for ever."""
PAUSE_S = 5.0
TAUGHT = ("category", "department")
"""Corrected fields that heads learn."""
NOBODY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadView:
    """One version. `before` and `after` are shares of the held-out decisions.

    The same of their departments in `routed_before` and `routed_after`. `doubtful`: decisions that
    were left out because they look drawn by lot.
    """

    id: int
    created_at: dt.datetime
    decisions: int
    held_out: int
    before: float | None
    after: float | None
    routed_before: float | None
    routed_after: float | None
    doubtful: int
    verdict: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    rows: Rows
    case_ids: tuple[int, ...]


class Learning:
    """Thread-safe. One process trains for a database."""

    def __init__(
        self,
        database: Database,
        classifier: Classifier,
        *,
        policy: Policy,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(tz=dt.UTC),
    ) -> None:
        """`policy`: the classifier's."""
        self._database, self._classifier, self._now = database, classifier, now
        self._place = {entry.code: at for at, entry in enumerate(policy.categories)}
        self._desks = {name: at for at, name in enumerate(policy.departments)}
        self._own = {entry.code: self._desks[entry.department] for entry in policy.categories}
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
                decided = self._decided(session, active)
            if decided is None:
                return None
            present = Learned.from_bytes(active.weights) if active is not None else None
            fits = present is not None and present.key == self._classifier.key
            made = retrain(self._classifier.own_rows(), decided.rows, present if fits else None)
            view = self._keep(made, decided.case_ids)
            log.info("head %d from %d decisions: %s", view.id, view.decisions, view.verdict)
            self.load()
            return view

    def _keep(self, made: Verdict, case_ids: tuple[int, ...]) -> HeadView:
        learned = Learned(head=made.head, key=self._classifier.key, routes=made.routes)
        doubtful = [case_ids[place] for place in np.flatnonzero(made.doubtful)]
        row = HeadRow(
            created_at=self._now(),
            weights=learned.to_bytes(),
            decisions=made.decisions,
            held_out=made.held_out,
            before=made.before,
            after=made.after,
            verdict=made.verdict,
            active=False,
            facts={
                "anchored_before": made.anchored_before,
                "anchored_after": made.anchored_after,
                "routed_before": made.routed_before,
                "routed_after": made.routed_after,
                "doubtful": doubtful,
            },
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            if made.verdict == "better":
                _activate(session, row.id)
            session.refresh(row)
            return _view(row)

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
            wanted = sa.select(sa.func.count()).where(CorrectionRow.field.in_(TAUGHT))
            if newest is not None:
                wanted = wanted.where(CorrectionRow.time > newest)
            return session.scalar(wanted) or 0

    def _decided(self, session: Session, active: HeadRow | None) -> _Decided | None:
        """`active`: the head that has learned from what was decided until it was made."""
        corrected = (
            sa.select(CorrectionRow.case_id, sa.func.max(CorrectionRow.time).label("time"))
            .where(CorrectionRow.field.in_(TAUGHT))
            .group_by(CorrectionRow.case_id)
            .subquery()
        )
        time = sa.func.coalesce(corrected.c.time, DocketRow.answered_at, type_=sa.DateTime())
        wanted = (
            sa.select(
                DocketRow.case_id,
                DocketRow.category,
                DocketRow.department,
                DocketRow.state,
                IndexedRow.text,
                IndexedRow.vector,
                corrected.c.time.label("corrected_at"),
                DocketRow.answered_at,
                DocketRow.answered_by_id,
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
        by = _by(session)
        left_out = set(active.facts.get("doubtful", ())) if active is not None else set()
        times = [row.corrected_at or row.answered_at for row in found]
        rows = Rows(
            features=self._classifier.features(
                unpack([row.vector for row in found]), [row.text for row in found]
            ),
            labels=np.array([self._place[row.category] for row in found], dtype=np.intp),
            departments=np.array(
                [self._desks.get(row.department, self._own[row.category]) for row in found],
                dtype=np.intp,
            ),
            settled=np.array(
                [(row.case_id, "category") in by or row.state == "answered" for row in found]
            ),
            by=np.array(
                [by.get((row.case_id, "category"), row.answered_by_id or NOBODY) for row in found]
            ),
            held_out=np.array([_held_out(row.case_id) for row in found]),
            known=np.array(
                [
                    active is not None
                    and (time is None or time <= active.created_at)
                    and row.case_id not in left_out
                    for time, row in zip(times, found, strict=True)
                ]
            ),
        )
        return _Decided(rows=rows, case_ids=tuple(row.case_id for row in found))


def _by(session: Session) -> dict[tuple[int, str], int]:
    """(case, field) -> the official who corrected it last."""
    wanted = (
        sa.select(CorrectionRow.case_id, CorrectionRow.field, CorrectionRow.user_id)
        .where(CorrectionRow.field.in_(TAUGHT))
        .order_by(CorrectionRow.id)
    )
    return {(case_id, field): user_id for case_id, field, user_id in session.execute(wanted)}


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
        routed_before=row.facts.get("routed_before"),
        routed_after=row.facts.get("routed_after"),
        doubtful=len(row.facts.get("doubtful", ())),
        verdict=row.verdict,
        active=row.active,
    )
