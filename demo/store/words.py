"""The index of words, as each database keeps it: FTS5 in SQLite, a tsvector in PostgreSQL.

The database finds which cases have a term, the ranking is ours and the same on both: rare terms
count more, and of equals the newest comes first. Queries reach the database as tokens of letters
and digits only, so its own syntax (quotes, NEAR, *, -, :) can't be spoken through them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from demo.store.search_tables import IndexedRow
from demo.store.tokens import tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Scores = NDArray[np.float64]

COLUMNS = ("number", "title", "place", "body", "answer")
Term = tuple[str, ...]
"""Tokens that must stand side by side."""
MOST_TERMS = 40
MOST_HITS = 8_000
"""Of a term: the newest. A term with more tells little, and counts only where no other is left."""
MOST_POSITIONS = 16_000
"""PostgreSQL counts no further."""


class WordIndex(ABC):
    """What both databases do."""

    @abstractmethod
    def put(self, session: Session, case_id: int, columns: Sequence[str]) -> None:
        """Index a case anew: one text for each of COLUMNS, personal data masked before."""

    @abstractmethod
    def remove(self, session: Session, case_ids: Sequence[int]) -> None:
        """Take cases out, so that no token of theirs stays in the file."""

    @abstractmethod
    def having(self, session: Session, term: Term) -> Ids:
        """The newest MOST_HITS cases with the term."""

    def find(self, session: Session, terms: Sequence[Term]) -> tuple[Ids, Scores]:
        """All cases with any of the terms, the best first, and how much of the query each has.

        The share is weighted by how rare the terms are; 1 = every term.
        """
        telling = [term for term in terms if not _is_beginning(term)] or list(terms)
        found = [self.having(session, term) for term in telling[:MOST_TERMS]]
        # The largest id: about as many as there are, without counting them each time.
        all_cases = session.scalar(sa.select(sa.func.max(IndexedRow.case_id))) or 1
        return ranked(found, all_cases)


def ranked(found: Sequence[Ids], all_cases: int) -> tuple[Ids, Scores]:
    """See WordIndex.find. `found`: the cases that have each term."""
    found = [ids for ids in found if 0 < len(ids) < MOST_HITS] or [ids for ids in found if len(ids)]
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0)
    weights = [math.log(1 + all_cases / len(ids)) for ids in found]
    ids, where = np.unique(np.concatenate(found), return_inverse=True)
    scores = np.bincount(where, np.repeat(weights, [len(part) for part in found]))
    order = np.lexsort((-ids, -scores))
    return ids[order], scores[order] / sum(weights)


class Fts5(WordIndex):
    """SQLite: a virtual table of tokens."""

    def put(self, session: Session, case_id: int, columns: Sequence[str]) -> None:
        """See WordIndex."""
        session.execute(sa.text("DELETE FROM case_words WHERE rowid = :id"), {"id": case_id})
        session.execute(PUT_FTS5, fts5_row(case_id, columns))

    def remove(self, session: Session, case_ids: Sequence[int]) -> None:
        """See WordIndex. Rewrites the index once: FTS5 keeps deleted tokens until it merges."""
        session.execute(
            sa.text("DELETE FROM case_words WHERE rowid = :id"), [{"id": n} for n in case_ids]
        )
        session.execute(sa.text("INSERT INTO case_words(case_words) VALUES ('optimize')"))

    def having(self, session: Session, term: Term) -> Ids:
        """See WordIndex."""
        match = f'"{" ".join(term)}"' + (" *" if _is_beginning(term) else "")
        return _ids(session.scalar(HAVING_FTS5, {"match": match, "most": MOST_HITS}))


class TsVector(WordIndex):
    """PostgreSQL: a tsvector with a GIN index."""

    def put(self, session: Session, case_id: int, columns: Sequence[str]) -> None:
        """See WordIndex."""
        session.execute(PUT_TSVECTOR, tsvector_row(case_id, columns))

    def remove(self, session: Session, case_ids: Sequence[int]) -> None:
        """See WordIndex."""
        session.execute(
            sa.text("DELETE FROM case_words WHERE case_id = :id"), [{"id": n} for n in case_ids]
        )

    def having(self, session: Session, term: Term) -> Ids:
        """See WordIndex."""
        ending = ":*" if _is_beginning(term) else ""
        match = " <-> ".join(f"'{token}'{ending}" for token in term)
        return _ids(session.scalar(HAVING_TSVECTOR, {"match": match, "most": MOST_HITS}))


def index_of(engine: Engine) -> WordIndex:
    """The one that fits the database."""
    return Fts5() if engine.dialect.name == "sqlite" else TsVector()


# Thousands of ids come as one text: a row for each took most of the time of a search.
HAVING_FTS5 = sa.text(
    "SELECT group_concat(rowid) FROM (SELECT rowid FROM case_words "
    "WHERE case_words MATCH :match ORDER BY rowid DESC LIMIT :most)"
)
HAVING_TSVECTOR = sa.text(
    "SELECT string_agg(CAST(case_id AS text), ',') FROM (SELECT case_id FROM case_words "
    "WHERE words @@ CAST(:match AS tsquery) ORDER BY case_id DESC LIMIT :most) AS newest"
)
PUT_FTS5 = sa.text(
    "INSERT INTO case_words(rowid, number, title, place, body, answer) "
    "VALUES (:id, :number, :title, :place, :body, :answer)"
)
PUT_TSVECTOR = sa.text(
    "INSERT INTO case_words(case_id, words) VALUES (:id, CAST(:words AS tsvector)) "
    "ON CONFLICT (case_id) DO UPDATE SET words = EXCLUDED.words"
)


def fts5_row(case_id: int, columns: Sequence[str]) -> dict[str, object]:
    """The parameters of PUT_FTS5."""
    texts = {name: " ".join(tokens(t)) for name, t in zip(COLUMNS, columns, strict=True)}
    return {"id": case_id, **texts}


def tsvector_row(case_id: int, columns: Sequence[str]) -> dict[str, object]:
    """The parameters of PUT_TSVECTOR. Positions jump between columns: no term crosses them."""
    at, made = 0, []
    for text in columns:
        at += 1
        for token in tokens(text):
            at += 1
            if at < MOST_POSITIONS:
                made.append(f"'{token}':{at}")
    return {"id": case_id, "words": " ".join(made)}


def _ids(listed: str | None) -> Ids:
    """As 3,2,1 -> the ids."""
    return np.array(listed.split(","), dtype=np.int64) if listed else np.empty(0, dtype=np.int64)


def _is_beginning(term: Term) -> bool:
    """One syllable stands at the beginning of a token."""
    return len(term) == 1 and len(term[0]) == 1
