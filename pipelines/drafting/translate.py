"""Subtitles -> the same cues in another language, by the shared model, each line checked.

Times are never touched. A line is shown translated only where the answer is in the language that
was asked for, kept the figures and the names, and means about the same; every other one stays as it
was said, marked and counted. What it is worth with which model: docs/decisions/subtitles.md.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.drafting.ask import PROMPTS, object_schema, parse
from pipelines.drafting.embed import Embedder
from pipelines.drafting.figures import figures_kept
from pipelines.drafting.names import names_kept
from pipelines.drafting.orders import commanding
from pipelines.drafting.privacy import NOT_IN_ASKS, Kind, mask, reopened
from pipelines.errors import ModelError
from pipelines.foundation.model import FoundationModel
from pipelines.places import Areas
from pipelines.subtitles import Cue, joined, wrapped
from pipelines.types import Ask, Cancel, Language, Note, OnEvent, Progress, Reply, ignore
from pipelines.writing import fenced, language_of, squeezed

log = logging.getLogger(__name__)

BATCH = 5
"""Lines in one ask: enough to understand each other, few enough to keep their numbers."""
TRIES = 2
NUMBERS: frozenset[Kind] = NOT_IN_ASKS - {"name"}
"""What the model is not told; names have to be written in another script."""
LONGEST, GROWTH = 200, 4
"""Letters of a translated line at most, and so many times the letters of its source."""
TOKENS_A_LETTER = 1.5
MEANING = 0.83
"""So alike in meaning must a line and its translation be, by the vectors of multilingual-e5."""
NAMES: dict[Language, str] = {
    "ko": "Korean",
    "en": "English",
    "ja": "Japanese",
    "zh": "Simplified Chinese",
    "es": "Spanish",
}
_SCRIPTS = {
    "ko": (re.compile("[가-힣]"), re.compile("[ぁ-ヿ]")),
    "en": (re.compile("[A-Za-z]"), re.compile("[가-힣ぁ-ヿ一-龥]")),
    "es": (re.compile("[A-Za-z]"), re.compile("[가-힣ぁ-ヿ一-龥]")),
    "ja": (re.compile("[ぁ-ヿ]"), re.compile("[가-힣]")),
    "zh": (re.compile("[一-龥]"), re.compile("[가-힣ぁ-ヿ]")),
}
"""Of each language: a letter that it must have, and letters that it can't have."""
_ENGLISH = re.compile(r"\b(the|is|are|and|of|please)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Cues with the times of the spoken ones; those in `kept` stand in the original."""

    source: Language
    target: Language
    model: str
    cues: tuple[Cue, ...]
    kept: tuple[int, ...]
    """Indices into `cues`."""
    replies: tuple[Reply, ...] = ()
    notes: tuple[Note, ...] = ()
    elapsed_s: float = 0.0

    @property
    def label(self) -> str:
        """That a machine made them, and which, in the language that is written."""
        labels: dict[str, str] = _words()["label"]
        return labels[self.target].format(model=self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """Shares the one model with every pipeline. Thread-safe."""

    model: FoundationModel
    areas: Areas
    embedder: Embedder | None = None
    """Tells lines that mean something else; without one nobody looks."""
    deadline_s: float = 120.0
    """For each ask."""

    def translate(
        self,
        cues: Sequence[Cue],
        source: Language,
        target: Language,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Translation:
        """Translate cue by cue, some in each ask.

        A model that fails does not raise: what is not translated by then stays in the original,
        with a note. Raises Cancelled.
        """
        started = time.monotonic()
        run = _Run(self, [joined(cue, source) for cue in cues], source, target)
        if source != target:
            run.all(on_event, cancel or Cancel())
        made = tuple(
            replace(cue, lines=wrapped(run.told[n], target)) if n in run.told else cue
            for n, cue in enumerate(cues)
        )
        return Translation(
            source=source,
            target=target,
            model=self.model.name,
            cues=made,
            kept=tuple(n for n in range(len(made)) if n not in run.told),
            replies=tuple(run.replies),
            notes=tuple(run.notes()),
            elapsed_s=time.monotonic() - started,
        )


class _Run:
    """One translation, with what it gathers."""

    def __init__(
        self, by: Translator, lines: Sequence[str], source: Language, target: Language
    ) -> None:
        self._by, self._spoken = by, lines
        self._lines = [mask(line, NUMBERS) for line in lines]
        self._source, self._target = source, target
        self.told: dict[int, str] = {}
        self.replies: list[Reply] = []
        self._failed = ""

    def all(self, on_event: OnEvent, cancel: Cancel) -> None:
        held = commanding(self._lines)
        wanted = [n for n, line in enumerate(self._lines) if line and not held[n]]
        for at in range(0, len(wanted), BATCH):
            on_event(Progress(stage="drafting", fraction=at / len(wanted)))
            try:
                self._batch(wanted[at : at + BATCH], cancel)
            except ModelError as exc:
                log.warning("subtitles were left in the original: %s", exc.code)
                self._failed = exc.code
                return

    def _batch(self, numbers: Sequence[int], cancel: Cancel) -> None:
        left = list(numbers)
        for _ in range(TRIES):
            cancel.check()
            reply = self._by.model.generate(self._ask(left), cancel=cancel)
            self.replies.append(reply)
            self._take(left, reply.text)
            # In its second try a line stands alone with those that failed beside it.
            left = [n for n in left if n not in self.told]
            if not left:
                return

    def _take(self, numbers: Sequence[int], text: str) -> None:
        for place, told in _answered(text).items():
            if 0 < place <= len(numbers):
                number = numbers[place - 1]
                told = reopened(told, self._spoken[number], NUMBERS)
                if self._is_right(self._spoken[number], told):
                    self.told[number] = told

    def _is_right(self, line: str, told: str) -> bool:
        languages = self._source, self._target
        return (
            is_written_in(told, self._target)
            and squeezed(told) != squeezed(line)
            and len(told) <= GROWTH * len(line) + LONGEST // 5
            and figures_kept(line, languages[0], told, languages[1])
            and names_kept(line, languages[0], told, languages[1], self._by.areas)
            and self._means_the_same(line, told)
        )

    def _means_the_same(self, line: str, told: str) -> bool:
        if self._by.embedder is None:
            return True
        mine, theirs = self._by.embedder.query([line, told])
        return float(mine @ theirs) >= MEANING

    def _ask(self, numbers: Sequence[int]) -> Ask:
        lines = [self._lines[n] for n in numbers]
        letters = sum(min(LONGEST, GROWTH * len(line)) for line in lines)
        written = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        return Ask(
            system=_system(),
            turns=_examples(self._target),
            user=_user(lines, self._target),
            schema=object_schema({str(n): written for n in range(1, len(lines) + 1)}),
            max_new_tokens=round(TOKENS_A_LETTER * letters) + 8 * len(lines),
            deadline_s=self._by.deadline_s,
        )

    def notes(self) -> list[Note]:
        """What a person should know of it."""
        if not self._lines or self._source == self._target:
            return [Note(code="subtitles.same" if self._lines else "subtitles.none")]
        facts: dict[str, str | int | float] = {
            "model": self._by.model.name,
            "count": len(self.told),
            "all": len(self._lines),
            "kept": len(self._lines) - len(self.told),
        }
        notes = [Note(code="subtitles.machine", facts=facts)]
        if self._failed:
            notes.append(Note(code="subtitles.without_model", facts={"reason": self._failed}))
        return notes


def is_written_in(text: str, language: Language) -> bool:
    """False where the letters, or the little words, are those of another language."""
    must, never = _SCRIPTS[language]
    if not must.search(text) or never.search(text):
        return False
    if language == "es":
        return language_of(text) == "es" or not _ENGLISH.search(text)
    return language != "en" or language_of(text) == "en"


def _answered(text: str) -> Mapping[int, str]:
    """Number -> line of what the model wrote; of an answer that was cut off, what is whole."""
    try:
        fields = parse(text)
    except ValueError:
        fields = dict(re.findall(r'"(\d+)"\s*:\s*"((?:[^"\\]|\\.)*)"\s*[,}]', text))
    return {
        int(number): " ".join(told.split())
        for number, told in fields.items()
        if number.isdecimal() and isinstance(told, str)
    }


def _user(lines: Sequence[str], target: Language) -> str:
    numbered = "\n".join(f"[{n}] {fenced(line)}" for n, line in enumerate(lines, start=1))
    return f"<lines>\n{numbered}\n</lines>\nwrite in: {NAMES[target]}"


@functools.cache
def _system() -> str:
    return (PROMPTS / "translate.txt").read_text(encoding="utf-8").strip()


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads((PROMPTS / "translate.toml").read_text(encoding="utf-8"))


@functools.cache
def _examples(target: Language) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            _user(row["lines"], target),
            json.dumps({str(n): t for n, t in enumerate(row["told"], 1)}, ensure_ascii=False),
        )
        for row in _words()["example"]
        if row["target"] == target
    )
