"""The seam between the job machine and the pipelines, and what becomes of our own mistakes."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from demo.store.tables import JobKind
from demo.store.views import CaseView, StoredMedia
from pipelines.drafting.case import CaseDraft
from pipelines.errors import Internal
from pipelines.types import Cancel, CaseResult, Evidence, MediaFile, OnEvent, ignore

log = logging.getLogger(__name__)
OnWorked = Callable[[str, CaseResult | Exception], None]
"""(kind of job, how it ended), for whoever counts."""


def nobody(_: str, __: CaseResult | Exception) -> None:
    """Counts nothing."""


class Work(Protocol):
    """What the machine runs; VoicePipeline is one."""

    def run(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Read and draft. Raises MinwonError."""
        ...

    def redraft(
        self,
        media: MediaFile,
        evidence: Sequence[Evidence],
        *,
        language: str,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Draft again from this evidence. Raises MinwonError."""
        ...


class Several(Protocol):
    """What the machine runs where a case is more than one recording; CaseBundles is one."""

    def run(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Read those files of which `known` holds nothing, and draft from everything.

        The result's evidence begins with `known`, as it is. Raises MinwonError.
        """
        ...

    def redraft(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Draft again from this evidence. Raises MinwonError."""
        ...

    def enrich(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        draft: CaseDraft,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """As `run`, but the draft stays: the office has it. Raises MinwonError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """One recording goes the short way, everything else the way of several files."""

    voice: Work
    several: Several | None = None

    def do(
        self,
        kind: JobKind,
        view: CaseView,
        media: Sequence[MediaFile],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """A job of a case. Raises MinwonError."""
        several = self.several
        if several is None or is_recording(media):
            return self._listen(kind, view, media[0], on_event, cancel)
        if kind == "redraft":
            return several.redraft(media, view.evidence, on_event=on_event, cancel=cancel)
        if view.filed_at is not None and view.draft is not None:
            return several.enrich(
                media, view.evidence, view.draft, on_event=on_event, cancel=cancel
            )
        known, language = ((), view.language) if kind == "run" else (view.evidence, None)
        return several.run(media, known, language=language, on_event=on_event, cancel=cancel)

    def _listen(
        self,
        kind: JobKind,
        view: CaseView,
        media: MediaFile,
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> CaseResult:
        if kind != "redraft":
            return self.voice.run(media, language=view.language, on_event=on_event, cancel=cancel)
        language = view.language or view.evidence[0].language
        return self.voice.redraft(
            media, view.evidence, language=language, on_event=on_event, cancel=cancel
        )


def is_recording(media: Sequence[MediaFile | StoredMedia]) -> bool:
    """True for a case of one recording and nothing else."""
    return len(media) == 1 and media[0].kind == "voice"


def incident(number: str, exc: BaseException) -> Internal:
    """Log where a mistake of ours happened, lines of code and no words; the number finds it."""
    name = secrets.token_hex(4)
    lines: list[str] = []
    link: BaseException | None = exc
    while link is not None:
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines.extend(
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        )
        link = link.__cause__ or link.__context__
    log.error("incident %s, case %s\n%s", name, number, "\n".join(lines))
    return Internal(incident=name)
