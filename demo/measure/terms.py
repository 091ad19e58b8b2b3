"""What an index of words is best made of, on the same cases, questions and ranking.

Our pairs of syllables beside FTS5's own trigrams, as they are and with the blanks taken out of
text and question, and beside the morphemes that Kiwi finds.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from demo.measure.complaints import Complaint, Question, Split, of_split, planted
from demo.measure.plant import title
from demo.measure.searching import FIRST, QUESTIONS, SEED
from demo.measure.timing import exactly, quantile
from demo.store.tokens import plain, runs, terms, tokens
from demo.store.words import MOST_HITS, ranked
from pipelines import korean
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line

SHORTEST = 3
"""Symbols without which a trigram finds nothing."""
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One kind of index terms."""

    name: str
    tokenizer: str
    indexed: Callable[[str], str]
    """A text -> what FTS5 is given."""
    asked: Callable[[str], Sequence[str]]
    """A question -> phrases, each looked for by itself."""


def _pairs_asked(question: str) -> list[str]:
    asked = terms(question, korean.content(question, verbs=False))
    return [" ".join(term) for term in asked if len(term) > 1 or len(term[0]) > 1]


def _words_asked(question: str) -> list[str]:
    asked = [*question.split(), *korean.content(question, verbs=False)]
    return [word for word in dict.fromkeys(map(plain, asked)) if len(word) >= SHORTEST]


def _runs_asked(question: str) -> list[str]:
    words = question.split()
    together = [before + after for before, after in pairwise(words)]
    asked = [*together, *words, *korean.content(question, verbs=False)]
    found = dict.fromkeys(run for word in asked for run in runs(word))
    return [run for run in found if len(run) >= SHORTEST]


WAYS = (
    Way(
        name="pairs of syllables",
        tokenizer="unicode61",
        indexed=lambda text: " ".join(tokens(text)),
        asked=_pairs_asked,
    ),
    Way(name="trigrams", tokenizer="trigram", indexed=plain, asked=_words_asked),
    Way(
        name="trigrams without blanks",
        tokenizer="trigram",
        indexed=lambda text: " ".join(runs(text)),
        asked=_runs_asked,
    ),
    Way(
        name="morphemes",
        tokenizer="unicode61",
        indexed=lambda text: " ".join(korean.morphemes(text)),
        asked=lambda question: list(dict.fromkeys(korean.morphemes(question))),
    ),
)


def measure(cases: int, split: Split) -> list[Line]:
    """Plant that many; the figures of each way."""
    told = planted(cases, QUESTIONS, SEED)
    asked = of_split(told.questions, split)
    korean.warm()
    return [line for way in WAYS for line in _measured(way, told.complaints, asked)]


def _measured(way: Way, complaints: Sequence[Complaint], asked: Sequence[Question]) -> list[Line]:
    with TemporaryDirectory(prefix="minwon-terms-") as folder:
        began = time.perf_counter()
        index = sqlite3.connect(Path(folder) / "index.sqlite3")
        try:
            _fill(index, way, complaints)
            built_s = time.perf_counter() - began
            first, five, took = _ask(index, way, asked, len(complaints))
            pages = index.execute("PRAGMA page_count").fetchone()[0]
            size_mb = pages * index.execute("PRAGMA page_size").fetchone()[0] / 1e6
        finally:
            index.close()
    n = len(asked)
    return [
        Line(name=f"{way.name}: the right case first", figure=share(first, n)),
        Line(name=f"{way.name}: among the first {FIRST}", figure=share(five, n)),
        Line(name=f"{way.name}: median", figure=exactly(quantile(took, 0.5), n), unit="ms"),
        Line(name=f"{way.name}: p95", figure=exactly(quantile(took, 0.95), n), unit="ms"),
        Line(name=f"{way.name}: index", figure=exactly(size_mb, len(complaints)), unit="MB"),
        Line(name=f"{way.name}: built in", figure=exactly(built_s, len(complaints)), unit="s"),
    ]


def _fill(index: sqlite3.Connection, way: Way, complaints: Sequence[Complaint]) -> None:
    """The index alone: the texts themselves lie with the cases."""
    index.execute(
        f"CREATE VIRTUAL TABLE found USING fts5(text, content='', tokenize='{way.tokenizer}')"
    )
    for start in range(0, len(complaints), AT_ONCE):
        part = enumerate(complaints[start : start + AT_ONCE], start=start)
        rows = [(at, way.indexed(f"{title(one)}\n{one.spot.full}\n{one.text}")) for at, one in part]
        with index:
            index.executemany("INSERT INTO found(rowid, text) VALUES (?, ?)", rows)
    with index:
        index.execute("INSERT INTO found(found) VALUES ('optimize')")
    index.execute("VACUUM")


def _ask(
    index: sqlite3.Connection, way: Way, asked: Sequence[Question], cases: int
) -> tuple[int, int, list[float]]:
    """(how often the right case is first, among the first five, ms of each question)."""
    first = five = 0
    took = []
    look = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid DESC LIMIT ?"
    for question in asked:
        began = time.perf_counter()
        hits = []
        for phrase in way.asked(question.text):
            match = '"' + phrase.replace('"', '""') + '"'
            rows = index.execute(look, (match, MOST_HITS)).fetchall()
            hits.append(np.array([row[0] for row in rows], dtype=np.int64))
        ids, _ = ranked(hits, cases)
        took.append(1000 * (time.perf_counter() - began))
        best = [int(at) for at in ids[:FIRST]]
        first += best[:1] == [question.wanted]
        five += question.wanted in best
    return first, five, took
