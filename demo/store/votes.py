"""Votes on models: kept one a comparison, read as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from demo.store.database import Database
from demo.store.vote_tables import VoteRow
from pipelines.evaluation.ratings import Duel, Verdict

CompareKind = Literal["draft", "ask"]
SCORES: dict[str, float] = {"left": 1.0, "right": 0.0, "both": 0.5, "neither": 0.5}


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


class VoteStore:
    """Thread-safe. Every method may raise StoreUnavailable and DiskFull."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime] = _now) -> None:
        self._database = database
        self._now = now

    def add(self, ballot: str, kind: CompareKind, left: str, right: str, verdict: Verdict) -> bool:
        """Keep a vote; False where that comparison was voted on before: the first vote holds."""
        try:
            with self._database.write() as session:
                session.add(
                    VoteRow(
                        ballot=ballot,
                        time=self._now(),
                        kind=kind,
                        left=left,
                        right=right,
                        verdict=verdict,
                    )
                )
        except IntegrityError:
            return False
        return True

    def duels(self) -> list[Duel]:
        """All of them, in their order."""
        with self._database.read() as session:
            rows = session.execute(
                sa.select(VoteRow.left, VoteRow.right, VoteRow.verdict).order_by(VoteRow.id)
            ).all()
        return [Duel(first=left, second=right, score=SCORES[how]) for left, right, how in rows]
