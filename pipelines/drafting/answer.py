"""The model's answer, and what of it is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from pipelines import korean
from pipelines.drafting import ask, cite, own_words
from pipelines.drafting.case import CaseDraft, Urgency
from pipelines.drafting.facts import Held
from pipelines.types import Evidence, Note

WRITTEN = ("title", "summary", "request")
MAX_UNSURE_NOTES = 20
SIGNS = " .,!?。、！？…"
UNCARRIED = "?"

Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class Answer(BaseModel):
    """What the model must have written, whatever its schema made it write."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: str
    urgency: Urgency
    title: Written
    summary: Written
    request: Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]
    """Empty where a paper asks for nothing; who speaks to the office always wants something, and
    the schema of spoken evidence holds the model to it."""


class Truth:
    """The evidence of one case, to hold an answer against."""

    def __init__(self, evidence: Sequence[Evidence], language: str) -> None:
        self._evidence = evidence
        self._held = Held(" ".join(piece.text for piece in evidence), language)

    def wrong(self, text: str) -> list[str]:
        """What a text says that nobody said; UNCARRIED where nothing of the evidence is in it."""
        told = ask.sentences(text.rstrip("…"))
        if told and all(self._held.holds(sentence) for sentence in told):
            return []  # word for word
        strange = list(self._held.missing(text))
        strange += [quote for quote in cite.quotes(text) if not self._held.holds(quote)]
        if not strange and text and not cite.carriers(text, self._evidence):
            strange = [UNCARRIED]
        return strange

    def wrong_fields(self, answer: Answer) -> dict[str, list[str]]:
        """Field -> what it says that nobody said; fields without any are left out."""
        found = {name: self.wrong(getattr(answer, name)) for name in WRITTEN}
        return {name: words for name, words in found.items() if words}

    def only_true(self, answer: Answer, texts: Sequence[str]) -> tuple[Answer, list[Note]]:
        """What nobody said gives way to the speaker's own sentences (`texts`), and is noted."""
        changed: dict[str, str] = {}
        notes: list[Note] = []
        for name, words in self.wrong_fields(answer).items():
            told = ask.sentences(getattr(answer, name))
            kept = [sentence for sentence in told if not self.wrong(sentence)]
            changed[name] = " ".join(kept) or own_words.field_of(name, texts)
            notes.append(Note(code="draft.dropped", facts={"field": name, "count": len(words)}))
        return answer.model_copy(update=changed), notes


def unsure_words(draft: CaseDraft, evidence: Sequence[Evidence]) -> list[Note]:
    """The words of the draft that recognition was unsure of: for the reader's eyes, never a log."""
    written = " ".join((draft.title, draft.summary, draft.request, draft.place))
    found: dict[str, Note] = {}
    for index, piece in enumerate(evidence):
        for word in piece.words:
            said = word.text.strip(SIGNS)
            stems = (said, *(noun.text for noun in korean.nouns(said))) if word.unsure else ()
            hit = next((stem for stem in stems if len(stem) > 1 and stem in written), None)
            if hit is not None:
                facts: dict[str, str | int | float] = {"word": hit, "evidence": index}
                found.setdefault(hit, Note(code="draft.unsure_word", facts=facts))
    return list(found.values())[:MAX_UNSURE_NOTES]
