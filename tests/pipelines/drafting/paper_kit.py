"""Documents for tests, and an embedder that needs no weights."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.drafting.embed import DIMENSIONS
from pipelines.evaluation.own_papers import Source, pages_of
from pipelines.readers.evidence import ReadDocument, read_document
from pipelines.readers.pages import PagedDocument
from pipelines.types import Language

if TYPE_CHECKING:
    from pipelines.drafting.embed import Vectors


class PairsEmbedder:
    """Texts that share pairs of letters point alike. Counts what it was asked."""

    name = "pairs"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def query(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    def passage(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self.query(texts)

    def _vector(self, text: str) -> Vectors:
        row = np.full(DIMENSIONS, 0.2, dtype=np.float32)
        packed = "".join(text.lower().split())
        for i in range(len(packed) - 1):
            row[zlib.crc32(packed[i : i + 2].encode()) % DIMENSIONS] += 1
        return row / np.linalg.norm(row)


def paged(body: str, language: Language = "ko", title: str = "") -> PagedDocument:
    """A document in the light markup of assets/samples/documents."""
    return pages_of(source_of(body, language, title), Path("preview.pdf"))


def source_of(body: str, language: Language = "ko", title: str = "") -> Source:
    return Source(id="x", split="dev", language=language, kind="x", title=title, body=body)


def read(
    body: str, language: Language = "ko", title: str = "", sha256: str = "a" * 64
) -> ReadDocument:
    return read_document(paged(body, language, title), sha256)
