"""The `hwp` and `office` rows of a manifest of real files: what each demands, and whether it holds.

    python -m pipelines.evaluation.office_manifest FOLDER

FOLDER holds MANIFEST.tsv with the columns path, kind, licence, bytes, expected, source. Files go
the way that a sender's go: through admission, then through the reader.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DocumentEncrypted, MinwonError
from pipelines.evaluation.hwp_truth import true_text
from pipelines.evaluation.office_truth import GRAM
from pipelines.media.admit import PAPERS, admit
from pipelines.readers.flow import FlowDocument, squeezed
from pipelines.readers.office import read_document
from pipelines.refusals import DocumentNoText
from pipelines.settings import Settings

KINDS = ("hwp", "office")
REFERENCE_GOAL = 0.95
"""A reference made by another parser is no perfect truth; figures are printed beside it."""
_MARKUP = re.compile(r"<br>|<!--.*?-->|- \[[ xX]\]", re.DOTALL)
_BY_HAND = (".gt.md", ".pdf")
"""References are no inputs, and a PDF among them is another reader's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One file: whether it holds, and what was found."""

    path: str
    expected: str
    held: bool
    found: str


def check(path: Path, expected: str) -> tuple[bool, str]:
    """(does it hold, what was found) for one file."""
    try:
        media = admit(path, settings=Settings(), accept=PAPERS)
        document = read_document(media.path, media.media_type)
    except MinwonError as error:
        return _refusal_holds(path, expected, error), f"refused: {error.code}"
    if "REFUSE" in expected and "password" in expected:
        return False, "was read"
    if expected.startswith("EMPTY"):
        return False, f"{len(document.items)} items"
    if expected.startswith("CONTAINS:"):
        held, found = _contains(document, expected.removeprefix("CONTAINS:"))
        share = reference_share(path, document)
        return held, found if share is None else f"{found}, {share * 100:.1f} % of the reference"
    return _like_reference(path, document)


def _refusal_holds(path: Path, expected: str, error: MinwonError) -> bool:
    if isinstance(error, DocumentNoText):
        return expected.startswith("EMPTY") or not _has_words(path)
    if "password" in expected and "REFUSE" in expected:
        return isinstance(error, DocumentEncrypted)
    return "REFUSE" in expected


def _has_words(path: Path) -> bool:
    """A file that must be read may hold only a drawing: its own records tell."""
    return path.suffix not in (".hwp", ".hwpx") or any(map(squeezed, true_text(path)))


def _contains(document: FlowDocument, wanted: str) -> tuple[bool, str]:
    whole = squeezed("\n".join(item.text for item in document.items))
    parts = [part for part in wanted.split(" | ") if squeezed(part)]
    missing = [part for part in parts if squeezed(part) not in whole]
    found = f"{len(parts) - len(missing)} of {len(parts)} parts"
    return not missing, found + (f"; not: {missing[0].strip()[:40]}" if missing else "")


def _like_reference(path: Path, document: FlowDocument) -> tuple[bool, str]:
    share = reference_share(path, document)
    if share is None:
        letters = sum(len(squeezed(item.text)) for item in document.items)
        return letters > 0, f"{letters} letters"
    return share >= REFERENCE_GOAL, f"{share * 100:.1f} % of the reference"


def reference_share(path: Path, document: FlowDocument) -> float | None:
    """Share of the reference's groups of letters that were read; None without a reference.

    The references are Markdown of other parsers: a merged cell stands there once for each column
    it covers, so a group counts as found however often it is written.
    """
    reference = path.with_name(path.name + ".gt.md")
    if not reference.is_file():
        return None
    whole = squeezed("\n".join(item.text for item in document.items))
    text = _MARKUP.sub("", reference.read_text(encoding="utf-8"))
    groups = [
        bare[at : at + GRAM]
        for bare in map(squeezed, text.splitlines())
        for at in range(max(1, len(bare) - GRAM + 1))
        if bare
    ]
    return sum(group in whole for group in groups) / max(1, len(groups))


def rows(folder: Path) -> Iterator[Row]:
    """All rows of our kinds, in the order of the manifest."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as handle:
        for line in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            if line["kind"] in KINDS and not line["path"].endswith(_BY_HAND):
                held, found = check(folder / line["path"], line["expected"])
                yield Row(path=line["path"], expected=line["expected"], held=held, found=found)


def main() -> int:
    """Print the table; the exit status is 1 where a row doesn't hold or a connection was tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    outward: list[str] = []

    def listen(event: str, _: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
            outward.append(event)

    sys.addaudithook(listen)
    found = list(rows(folder))
    for row in found:
        mark = "holds" if row.held else "FAILS"
        print(f"{mark}  {row.path:52} {row.found:42} {row.expected[:60]}")
    held = sum(row.held for row in found)
    print(f"{held} of {len(found)} rows hold; connections and programs started: {len(outward)}")
    return 0 if held == len(found) and not outward else 1


if __name__ == "__main__":
    raise SystemExit(main())
