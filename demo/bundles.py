"""Cases of several files as jobs: the bundle pipeline behind the seam of `demo.work`."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.bundle import BundlePipeline
from pipelines.bundle_reader import Bundle, Part, restored
from pipelines.drafting.case import CaseDraft
from pipelines.types import (
    LANGUAGES,
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
    OnEvent,
    Progress,
    Timing,
    ignore,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBundles:
    """See demo.work.Several. Frames that a reader keeps are let go: the clip itself is stored."""

    pipeline: BundlePipeline
    ui_language: str
    made: Path
    """Where readers set pages for documents that have none of their own; emptied at every start."""
    kept: Path
    """Where those of cases stay, by the sha256 of the document."""

    def run(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Raises MediaRejected where all are refused, Cancelled, and what loading models raises."""
        with self._read(media, known, language, on_event, cancel) as bundle:
            case = self.pipeline.draft(bundle, on_event=on_event, cancel=cancel)
        return dataclasses.replace(case, evidence=_let_go(case.evidence))

    def enrich(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        draft: CaseDraft,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """New files of a case that is filed: they are read, the draft stays. Raises as `run`."""
        with self._read(media, known, None, on_event, cancel) as bundle:
            return CaseResult(
                media=tuple(part.media for part in bundle.parts),
                draft=draft,
                evidence=_let_go(bundle.evidence),
                replies=(),
                notes=(*bundle.notes, *(note for part in bundle.parts for note in part.notes)),
                timing=Timing(
                    read_s=bundle.read_s, first_token_s=0.0, draft_s=0.0, total_s=bundle.read_s
                ),
                model="",
            )

    @contextlib.contextmanager
    def _read(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        language: str | None,
        on_event: OnEvent,
        cancel: Cancel | None,
    ) -> Iterator[Bundle]:
        """All that is known and all that is new; frames that were kept live as long as this."""
        parts = self._restored(media, known)
        read = {part.media.sha256 for part in parts}
        files = [*(part.media for part in parts), *(f for f in media if f.sha256 not in read)]
        on_event(Progress(stage="reading", fraction=0.0))
        with tempfile.TemporaryDirectory(prefix="minwon-case-") as folder:
            bundle = self.pipeline.reader.read(
                files,
                Path(folder),
                language=next((code for code in LANGUAGES if code == language), None),
                known=parts,
                on_event=on_event,
                cancel=cancel,
            )
            self._keep_pages(files)
            yield bundle

    def redraft(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        """Nothing is read again. Raises Cancelled."""
        bundle = Bundle(parts=tuple(self._restored(media, known)), notes=(), read_s=0.0)
        return self.pipeline.draft(bundle, on_event=on_event, cancel=cancel)

    def _keep_pages(self, files: Sequence[MediaFile]) -> None:
        self.kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in files:
            made = self.made / f"{file.sha256}.pdf"
            with contextlib.suppress(FileNotFoundError):
                made.replace(self.kept / made.name)

    def _restored(self, media: Sequence[MediaFile], known: Sequence[Evidence]) -> list[Part]:
        """The files that were read, in the order of their evidence."""
        by_source: dict[str, list[Evidence]] = {}
        for piece in known:
            by_source.setdefault(piece.source, []).append(piece)
        files = {file.sha256: file for file in media}
        return [
            restored(files[source], pieces, self.ui_language)
            for source, pieces in by_source.items()
        ]


def _let_go(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Without the frames that a reader kept: their folder goes."""
    return tuple(dataclasses.replace(piece, image=None) for piece in evidence)
