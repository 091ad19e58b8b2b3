"""The video page with real looking and a voice and a model of our own behind it.

Admission, the process that decodes, timeline, search, queue and page are the real ones; what is
said is told in advance, and the foundation model points at the first line that it is offered.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.films.room import FilmRoom
from demo.wiring import make_films
from pipelines.drafting.draft import Drafter
from pipelines.drafting.policy import load_policy
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Vectorer
from pipelines.drafting.translate import Translator
from pipelines.media.worker import Worker
from pipelines.places import Areas
from pipelines.readers.speech import Heard
from pipelines.readers.veil import ClipMade
from pipelines.readers.videos import VideoReader
from pipelines.settings import ASSETS, Settings
from pipelines.types import (
    Cancel,
    Evidence,
    EvidenceFound,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    TimeSpan,
    Word,
    ignore,
)
from pipelines.video import VideoPipeline
from tests.demo.papers_kit import OneCategory, PointingModel, blurred
from tests.pipelines.drafting.paper_kit import PairsEmbedder

SAID = "은행동 사거리에서 물이 새고 있습니다."
SAID_AT = (6.0, 9.0)
CLIP = ASSETS / "samples" / "video" / "test01.mp4"
"""11.1 s; cuts at 5.42 and 8.42 s; two signs; a clock; a voice, which is not listened to here."""
SIGN = "견인 지역 안내"


class ToldSpeech:
    """Hears the same sentence in every video."""

    def __init__(self, pace_s: float) -> None:
        self._pace_s = pace_s

    def read(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Heard:
        for step in range(10):
            on_event(Progress(stage="reading", fraction=step / 10))
            time.sleep(self._pace_s)
            (cancel or Cancel()).check()
        start_s, end_s = SAID_AT
        tokens = SAID.split()
        step_s = (end_s - start_s) / len(tokens)
        piece = Evidence(
            source=media.sha256,
            where=TimeSpan(start_s=start_s, end_s=end_s),
            text=SAID,
            confidence=0.9,
            language="ko",
            words=tuple(
                Word(
                    text=f" {token}",
                    start_s=start_s + n * step_s,
                    end_s=start_s + (n + 1) * step_s,
                    confidence=0.9,
                )
                for n, token in enumerate(tokens)
            ),
        )
        on_event(EvidenceFound(index=0, evidence=piece))
        return Heard(evidence=(piece,), language="ko", notes=())


def cut(media: MediaFile, start_s: float, end_s: float, target: Path, cancel: Cancel) -> ClipMade:
    """Stands for cutting and blurring: the whole file."""
    cancel.check()
    shutil.copyfile(media.path, target)
    note = Note(code="video.clip_blurred", facts={"faces": 0, "plates": 1})
    return ClipMade(path=target, start_s=start_s, end_s=end_s, notes=(note,))


@contextlib.contextmanager
def a_film_room(settings: Settings, pace_s: float = 0.0) -> Iterator[FilmRoom]:
    """A room whose lanes do not run yet; every process that it started ends with it."""
    model = PointingModel(pace_s)
    worker = Worker(preload=("pipelines.readers.frames",))
    policy = load_policy(ASSETS / "policy" / "policy.toml")
    speech: Any = ToldSpeech(pace_s)
    pipeline = VideoPipeline(
        reader=VideoReader(worker=worker, speech=speech),
        drafter=Drafter(model=model, policy=policy, classifier=OneCategory(), areas=Areas.load()),
        answerer=Answerer(model=model),
        vectorer=Vectorer(PairsEmbedder()),
        translator=Translator(model=model, areas=Areas.load()),
        today=lambda: dt.date(2026, 11, 24),
    )
    room = make_films(settings, policy, pipeline, blurred, cut)
    try:
        yield room
    finally:
        room.desk.close()
        room.live.desk.close()
        worker.close()
        model.close()
