"""The command line.

    python -m pipelines voice FILE [--language ko] [--json]
    python -m pipelines document FILE... [--ask "..."] [--password ...] [--language ko] [--json]
    python -m pipelines video FILE [--ask "..."] [--language ko] [--json]
                              [--out FOLDER [--clip START END [--original]]]

Exit status 0: a result on stdout. 2: the input or a setting was refused, one line on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipelines.document_report import document_json, document_text
from pipelines.errors import MediaRejected, MinwonError
from pipelines.report import as_json, as_text
from pipelines.settings import Settings, load_settings
from pipelines.types import LANGUAGES, CaseResult, Language, MediaFile, Note
from pipelines.video_report import video_json, video_text
from pipelines.wording import explain, say

if TYPE_CHECKING:
    from pipelines.document import DocumentResult
    from pipelines.media.worker import Worker
    from pipelines.video import VideoResult


@contextlib.contextmanager
def only_our_words() -> Iterator[TextIO]:
    """Yield the real stdout while everything else that prints (native libraries too) goes nowhere.

    A caller that pipes us gets exactly one JSON object, and a person exactly one error line.
    """
    sys.stdout.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    sink = os.open(os.devnull, os.O_WRONLY)
    for number in kept:
        os.dup2(sink, number)
    os.close(sink)
    try:
        with os.fdopen(os.dup(kept[1]), "w", encoding="utf-8") as stdout:
            yield stdout
    finally:
        for number, original in kept.items():
            os.dup2(original, number)
            os.close(original)


def run_voice(path: Path, language: str | None, settings: Settings) -> CaseResult:
    """One recording -> one result; the foundation model loads while the speech is read."""
    from pipelines.build import build
    from pipelines.media.admit import admit

    media = admit(path, settings=settings)
    parts = build(settings)
    loading = threading.Thread(target=parts.warm_model, name="warm-model", daemon=True)
    loading.start()
    try:
        return parts.voice.run(media, language=language)
    finally:
        parts.close()


def run_document(
    paths: list[Path],
    question: str,
    language: Language | None,
    settings: Settings,
    password: str = "",
) -> DocumentResult:
    """Files -> one case, and an answer; the foundation model loads while they are read.

    Of several files, one that is refused is named in a note and the others are read.
    """
    from pipelines.build import build

    media, notes = _admitted(paths, settings)
    # What is set and blurred for showing goes when the command ends.
    with tempfile.TemporaryDirectory(prefix="minwon-previews-") as previews:
        parts = build(settings, previews=Path(previews))
        loading = threading.Thread(target=parts.warm_document, name="warm-model", daemon=True)
        loading.start()
        try:
            if password:
                media, wrong = _unlocked(media, password, parts.worker, Path(previews))
                notes += wrong
            result = parts.document.run(media, question=question, language=language)
        finally:
            parts.close()
    case = result.case
    return replace(result, case=replace(case, notes=(*notes, *case.notes)))


def _admitted(paths: list[Path], settings: Settings) -> tuple[list[MediaFile], list[Note]]:
    """The files that are taken, and a note for each other. Raises MediaRejected for none."""
    from pipelines.document import refused_note
    from pipelines.media.admit import PAPERS, admit, clean_name

    media: list[MediaFile] = []
    refusals: list[MediaRejected] = []
    for path in paths:
        try:
            media.append(admit(path, settings=settings, accept=PAPERS))
        except MediaRejected as refusal:
            refusal.file = clean_name(path.name)
            refusals.append(refusal)
    if not media:
        raise refusals[0]
    return media, [refused_note(refusal, refusal.file) for refusal in refusals]


def _unlocked(
    media: list[MediaFile], password: str, worker: Worker, folder: Path
) -> tuple[list[MediaFile], list[Note]]:
    """The files with paths that open, and a note for each that does not. Raises as above."""
    from pipelines.document import refused_note
    from pipelines.readers.unlock import unlock

    opened: list[MediaFile] = []
    refusals: list[MediaRejected] = []
    for file in media:
        target = folder / f"{file.sha256}-open.pdf"
        try:
            opened.append(unlock(file, password, worker=worker, target=target))
        except MediaRejected as refusal:
            refusal.file = file.name
            refusals.append(refusal)
    if not opened:
        raise refusals[0]
    return opened, [refused_note(refusal, refusal.file) for refusal in refusals]


def run_video(options: argparse.Namespace, settings: Settings) -> VideoResult:
    """One video -> its timeline, one case, an answer, and files where a folder is named."""
    from pipelines.build import build
    from pipelines.media.admit import VIDEOS, admit
    from pipelines.readers.veil import write_clip
    from pipelines.video_files import write_files

    media = admit(options.file, settings=settings, accept=VIDEOS)
    # Kept frames are not blurred: they go when the command ends.
    with tempfile.TemporaryDirectory(prefix="minwon-frames-") as frames:
        parts = build(settings)
        parts.watcher.start()
        loading = threading.Thread(target=parts.warm_video, name="warm-model", daemon=True)
        loading.start()
        try:
            result = parts.video.run(
                media, Path(frames), question=options.ask, language=options.language
            )
            if options.out is not None:
                write_files(result, options.out, parts.photos, settings.ui_language)
            if options.out is not None and options.clip:
                start_s, end_s = options.clip
                write_clip(
                    media,
                    start_s,
                    end_s,
                    options.out / "clip.mp4",
                    parts.watcher,
                    parts.photos.faces,
                    original=options.original,
                )
        finally:
            parts.close()
    return result


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m pipelines", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    voice = commands.add_parser("voice", help="draft a case from one recording")
    voice.add_argument("file", type=Path)
    voice.add_argument(
        "--language", choices=LANGUAGES, help="the language spoken; detected if not given"
    )
    voice.add_argument("--json", action="store_true", help="one JSON object on stdout")
    document = commands.add_parser("document", help="draft a case from documents, and ask them")
    document.add_argument("file", type=Path, nargs="+")
    document.add_argument("--ask", default="", metavar="QUESTION", help="a question to answer")
    document.add_argument(
        "--password", default="", help="for PDF files that ask for one (MINWON_PASSWORD hides it)"
    )
    document.add_argument(
        "--language", choices=LANGUAGES, help="the language they are in; detected if not given"
    )
    document.add_argument("--json", action="store_true", help="one JSON object on stdout")
    video = commands.add_parser("video", help="draft a case from one video, and ask it")
    video.add_argument("file", type=Path)
    video.add_argument("--ask", default="", metavar="QUESTION", help="a question to answer")
    video.add_argument(
        "--language", choices=LANGUAGES, help="the language spoken; detected if not given"
    )
    video.add_argument(
        "--out", type=Path, metavar="FOLDER", help="subtitles, contact sheet and report go there"
    )
    video.add_argument(
        "--clip",
        type=float,
        nargs=2,
        metavar=("START", "END"),
        help="also this stretch, in seconds",
    )
    video.add_argument(
        "--original", action="store_true", help="copy the clip: faces and plates are NOT blurred"
    )
    video.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, settings: Settings) -> str:
    """One command -> what it prints."""
    spoken = settings.ui_language
    if options.command == "voice":
        case = run_voice(options.file, options.language, settings)
        return (
            json.dumps(as_json(case, spoken), ensure_ascii=False)
            if options.json
            else as_text(case, spoken)
        )
    if options.command == "video":
        seen = run_video(options, settings)
        if options.json:
            return json.dumps(video_json(seen, spoken), ensure_ascii=False)
        return video_text(seen, spoken)
    password = options.password or os.environ.get("MINWON_PASSWORD", "")
    result = run_document(options.file, options.ask, options.language, settings, password)
    if options.json:
        return json.dumps(document_json(result, spoken), ensure_ascii=False)
    return document_text(result, spoken)


def _several(options: argparse.Namespace) -> bool:
    return isinstance(options.file, list) and len(options.file) > 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parse(arguments)
    ui_language = "ko"
    try:
        settings = load_settings()
        ui_language = settings.ui_language
        with only_our_words() as stdout:
            stdout.write(run(options, settings) + "\n")
    except MinwonError as error:
        sentence = " ".join(explain(error, ui_language).split())
        if isinstance(error, MediaRejected) and error.file and _several(options):
            sentence = f"{error.file}: {sentence}"
        print(f"error: {error.code}: {sentence}", file=sys.stderr)
        return 2
    except Exception as bug:  # the last line before a person: never a traceback
        if os.environ.get("MINWON_DEBUG"):
            raise
        print(
            f"error: internal: {say('error.internal', ui_language)} ({type(bug).__name__})",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
