"""Character error on samples with truth, before and after the correction of unsure words.

    python -m pipelines.readers.measure [SPLIT] [FOLDER]

SPLIT is "dev" (default; the rows that may be tuned on) or "test"; FOLDER holds samples.jsonl and
its recordings (default: assets/samples). The reader is the one that the application builds. A
false correction is one without which the recording would be nearer to its truth.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.build import build
from pipelines.errors import NoSpeech
from pipelines.media.admit import admit
from pipelines.readers.score import character_edits
from pipelines.readers.speech import SpeechReader
from pipelines.settings import ASSETS, Settings, load_settings
from pipelines.types import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One recording: edits from its truth, as heard and as corrected."""

    name: str
    length: int
    heard_edits: int
    edits: int
    corrections: tuple[str, ...]
    false: tuple[str, ...]
    text: str


def measure(rows: Sequence[dict[str, str]], folder: Path, reader: SpeechReader) -> list[Measured]:
    """Read every row's recording; its language is detected. Rows have file, text."""
    settings = load_settings()
    return [_one(row, folder / row["file"], reader, settings) for row in rows]


def _one(row: dict[str, str], path: Path, reader: SpeechReader, settings: Settings) -> Measured:
    try:
        heard = reader.read(admit(path, settings=settings))
        words = [word for piece in heard.evidence for word in piece.words]
    except NoSpeech:
        words = []
    edits, length = character_edits(row["text"], _text(words))
    changed = [i for i, word in enumerate(words) if word.heard is not None]
    return Measured(
        name=path.name,
        length=length,
        heard_edits=character_edits(row["text"], _text(words, undone=changed))[0],
        edits=edits,
        corrections=tuple(f"{words[i].heard} -> {words[i].text}" for i in changed),
        false=tuple(
            f"{words[i].heard} -> {words[i].text}"
            for i in changed
            if character_edits(row["text"], _text(words, undone=[i]))[0] < edits
        ),
        text=_text(words),
    )


def _text(words: Sequence[Word], undone: Sequence[int] = ()) -> str:
    return " ".join(w.heard or w.text if i in undone else w.text for i, w in enumerate(words))


def table(found: Sequence[Measured]) -> str:
    """One line a recording, and the sums."""
    lines = [
        f"{m.heard_edits:3d} -> {m.edits:3d} of {m.length:3d}  {m.name}  {m.text}"
        + "".join(f"\n        {'FALSE ' if c in m.false else ''}{c}" for c in m.corrections)
        for m in found
    ]
    length = sum(m.length for m in found) or 1
    before, after = sum(m.heard_edits for m in found), sum(m.edits for m in found)
    exact = sum(m.edits == 0 for m in found)
    lines.append(
        f"character error {100 * before / length:.2f} % as heard, {100 * after / length:.2f} % as "
        f"corrected; {exact} of {len(found)} exact; {sum(len(m.corrections) for m in found)} "
        f"corrections, {sum(len(m.false) for m in found)} false"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the table of the Korean rows of one split."""
    defaults = ("dev", str(ASSETS / "samples"))
    split, folder = (*arguments, *defaults[len(arguments) :])
    lines = (Path(folder) / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    rows = [row for row in rows if row["language"] == "ko" and row["split"] == split]
    reader = build(load_settings()).voice.reader
    sys.stdout.write(table(measure(rows, Path(folder), reader)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
