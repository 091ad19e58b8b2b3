"""The video pipeline: file -> what is seen and heard -> timeline, draft, answers. Orchestration."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.draft import SPOKEN, Drafter
from pipelines.drafting.moments import asked_itself, asked_moment, asked_when, found_when
from pipelines.drafting.question import Answer, Answerer, Cited, cited
from pipelines.drafting.result import case_of, resting
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.drafting.translate import Translation, Translator
from pipelines.drafting.written import Written
from pipelines.places import Areas
from pipelines.readers.timeline import Timeline, clock, passages_of, time_of, timeline_of
from pipelines.readers.videos import SeenVideo, VideoReader
from pipelines.subtitles import Cue, cues_of
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
from pipelines.wording import say
from pipelines.writing import language_of

NEAR_S = 1.0
"""What is asked for at a second is looked for around it."""
MOST_AT = 4
TELLING = ("words", "speech", "shows", "seen")
"""Kinds of evidence that say when something is seen or heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """One video, read; ask and draft as often as you like."""

    video: SeenVideo
    timeline: Timeline
    index: Index
    read_s: float

    @property
    def media(self) -> MediaFile:
        """The file."""
        return self.video.media

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What every citation's index counts."""
        return self.video.evidence

    @property
    def cues(self) -> list[Cue]:
        """Subtitles of what is said; none where nobody speaks."""
        kinds = zip(self.evidence, self.video.kinds, strict=True)
        return cues_of([piece for piece, kind in kinds if kind == "speech"])


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoResult:
    """The case, what it was made from, and the answer where something was asked."""

    case: CaseResult
    footage: Footage
    answer: Answer | None
    subtitles: Translation | None = None
    """Where a translation was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPipeline:
    """Reader, drafter and answerer are handed in; they share one loaded model."""

    reader: VideoReader
    drafter: Drafter
    answerer: Answerer
    vectorer: Vectorer
    translator: Translator
    today: Callable[[], dt.date] = day_in_korea
    """The day the video is received, in Korea."""

    def warm(self) -> None:
        """Run the fixed prefixes of drafts and questions through the model. Raises ModelError."""
        self.drafter.warm(SPOKEN)
        self.answerer.warm()

    def run(
        self,
        media: MediaFile,
        folder: Path,
        *,
        question: str = "",
        language: Language | None = None,
        subtitles: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> VideoResult:
        """Read the video, draft a case from it, answer the question and translate the subtitles
        where that is asked for.

        `folder` takes the kept frames. Raises MediaRejected and Cancelled.
        """
        footage = self.read(media, folder, language=language, on_event=on_event, cancel=cancel)
        answer = self.ask(footage, question, on_event=on_event, cancel=cancel) if question else None
        case = self.draft(footage, on_event=on_event, cancel=cancel)
        told = None
        if subtitles is not None:
            told = self.translate(footage, subtitles, on_event=on_event, cancel=cancel)
        on_event(Progress(stage="done", fraction=1.0))
        return VideoResult(case=case, footage=footage, answer=answer, subtitles=told)

    def read(
        self,
        media: MediaFile,
        folder: Path,
        *,
        language: Language | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Footage:
        """Look and listen. Raises what `VideoReader.read` raises."""
        started = time.monotonic()
        video = self.reader.read(media, folder, language=language, on_event=on_event, cancel=cancel)
        spoken = language or self.reader.ui_language
        return Footage(
            video=video,
            timeline=timeline_of(video, spoken),
            index=Index([passages_of(video, spoken)], self.vectorer),
            read_s=time.monotonic() - started,
        )

    def ask(
        self,
        footage: Footage,
        question: str,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Answer:
        """Answer a question from the video, with its second. Raises Cancelled."""
        asked = " ".join(question.split())
        started = time.monotonic()
        found = _by_rule(footage, asked)
        if found is not None:
            return _listed(footage, asked, found, time.monotonic() - started)
        answer = self.answerer.answer(footage.index, asked, on_event=on_event, cancel=cancel)
        if answer.answered:
            return answer
        return replace(answer, text=say("video.nothing", language_of(asked)))

    def translate(
        self,
        footage: Footage,
        target: Language,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Translation:
        """The subtitles in another language; see `Translator.translate`. Raises Cancelled."""
        spoken = footage.video.language
        return self.translator.translate(
            footage.cues, spoken, target, on_event=on_event, cancel=cancel
        )

    def search(self, footages: Sequence[Footage], words: str, *, limit: int = 10) -> list[Cited]:
        """Where in any of these videos something is said, written or shown: the best first.

        By words and by meaning. `Cited.source` is the sha256 of the video, `Cited.evidence` counts
        in its own evidence.
        """
        index = Index(
            [doc for footage in footages for doc in footage.index.documents], self.vectorer
        )
        firsts = [0]
        for document in index.documents:
            firsts.append(firsts[-1] + len(document.passages))
        return [
            cited(index.passages[hit.index].evidence, hit.index - firsts[index.owner[hit.index]])
            for hit in index.search(words, limit=limit)
        ]

    def lines(self, footage: Footage) -> tuple[str, ...]:
        """What the model may point at while it drafts from written words; none where it writes."""
        video = footage.video
        if "speech" in video.kinds:
            return ()
        offered = _few(video, self.drafter.areas)
        few = [video.evidence[i] for i in resting(self.drafter.media, video.evidence, offered)]
        return Written().choose(few, self.drafter.areas).texts

    def draft(
        self, footage: Footage, *, on_event: OnEvent = ignore, cancel: Cancel | None = None
    ) -> CaseResult:
        """Draft the case from what is said, written and shown. Raises Cancelled."""
        video = footage.video
        return case_of(
            self.drafter,
            [footage.media],
            video.evidence,
            few=_few(video, self.drafter.areas),
            language=video.language,
            today=self.today(),
            form=SPOKEN if "speech" in video.kinds else Written(),
            notes=video.notes,
            read_s=footage.read_s,
            on_event=on_event,
            cancel=cancel,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a rule found: pieces of evidence, and how the answer begins."""

    pieces: Sequence[int]
    opening: str = ""
    named: bool = False
    """Each piece with what it is."""


def _by_rule(footage: Footage, question: str) -> _Found | None:
    """What answers without the model: a second, the video itself, when something is there.

    None where the model must look. No pieces = the video doesn't say it.
    """
    kinds = footage.video.kinds
    if (moment_s := asked_moment(question)) is not None:
        return _at(footage, question, moment_s)
    if (itself := asked_itself(question)) is not None:
        return _Found(pieces=[index for index, kind in enumerate(kinds) if kind == itself][:1])
    if asked_when(question):
        among = [index for index, kind in enumerate(kinds) if kind in TELLING]
        among.sort(key=lambda index: time_of(footage.evidence[index]))
        if there := found_when(footage.index, question, among):
            return _Found(pieces=there[:MOST_AT])
    return None


def _at(footage: Footage, question: str, moment_s: float) -> _Found:
    """All that is there at a second."""
    code = language_of(question)
    video = footage.video
    there = []
    if moment_s <= video.watched.end_s + NEAR_S:
        there = [
            index
            for index, piece in enumerate(video.evidence)
            if video.kinds[index] not in ("about",)
            and time_of(piece)[0] - NEAR_S <= moment_s <= time_of(piece)[1] + NEAR_S
        ]
    order = ("words", "speech", "clock", "seen", "shows", "motion")
    there.sort(key=lambda index: (order.index(video.kinds[index]), time_of(video.evidence[index])))
    opening = say("video.at", code, {"time": clock(moment_s)})
    return _Found(pieces=there[:MOST_AT], opening=f"{opening} ", named=True)


def _listed(footage: Footage, question: str, found: _Found, took_s: float) -> Answer:
    """The pieces in their own words, each cited."""
    code = language_of(question)
    video = footage.video
    told = []
    for index in found.pieces:
        text, when = video.evidence[index].text, footage.index.passages[index].when
        if found.named:
            text = f"{say(f'video.{video.kinds[index]}', code)}: {text}"
        elif when:
            text = f"{text} ({when})"
        told.append(text)
    return Answer(
        question=question,
        text=found.opening + "; ".join(told) if told else say("video.nothing", code),
        answered=bool(told),
        citations=tuple(cited(video.evidence[index], index) for index in found.pieces),
        language=language_of(question),
        elapsed_s=took_s,
    )


def _few(video: SeenVideo, areas: Areas) -> list[int]:
    """What the draft may rest on: what is said, words on the picture that name a place, and what
    the model sees.

    Where nothing is said, all words on the picture; without those, what is shown.
    """
    spoken = [i for i, kind in enumerate(video.kinds) if kind == "speech"]
    written = [i for i, kind in enumerate(video.kinds) if kind == "words"]
    views = [i for i, kind in enumerate(video.kinds) if kind == "seen"]
    if spoken:
        placed = [i for i in written if areas.place_spans(video.evidence[i].text)]
        return [*spoken, *placed, *views]
    shown = [i for i, kind in enumerate(video.kinds) if kind == "shows"]
    if written or shown or views:
        return [*(written or shown), *views]
    bare = [i for i, kind in enumerate(video.kinds) if kind in ("motion", "about")]
    return bare or list(range(len(video.evidence)))
