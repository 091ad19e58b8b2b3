"""What each command of the command line does: files in, what is printed out."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.bundle_report import bundle_json, bundle_text
from pipelines.document_report import document_json, document_text
from pipelines.errors import MediaRejected, ModelCannotTake
from pipelines.media_compare import (
    MediaComparison,
    compare_media,
    comparison_json,
    comparison_text,
)
from pipelines.report import as_json, as_text
from pipelines.settings import Settings
from pipelines.types import CaseResult, Language, MediaFile, Note
from pipelines.video_report import video_json, video_text

if TYPE_CHECKING:
    from pipelines.build import Parts
    from pipelines.bundle import BundleResult
    from pipelines.document import DocumentResult
    from pipelines.media.worker import Worker
    from pipelines.video import VideoResult


def run(options: argparse.Namespace, settings: Settings) -> str:
    """One command -> what it prints."""
    spoken = settings.ui_language
    if options.command == "models":
        return list_models(settings, json_wanted=options.json)
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
    if options.command == "case" and options.compare_media:
        compared = run_compare(options.file, options.language, settings)
        if options.json:
            return json.dumps(comparison_json(compared, spoken), ensure_ascii=False)
        return comparison_text(compared, spoken)
    if options.command == "case":
        made = run_case(options.file, options.ask, options.language, settings)
        if options.json:
            return json.dumps(bundle_json(made, spoken), ensure_ascii=False)
        return bundle_text(made, spoken)
    password = options.password or os.environ.get("MINWON_PASSWORD", "")
    result = run_document(options.file, options.ask, options.language, settings, password)
    if options.json:
        return json.dumps(document_json(result, spoken), ensure_ascii=False)
    return document_text(result, spoken)


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
    from pipelines.media.admit import PAPERS, admit

    media, notes = _admitted(paths, lambda path: admit(path, settings=settings, accept=PAPERS))
    # What is set and blurred for showing goes when the command ends.
    with tempfile.TemporaryDirectory(prefix="minwon-previews-") as previews:
        parts = build(settings, previews=Path(previews))
        loading = threading.Thread(target=parts.warm_document, name="warm-model", daemon=True)
        try:
            if password:  # a wrong one is told before a model is loaded for it
                media, wrong = _unlocked(media, password, parts.worker, Path(previews))
                notes += wrong
            loading.start()
            result = parts.document.run(media, question=question, language=language)
        finally:
            parts.close()
    case = result.case
    return replace(result, case=replace(case, notes=(*notes, *case.notes)))


def _admitted(
    paths: list[Path], admit: Callable[[Path], MediaFile]
) -> tuple[list[MediaFile], list[Note]]:
    """The files that are taken, and a note for each other. Raises MediaRejected for none."""
    from pipelines.document import refused_note
    from pipelines.media.admit import clean_name

    media: list[MediaFile] = []
    refusals: list[MediaRejected] = []
    for path in paths:
        try:
            media.append(admit(path))
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
                media,
                Path(frames),
                question=options.ask,
                language=options.language,
                subtitles=options.subtitles_language,
            )
            if options.out is not None:
                write_files(
                    result,
                    options.out,
                    parts.photos,
                    settings.ui_language,
                    original=options.original,
                )
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


def run_case(
    paths: list[Path], question: str, language: Language | None, settings: Settings
) -> BundleResult:
    """Files of any kind -> one case, and an answer. A file that is refused is named in a note."""
    from pipelines.media.admit import admit_any

    media, notes = _admitted(paths, lambda path: admit_any(path, settings=settings))
    with _for_case(settings) as (parts, folder):
        result = parts.bundle.run(media, folder, question=question, language=language)
    return replace(result, case=replace(result.case, notes=(*notes, *result.case.notes)))


def run_compare(
    paths: list[Path], language: Language | None, settings: Settings
) -> MediaComparison:
    """The same case, drafted without and with what the model sees itself.

    Raises ModelCannotTake where the model sees nothing.
    """
    from pipelines.foundation.catalog import open_model
    from pipelines.media.admit import admit_any

    if "image" not in open_model(settings).modalities:  # said before anything is read or loaded
        raise ModelCannotTake(part="image")
    media, _ = _admitted(paths, lambda path: admit_any(path, settings=settings))
    with _for_case(settings.model_copy(update={"media": "both"})) as (parts, folder):
        return compare_media(parts.bundle, media, folder, language)


@contextmanager
def _for_case(settings: Settings) -> Iterator[tuple[Parts, Path]]:
    """The parts, the model loading, and a folder for what is made while files are read."""
    from pipelines.build import build

    # Kept frames are not blurred: they go when the command ends, and previews with them.
    with tempfile.TemporaryDirectory(prefix="minwon-case-") as folder:
        parts = build(settings, previews=Path(folder) / "previews")
        loading = threading.Thread(target=parts.warm_bundle, name="warm-model", daemon=True)
        loading.start()
        try:
            yield parts, Path(folder)
        finally:
            parts.close()


def list_models(settings: Settings, *, json_wanted: bool) -> str:
    """The catalog, and how each model stands on this machine."""
    from pipelines.foundation import listing
    from pipelines.foundation.catalog import load_catalog

    rows = load_catalog(own=settings.catalog_path).values()
    found = listing.standings(rows, settings, listing.machine_mb())
    if json_wanted:
        return json.dumps(listing.as_json(found, settings), ensure_ascii=False)
    return listing.as_text(found, settings)
