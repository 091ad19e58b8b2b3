"""What is done to papers, on top of the document pipeline: look, read, draft, ask, and the rest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demo.papers.schema import FoundFields, Row, found_in
from demo.papers.session import Changes, Result, Session, Sheet, Task
from pipelines.document import DocumentPipeline, Paper, Papers
from pipelines.drafting.compare import compare
from pipelines.drafting.digest import Digester
from pipelines.drafting.fields import Plan
from pipelines.errors import MinwonError
from pipelines.media.worker import Worker
from pipelines.readers.page_reader import PDF, PICTURES, PageLimits, pdf_look
from pipelines.readers.pdf import Overview
from pipelines.readers.unlock import unlock
from pipelines.types import Cancel, DraftToken, Event, MediaFile, Progress

Change = Callable[[Callable[[Task], Task]], None]


@dataclass(slots=True, kw_only=True)
class PaperWork:
    """Thread-safe. `looker` draws and looks, beside the worker that reads."""

    pipeline: DocumentPipeline
    looker: Worker
    plan: Plan
    limits: PageLimits
    _warmed: bool = False

    def warm(self) -> None:
        """Run the prompts' fixed fronts through the model while the first papers are read."""
        if not self._warmed:
            self._warmed = True
            try:
                self.pipeline.warm()
            except MinwonError:
                return  # who needs the model gets its error

    def shows_at_once(self, media: MediaFile) -> bool:
        """True for what is its own preview."""
        return media.media_type == PDF or media.media_type in PICTURES

    def look(self, media: MediaFile) -> Overview | None:
        """Pages and contents of a PDF, before it is read; None for all else. Raises as reading."""
        if media.media_type != PDF:
            return None
        return pdf_look(self.looker, media.path, self.limits)

    def read(
        self,
        media: MediaFile,
        folder: Path,
        number: int,
        on_share: Callable[[float], None],
        cancel: Cancel,
    ) -> tuple[Paper, Path]:
        """(the file, read; what the viewer draws from). Raises as `DocumentPipeline.read_one`."""

        def on_event(event: Event) -> None:
            if isinstance(event, Progress) and event.fraction is not None:
                on_share(event.fraction)

        paper = self.pipeline.read_one(media, on_event=on_event, cancel=cancel)
        shown = paper.pages.preview
        if shown != media.path:
            kept = folder / f"preview-{number}{shown.suffix}"
            shutil.move(shown, kept)
            paper = replace(paper, pages=replace(paper.pages, preview=kept))
            shown = kept
        # A picture is always drawn from itself and blurred on the way out.
        return paper, media.path if media.media_type in PICTURES else shown

    def unlock(self, media: MediaFile, password: str, folder: Path, number: int) -> MediaFile:
        """The file with a path that opens, in place of the locked one. Raises as `unlock`."""
        opened = unlock(media, password, worker=self.looker, target=folder / f".open-{number}")
        if opened.path != media.path:
            opened.path.replace(media.path)
        return replace(opened, path=media.path)

    def result(
        self, session: Session, task: Task, extra: object, change: Change, cancel: Cancel
    ) -> Result:
        """What was asked for. Raises MinwonError."""

        def on_event(event: Event) -> None:
            if isinstance(event, DraftToken):
                change(lambda now: replace(now, text=now.text + event.text))
            elif isinstance(event, Progress):
                change(lambda now: replace(now, stage=event.stage))

        if task.kind == "draft":
            papers = self.together(session)
            change(lambda now: replace(now, lines=self.pipeline.lines(papers)))
            return self.pipeline.draft(papers, on_event=on_event, cancel=cancel)
        if task.kind == "ask":
            papers = self.together(session)
            return self.pipeline.ask(papers, task.question, on_event=on_event, cancel=cancel)
        if task.kind == "fields":
            return self._fields(session.read, extra)
        chosen = [_paper(session, number) for number in task.about]
        if task.kind == "digest":
            digester = Digester(model=self.pipeline.answerer.model)

            def on_part(done: int, of: int) -> None:
                change(lambda now: replace(now, fraction=done / of))

            return digester.digest(chosen[0].document, on_part, cancel)
        old, new = task.about
        found = compare(chosen[0].document, chosen[1].document)
        return Changes(old=old, new=new, changes=tuple(found))

    def _fields(self, sheets: Sequence[Sheet], extra: object) -> FoundFields:
        assert isinstance(extra, tuple)  # noqa: S101 - the page's door checked the rows
        rows: tuple[Row, ...] = extra
        pages = [
            (sheet.number, sheet.media.sha256, sheet.paper.pages)
            for sheet in sheets
            if sheet.paper is not None and sheet.media is not None
        ]
        return found_in(pages, rows, self.plan.others)

    def together(self, session: Session) -> Papers:
        """The read files as one set; kept with the session, for one question is seldom the last."""
        papers = [sheet.paper for sheet in session.read if sheet.paper is not None]
        documents = tuple(paper.document for paper in papers)
        known = session.together
        if known is None or [id(one) for one in known.documents] != [id(one) for one in documents]:
            read_s = sum(sheet.read_s for sheet in session.read)
            known = session.together = self.pipeline.together(papers, read_s=read_s)
        return known


def _paper(session: Session, number: int) -> Paper:
    sheet = session.sheets[number]
    assert sheet.paper is not None  # noqa: S101 - the page offers read files only
    return sheet.paper
