"""The voice pipeline: one recording -> transcript -> case draft. Orchestration only."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.draft import Drafter
from pipelines.drafting.result import case_of
from pipelines.readers.speech import SpeechReader
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
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
        return case_of(
            self.drafter,
            [media],
            heard.evidence,
            language=heard.language,
            today=self.today(),
            notes=heard.notes,
            read_s=time.monotonic() - started,
            on_event=on_event,
            cancel=cancel,
        )

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
        return case_of(
            self.drafter,
            [media],
            evidence,
            language=language,
            today=self.today(),
            on_event=on_event,
            cancel=cancel,
        )
