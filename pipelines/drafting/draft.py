"""Evidence -> a checked, cited CaseDraft with its reply; the model writes, the rules decide."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError

from pipelines import korean
from pipelines.drafting import ask, cite, control, own_words
from pipelines.drafting.answer import WRITTEN, Answer, Truth, unsure_words
from pipelines.drafting.case import CaseDraft, CategoryCandidate, Citation, ClaimField, Urgency
from pipelines.drafting.clock import due_date
from pipelines.drafting.policy import Category, Policy
from pipelines.drafting.privacy import NOT_IN_ASKS
from pipelines.drafting.privacy.results import masked_pieces
from pipelines.drafting.reply import write_reply
from pipelines.drafting.urgency import bounded, danger_in
from pipelines.errors import ModelError
from pipelines.foundation.model import FoundationModel
from pipelines.places import Areas
from pipelines.types import (
    Ask,
    Cancel,
    DraftToken,
    Evidence,
    Media,
    Note,
    OnEvent,
    Progress,
    Reply,
    ignore,
)

log = logging.getLogger(__name__)


class Ranker(Protocol):
    """What the drafter needs of a classifier."""

    def rank(self, text: str) -> tuple[CategoryCandidate, ...]:
        """All categories, the best first."""
        ...

    def department(self, text: str, category: str) -> str:
        """Who answers for such a case of that category; one of the policy's departments."""
        ...

    def warm(self) -> None:
        """Be ready for the first text."""
        ...


class Form(Protocol):
    """How evidence of one kind is put to the model, and how its answer is read."""

    def choose(self, evidence: Sequence[Evidence], areas: Areas) -> ask.Chosen:
        """What the model reads of the evidence."""
        ...

    def first(self, chosen: ask.Chosen, places: Sequence[str], *, deadline_s: float) -> Ask:
        """The ask; its front part is the same from call to call."""
        ...

    def fields(self, text: str, chosen: ask.Chosen) -> dict[str, object]:
        """The draft's fields of an answer. Raises ValueError where it can't be read."""
        ...


SPOKEN = ask.Spoken()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft and what making it took."""

    draft: CaseDraft
    replies: tuple[Reply, ...]
    notes: tuple[Note, ...]
    first_token_s: float
    """From the call of `draft` to the model's first token; to the end where none came."""


@dataclass(slots=True, kw_only=True)
class _Work:
    """One draft in the making."""

    evidence: tuple[Evidence, ...]
    form: Form
    chosen: ask.Chosen
    places: tuple[str, ...]
    language: str
    truth: Truth
    rules: control.Before
    on_event: OnEvent
    cancel: Cancel | None
    started: float
    first_token_s: float | None = None
    replies: list[Reply] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def told(self) -> tuple[str, ...]:
        """What the model may read; all of it where that is nothing."""
        return self.chosen.texts or tuple(piece.text for piece in self.evidence)

    @property
    def own_texts(self) -> tuple[str, ...]:
        """The same without what a model saw in pictures, unless there is nothing else."""
        chosen = zip(self.chosen.indices, self.chosen.texts, strict=True)
        own = (text for index, text in chosen if self.evidence[index].origin == "reader")
        return tuple(own) or self.told

    def token(self, text: str) -> None:
        if self.first_token_s is None:
            self.first_token_s = time.monotonic() - self.started
        self.on_event(DraftToken(text=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """Shares one model with every other pipeline. Thread-safe."""

    model: FoundationModel
    policy: Policy
    classifier: Ranker
    areas: Areas
    deadline_s: float = 180.0
    """For each ask, waiting in the model's queue included."""
    media: Media = "both"
    """What of pictures a draft rests on; see `drafting.result.resting`."""

    def warm(self, form: Form = SPOKEN) -> None:
        """Load what loads late and run the fixed prefix once. Raises ModelError."""
        self.classifier.warm()
        korean.warm()
        nothing = ask.Chosen(indices=(), texts=(), withheld=0, left_out=0)
        self.model.generate(ask.warm_ask(form.first(nothing, (), deadline_s=self.deadline_s)))

    def draft(
        self,
        evidence: Sequence[Evidence],
        *,
        language: str,
        today: dt.date,
        form: Form = SPOKEN,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Drafted:
        """Draft the case; `today` is the day of receipt, `form` fits the kind of evidence.

        A model that fails, or can't, does not raise: the draft is then made of the speaker's own
        sentences, with a note. Raises Cancelled, and ValueError without evidence.
        """
        if not evidence:
            raise ValueError("no evidence to draft from")
        started = time.monotonic()
        on_event(Progress(stage="drafting"))
        # A draft needs nobody's numbers: no model reads them, no field and no reply holds them.
        pieces = masked_pieces(evidence, NOT_IN_ASKS)
        chosen = form.choose(pieces, self.areas)
        work = _Work(
            evidence=pieces,
            form=form,
            chosen=chosen,
            places=ask.places_in(chosen, self.areas),
            language=language,
            truth=Truth(pieces, language),
            rules=control.before(self.policy.control, chosen.texts, language),
            on_event=on_event,
            cancel=cancel,
            started=started,
        )
        if chosen.left_out:
            work.notes.append(Note(code="draft.left_out", facts={"count": chosen.left_out}))
        if chosen.withheld:
            work.notes.append(Note(code="draft.orders_withheld", facts={"count": chosen.withheld}))
        work.notes += work.rules.notes
        ask_it = bool(chosen.texts) and work.rules.never is None
        answer = self._answer(work) if ask_it else None
        on_event(Progress(stage="checking"))
        draft = self._assemble(work, answer, today)
        first = work.first_token_s
        return Drafted(
            draft=draft,
            replies=tuple(work.replies),
            notes=(*work.notes, *unsure_words(draft, pieces)),
            first_token_s=time.monotonic() - started if first is None else first,
        )

    def _answer(self, work: _Work) -> Answer | None:
        """The model's answer with only true words in it; None where it could not."""
        first = work.form.first(work.chosen, work.places, deadline_s=self.deadline_s)
        try:
            text, answer = self._read(work, first, {})
            if answer is None:
                repair = ask.again(first, text, ask.INVALID, ask.FIELDS)
                _, answer = self._read(work, repair, {})
            elif wrong := work.truth.wrong_fields(answer):
                repair = ask.again(first, text, ask.complaint(wrong), tuple(wrong))
                _, second = self._read(work, repair, answer.model_dump(exclude=set(wrong)))
                answer = second or answer
        except ModelError as exc:
            log.warning("drafted by rules: %s", exc.code)
            work.notes.append(Note(code="draft.model_could_not", facts={"reason": exc.code}))
            return None
        if answer is None:
            work.notes.append(Note(code="draft.model_could_not", facts={"reason": "invalid"}))
            return None
        answer, notes = work.truth.only_true(answer, work.chosen.texts)
        work.notes += notes
        return answer

    def _read(self, work: _Work, asked: Ask, kept: Mapping[str, str]) -> tuple[str, Answer | None]:
        """One ask; `kept` are the fields that were right before and are not asked again."""
        if work.cancel is not None:
            work.cancel.check()
        reply = self.model.generate(asked, work.token, work.cancel)
        work.replies.append(reply)
        if reply.stop != "end":
            return reply.text, None
        try:
            fields = work.form.fields(reply.text, work.chosen)
            answer = Answer.model_validate({**fields, **kept})
        except (ValueError, ValidationError):
            return reply.text, None
        return reply.text, answer if answer.place in (*work.places, "") else None

    def _assemble(self, work: _Work, answer: Answer | None, today: dt.date) -> CaseDraft:
        told = work.told
        fields = {
            name: getattr(answer, name) if answer else own_words.field_of(name, work.own_texts)
            for name in WRITTEN
        }
        place = answer.place if answer else next(iter(work.places), "")
        urgency = bounded(
            answer.urgency if answer else "normal", work.chosen.texts, self.policy, work.language
        )
        urgency = control.lifted(urgency, work.rules)
        candidates = self.classifier.rank(" ".join(told))
        best = self._in_charge(candidates[0].category, " ".join(told))
        due = due_date(today, best.working_days)
        write = functools.partial(
            write_reply,
            self.policy,
            best,
            language=work.rules.reply_language,
            emergency=urgency == "emergency",
            due=due,
        )
        slots = {
            "topic": fields["title"],
            "place": place,
            "request": fields["request"] or fields["title"],
        }
        reply, fired = control.held_reply(self.policy.control, work.rules, slots, write)
        if answer:
            could = {"place": bool(work.places), "request": True}
            fired += control.left_open({**fields, "place": place}, could)
        work.notes += fired
        return CaseDraft(
            category=best.code,
            category_unsure=candidates[0].confidence < self.policy.unsure_below,
            category_candidates=list(candidates[:3]),
            department=best.department,
            **fields,
            place=place,
            urgency=urgency,
            due_date=due,
            language=work.language,
            reply=reply,
            citations=self._citations(work, {**fields, "place": place}, urgency, best.code),
            drafted_by="model" if answer else "rules",
        )

    def _in_charge(self, code: str, text: str) -> Category:
        """The category, with the department to which officials send such cases."""
        chosen, name = self.policy.category(code), self.classifier.department(text, code)
        named = next(entry for entry in self.policy.categories if entry.department == name)
        return dataclasses.replace(chosen, department=name, departments=named.departments)

    def _citations(
        self, work: _Work, fields: Mapping[str, str], urgency: Urgency, category: str
    ) -> list[Citation]:
        found = [cite.cite(name, text, work.evidence) for name, text in fields.items()]
        known = [citation for citation in found if citation is not None]
        danger = [
            index
            for index, text in zip(work.chosen.indices, work.chosen.texts, strict=True)
            if danger_in(text, self.policy, work.language)
        ]
        story = cite.carriers(fields["summary"], work.evidence)
        # The category is read from the whole story, and a reply says what the other fields say.
        every = sorted({index for citation in known for index in citation.evidence})
        derived: tuple[tuple[ClaimField, str, list[int]], ...] = (
            ("urgency", urgency, danger or story),
            ("category", category, story),
            ("reply", fields["title"], every),
        )
        known += [
            Citation(field=field, claim=claim, evidence=carried[: cite.MOST])
            for field, claim, carried in derived
            if carried
        ]
        return known
