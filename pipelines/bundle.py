"""Files of any kind -> ONE case: read side by side, one draft on the shared model.

Orchestration only. Evidence stands in the order of the files; a claim may cite a second, a box on
a page and a frame at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.bundle_reader import Bundle, BundleReader
from pipelines.drafting import cite
from pipelines.drafting.agree import agreements
from pipelines.drafting.case import CaseDraft, Citation
from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.draft import SPOKEN, Drafter
from pipelines.drafting.question import Answer, Answerer
from pipelines.drafting.result import case_of
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.drafting.written import Written
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    Language,
    MediaFile,
    OnEvent,
    Progress,
    ignore,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleResult:
    """The case, what it was made from, and the answer where something was asked."""

    case: CaseResult
    bundle: Bundle
    answer: Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePipeline:
    """Drafter and answerer are those of the other pipelines, and so is the one model."""

    reader: BundleReader
    drafter: Drafter
    answerer: Answerer
    vectorer: Vectorer
    today: Callable[[], dt.date] = day_in_korea
    """The day the case is received, in Korea."""

    def warm(self) -> None:
        """Run the fixed prefixes of drafts through the model. Raises ModelError."""
        self.drafter.warm(SPOKEN)
        self.drafter.warm(Written())

    def run(
        self,
        media: Sequence[MediaFile],
        folder: Path,
        *,
        question: str = "",
        language: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> BundleResult:
        """Read all files, draft ONE case, and answer the question if there is one.

        `folder` takes kept frames. Raises MediaRejected where no file can be read, and Cancelled.
        """
        bundle = self.reader.read(
            media, folder, language=language, on_event=on_event, cancel=cancel
        )
        answer = self.ask(bundle, question, on_event=on_event, cancel=cancel) if question else None
        case = self.draft(bundle, on_event=on_event, cancel=cancel)
        on_event(Progress(stage="done", fraction=1.0))
        return BundleResult(case=case, bundle=bundle, answer=answer)

    def draft(
        self, bundle: Bundle, *, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> CaseResult:
        """Draft the case. A model that fails does not raise; raises Cancelled."""
        case = case_of(
            self.drafter,
            [part.media for part in bundle.parts],
            bundle.evidence,
            few=_few(bundle),
            language=bundle.language,
            today=self.today(),
            form=SPOKEN if any(part.spoken for part in bundle.parts) else Written(),
            notes=(
                *bundle.notes,
                *(note for part in bundle.parts for note in part.notes),
                *agreements(_told(bundle), self.drafter.areas),
            ),
            read_s=bundle.read_s,
            on_event=on_event,
            cancel=cancel,
        )
        return replace(case, draft=_place_everywhere(case.draft, case.evidence))

    def ask(
        self,
        bundle: Bundle,
        question: str,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Answer:
        """Answer a question from everything that was read. Raises Cancelled."""
        index = Index([part.document for part in bundle.parts], self.vectorer)
        return self.answerer.answer(index, question, on_event=on_event, cancel=cancel)


def _few(bundle: Bundle) -> list[int]:
    """What the draft rests on: what is said comes first, then the lines of papers and pictures."""
    firsts = bundle.firsts
    spoken, telling = [], []
    for part, first in zip(bundle.parts, firsts, strict=True):
        spoken += [first + index for index in part.spoken]
        telling += [first + index for index in part.telling]
    return [*spoken, *telling] or list(range(len(bundle.evidence)))


def _told(bundle: Bundle) -> list[tuple[str, list[str]]]:
    """(name of the file, what it tells) for each file; what a model saw bears no witness."""
    return [
        (
            part.media.name,
            [
                part.evidence[index].text
                for index in (*part.spoken, *part.telling)
                if part.evidence[index].origin == "reader"
            ],
        )
        for part in bundle.parts
    ]


def _place_everywhere(draft: CaseDraft, evidence: Sequence[Evidence]) -> CaseDraft:
    """The place also cites the first piece of every other file in which it stands."""
    cited: list[Citation] = []
    for citation in draft.citations:
        if citation.field == "place":
            sources = {evidence[index].source for index in citation.evidence}
            more = []
            for index in cite.place_carriers(citation.claim, evidence):
                if evidence[index].source not in sources:
                    sources.add(evidence[index].source)
                    more.append(index)
            citation = citation.model_copy(update={"evidence": [*citation.evidence, *more]})
        cited.append(citation)
    return draft.model_copy(update={"citations": cited})
