"""The agency's control over drafts: what is held before and after the model, and what fired.

Before: a topic that no draft may answer is handed to a person, and the model is not asked; words
that a person must see at once lift the urgency. After: the reply keeps no promise that the agency
does not make, no word that it does not use, the sentences that it wants, and its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pipelines.drafting.case import URGENCIES, Urgency
from pipelines.types import LANGUAGES, Language, Note

FALLBACK: Language = "ko"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Never(_Row):
    """One topic that no draft answers."""

    topic: Text
    words: Annotated[tuple[Text, ...], Field(min_length=1)]
    answer: dict[Language, Text]
    """What is said instead; "ko" must be there."""


class Control(_Row):
    """The [control] table of the policy. Phrases are looked for without regard to case."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = LANGUAGES
    reply_letters: int = Field(default=2000, ge=200)
    promises: dict[Language, tuple[Text, ...]] = {}
    tone: dict[Language, tuple[Text, ...]] = {}
    required: dict[Language, tuple[Text, ...]] = {}
    escalation: dict[Language, tuple[Text, ...]] = {}
    never: tuple[Never, ...] = ()

    def problems(self) -> Iterable[str]:
        """What types alone can't say."""
        for row in self.never:
            if FALLBACK not in row.answer:
                yield f"control.never: {row.topic}: the answer in {FALLBACK} is missing"
        if FALLBACK not in self.languages:
            yield f"control.languages: {FALLBACK} is missing"
        for language, sentences in self.required.items():
            if sum(map(len, sentences)) > self.reply_letters // 2:
                yield f"control.required.{language}: longer than half a reply"
            for sentence in sentences:
                if self._bad(sentence, language):
                    yield f"control.required.{language}: {sentence!r} is forbidden by another rule"

    def forbidden_in(self, template: str, language: str) -> str:
        """What a reply template itself may not say; "" where it is fine."""
        return self._bad(template, language)

    def _bad(self, text: str, language: str) -> str:
        return _first(text, self.promises, language) or _first(text, self.tone, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the rules say of the evidence, before any model is asked."""

    never: Never | None
    """The topic that no draft answers; None = the model may be asked."""
    escalated: bool
    reply_language: str
    notes: tuple[Note, ...]


def before(control: Control, texts: Sequence[str], language: str) -> Before:
    """Look at the evidence as the model would read it."""
    told = " ".join(texts)
    notes: list[Note] = []
    # People mix languages: topics and escalation are looked for in all of them.
    never = next((row for row in control.never if _any_of(told, row.words)), None)
    if never is not None:
        facts: dict[str, str | int | float] = {"topic": never.topic}
        notes.append(Note(code="control.abstained", facts=facts))
    found = (_first(told, control.escalation, each) for each in control.escalation)
    word = next(filter(None, found), "")
    if word:
        notes.append(Note(code="control.escalated", facts={"word": word}))
    reply_language = language
    if language not in control.languages:
        reply_language = FALLBACK
        notes.append(Note(code="control.language", facts={"language": language}))
    return Before(
        never=never, escalated=bool(word), reply_language=reply_language, notes=tuple(notes)
    )


def lifted(urgency: Urgency, rules: Before) -> Urgency:
    """At least "high" where words were found that a person must see at once."""
    if not rules.escalated:
        return urgency
    return max(urgency, "high", key=URGENCIES.index)


def held_reply(
    control: Control, rules: Before, slots: Mapping[str, str], write: Callable[..., str]
) -> tuple[str, list[Note]]:
    """The reply within the rules, and what fired. `write(**slots)` fills the template.

    Only what came from people or the model is ever cut: the template is the agency's own, and was
    checked when it was loaded.
    """
    language = rules.reply_language
    notes: list[Note] = []
    if rules.never is not None:
        said = {str(each): answer for each, answer in rules.never.answer.items()}
        text = said.get(language, said[FALLBACK])
    else:
        clean, taken = _cleaned(control, slots, language)
        if taken:
            notes.append(Note(code="control.taken_out", facts={"count": taken}))
        text = _within(control, clean, write, notes)
    wanted = next((each for tongue, each in control.required.items() if tongue == language), ())
    missing = [sentence for sentence in wanted if sentence not in text]
    return "\n\n".join([text, *missing]), notes


def _cleaned(
    control: Control, slots: Mapping[str, str], language: str
) -> tuple[dict[str, str], int]:
    """The slots without sentences that promise or insult, and how many those were."""
    taken = 0
    clean: dict[str, str] = {}
    for name, value in slots.items():
        told = [sentence for sentence in _SENTENCE.split(value) if sentence]
        kept = [sentence for sentence in told if not control.forbidden_in(sentence, language)]
        taken += len(told) - len(kept)
        clean[name] = " ".join(kept) if len(kept) < len(told) else value
    return {name: value or "…" if slots[name] else "" for name, value in clean.items()}, taken


def _within(
    control: Control, slots: dict[str, str], write: Callable[..., str], notes: list[Note]
) -> str:
    """The reply; where it is too long, the longest slots are cut until it fits."""
    text = write(**slots)
    over = len(text) - control.reply_letters
    if over > 0:
        longest = max(slots, key=lambda name: len(slots[name]))
        kept = max(len(slots[longest]) - over - 1, 1)
        text = write(**{**slots, longest: slots[longest][:kept].rstrip() + "…"})
        notes.append(Note(code="control.shortened", facts={"limit": control.reply_letters}))
    return text


def left_open(fields: Mapping[str, str], offered: Mapping[str, bool]) -> list[Note]:
    """The fields for which the model chose to say nothing, though it could have."""
    return [
        Note(code="control.left_open", facts={"field": name})
        for name, could in offered.items()
        if could and not fields[name]
    ]


def _first(text: str, phrases: Mapping[Language, Sequence[str]], language: str) -> str:
    """The first phrase of a language that stands in a text; "" for none."""
    wanted = (each for tongue, each in phrases.items() if tongue == language)
    return next((phrase for each in wanted for phrase in each if _holds(text, phrase)), "")


def _any_of(text: str, phrases: Iterable[str]) -> bool:
    return any(_holds(text, phrase) for phrase in phrases)


def _holds(text: str, phrase: str) -> bool:
    """Whole words where a phrase is of Latin letters ("rape" is not in "drapes")."""
    if phrase.isascii():
        start = r"(?<![a-z0-9])" if phrase[0].isalnum() else ""
        return re.search(start + re.escape(phrase.lower()), text.lower()) is not None
    return "".join(phrase.split()) in "".join(text.split())
