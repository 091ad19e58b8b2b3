"""Filed cases in a small store, found without real weights."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.finding import Finding, make_finding
from demo.store.cases import CaseStore
from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.indexing import Indexer
from demo.store.meaning import Meanings
from demo.store.search import Search
from demo.store.tables import CaseRow, EvidenceRow
from demo.store.tokens import tokens
from pipelines.drafting.classify import Classifier
from pipelines.drafting.embed import DIMENSIONS
from pipelines.drafting.features import unit
from pipelines.drafting.policy import load_policy
from pipelines.places import Areas
from pipelines.settings import Settings
from tests.demo.store_kit import drafted, make_store

if TYPE_CHECKING:
    from pipelines.drafting.embed import Vectors

FILED = dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)


class TokenEmbedder:
    """Texts that share tokens point alike: an Embedder without weights."""

    name = "tokens"

    def query(self, texts: Sequence[str]) -> Vectors:
        rows = np.full((len(texts), DIMENSIONS), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for token in tokens(text):
                row[zlib.crc32(token.encode()) % DIMENSIONS] += 1
        return unit(rows)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self.query(texts)


def a_finding(database: Database) -> Finding:
    """Search and similar cases as the application joins them, on a TokenEmbedder."""
    policy, embedder = load_policy(Settings().policy_path), TokenEmbedder()
    return make_finding(
        database,
        embedder,
        Classifier(policy, embedder),
        policy=policy,
        areas=Areas([]),
        mask=str,
    )


class Office:
    """A store with its index; every case goes through the real tables."""

    def __init__(self, folder: Path, engine: Engine | None = None) -> None:
        self.folder = folder
        self.store: CaseStore = make_store(folder, engine)
        self.embedder = TokenEmbedder()
        self.meanings = Meanings(self.embedder.name, count_every_s=0.0)
        self.database = self.store.database
        self.indexer = Indexer(
            self.database,
            self.embedder,
            self.meanings,
            mask=lambda text: text.replace("010-1234-5678", "[전화]"),
        )
        self.search = Search(self.database, self.embedder, self.meanings, Areas([]))

    def file(
        self,
        text: str,
        *,
        place: str = "성산동 한빛아파트 앞",
        department: str = "도로과",
        state: str = "received",
        category: str = "교통",
        dong: str | None = "성산동",
        filed_at: dt.datetime = FILED,
    ) -> str:
        """One filed and indexed case; its number."""
        number, _ = drafted(self.store, self.folder)
        with self.database.write() as session:
            case = session.scalars(sa.select(CaseRow).where(CaseRow.number == number)).one()
            case.status, case.filed_at = "filed", filed_at
            told = {"title": "제목", "summary": "요약", "request": "조치", "place": place}
            case.draft = {**(case.draft or {}), **told, "citations": []}
            session.execute(
                sa.update(EvidenceRow).where(EvidenceRow.case_id == case.id).values(text=text)
            )
            session.add(
                DocketRow(
                    case_id=case.id, state=state, channel="web", title="제목", category=category,
                    department=department, urgency="normal", place=place,
                    district="서울특별시 마포구", dong=dong, filed_at=filed_at,
                    due_on=dt.date(2026, 12, 1), changed_at=filed_at,
                )
            )  # fmt: skip
            session.flush()
            session.expire_all()
            self.indexer.put(session, case.id)
        while self.indexer.embed_some():
            continue
        return number

    def case_id(self, number: str) -> int:
        """The row's key."""
        with self.database.read() as session:
            return session.scalars(sa.select(CaseRow.id).where(CaseRow.number == number)).one()
