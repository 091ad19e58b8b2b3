"""What is taken away from a video: subtitles, contact sheet, report, the draft with its times."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.films.clip import Clip, Still, clip_of
from demo.papers.handout import HandedOut, NothingToHandOut
from demo.papers.session import Session
from demo.papers.shots import Shots
from demo.present import Words
from pipelines.drafting.translate import Translation
from pipelines.subtitles import srt, vtt
from pipelines.types import LANGUAGES, CaseResult
from pipelines.video import Footage, VideoResult
from pipelines.video_files import (
    MOST_CELLS,
    REPORT_FRAMES,
    contact_sheet,
    report_pdf,
    translated_file,
)
from pipelines.video_report import video_json
from pipelines.wording import languages

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 86


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmHandout:
    """Makes exports out of what a session holds; pictures in them are those that are shown."""

    shots: Shots

    def make(self, session: Session, name: str, language: str) -> HandedOut:
        """`name`: subtitles.srt, subtitles.vtt, contact-sheet.jpg, report.pdf or draft.json; of
        translated subtitles subtitles-en.srt and the like.

        Raises NothingToHandOut, PapersNotFound, ShotsBusy, WeightsMissing.
        """
        stem, _, suffix = name.partition(".")
        what, _, code = stem.partition("-") if stem.startswith("subtitles-") else (stem, "", "")
        makers: dict[str, tuple[str, Callable[[], bytes]]] = {
            "subtitles.srt": ("application/x-subrip", lambda: _subtitles(session, "srt", code)),
            "subtitles.vtt": ("text/vtt; charset=utf-8", lambda: _subtitles(session, "vtt", code)),
            "contact-sheet.jpg": ("image/jpeg", lambda: self._sheet(session)),
            "report.pdf": ("application/pdf", lambda: self._report(session, language)),
            "draft.json": ("application/json", lambda: _json(session, language)),
        }
        if f"{what}.{suffix}" not in makers:
            raise NothingToHandOut
        media_type, make = makers[f"{what}.{suffix}"]
        said = Words(language if language in languages() else "ko").plain(
            f"films.file_{what.replace('-', '_')}"
        )
        saved = f"{said}-{code}" if code else said
        return HandedOut(name=f"{saved}.{suffix}", media_type=media_type, content=make())

    def _sheet(self, session: Session) -> bytes:
        clip, _ = _read(session)
        out = io.BytesIO()
        sheet = contact_sheet(self._pictures(session, clip, MOST_CELLS))
        sheet.save(out, format="JPEG", quality=QUALITY)
        return out.getvalue()

    def _report(self, session: Session, language: str) -> bytes:
        clip, footage = _read(session)
        pictures = self._pictures(session, clip, REPORT_FRAMES)
        return report_pdf(footage, _result(session, footage), pictures, language)

    def _pictures(self, session: Session, clip: Clip, most: int) -> list[tuple[float, Image]]:
        from PIL import Image as images

        made: list[tuple[float, Image]] = []
        for still in _spread(clip.stills, most):
            shown = self.shots.page(session, clip.number, still.number, "page")
            made.append((still.time_s, images.open(io.BytesIO(shown))))  # we encoded it ourselves
        return made


def _spread(stills: Sequence[Still], most: int) -> list[Still]:
    """The first, the last, and what lies evenly between them."""
    if len(stills) <= most:
        return list(stills)
    step = (len(stills) - 1) / (most - 1)
    return [stills[round(n * step)] for n in range(most)]


def _read(session: Session) -> tuple[Clip, Footage]:
    clip = clip_of(session)
    if clip.footage is None:
        raise NothingToHandOut
    return clip, clip.footage


def _result(session: Session, footage: Footage) -> VideoResult:
    task = session.latest("draft")
    if task is None or not isinstance(task.result, CaseResult):
        raise NothingToHandOut
    return VideoResult(case=task.result, footage=footage, answer=None)


def _subtitles(session: Session, kind: str, code: str) -> bytes:
    """As they were spoken, or translated where a language is named."""
    _, footage = _read(session)
    if code:
        number = [*LANGUAGES, code].index(code)
        task = session.latest("translate", (number,))
        if task is None or not isinstance(task.result, Translation):
            raise NothingToHandOut
        return translated_file(task.result, kind).encode()
    if not footage.cues:
        raise NothingToHandOut
    return (srt if kind == "srt" else vtt)(footage.cues).encode()


def _json(session: Session, language: str) -> bytes:
    _, footage = _read(session)
    shown = video_json(_result(session, footage), language)
    return json.dumps(shown, ensure_ascii=False, indent=1).encode()
