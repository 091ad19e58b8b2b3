"""What search knows of a case: written with the case, deleted with it, made anew by a command.

Words are indexed in the transaction that files or changes a case; what it means takes longer, so a
thread behind follows. Personal data is masked before anything is indexed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.meaning import Meanings, pack
from demo.store.search_tables import IndexedRow
from demo.store.tables import CaseRow
from demo.store.views import merged
from demo.store.words import index_of
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.features import pieces, unit
from pipelines.errors import MinwonError

if TYPE_CHECKING:
    from pipelines.drafting.embed import Embedder, Vectors

log = logging.getLogger(__name__)

Mask = Callable[[str], str]
"""Text -> the same with personal data made unreadable."""
BATCH = 16
PAUSE_S = 2.0
MOST_BODY = 20_000
"""Symbols of a case that words are found in: some twenty pages."""
MOST_MATTER = 900
"""Symbols that its meaning is made of."""
MOST_PIECES = 4


class Indexer:
    """Thread-safe."""

    def __init__(
        self, database: Database, embedder: Embedder, meanings: Meanings, *, mask: Mask
    ) -> None:
        self._database, self._embedder, self._mask = database, embedder, mask
        self._meanings = meanings
        self._words = index_of(database.engine)
        self._more = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="indexer", daemon=True)

    def put(self, session: Session, case_id: int) -> None:
        """Index a case that is in the docket, in the caller's transaction; again after changes.

        Its vector follows from the thread behind. Does nothing for a case without a draft.
        """
        row = session.get(
            CaseRow, case_id, options=[selectinload(CaseRow.evidence)], populate_existing=False
        )
        docket = session.get(DocketRow, case_id)
        if row is None or docket is None or row.draft is None:
            return
        columns, matter = self._texts(row, docket)
        self._words.put(session, case_id, columns)
        known = session.get(IndexedRow, case_id)
        if known is None:
            session.add(IndexedRow(case_id=case_id, text=matter))
        elif known.text != matter:
            known.text, known.vector, known.made_by, known.serial = matter, None, None, None
        self._more.set()

    def forget(self, session: Session, case_ids: Sequence[int]) -> None:
        """Delete all that search knows of these cases, in the caller's transaction."""
        forget(session, case_ids)
        self._meanings.forget(case_ids)

    def reindex(self, told: Callable[[int, int], None] = lambda done, count: None) -> int:
        """Everything anew, vectors of the present embedder included; the number of cases."""
        with self._database.read() as session:
            ids = list(session.scalars(sa.select(DocketRow.case_id).order_by(DocketRow.case_id)))
        for start in range(0, len(ids), BATCH):
            with self._database.write() as session:
                for case_id in ids[start : start + BATCH]:
                    self.put(session, case_id)
            told(min(start + BATCH, len(ids)), len(ids))
        while self.embed_some():
            continue
        return len(ids)

    def embed_some(self) -> int:
        """Make the vectors of the next few cases that have none; how many were made."""
        name = self._embedder.name
        waiting = (
            sa.select(IndexedRow.case_id, IndexedRow.text)
            .where(sa.or_(IndexedRow.made_by.is_(None), IndexedRow.made_by != name))
            .limit(BATCH)
        )
        with self._database.read() as session:
            found = session.execute(waiting).all()
        made = [(row.case_id, row.text, self.vector(row.text)) for row in found]
        if not made:
            return 0
        with self._database.write() as session:
            serial = session.scalar(sa.select(sa.func.max(IndexedRow.serial))) or 0
            for step, (case_id, text, vector) in enumerate(made, start=1):
                session.execute(
                    sa.update(IndexedRow)
                    .where(IndexedRow.case_id == case_id, IndexedRow.text == text)
                    .values(vector=pack(vector), made_by=name, serial=serial + step)
                )
        return len(made)

    def vector(self, matter: str) -> Vectors:
        """(384,) float32 of length 1."""
        # "query" on both sides: what is compared here is alike in kind, no question and answer.
        made = self._embedder.query(pieces(matter)[:MOST_PIECES])
        vector: Vectors = unit(made.mean(axis=0, keepdims=True))[0]
        return vector

    def masked(self, text: str) -> str:
        """As it would be indexed."""
        return self._mask(text)

    def start(self) -> None:
        """Begin to follow behind."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; what is waiting is found again at the next start."""
        self._closing.set()
        self._more.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._more.wait(PAUSE_S)
            self._more.clear()
            try:
                while not self._closing.is_set() and self.embed_some():
                    continue
            except MinwonError as exc:
                log.warning("vectors wait: %s", exc.code)

    def _texts(self, row: CaseRow, docket: DocketRow) -> tuple[tuple[str, ...], str]:
        """(texts of the words' columns, the matter), masked."""
        draft = merged(CaseDraft.model_validate(row.draft), row.edited)
        said = " ".join(piece.text for piece in row.evidence)[:MOST_BODY]
        body = f"{draft.summary}\n{draft.request}\n{said}"
        masked = tuple(
            self._mask(text)
            for text in (row.number, docket.title, docket.place, body, docket.answer or "")
        )
        words = (row.number, *masked[1:])
        return words, self._mask(matter(said or f"{draft.title}. {draft.request}", docket.place))


def forget(session: Session, case_ids: Sequence[int]) -> None:
    """Delete words, texts and vectors of these cases, in the caller's transaction."""
    if case_ids:
        index_of(session.get_bind().engine).remove(session, case_ids)
        session.execute(sa.delete(IndexedRow).where(IndexedRow.case_id.in_(case_ids)))


def matter(text: str, place: str) -> str:
    """What it is about, without where: places are found by words, and every case has one."""
    bare = text.replace(place, " ") if len(place) > 1 else text
    return " ".join(bare.split())[:MOST_MATTER]
