"""Two versions of a document: what changed, clause by clause, with the place in both."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.readers.boxes import union
from pipelines.readers.evidence import Passage, ReadDocument
from pipelines.types import PageSpot
from pipelines.writing import squeezed

ALIKE = 55.0
"""Of 100: two paragraphs that share less are not versions of each other."""
SAME_NAME_BONUS = 30.0
"""Clauses of one number and name belong together even when much of their text is new."""
MOST_COMPARED = 400_000
"""Pairs in one stretch: two books that share nothing are reported as removed and added."""
_TOKENS = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+|[^\w\s]|\s+")
_NAME = re.compile(r"^\s*(제\s?\d+\s?조(?:의\s?\d+)?|[①-⑳]|\d{1,2}[.)]|[가-하][.)])")

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A run of words: "same" in both, only in the old, or only in the new."""

    kind: Literal["same", "old", "new"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What is compared: a paragraph, a heading, a table row; the sentences of one block."""

    name: str
    """Its number, where it has one: 제5조, ②, 3."""
    heading: str
    text: str
    spots: tuple[PageSpot, ...]
    """One a page that it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `old` is None for what was added, `new` for what was removed."""

    kind: Kind
    old: Clause | None
    new: Clause | None
    words: tuple[Stretch, ...] = ()
    """Of what changed: joined without "new" the old text, without "old" the new one."""


def clauses_of(document: ReadDocument) -> list[Clause]:
    """The sentences that stand under one number belong to one clause."""
    runs: list[list[Passage]] = []
    for passage in document.passages:
        if passage.kind in ("header", "footer"):
            continue
        fresh = (
            not runs
            or passage.level > 0
            or passage.kind == "table"
            or runs[-1][-1].kind != passage.kind
            or runs[-1][-1].heading != passage.heading
            or runs[-1][-1].level > 0
            or _NAME.match(passage.evidence.text) is not None
            or not _same_block(runs[-1][-1], passage)
        )
        if fresh:
            runs.append([])
        runs[-1].append(passage)
    return [_clause(run) for run in runs]


def _same_block(one: Passage, other: Passage) -> bool:
    """Sentences of one paragraph share a line, or follow each other with no room between."""
    if one.spot.page_no != other.spot.page_no:
        return not re.search(r"[.!?。]\s*$", one.evidence.text)
    height = max(one.spot.box_pt[3] - one.spot.box_pt[1], 1.0)
    return other.spot.box_pt[1] - one.spot.box_pt[3] < 0.6 * min(height, 14.0)


def _clause(run: Sequence[Passage]) -> Clause:
    text = " ".join(passage.evidence.text for passage in run)
    match = _NAME.match(text)
    boxes: dict[int, list[PageSpot]] = {}
    for passage in run:
        boxes.setdefault(passage.spot.page_no, []).append(passage.spot)
    spots = tuple(
        PageSpot(page_no=page_no, box_pt=union(spot.box_pt for spot in spots))
        for page_no, spots in boxes.items()
    )
    name = "".join(match.group(1).split()) if match else ""
    return Clause(name=name, heading=run[0].heading, text=text, spots=spots)


def compare(old: ReadDocument, new: ReadDocument) -> list[Change]:
    """Every difference, in the order of the new version; [] where only spacing differs."""
    before, after = clauses_of(old), clauses_of(new)
    pairs = _aligned(before, after)
    kept_order = _rising([pairs[j] for j in sorted(pairs)])
    gone = [i for i in range(len(before)) if i not in set(pairs.values())]
    changes: list[Change] = []
    for j, clause in enumerate(after):
        while gone and gone[0] <= pairs.get(j, -1):
            changes.append(Change(kind="removed", old=before[gone.pop(0)], new=None))
        if j not in pairs:
            changes.append(Change(kind="added", old=None, new=clause))
            continue
        former = before[pairs[j]]
        if squeezed(former.text) != squeezed(clause.text):
            words = word_difference(former.text, clause.text)
            changes.append(Change(kind="changed", old=former, new=clause, words=words))
        elif pairs[j] not in kept_order:
            changes.append(Change(kind="moved", old=former, new=clause))
    changes += [Change(kind="removed", old=before[i], new=None) for i in gone]
    return changes


def _aligned(before: Sequence[Clause], after: Sequence[Clause]) -> dict[int, int]:
    """New index -> old index: equal texts first, in order; then the most alike of the rest."""
    matcher = difflib.SequenceMatcher(
        None, [squeezed(c.text) for c in before], [squeezed(c.text) for c in after], autojunk=False
    )
    pairs = {
        block.b + k: block.a + k
        for block in matcher.get_matching_blocks()
        for k in range(block.size)
    }
    gaps = _gaps(pairs, len(before), len(after))
    for old_left, new_left in gaps:
        _pair_alike(before, after, old_left, new_left, pairs)
    old_left = [i for i in range(len(before)) if i not in set(pairs.values())]
    new_left = [j for j in range(len(after)) if j not in pairs]
    _pair_alike(before, after, old_left, new_left, pairs)  # what was changed and moved
    return pairs


def _gaps(pairs: dict[int, int], before: int, after: int) -> list[tuple[list[int], list[int]]]:
    """The stretches between equal clauses, old and new: a version is looked for there first."""
    found = []
    old, new = 0, 0
    for j, i in [*sorted(pairs.items()), (after, before)]:
        if i > old and j > new:
            found.append((list(range(old, i)), list(range(new, j))))
        old, new = max(old, i + 1), j + 1
    return found


def _pair_alike(
    before: Sequence[Clause],
    after: Sequence[Clause],
    old_left: Sequence[int],
    new_left: Sequence[int],
    pairs: dict[int, int],
) -> None:
    """Add the most alike of what is left to `pairs`, each once."""
    if not old_left or not new_left or len(old_left) * len(new_left) > MOST_COMPARED:
        return
    scores = _likeness([before[i] for i in old_left], [after[j] for j in new_left])
    ranked = sorted(
        (-score, abs(old_left[a] - new_left[b]), a, b)
        for a, row in enumerate(scores)
        for b, score in enumerate(row)
        if score >= ALIKE
    )
    taken: set[int] = set()
    for _, _, a, b in ranked:
        if a not in taken and new_left[b] not in pairs:
            taken.add(a)
            pairs[new_left[b]] = old_left[a]


def _likeness(before: Sequence[Clause], after: Sequence[Clause]) -> list[list[float]]:
    from rapidfuzz import fuzz, process

    scores = process.cdist(
        [squeezed(c.text)[:2000] for c in before],
        [squeezed(c.text)[:2000] for c in after],
        scorer=fuzz.ratio,
    ).tolist()
    for a, one in enumerate(before):
        for b, other in enumerate(after):
            named = one.name and one.name == other.name and one.heading == other.heading
            scores[a][b] += SAME_NAME_BONUS if named and scores[a][b] >= 25 else 0.0
    return [[float(score) for score in row] for row in scores]


def _rising(indices: Sequence[int]) -> set[int]:
    """The longest rising run: what is not in it was moved."""
    ends: list[int] = []  # the smallest end of a run of each length
    before: dict[int, int | None] = {}
    for index in indices:
        at = bisect.bisect_left(ends, index)
        before[index] = ends[at - 1] if at else None
        ends[at : at + 1] = [index]
    run: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        run.add(last)
        last = before[last]
    return run


def word_difference(old: str, new: str) -> tuple[Stretch, ...]:
    """Words that stayed, went and came, in reading order."""
    one, other = _TOKENS.findall(old), _TOKENS.findall(new)
    found: list[Stretch] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Stretch(kind="same", text="".join(one[a:b])))
            continue
        if a < b:
            found.append(Stretch(kind="old", text="".join(one[a:b])))
        if c < d:
            found.append(Stretch(kind="new", text="".join(other[c:d])))
    return tuple(found)
