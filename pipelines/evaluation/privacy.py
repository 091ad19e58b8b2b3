"""`./run eval privacy`: personal data in invented lines, found by our rules and by other packages.

A piece counts as found where every letter and figure of it is covered, whatever it was taken for
(an address: its figures). A finding counts as right where half of it or more is personal data.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pipelines.drafting.privacy import Found, Kind, find
from pipelines.evaluation.privacy_lines import LabelledLine, Split, Truth, lines
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line, as_json, render, write_json

RECALL_GOAL, PRECISION_GOAL = 0.99, 0.95
SPEED_ROUNDS = 3
KO_PII: dict[str, Kind] = {
    "RRN": "resident", "FRN": "resident", "PHONE": "phone", "FAX": "phone", "PASSPORT": "passport",
    "DRIVER_LICENSE": "licence", "CARD": "card", "ACCOUNT": "account", "ADDRESS": "address",
    "EMAIL": "email", "PERSON": "name",
}  # fmt: skip
"""The labels of `ko-pii` that mean what we look for."""
KOREAN_PII: dict[str, Kind] = {
    "rrn": "resident", "frn": "resident", "phone": "phone", "passport": "passport",
    "driver_license": "licence", "card": "card", "account": "account", "email": "email",
}  # fmt: skip
Finder = Callable[[str], Sequence[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One line, and what a finder made of it."""

    line: LabelledLine
    hits: tuple[tuple[Truth, bool], ...]
    right: tuple[tuple[Found, bool], ...]


def finders() -> dict[str, Finder]:
    """Ours, and the peers that are installed (requirements-test.txt)."""
    known: dict[str, Finder] = {"ours": find}
    if find_spec("ko_pii"):
        from ko_pii import detect_all

        def by_ko_pii(text: str) -> list[Found]:
            return [
                Found(start=one.start, end=one.end, kind=KO_PII[one.label])
                for one in detect_all(text, include=list(KO_PII))
            ]

        known[f"ko-pii {version('ko-pii')}"] = by_ko_pii
    if find_spec("korean_pii"):
        from korean_pii import detect

        def by_korean_pii(text: str) -> list[Found]:
            return [
                Found(start=one.start, end=one.end, kind=KOREAN_PII[one.type])
                for one in detect(text)
                if one.type in KOREAN_PII
            ]

        known[f"korean-pii {version('korean-pii')}"] = by_korean_pii
    return known


def judge(line: LabelledLine, found: Sequence[Found]) -> Judged:
    """Compare what was found with what is there."""
    covered = {place for one in found for place in range(one.start, one.end)}
    personal = {place for one in line.truth for place in range(one.start, one.end)}
    hits = [
        (truth, all(place in covered for place in _weighty(line.text, truth)))
        for truth in line.truth
        if truth.kind is not None
    ]
    right = []
    for one in found:
        letters = [place for place in range(one.start, one.end) if line.text[place].isalnum()]
        inside = sum(place in personal for place in letters)
        if not _neutral(line, one):
            right.append((one, 2 * inside >= len(letters)))
    return Judged(line=line, hits=tuple(hits), right=tuple(right))


def _neutral(line: LabelledLine, one: Found) -> bool:
    return any(
        truth.kind is None and one.start < truth.end and truth.start < one.end
        for truth in line.truth
    )


def _weighty(text: str, truth: Truth) -> list[int]:
    places = [place for place in range(truth.start, truth.end) if text[place].isalnum()]
    if truth.kind != "address":
        return places
    return [place for place in places if text[place].isdigit()]


def summarise(name: str, judged: Sequence[Judged], *, goal: bool) -> list[Line]:
    """Recall and precision in all, by kind of data, and by the way it came."""
    hits = [hit for one in judged for hit in one.hits]
    right = [found for one in judged for found in one.right]
    recall = share(sum(hit for _, hit in hits), len(hits))
    precision = share(sum(fine for _, fine in right), len(right))
    goals = {
        "recall": {"goal": f">= {RECALL_GOAL:.0%}", "met": recall.value >= RECALL_GOAL},
        "precision": {"goal": f">= {PRECISION_GOAL:.0%}", "met": precision.value >= PRECISION_GOAL},
    }
    told = [
        Line(name=f"{name}: recall", figure=recall, **(goals["recall"] if goal else {})),  # type: ignore[arg-type]
        Line(name=f"{name}: precision", figure=precision, **(goals["precision"] if goal else {})),  # type: ignore[arg-type]
    ]
    for way in ("text", "spoken"):
        own = [hit for one in judged if one.line.way == way for _, hit in one.hits]
        told.append(Line(name=f"  recall, {way}", figure=share(sum(own), len(own))))
    plain = [not one.right for one in judged if one.line.way == "plain"]
    told.append(Line(name="  lines without any, left alone", figure=share(sum(plain), len(plain))))
    kinds = dict.fromkeys(truth.kind for truth, _ in hits if truth.kind)
    for kind in kinds:
        own = [hit for truth, hit in hits if truth.kind == kind]
        told.append(Line(name=f"  recall, {kind}", figure=share(sum(own), len(own))))
    for kind in kinds:
        fine = [good for found, good in right if found.kind == kind]
        told.append(Line(name=f"  precision, {kind}", figure=share(sum(fine), len(fine))))
    return told


def run(out: Path, *, split: Split = "test") -> bool:
    """Measure, print the tables, write JSON; True where our goals are met."""
    wanted = lines(split)
    report: dict[str, object] = {"split": split, "lines": len(wanted)}
    met = True
    for name, finder in finders().items():
        judged = [judge(line, finder(line.text)) for line in wanted]
        told = summarise(name, judged, goal=name == "ours")
        print(render(f"\nprivacy, {split}, {len(wanted)} lines, {name}", told))
        print(f"{_median_us(finder, wanted):.0f} µs a line (median)")
        report[name] = as_json(told)
        if name == "ours":
            met = all(line.met is not False for line in told)
            _show(judged)
    write_json(out / "privacy.json", report)
    print(f"\nwritten: {out / 'privacy.json'}")
    return met


def _median_us(finder: Finder, wanted: Sequence[LabelledLine]) -> float:
    took = []
    for line in [*wanted] * SPEED_ROUNDS:
        started = time.perf_counter()
        finder(line.text)
        took.append(time.perf_counter() - started)
    return 1e6 * statistics.median(took)


def _show(judged: Sequence[Judged]) -> None:
    """What went wrong, line by line: all of it is invented."""
    for one in judged:
        text = one.line.text
        missed = [(t.kind, text[t.start : t.end]) for t, hit in one.hits if not hit]
        wrong = [(f.kind, text[f.start : f.end]) for f, good in one.right if not good]
        if missed or wrong:
            print(f"{text}\n    missed {missed} wrong {wrong}")
