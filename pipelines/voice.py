"""The voice pipeline: one recording -> transcript -> case draft. Orchestration only."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.draft import Drafted, Drafter
from pipelines.readers.speech import SpeechReader
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
    Note,
    OnEvent,
    ignore,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePipeline:
    """Reader and drafter are handed in; they share one loaded model with every other pipeline."""

    reader: SpeechReader
    drafter: Drafter
    today: Callable[[], dt.date] = day_in_korea
    """The day the complaint is received, in Korea."""

    def run(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Read the recording and draft the case.

        `language` None = detected. Raises MediaRejected (nothing to read, NoSpeech included) and
        Cancelled; a model that fails does not raise: the draft is then made by rules, with a note.
        """
        started = time.monotonic()
        heard = self.reader.read(media, language=language, on_event=on_event, cancel=cancel)
        read_s = time.monotonic() - started
        drafted = self.drafter.draft(
            heard.evidence,
            language=heard.language,
            today=self.today(),
            on_event=on_event,
            cancel=cancel,
        )
        return self._result(media, heard.evidence, heard.notes, drafted, read_s, started)

    def redraft(
        self,
        media: MediaFile,
        evidence: Sequence[Evidence],
        *,
        language: str,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Draft again from evidence that a person has corrected; nothing is read again."""
        started = time.monotonic()
        kept = tuple(evidence)
        drafted = self.drafter.draft(
            kept, language=language, today=self.today(), on_event=on_event, cancel=cancel
        )
        return self._result(media, kept, (), drafted, 0.0, started)

    def _result(
        self,
        media: MediaFile,
        evidence: tuple[Evidence, ...],
        read_notes: tuple[Note, ...],
        drafted: Drafted,
        read_s: float,
        started: float,
    ) -> CaseResult:
        draft_s = time.monotonic() - started - read_s
        return CaseResult(
            media=(media,),
            draft=drafted.draft,
            evidence=evidence,
            replies=drafted.replies,
            notes=(*read_notes, *drafted.notes),
            timing=drafted.timing(read_s=read_s, draft_s=draft_s),
            model=self.drafter.model.name,
        )
