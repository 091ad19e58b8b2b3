"""A question about one or many documents -> an answer with its place, or that it isn't there.

The model only points: it picks one of a few numbered lines, or none, and copies the answer from
it. What it copies must stand in that line; otherwise the line itself is the answer. Because a small
model points too readily, the line must also hold the kind of thing that was asked for and enough of
what the question is about. Measured in docs/decisions/questions.md.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.drafting.ask import PROMPTS, object_schema, parse
from pipelines.drafting.facts import Held
from pipelines.drafting.orders import gives_orders
from pipelines.drafting.privacy import NOT_IN_ASKS, mask
from pipelines.drafting.retrieve import Hit, Index
from pipelines.drafting.signs import signs_of
from pipelines.errors import ModelError
from pipelines.foundation.model import FoundationModel
from pipelines.readers.evidence import Passage
from pipelines.types import (
    Ask,
    Cancel,
    DraftToken,
    Evidence,
    Language,
    Note,
    OnEvent,
    Origin,
    Progress,
    Reply,
    Where,
    ignore,
)
from pipelines.writing import fenced, language_of, squeezed

log = logging.getLogger(__name__)

LINES = 5
"""So many candidates does the model read: about 60 tokens each."""
LONGEST_LINE = 130
LONGEST_ANSWER = 60
MAX_NEW_TOKENS = 64
MEANING_S = 2.5
"""Time for looking at the candidates' meaning, where their vectors are not known yet."""
LONGEST_QUESTION = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Where an answer stands."""

    evidence: int
    """Index of the passage over all documents of the set, in their order."""
    source: str
    """sha256 of the file."""
    where: Where
    quote: str
    """The sentence or table row, as it stands there."""
    origin: Origin = "reader"
    """Who says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the documents say to a question."""

    question: str
    text: str
    """In the documents' own words; where nothing answers, that it is not there, in the language
    of the question."""
    answered: bool
    citations: tuple[Cited, ...]
    language: Language
    """Of the question."""
    replies: tuple[Reply, ...] = ()
    notes: tuple[Note, ...] = ()
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Shares the one model with every pipeline. Thread-safe."""

    model: FoundationModel
    deadline_s: float = 60.0

    def warm(self) -> None:
        """Run the fixed prefix once. Raises ModelError."""
        ask = _ask("", (), deadline_s=self.deadline_s)
        self.model.generate(
            Ask(system=ask.system, turns=ask.turns, user=ask.user, max_new_tokens=1)
        )

    def answer(
        self,
        index: Index,
        question: str,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Answer:
        """Answer from the documents of the index.

        A model that fails does not raise: the best line by words and meaning then answers where
        the signs are clear, with a note. Raises Cancelled.
        """
        started = time.monotonic()
        asked = " ".join(question.split())[:LONGEST_QUESTION]
        on_event(Progress(stage="reading"))
        hits, withheld = self._candidates(index, asked)
        notes = [Note(code="answer.orders_withheld", facts={"count": withheld})] if withheld else []
        if cancel is not None:
            cancel.check()
        on_event(Progress(stage="drafting"))
        reply: Reply | None = None
        line, short = 0, ""
        if hits:
            try:
                reply, line, short = self._point(index, asked, hits, on_event, cancel)
            except ModelError as exc:
                log.warning("a question was answered by rules: %s", exc.code)
                notes.append(Note(code="answer.without_model", facts={"reason": exc.code}))
                line = 1
        on_event(Progress(stage="checking"))
        chosen = _settled(index, asked, hits, line)
        language = language_of(asked)
        return Answer(
            question=asked,
            text=_none(language) if chosen is None else _told(index, chosen, short),
            answered=chosen is not None,
            citations=()
            if chosen is None
            else (cited(index.passages[chosen.index].evidence, chosen.index),),
            language=language,
            replies=() if reply is None else (reply,),
            notes=tuple(notes),
            elapsed_s=time.monotonic() - started,
        )

    def _candidates(self, index: Index, question: str) -> tuple[list[Hit], int]:
        """The lines for the model, and how many gave orders to it and were kept from it."""
        found = index.search(question, limit=4 * LINES, until_s=time.monotonic() + MEANING_S)
        plain = [hit for hit in found if not gives_orders(index.passages[hit.index].told)]
        said = [hit for hit in plain if _says_something(index.passages[hit.index])]
        return (said or plain)[:LINES], len(found) - len(plain)

    def _point(
        self,
        index: Index,
        question: str,
        hits: Sequence[Hit],
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> tuple[Reply, int, str]:
        told = [_line(index.passages[hit.index]) for hit in hits]
        lines = [mask(line, NOT_IN_ASKS) for line in told]
        reply = self.model.generate(
            _ask(mask(question, NOT_IN_ASKS), lines, deadline_s=self.deadline_s),
            lambda text: on_event(DraftToken(text=text)),
            cancel,
        )
        line, short = _pointed(reply.text, len(lines))
        line = _line_of_copy(lines, line, short)
        return reply, line, _opened(lines, told, line, short)


def _opened(masked: Sequence[str], told: Sequence[str], line: int, short: str) -> str:
    """What the model copied of a masked line, as it stands in the line itself."""
    at = masked[line - 1].find(short) if line else -1
    return told[line - 1][at : at + len(short)] if at >= 0 else short


def _says_something(passage: Passage) -> bool:
    """A bare heading answers nothing; the first row of a table only names its columns."""
    heading = passage.kind == "heading" and not re.search(r"[:：]\s*\S", passage.told)
    return not heading and not passage.names_columns


def _line(passage: Passage) -> str:
    """What the model reads of a passage: its last heading before it, cut to what it can hold."""
    above = passage.heading.rpartition(" › ")[2]
    told = f"({above}) {passage.told}" if above else passage.told
    return told[:LONGEST_LINE]


def _pointed(text: str, lines: int) -> tuple[int, str]:
    """(line, answer) of what the model wrote; (0, "") where it can't be read."""
    try:
        fields = parse(text)
    except ValueError:  # the deadline cut it: the line stands first
        found = re.match(r'\s*\{\s*"line"\s*:\s*(\d+)', text)
        return (int(found.group(1)) if found and int(found.group(1)) <= lines else 0), ""
    line, short = fields.get("line"), fields.get("answer")
    if not isinstance(line, int) or not 0 <= line <= lines:
        return 0, ""
    return line, short.strip() if isinstance(short, str) else ""


def _line_of_copy(lines: Sequence[str], line: int, short: str) -> int:
    """Small models copy rightly and count wrongly: the one line that holds the copy decides."""
    copy = squeezed(short)
    if line == 0 or len(copy) < 4 or copy in squeezed(lines[line - 1]):
        return line
    holding = [n for n, text in enumerate(lines, start=1) if copy in squeezed(text)]
    return holding[0] if len(holding) == 1 else line


def _settled(index: Index, question: str, hits: Sequence[Hit], line: int) -> Hit | None:
    """The hit that answers; None where nothing does."""
    if not hits or line == 0:
        return None
    chosen = hits[line - 1]
    return chosen if signs_of(index, question, chosen).enough else None


def _told(index: Index, hit: Hit, short: str) -> str:
    """What answers, and of a video also when."""
    passage = index.passages[hit.index]
    told = _words_of(passage, short)
    return f"{told} ({passage.when})" if passage.when else told


def _words_of(passage: Passage, short: str) -> str:
    """The sentence as it stands; of a table row or a long sentence, first the words that answer."""
    told = passage.told
    many_cells = passage.kind == "table" and told.count(": ") > 1
    if not short or (not many_cells and len(told) <= LONGEST_LINE):
        return told
    copied = squeezed(short) in squeezed(told)
    if not copied and Held(told, passage.evidence.language).missing(short):
        return told
    return f"{short} ({told})" if squeezed(short) != squeezed(told) else told


def cited(piece: Evidence, index: int) -> Cited:
    """A whole piece of evidence as what an answer rests on."""
    return Cited(
        evidence=index,
        source=piece.source,
        where=piece.where,
        quote=piece.text,
        origin=piece.origin,
    )


def _ask(question: str, lines: Sequence[str], *, deadline_s: float) -> Ask:
    return Ask(
        system=_system(),
        turns=_examples(),
        user=_user(lines, question),
        schema=object_schema(
            {
                "line": {"enum": list(range(len(lines) + 1))},
                "answer": {"type": "string", "maxLength": LONGEST_ANSWER},
            }
        ),
        max_new_tokens=MAX_NEW_TOKENS,
        deadline_s=deadline_s,
    )


def _user(lines: Sequence[str], question: str) -> str:
    numbered = "\n".join(f"[{n}] {fenced(line)}" for n, line in enumerate(lines, start=1))
    return f"<lines>\n{numbered}\n</lines>\nquestion: {fenced(question)}"


@functools.cache
def _system() -> str:
    return (PROMPTS / "question.txt").read_text(encoding="utf-8").strip()


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads((PROMPTS / "question.toml").read_text(encoding="utf-8"))


@functools.cache
def _examples() -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            _user(row["lines"], row["question"]),
            json.dumps({"line": row["line"], "answer": row["answer"]}, ensure_ascii=False),
        )
        for row in _words()["example"]
    )


def _none(language: Language) -> str:
    words: dict[str, str] = _words()["none"]
    return words.get(language, words["en"])
