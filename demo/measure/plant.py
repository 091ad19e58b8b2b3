"""Complaints -> rows of the real tables, many at a time, indexed by the application's own code."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.measure.complaints import DISTRICT, Complaint
from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.indexing import matter
from demo.store.meaning import pack
from demo.store.search_tables import IndexedRow
from demo.store.tables import CaseRow, EvidenceRow
from demo.store.words import PUT_FTS5, PUT_TSVECTOR, fts5_row, tsvector_row
from pipelines.drafting.case import CaseDraft, CategoryCandidate
from pipelines.drafting.features import pieces, unit

if TYPE_CHECKING:
    from pipelines.drafting.embed import Embedder, Vectors
    from pipelines.drafting.policy import Policy

Ranks = tuple[CategoryCandidate, ...]
AT_ONCE = 2_000
FIRST_DAY = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
SPAN_DAYS = 300


class Remembering:
    """An embedder that knows texts which it has seen; planted matters repeat, real ones don't."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        """As the real one: its vectors are the same."""
        return self._embedder.name

    @property
    def known(self) -> int:
        """Different texts so far."""
        return len(self._known)

    def query(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.query(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def passage(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        return self._embedder.passage(texts)


def plant(
    database: Database,
    complaints: Sequence[Complaint],
    policy: Policy,
    embedder: Embedder,
    filed: Sequence[dt.datetime] | None = None,
    *,
    ranks: Sequence[Ranks | None] | None = None,
    answered: bool = True,
) -> list[int]:
    """Insert all, with their index; the case ids, in the same order.

    `filed`: when each came in; by default spread over SPAN_DAYS. `ranks`: the categories that
    a model gave them; None = an official chose the right one. `answered`: every third is.
    """
    times = filed or [
        FIRST_DAY + dt.timedelta(days=SPAN_DAYS * index / len(complaints))
        for index in range(len(complaints))
    ]
    ids = list(range(1, len(complaints) + 1))
    for start in range(0, len(complaints), AT_ONCE):
        end = start + AT_ONCE
        part = list(zip(ids[start:end], complaints[start:end], times[start:end], strict=True))
        given = (ranks or [None] * len(complaints))[start:end]
        with database.write() as session:
            _insert(session, part, policy, given, answered=answered)
            _index(session, part, embedder)
    with database.write() as session:
        session.execute(sa.text("ANALYZE"))
    return ids


def _insert(
    session: Session,
    part: Sequence[tuple[int, Complaint, dt.datetime]],
    policy: Policy,
    ranks: Sequence[Ranks | None],
    *,
    answered: bool,
) -> None:
    drafts = {
        case_id: _draft(one, time, policy, rank)
        for (case_id, one, time), rank in zip(part, ranks, strict=True)
    }
    session.execute(
        sa.insert(CaseRow),
        [
            {
                "id": case_id,
                "number": number(case_id, time),
                "secret_hash": "",
                "status": "filed",
                "language": "ko",
                "created_at": time,
                "updated_at": time,
                "filed_at": time,
                "draft": drafts[case_id].model_dump(mode="json"),
            }
            for case_id, _, time in part
        ],
    )
    session.execute(
        sa.insert(EvidenceRow),
        [
            {
                "case_id": case_id,
                "position": 0,
                "source": hashlib.sha256(one.text.encode()).hexdigest(),
                "where": {"kind": "time", "start_s": 0.0, "end_s": 5.0},
                "text": one.text,
                "original_text": one.text,
                "confidence": 0.9,
                "language": "ko",
                "words": [],
            }
            for case_id, one, _ in part
        ],
    )
    session.execute(
        sa.insert(DocketRow),
        [
            {
                "case_id": case_id,
                "state": "answered" if answered and case_id % 3 == 0 else "received",
                "channel": "web",
                "title": drafts[case_id].title,
                "category": drafts[case_id].category,
                "department": drafts[case_id].department,
                "urgency": "normal",
                "place": one.spot.full,
                "district": DISTRICT,
                "dong": one.spot.dong,
                "filed_at": time,
                "due_on": (time + dt.timedelta(days=10)).date(),
                "changed_at": time,
            }
            for case_id, one, time in part
        ],
    )


def _index(
    session: Session, part: Sequence[tuple[int, Complaint, dt.datetime]], embedder: Embedder
) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    put, row = (PUT_FTS5, fts5_row) if sqlite else (PUT_TSVECTOR, tsvector_row)
    words = []
    for case_id, one, time in part:
        columns = (number(case_id, time), title(one), one.spot.full, one.text, "")
        words.append(row(case_id, columns))
    session.execute(put, words)
    matters = [matter(one.text, one.spot.full) for _, one, _ in part]
    embedder.query([piece for text in matters for piece in pieces(text)])  # many are quicker
    session.execute(
        sa.insert(IndexedRow),
        [
            {
                "case_id": case_id,
                "text": text,
                "vector": pack(unit(embedder.query(pieces(text)).mean(axis=0, keepdims=True))[0]),
                "made_by": embedder.name,
                "serial": case_id,
            }
            for (case_id, _, _), text in zip(part, matters, strict=True)
        ],
    )


def number(case_id: int, filed_at: dt.datetime) -> str:
    """Of a planted case; no citizen has such a receipt."""
    return f"MW-{filed_at:%Y%m%d}-{case_id:06d}"


def title(one: Complaint) -> str:
    """What a draft would call it: how the sentence begins, without the place."""
    bare = " ".join(one.topic.said[one.phrasing].replace("{spot}", "").split())
    return bare[:24]


def _draft(one: Complaint, time: dt.datetime, policy: Policy, rank: Ranks | None) -> CaseDraft:
    given = rank or (CategoryCandidate(category=one.topic.office, confidence=0.9),)
    entry = policy.category(given[0].category)
    return CaseDraft(
        category=entry.code,
        category_unsure=False,
        category_candidates=list(given),
        department=entry.department,
        title=title(one),
        summary=one.topic.said[one.phrasing].format(spot=one.spot.full),
        request="조치 요청",
        place=one.spot.full,
        urgency="normal",
        due_date=(time + dt.timedelta(days=10)).date(),
        language="ko",
        reply="",
        citations=[],
        drafted_by="model",
    )
