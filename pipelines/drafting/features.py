"""Text -> the numbers that tell its category: meaning, pieces of words, the policy's words."""

from __future__ import annotations

import hashlib
import logging
import math
import re
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pipelines.drafting.embed import Embedder, Vectors
    from pipelines.drafting.policy import Category

log = logging.getLogger(__name__)

PIECE_CHARS = 240
MAX_PIECES = 12
KEPT_VECTORS = 5000
"""1.5 kB each; above that, vectors of texts that left the policy are let go."""
BUCKETS = 1 << 13
GRAM_LENGTHS = (1, 2, 3)
_SENTENCE = re.compile(r"[^.!?。!?\n]+[.!?。!?\n]*")
_WORDS = re.compile(r"\w+")
_AFTER_ONE_SYLLABLE = r"(?=[은는이가을를에의도와과로만]|[^가-힣]|$)"


def pieces(text: str) -> list[str]:
    """A text in runs of whole sentences of at most PIECE_CHARS each, MAX_PIECES of them."""
    found: list[str] = []
    for sentence in _SENTENCE.findall(text) or [text]:
        for start in range(0, len(sentence), PIECE_CHARS):
            part = sentence[start : start + PIECE_CHARS].strip()
            if found and len(found[-1]) + len(part) < PIECE_CHARS:
                found[-1] = f"{found[-1]} {part}".strip()
            elif part:
                found.append(part)
    return found[:MAX_PIECES] or [""]


def sentences(text: str) -> list[str]:
    """A text's sentences, MAX_PIECES of them, the longer ones cut at PIECE_CHARS."""
    found = [sentence.strip()[:PIECE_CHARS] for sentence in _SENTENCE.findall(text)]
    return [sentence for sentence in found if sentence][:MAX_PIECES] or [""]


class Grams:
    """Character n-grams of the whole text, weighted by how rare they are; hashed, so no word list.

    They see through inflection and through one wrong syllable, where whole words don't.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        seen = np.zeros(BUCKETS, dtype=np.float32)
        for text in texts:
            seen[list(set(_grams(text)))] += 1
        self._idf = np.log((len(texts) + 1) / (seen + 1)) + 1

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(n, BUCKETS) float32 of length 1."""
        rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for bucket, count in Counter(_grams(text)).items():
                row[bucket] = (1 + math.log(count)) * self._idf[bucket]
        return unit(rows)


class Keywords:
    """The policy's words of each category: how much of each category a text names."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._owners: dict[str, list[int]] = {}
        for index, category in enumerate(categories):
            for word in category.keywords:
                self._owners.setdefault(word.lower(), []).append(index)
        self._tests = {word: _test(word) for word in self._owners}
        self._count = len(categories)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(n, categories) float32 of length 1, or zeros where a text names nothing."""
        rows = np.zeros((len(texts), self._count), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in self._found(text.lower()):
                owners = self._owners[word]
                row[owners] += math.sqrt(min(len(word), 5)) / len(owners)
        return unit(rows)

    def _found(self, text: str) -> list[str]:
        plain = text.replace(" ", "")
        hits = [word for word, there in self._tests.items() if there(text, plain)]
        return [word for word in hits if not any(word != hit and word in hit for hit in hits)]


class VectorCache:
    """Vectors of the policy's own texts, kept on disk so that a start costs no embedding."""

    def __init__(self, embedder: Embedder, folder: Path | None) -> None:
        self._embedder = embedder
        name = hashlib.sha256(embedder.name.encode()).hexdigest()[:16]
        self._path = folder / f"vectors-{name}.npz" if folder else None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) float32 of length 1; only texts never seen before are embedded."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        known = self._read()
        missing = [index for index, key in enumerate(keys) if key not in known]
        if missing:
            made = self._embedder.query([texts[index] for index in missing])
            known.update((keys[index], row) for index, row in zip(missing, made, strict=True))
            kept = known if len(known) <= KEPT_VECTORS else {key: known[key] for key in keys}
            self._write(kept)
        return np.stack([known[key] for key in keys])

    def _read(self) -> dict[str, Vectors]:
        if self._path is None or not self._path.is_file():
            return {}
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            log.warning("the cached vectors at %s can't be read: made again", self._path)
            return {}

    def _write(self, known: dict[str, Vectors]) -> None:
        if self._path is None:
            return
        unfinished = self._path.with_name(f"{self._path.stem}.{uuid.uuid4().hex}.npz")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(unfinished, keys=np.array(list(known)), rows=np.stack(list(known.values())))
            unfinished.replace(self._path)
        except OSError as exc:
            unfinished.unlink(missing_ok=True)
            log.warning("the vectors can't be kept (%s): the next start makes them again", exc)


def unit(rows: Vectors) -> Vectors:
    """Each row at length 1; a row of zeros stays."""
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths, dtype=np.float32)


def _grams(text: str) -> Iterator[int]:
    plain = f" {' '.join(_WORDS.findall(text.lower()))} "
    for length in GRAM_LENGTHS:
        for start in range(len(plain) - length + 1):
            gram = plain[start : start + length]
            if gram != " ":
                yield zlib.crc32(gram.encode()) % BUCKETS


def _test(word: str) -> Callable[[str, str], bool]:
    """Latin words must stand whole, one Korean syllable as a word of its own, others anywhere.

    The test takes the text and the text without blanks: people write 불법주차 and 불법 주차.
    """
    escaped = re.escape(word)
    if re.match(r"[a-záéíóúñ]", word):
        whole = re.compile(rf"\b{escaped}(?:s|es)?\b")
        return lambda text, _: whole.search(text) is not None
    if re.fullmatch("[가-힣]", word):
        alone = re.compile(rf"(?<![가-힣]){escaped}{_AFTER_ONE_SYLLABLE}")
        return lambda text, _: alone.search(text) is not None
    if " " in word:
        joined = word.replace(" ", "")
        return lambda _, plain: joined in plain
    return lambda text, _: word in text
