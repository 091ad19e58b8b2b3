"""The command line.

    python -m pipelines voice FILE [--language ko] [--json]
    python -m pipelines document FILE... [--ask "..."] [--password ...] [--language ko] [--json]
    python -m pipelines video FILE [--ask "..."] [--language ko] [--json]
                              [--subtitles-language en]
                              [--out FOLDER [--clip START END [--original]]]
    python -m pipelines case FILE... [--ask "..." | --compare-media] [--language ko] [--json]
    python -m pipelines models [--json]

Exit status 0: a result on stdout. 2: the input or a setting was refused, one line on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pipelines.commands import run
from pipelines.errors import MediaRejected, MinwonError
from pipelines.settings import load_settings
from pipelines.types import LANGUAGES
from pipelines.wording import explain, say


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
        "--subtitles-language",
        choices=LANGUAGES,
        help="translate the subtitles into it, by the foundation model",
    )
    video.add_argument(
        "--clip",
        type=float,
        nargs=2,
        metavar=("START", "END"),
        help="also this stretch, in seconds",
    )
    video.add_argument(
        "--original",
        action="store_true",
        help="copy the clip (faces and plates are NOT blurred), leave personal data in the files",
    )
    video.add_argument("--json", action="store_true", help="one JSON object on stdout")
    case = commands.add_parser("case", help="draft ONE case from files of any kind")
    case.add_argument("file", type=Path, nargs="+")
    case.add_argument("--ask", default="", metavar="QUESTION", help="a question to answer")
    case.add_argument("--language", choices=LANGUAGES, help="that of the files; detected otherwise")
    case.add_argument(
        "--compare-media",
        action="store_true",
        help="draft it without and with what the model itself sees, and tell what differs",
    )
    case.add_argument("--json", action="store_true", help="one JSON object on stdout")
    models = commands.add_parser("models", help="the models that are known, and what runs here")
    models.add_argument("--json", action="store_true", help="one JSON list on stdout")
    return parser.parse_args(arguments)


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
        told = say("error.internal", ui_language, {"incident": type(bug).__name__})
        print(f"error: internal: {told}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
