"""Which passages may hold the answer: words over everything, meaning over the best by words.

Words cost milliseconds for a book; meaning costs 11 to 14 ms a passage, so it is only looked at
for the best by words, or for all where there are few. `warm` embeds the rest in the background.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines import korean
from pipelines.drafting.embed import DIMENSIONS
from pipelines.readers.evidence import Passage, ReadDocument
from pipelines.types import Cancel
from pipelines.writing import language_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.drafting.embed import Embedder, Vectors

    Scores = NDArray[np.float64]

K1, B = 1.2, 0.5
HEADING_WEIGHT = 0.5
"""What a word of the headings above counts beside a word of the passage itself."""
WEIGHTS = (1.0, 1.0)
"""Of words and of meaning. Measured: docs/decisions/questions.md."""
BY_MEANING = 40
"""So many of the best by words are looked at by meaning."""
KEPT_VECTORS = 20_000
"""1.5 kB each. They stay in memory: vectors of people's papers are not written to disk."""
BATCH = 8

_RUNS = re.compile(r"[가-힣]+|[ぁ-ヿ\u4e00-\u9fff]+|[a-záéíóúüñ]+|\d+(?:[.,:]\d+)*")
_STOP = frozenset(
    "the of and to in is are was were for that this with on by you be at or from do does did can "
    "could may must i we it its my our your how what when where who whom which why much many long "
    "far have has there any please tell me an "
    "el la de que los las en un una por para con del se es al qué cómo cuándo cuál cuánto cuánta "
    "cuántos cuántas dónde quién hay debo puedo "
    "얼마 때 수 것 하 되 있 없 경우 정도 이것 그것 몇 무엇 어디 "
    "언제 누구 알리 가르치 주 알 싶 말 어떻".split()
)
_JAPANESE_FRAME = re.compile(
    r"(教えて|ください|どこ|いつ|いくら|どれくらい|何番|何人|何時|何日|誰|ですか|ますか|なぜ|どう|です|ます"
    r"|请问|什么|多少|哪里|哪儿|几|怎么|是否|吗|的|了|在|是)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One passage that may hold the answer."""

    index: int
    """Of the passage, over all documents of the set."""
    words: float
    """BM25 divided by the best possible for the question: 0 to about 1."""
    meaning: float
    """Cosine of question and passage, -1 to 1; 0 where it was not looked at."""
    score: float


class Vectorer:
    """Embeds texts once; shared by every index of a process. Thread-safe."""

    def __init__(self, embedder: Embedder, kept: int = KEPT_VECTORS) -> None:
        self._embedder = embedder
        self._kept = kept
        self._known: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def query(self, text: str) -> Vectors:
        """(384,) of length 1."""
        row: Vectors = self._embedder.query([text])[0]
        return row

    def passages(self, texts: Sequence[str], until_s: float = math.inf) -> Vectors:
        """(n, 384); rows of zeros for texts that there was no time for (time.monotonic())."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        missing = []
        with self._lock:
            for at, key in enumerate(keys):
                if key in self._known:
                    self._known.move_to_end(key)
                    rows[at] = self._known[key]
                else:
                    missing.append(at)
        for first in range(0, len(missing), BATCH):
            if time.monotonic() >= until_s:
                break
            some = missing[first : first + BATCH]
            made = self._embedder.passage([texts[at] for at in some])
            with self._lock:
                for at, row in zip(some, made, strict=True):
                    rows[at] = self._known[keys[at]] = row
                while len(self._known) > self._kept:
                    self._known.popitem(last=False)
        return rows


class Index:
    """The passages of one or many documents, ready to be searched. Immutable but for vectors."""

    def __init__(self, documents: Sequence[ReadDocument], vectorer: Vectorer) -> None:
        """Milliseconds for a letter, 1 to 2 s for 300 pages."""
        self.documents = tuple(documents)
        self.passages: tuple[Passage, ...] = tuple(p for d in documents for p in d.passages)
        self.owner: tuple[int, ...] = tuple(n for n, d in enumerate(documents) for _ in d.passages)
        self._vectorer = vectorer
        self._rows: Vectors | None = None
        held: dict[str, list[tuple[int, float]]] = defaultdict(list)
        lengths = np.zeros(len(self.passages))
        for index, passage in enumerate(self.passages):
            counts: Counter[str] = Counter()
            for token in tokens(passage.told):
                counts[token] += 1
            lengths[index] = counts.total()
            weighted = dict(counts) | {
                token: counts[token] + HEADING_WEIGHT for token in set(tokens(passage.heading))
            }
            for token, weight in weighted.items():
                held[token].append((index, weight))
        mean = float(lengths.mean()) if len(lengths) else 1.0
        self._norm = K1 * (1 - B + B * lengths / max(mean, 1.0))
        self._held = {
            token: (np.array([i for i, _ in found]), np.array([w for _, w in found]))
            for token, found in held.items()
        }

    def rarity(self, token: str) -> float:
        """Inverse document frequency; the highest for what stands nowhere."""
        spread = len(self._held[token][0]) if token in self._held else 0
        return math.log(1 + (len(self.passages) - spread + 0.5) / (spread + 0.5))

    def by_words(self, wanted: Iterable[str]) -> Scores:
        """(passages,): how much of the question's tokens each holds, 0 to about 1."""
        scores = np.zeros(len(self.passages))
        best = 0.0
        for token in dict.fromkeys(wanted):
            rarity = self.rarity(token)
            best += rarity
            if token in self._held:
                at, weights = self._held[token]
                scores[at] += rarity * weights * (K1 + 1) / (weights + self._norm[at])
        return scores / (best * (K1 + 1) / 2 or 1.0)

    def search(
        self,
        question: str,
        *,
        limit: int = 8,
        by_meaning: int = BY_MEANING,
        weights: tuple[float, float] = WEIGHTS,
        until_s: float = math.inf,
    ) -> list[Hit]:
        """The best passages, the best first.

        Once the index is warm, the most alike in meaning are among them whatever their words.
        """
        words = self.by_words(question_tokens(question))
        few = _best(words, max(by_meaning, limit))
        asked = self._vectorer.query(question)
        rows = self._rows
        if rows is not None:
            few = list(dict.fromkeys([*few, *_best(rows @ asked, by_meaning)]))
            vectors = rows[few]
        else:
            if self._foreign(question):
                few = self._spread(few, by_meaning)
            vectors = self._vectorer.passages([self._meant(i) for i in few], until_s)
        meanings = vectors @ asked
        floor = float(meanings.min()) if len(few) else 0.0
        hits = [
            Hit(
                index=index,
                words=float(words[index]),
                meaning=float(meaning),
                score=float(weights[0] * words[index] + weights[1] * _scaled(meaning, floor)),
            )
            for index, meaning in zip(few, meanings, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.index))[:limit]

    def alike(self, text: str, among: Sequence[int]) -> list[float]:
        """How alike in meaning each of these passages is, whatever the language. Cosines."""
        rows = self._vectorer.passages([self._meant(index) for index in among])
        return [float(value) for value in rows @ self._vectorer.query(text)]

    def warm(self, cancel: Cancel | None = None) -> None:
        """Embed every passage; meant for a background thread. Raises Cancelled."""
        parts = [np.empty((0, DIMENSIONS), dtype=np.float32)]
        for first in range(0, len(self.passages), BATCH):
            if cancel is not None:
                cancel.check()
            last = min(first + BATCH, len(self.passages))
            parts.append(self._vectorer.passages([self._meant(i) for i in range(first, last)]))
        self._rows = np.concatenate(parts)

    def _foreign(self, question: str) -> bool:
        """No document is in the question's language: its words can't be found in them."""
        return language_of(question) not in {document.language for document in self.documents}

    def _spread(self, few: list[int], most: int) -> list[int]:
        """Where words don't tell: all, where there are few; else also the opening of each part."""
        if len(self.passages) <= 3 * most:
            return list(range(len(self.passages)))
        openings = [i for i, p in enumerate(self.passages) if p.kind == "heading"]
        return list(dict.fromkeys([*few, *openings[: 2 * most]]))

    def _meant(self, index: int) -> str:
        passage = self.passages[index]
        return f"{passage.heading}: {passage.told}" if passage.heading else passage.told


def _best(scores: Scores | Vectors, most: int) -> list[int]:
    return [int(index) for index in np.argsort(-scores, kind="stable")[:most]]


def _scaled(meaning: float, floor: float) -> float:
    """multilingual-e5 says 0.75 to 0.9 to everything: what lies above the least alike counts."""
    return min((float(meaning) - floor) / 0.12, 1.2)


def tokens(text: str) -> list[str]:
    """Pairs of letters of Korean, Japanese and Chinese, stems of Latin words, numbers."""
    found: list[str] = []
    for run in _RUNS.findall(text.lower()):
        if run[0].isdigit():
            found.append(run.replace(",", ""))
        elif run[0] >= "\u3041":
            found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        elif run not in _STOP:
            found.append(stem(run))
    return found


def words_of(question: str, *, verbs: bool = True) -> list[str]:
    """The words that a question is about, without what makes it a question."""
    if re.search("[가-힣]", question):
        words = korean.content(question, verbs=verbs)
        return [word for word in words if word.lower() not in _STOP]
    return _RUNS.findall(_JAPANESE_FRAME.sub(" ", question.lower()))


def question_tokens(question: str) -> list[str]:
    """The tokens of what a question is about."""
    return [
        token
        for word in words_of(question)
        for token in tokens(word)
        if len(token) > 1 or token.isdigit()
    ]


def stem(word: str) -> str:
    """A Latin word without the endings of number and tense."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
