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
from pipelines.readers.blur import blurred
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
from pipelines.video_privacy import (
    masked_footage,
    masked_translation,
    masked_video,
    personal_regions,
)
from pipelines.video_report import video_json
from pipelines.wording import languages

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 86


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmHandout:
    """Makes exports out of what a session holds; pictures in them are drawn as for the page."""

    shots: Shots

    def make(
        self, session: Session, name: str, language: str, *, original: bool = False
    ) -> HandedOut:
        """`name`: subtitles.srt, subtitles.vtt, contact-sheet.jpg, report.pdf or draft.json; of
        translated subtitles subtitles-en.srt and the like.

        Personal data is masked, and covered in frames as faces are, unless `original`. Raises
        NothingToHandOut, PapersNotFound, ShotsBusy, WeightsMissing.
        """
        stem, _, suffix = name.partition(".")
        what, _, code = stem.partition("-") if stem.startswith("subtitles-") else (stem, "", "")
        makers: dict[str, tuple[str, Callable[[], bytes]]] = {
            "subtitles.srt": (
                "application/x-subrip",
                lambda: _subtitles(session, "srt", code, original),
            ),
            "subtitles.vtt": (
                "text/vtt; charset=utf-8",
                lambda: _subtitles(session, "vtt", code, original),
            ),
            "contact-sheet.jpg": ("image/jpeg", lambda: self._sheet(session, original)),
            "report.pdf": ("application/pdf", lambda: self._report(session, language, original)),
            "draft.json": ("application/json", lambda: _json(session, language, original)),
        }
        if f"{what}.{suffix}" not in makers:
            raise NothingToHandOut
        media_type, make = makers[f"{what}.{suffix}"]
        said = Words(language if language in languages() else "ko").plain(
            f"films.file_{what.replace('-', '_')}"
        )
        saved = f"{said}-{code}" if code else said
        return HandedOut(name=f"{saved}.{suffix}", media_type=media_type, content=make())

    def _sheet(self, session: Session, original: bool) -> bytes:
        clip, footage = _read(session)
        out = io.BytesIO()
        sheet = contact_sheet(
            self._pictures(session, clip, MOST_CELLS, None if original else footage)
        )
        sheet.save(out, format="JPEG", quality=QUALITY)
        return out.getvalue()

    def _report(self, session: Session, language: str, original: bool) -> bytes:
        clip, footage = _read(session)
        pictures = self._pictures(session, clip, REPORT_FRAMES, None if original else footage)
        result = _result(session, footage, original)
        return report_pdf(result.footage, result, pictures, language)

    def _pictures(
        self, session: Session, clip: Clip, most: int, hidden: Footage | None
    ) -> list[tuple[float, Image]]:
        """`hidden`: the footage whose personal data is covered in its frames; None = nothing is,
        faces and plates neither.
        """
        from PIL import Image as images

        made: list[tuple[float, Image]] = []
        picture: Image
        for still in _spread(clip.stills, most):
            shown = self.shots.page(
                session, clip.number, still.number, "page", original=hidden is None
            )
            picture = images.open(io.BytesIO(shown))  # we encoded it ourselves
            if hidden is not None:
                where = personal_regions(hidden, still.time_s, picture.width)
                picture = blurred(picture, where)
            made.append((still.time_s, picture))
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


def _result(session: Session, footage: Footage, original: bool) -> VideoResult:
    task = session.latest("draft")
    if task is None or not isinstance(task.result, CaseResult):
        raise NothingToHandOut
    result = VideoResult(case=task.result, footage=footage, answer=None)
    return result if original else masked_video(result)


def _subtitles(session: Session, kind: str, code: str, original: bool) -> bytes:
    """As they were spoken, or translated where a language is named."""
    _, footage = _read(session)
    if code:
        number = [*LANGUAGES, code].index(code)
        task = session.latest("translate", (number,))
        if task is None or not isinstance(task.result, Translation):
            raise NothingToHandOut
        made = task.result if original else masked_translation(task.result)
        return translated_file(made, kind).encode()
    cues = (footage if original else masked_footage(footage)).cues
    if not cues:
        raise NothingToHandOut
    return (srt if kind == "srt" else vtt)(cues).encode()


def _json(session: Session, language: str, original: bool) -> bytes:
    _, footage = _read(session)
    shown = video_json(_result(session, footage, original), language)
    return json.dumps(shown, ensure_ascii=False, indent=1).encode()
