"""The lines of a manifest of outside files, each held against what it demands.

    python -m pipelines.evaluation.manifest FOLDER [KIND ...]

FOLDER/MANIFEST.tsv has the columns path, kind, licence, bytes, expected. What is demanded, by the
words of `expected`: "TEXT:" the whole text, "CONTAINS:" parts (between "|"), "REFUSE" a refusal
with a name (with "or", anything that ends well), "hidden" a block marked as hidden, "OCR path" that
every page was read as a picture, "scan" and "must still read" words on every page. Everything else:
that it ends in pages or in a refusal of ours, in bounded time. The table shows what came out, so
that nobody has to trust the word "yes".
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import fuzz

from pipelines.errors import MediaRejected
from pipelines.evaluation.paper import errors, squeezed
from pipelines.readers.pages import PagedDocument

TEXT_ERROR = 0.05
PART_LIKENESS = 90.0
Read = Callable[[Path], PagedDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the manifest and what came of it."""

    path: str
    expected: str
    got: str
    holds: bool
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What a reader made of a file: a document, or the refusal."""

    document: PagedDocument | None = None
    refused: MediaRejected | None = None
    text: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if self.document is not None:
            blocks = [b for page in self.document.pages for b in page.blocks if not b.hidden]
            self.text = "\n".join(block.text for block in blocks)


def check(folder: Path, kinds: dict[str, Read]) -> Iterator[Row]:
    """Every line whose kind has a reader, as it is done.

    Raises FileNotFoundError without a manifest. A reader raises MediaRejected for a refusal;
    anything else that it raises is a fault and ends this.
    """
    for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        path, kind, _, _, expected = line.split("\t")[:5]
        if kind not in kinds or Path(path).suffix == ".md":
            continue
        started = time.perf_counter()
        outcome = _outcome(kinds[kind], folder / path)
        yield Row(
            path=path,
            expected=expected,
            got=_shown(outcome),
            holds=judge(expected, outcome),
            seconds=time.perf_counter() - started,
        )


def judge(expected: str, outcome: Outcome) -> bool:
    """Whether what came out is what the line demands."""
    demands = [
        _whole_text(expected, outcome),
        _parts(expected, outcome),
        _refusal(expected, outcome),
        _hidden(expected, outcome),
        _read_words(expected, outcome),
        _nothing(expected, outcome),
    ]
    return all(demand is not False for demand in demands)


def _whole_text(expected: str, outcome: Outcome) -> bool | None:
    if not (found := re.search(r"TEXT: (.+)$", expected)):
        return None
    edits, letters = errors(found.group(1), outcome.text, spaced=False)
    return edits <= TEXT_ERROR * letters


def _parts(expected: str, outcome: Outcome) -> bool | None:
    if not (found := re.search(r"CONTAINS: ([^;]+)", expected)):
        return None
    text = squeezed(outcome.text).casefold()
    parts = [squeezed(part).casefold() for part in found.group(1).split(" | ")]
    return all(_stands_in(part, text) for part in parts)


def _stands_in(part: str, text: str) -> bool:
    if len(part) <= 3:
        return part in text
    return fuzz.partial_ratio(part, text) >= PART_LIKENESS if len(text) >= len(part) else False


def _refusal(expected: str, outcome: Outcome) -> bool | None:
    if "REFUSE" not in expected:
        return None
    if re.search(r"REFUSE[^:;]* or | or REFUSE", expected):
        return True  # either is right; that it ended in one of them is shown by being here
    return outcome.refused is not None


def _hidden(expected: str, outcome: Outcome) -> bool | None:
    if "hidden" not in expected or outcome.document is None:
        return None
    return any(block.hidden for page in outcome.document.pages for block in page.blocks)


def _read_words(expected: str, outcome: Outcome) -> bool | None:
    if "REFUSE" in expected or outcome.document is None:
        return None
    if "OCR path" in expected:
        return all(page.by_ocr for page in outcome.document.pages)
    if not re.search(r"must still read|OCR to the same|same text|scan\b", expected):
        return None
    return all(any(not b.hidden for b in page.blocks) for page in outcome.document.pages)


def _nothing(expected: str, outcome: Outcome) -> bool | None:
    if "EMPTY" not in expected:
        return None
    return outcome.document is not None and not outcome.text.strip()


def _outcome(read: Read, path: Path) -> Outcome:
    try:
        return Outcome(document=read(path))
    except MediaRejected as refused:
        return Outcome(refused=refused)


def _shown(outcome: Outcome) -> str:
    if outcome.document is None:
        return f"refused: {outcome.refused}"
    notes = ", ".join(note.code for note in outcome.document.notes)
    text = " / ".join(outcome.text.split("\n"))
    return f"{len(outcome.document.pages)} p [{notes}] {text}"


def readers() -> dict[str, Read]:
    """The readers of this check, by the manifest's kinds."""
    from pipelines.readers.pdf import PdfReader
    from pipelines.readers.pictures_read import read_picture

    pdf = PdfReader()
    return {"pdf": pdf.read, "image": read_picture}


def main(arguments: list[str]) -> int:
    """Print the table; the exit status is 1 where a line does not hold."""
    if not arguments:
        print(__doc__)
        return 2
    known = readers()
    wanted = arguments[1:] or list(known)
    rows = []
    for row in check(Path(arguments[0]), {kind: known[kind] for kind in wanted}):
        rows.append(row)
        mark = "yes" if row.holds else "NO "
        print(f"{mark} {row.seconds:6.1f} s  {row.path}\n      wants: {row.expected}")
        print(f"      got:   {row.got[:160]}", flush=True)
    held = sum(row.holds for row in rows)
    print(f"\n{held} of {len(rows)} lines hold")
    return 0 if held == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
