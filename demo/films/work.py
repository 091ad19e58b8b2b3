"""What is done to a video, on top of the video pipeline: read, draft, ask, translate, cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from demo.films.clip import Clip, clip_of
from demo.papers.base import Change
from demo.papers.session import Session, Task
from pipelines.drafting.question import Cited
from pipelines.errors import MediaMissing, MinwonError
from pipelines.readers.veil import ClipMade
from pipelines.types import LANGUAGES, Cancel, DraftToken, Event, MediaFile, OnEvent, Progress
from pipelines.video import Footage, VideoPipeline
from pipelines.writing import squeezed

HITS = 8
CutClip = Callable[[MediaFile, float, float, Path, Cancel], ClipMade]
"""(file, start, end, target .mp4, cancel) -> a clip that is blurred."""


@dataclass(slots=True, kw_only=True)
class FilmWork:
    """Thread-safe."""

    pipeline: VideoPipeline
    cut: CutClip
    _warmed: bool = False

    def warm(self) -> None:
        """Run the prompts' fixed fronts through the model while the first video is looked at."""
        if not self._warmed:
            self._warmed = True
            try:
                self.pipeline.warm()
            except MinwonError:
                return  # who needs the model gets its error

    def read(self, clip: Clip, on_event: OnEvent, cancel: Cancel) -> Footage:
        """Look and listen; frames go into the clip's folder. Raises as `VideoPipeline.read`."""
        if clip.media is None or clip.shown is None:
            raise MediaMissing
        reader = replace(self.pipeline.reader, ui_language=clip.language)
        pipeline = replace(self.pipeline, reader=reader)
        return pipeline.read(clip.media, clip.shown, on_event=on_event, cancel=cancel)

    def result(self, session: Session, task: Task, change: Change, cancel: Cancel) -> object:
        """CaseResult, Answer, a list of Cited, Translation or ClipMade. Raises MinwonError."""
        clip = clip_of(session)
        if clip.footage is None or clip.media is None:
            raise MediaMissing
        footage = clip.footage

        def on_event(event: Event) -> None:
            if isinstance(event, DraftToken):
                change(lambda now: replace(now, text=now.text + event.text))
            elif isinstance(event, Progress):
                change(lambda now: replace(now, stage=event.stage, fraction=event.fraction))

        if task.kind == "draft":
            change(lambda now: replace(now, lines=self.pipeline.lines(footage)))
            return self.pipeline.draft(footage, on_event=on_event, cancel=cancel)
        if task.kind == "ask":
            return self.pipeline.ask(footage, task.question, on_event=on_event, cancel=cancel)
        if task.kind == "translate":
            target = LANGUAGES[task.about[0]]
            return self.pipeline.translate(footage, target, on_event=on_event, cancel=cancel)
        if task.kind == "search":
            return self._found(footage, task.question)
        return self._clip(session, task, clip.media, cancel)

    def _found(self, footage: Footage, words: str) -> tuple[Cited, ...]:
        """What holds the very words stands first; what tells of the whole video is no place."""
        hits = self.pipeline.search([footage], words, limit=2 * HITS)
        placed = [hit for hit in hits if footage.video.kinds[hit.evidence] != "about"]
        wanted = squeezed(words)
        placed.sort(key=lambda hit: wanted not in squeezed(hit.quote))
        return tuple(placed[:HITS])

    def _clip(self, session: Session, task: Task, media: MediaFile, cancel: Cancel) -> ClipMade:
        start_s, end_s = (milliseconds / 1000 for milliseconds in task.about)
        target = session.folder / f"clip-{task.number}.mp4"
        return self.cut(media, start_s, end_s, target, cancel)
