"""Vectors of meaning: how they lie in the database, and how a hundred thousand are searched."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.store.search_tables import IndexedRow
from pipelines.drafting.embed import DIMENSIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.drafting.embed import Vectors

    Ids = NDArray[np.int64]

CHUNK = 512
"""Rows that are made float at a time: 0.8 MB, which stays near the processor. From some thousand on
the product is shared among threads, which on a busy machine wait for each other: 190 ms, not 10."""
STEP = 127.0
COUNT_EVERY_S = 5.0
"""Counting a hundred thousand takes 10 ms; what is deleted is in no docket anyway."""
NOTHING = (-1, -1)


def pack(vector: Vectors) -> bytes:
    """(384,) float32 -> 388 bytes: the scale as float32, then int8."""
    scale = max(float(np.abs(vector).max()), 1e-9) / STEP
    return np.float32(scale).tobytes() + np.round(vector / scale).astype(np.int8).tobytes()


def unpack(blobs: Sequence[bytes]) -> Vectors:
    """N of those -> (n, 384) float32, of length 1 within a hundredth."""
    rows, scales = _parts(blobs)
    return rows.astype(np.float32) * scales[:, None]


def _parts(blobs: Sequence[bytes]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    raw = np.frombuffer(b"".join(blobs), dtype=np.int8).reshape(len(blobs), 4 + DIMENSIONS)
    return raw[:, 4:], raw[:, :4].copy().view(np.float32)[:, 0]


class Meanings:
    """All vectors in memory, 39 MB for a hundred thousand cases, as fresh as the database.

    Thread-safe. What another process wrote is noticed at the next look, what it deleted soon after.
    """

    def __init__(self, name: str, *, count_every_s: float = COUNT_EVERY_S) -> None:
        """`name`: the embedder's; vectors of another one are left aside."""
        self._name, self._count_every_s = name, count_every_s
        self._count_at = 0.0
        self._newest: tuple[int, int] = NOTHING
        """(serial, case id) of the last vector that was taken in."""
        self._lock = threading.Lock()
        self._clear()

    def refresh(self, session: Session) -> None:
        """Take in what is new. Under a millisecond where there is nothing."""
        mine = sa.and_(IndexedRow.made_by == self._name, IndexedRow.serial.is_not(None))
        last = sa.select(IndexedRow.serial, IndexedRow.case_id).where(mine)
        row = session.execute(last.order_by(IndexedRow.serial.desc()).limit(1)).one_or_none()
        newest = (row.serial, row.case_id) if row is not None else NOTHING
        with self._lock:
            known = self._newest
            if newest[0] < known[0] or (newest[0] == known[0] and newest != known):
                self._clear()  # the last was deleted, and its serial may be given again
            if newest != self._newest:
                self._take(session, mine)
            if time.monotonic() >= self._count_at:
                self._drop_deleted(session, mine)
                self._count_at = time.monotonic() + self._count_every_s

    def forget(self, case_ids: Sequence[int]) -> None:
        """Let go of these now."""
        with self._lock:
            gone = [self._slots[n] for n in case_ids if n in self._slots]
            if gone:
                kept = np.setdiff1d(np.arange(self._count), gone)
                self._set(self._ids[kept], self._rows[kept], self._scales[kept])

    def best(
        self, vector: Vectors, limit: int, among: Ids | None = None
    ) -> list[tuple[int, float]]:
        """(case id, cosine) of the nearest, the nearest first; `among`: only these ids."""
        with self._lock:
            scores = self._scores(vector)
            if among is not None:
                scores[~np.isin(self._ids, among)] = -2.0
            limit = min(limit, len(scores))
            if limit == 0:
                return []
            top = np.argpartition(-scores, limit - 1)[:limit]
            top = top[np.argsort(-scores[top], kind="stable")]
            ids = self._ids
            return [(int(ids[at]), float(scores[at])) for at in top if scores[at] > -2.0]

    def cosines(self, vector: Vectors, case_ids: Sequence[int]) -> dict[int, float]:
        """Case id -> cosine, of those that have a vector."""
        with self._lock:
            known = [n for n in case_ids if n in self._slots]
            at = np.array([self._slots[n] for n in known], dtype=np.intp)
            scores = (self._rows[at].astype(np.float32) @ vector) * self._scales[at]
            return dict(zip(known, map(float, scores), strict=True))

    def _scores(self, vector: Vectors) -> Vectors:
        scores = np.empty(self._count, dtype=np.float32)
        room = np.empty((CHUNK, DIMENSIONS), dtype=np.float32)
        for start in range(0, self._count, CHUNK):
            end = min(start + CHUNK, self._count)
            part = room[: end - start]
            np.copyto(part, self._rows[start:end])
            np.matmul(part, vector, out=scores[start:end])
        return scores * self._scales

    def _take(self, session: Session, mine: sa.ColumnElement[bool]) -> None:
        wanted = sa.select(IndexedRow.case_id, IndexedRow.vector, IndexedRow.serial).where(
            mine, IndexedRow.serial > self._newest[0], IndexedRow.vector.is_not(None)
        )
        found = session.execute(wanted.order_by(IndexedRow.serial)).all()
        if not found:
            return
        rows, scales = _parts([row.vector for row in found])
        ids = np.array([row.case_id for row in found], dtype=np.int64)
        old = ~np.isin(self._ids, ids)
        self._set(
            np.concatenate([self._ids[old], ids]),
            np.concatenate([self._rows[old], rows]),
            np.concatenate([self._scales[old], scales]),
        )
        self._newest = (found[-1].serial, found[-1].case_id)

    def _drop_deleted(self, session: Session, mine: sa.ColumnElement[bool]) -> None:
        counted = sa.select(sa.func.count(IndexedRow.serial)).where(mine)
        if session.scalar(counted) != self._count:
            there = np.fromiter(session.scalars(sa.select(IndexedRow.case_id).where(mine)), int)
            kept = np.isin(self._ids, there)
            self._set(self._ids[kept], self._rows[kept], self._scales[kept])

    def _set(self, ids: Ids, rows: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self._ids, self._rows, self._scales = ids, rows, scales
        self._count = len(ids)
        self._slots = {int(n): at for at, n in enumerate(ids)}

    def _clear(self) -> None:
        self._newest = NOTHING
        self._set(
            np.empty(0, dtype=np.int64),
            np.empty((0, DIMENSIONS), dtype=np.int8),
            np.empty(0, dtype=np.float32),
        )
