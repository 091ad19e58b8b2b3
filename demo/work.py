"""The seam between the job machine and the pipelines, and what becomes of our own mistakes."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Sequence
from typing import Protocol

from pipelines.errors import Internal
from pipelines.types import Cancel, CaseResult, Evidence, MediaFile, OnEvent, ignore

log = logging.getLogger(__name__)


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
