"""The `speech` lines of a manifest of outside recordings, each held against what it demands.

    python -m pipelines.readers.realcheck FOLDER

The recordings are read as the application reads them, with the office's words as a prompt and with
corrections. What is demanded, by the words of the line: "TEXT:" the whole text, "CONTAINS:" and
"LEFT: RIGHT:" parts, "STARTSWITH:" a beginning, "EMPTY", "no invented" nothing at all, "must" and
"clear error" that it ends in a result or in a refusal of ours. A text holds when its error is at
most TEXT_ERROR; the error is printed, so that nobody has to trust the word "yes".
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz

from pipelines.build import build
from pipelines.errors import MediaRejected, NoSpeech
from pipelines.media.admit import admit
from pipelines.readers.score import bare, cer
from pipelines.readers.speech import Heard, SpeechReader
from pipelines.settings import Settings, load_settings

HOTWORD = re.compile(r"hotword (\w+) expected in text when hotwords given")
TEXT_ERROR = 0.05
PART_LIKENESS = 90.0
"""Per cent of the letters of a part that must be found together, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the manifest and what came of it."""

    path: str
    demand: str
    expected: str
    got: str
    error: float | None
    holds: bool


def check(folder: Path, reader: SpeechReader, settings: Settings) -> list[Row]:
    """Every `speech` line of FOLDER/MANIFEST.tsv. Raises FileNotFoundError without one."""
    rows = []
    lines = (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        path, kind, _, _, expected = line.split("\t")[:5]
        if kind == "speech":
            rows.append(_row(folder, path, expected, reader, settings))
    return rows


def _row(folder: Path, path: str, expected: str, reader: SpeechReader, settings: Settings) -> Row:
    heard: Heard | None = None
    refused: MediaRejected | None = None
    given = HOTWORD.search(expected)
    if given:
        reader = replace(reader, prompts={"en": given.group(1)})
    try:
        heard = reader.read(admit(folder / path, settings=settings))
    except MediaRejected as exc:
        refused = exc
    text = " ".join(piece.text for piece in heard.evidence) if heard else ""
    demand, error, holds = _judge(expected, text, refused)
    language = re.search(r"lang=(\w\w)", expected)
    if language and heard and heard.language != language.group(1):
        holds = False
    shown = f"[{heard.language}] {text}" if heard else f"refused: {refused}"
    return Row(path=path, demand=demand, expected=expected, got=shown, error=error, holds=holds)


def _judge(
    expected: str, text: str, refused: MediaRejected | None
) -> tuple[str, float | None, bool]:
    """(what is demanded, the error where one can be counted, whether it holds)."""
    if found := re.search(r"TEXT: (.+)$", expected):
        error = cer(found.group(1), text)
        return "text", error, error <= TEXT_ERROR
    if found := re.search(r"CONTAINS: (.+)$", expected):
        return _parts("contains", found.group(1).split("|"), text)
    if found := re.search(r"LEFT: (.+) RIGHT: (.+)$", expected):
        return _parts("both channels", list(found.groups()), text)
    if found := re.search(r"STARTSWITH: (.+)$", expected):
        start = bare(found.group(1))
        return _parts("starts with", [start], bare(text)[: len(start) + 1])
    if found := HOTWORD.search(expected):
        return _parts("hotword", [found.group(1)], text)
    if "EMPTY" in expected or "no invented" in expected:
        return "no speech", None, isinstance(refused, NoSpeech)
    return "no crash", None, bool(text) or refused is not None


def _parts(demand: str, parts: list[str], text: str) -> tuple[str, float | None, bool]:
    likeness = [fuzz.partial_ratio(bare(part), bare(text)) if text else 0.0 for part in parts]
    return demand, 1 - min(likeness) / 100, min(likeness) >= PART_LIKENESS


def table(rows: list[Row]) -> str:
    """The rows as text, one block each."""
    out = []
    for row in rows:
        error = "" if row.error is None else f" error {row.error:.3f}"
        out.append(f"{'yes' if row.holds else 'NO '}  {row.path}  ({row.demand}{error})")
        out.append(f"       expected: {row.expected}")
        out.append(f"       got:      {row.got}")
    held = sum(row.holds for row in rows)
    return "\n".join([*out, f"{held} of {len(rows)} hold"])


def main(arguments: list[str]) -> int:
    """Print the table; exit status 0 where every line holds, 1 where one doesn't."""
    settings = load_settings()
    rows = check(Path(arguments[0]), build(settings).voice.reader, settings)
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
