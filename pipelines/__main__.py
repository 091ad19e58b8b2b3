"""The command line.

    python -m pipelines voice FILE [--language ko] [--json]
    python -m pipelines document FILE... [--ask "..."] [--language ko] [--json]
    python -m pipelines models [--json]

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
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipelines.document_report import document_json, document_text
from pipelines.errors import MinwonError
from pipelines.report import as_json, as_text
from pipelines.settings import Settings, load_settings
from pipelines.types import LANGUAGES, CaseResult, Language
from pipelines.wording import explain, say

if TYPE_CHECKING:
    from pipelines.document import DocumentResult


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
    paths: list[Path], question: str, language: Language | None, settings: Settings
) -> DocumentResult:
    """Files -> one case, and an answer; the foundation model loads while they are read."""
    from pipelines.build import build
    from pipelines.media.admit import PAPERS, admit

    media = [admit(path, settings=settings, accept=PAPERS) for path in paths]
    # What is set and blurred for showing goes when the command ends.
    with tempfile.TemporaryDirectory(prefix="minwon-previews-") as previews:
        parts = build(settings, previews=Path(previews))
        loading = threading.Thread(target=parts.warm_document, name="warm-model", daemon=True)
        loading.start()
        try:
            return parts.document.run(media, question=question, language=language)
        finally:
            parts.close()


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
        "--language", choices=LANGUAGES, help="the language they are in; detected if not given"
    )
    document.add_argument("--json", action="store_true", help="one JSON object on stdout")
    models = commands.add_parser("models", help="the models that are known, and what runs here")
    models.add_argument("--json", action="store_true", help="one JSON list on stdout")
    return parser.parse_args(arguments)


def list_models(settings: Settings, *, json_wanted: bool) -> str:
    """The catalog, and how each model stands on this machine."""
    from pipelines.foundation import listing
    from pipelines.foundation.catalog import load_catalog

    rows = load_catalog(own=settings.catalog_path).values()
    found = listing.standings(rows, settings, listing.machine_mb())
    if json_wanted:
        return json.dumps(listing.as_json(found, settings), ensure_ascii=False)
    return listing.as_text(found, settings)


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
    result = run_document(options.file, options.ask, options.language, settings)
    if options.json:
        return json.dumps(document_json(result, spoken), ensure_ascii=False)
    return document_text(result, spoken)


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
