"""Burnt-in clocks: what they showed when a patch began, from readings that fit ONE running clock.

A colon is often read as a figure; readings at different times that fit one clock are no chance. A
clock runs on over cuts, so once it is known only some of its patches are looked at, and those
between two that show what they must follow.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.readers import tesseract
from pipelines.readers.boxes import overlap
from pipelines.readers.lettering import Patch
from pipelines.readers.print_views import ONE_LINE, ready
from pipelines.readers.screen_texts import PLACE, ScreenText, clock_text
from pipelines.readers.tesseract import Budget

CLOCK_WAYS = (
    ("en", "plain", False),
    ("ko", "fill", True),
    ("en", "fill", False),
    ("ko", "plain", False),
)
"""(language, way, one look of each only): on and on until each clock is sure; the second is there
for the dates, which stand still."""
DIGITS = "0123456789:-./ "
AGREE = 2
"""Readings that must fit one clock."""
EACH = 4
"""Of the patches of a clock that runs on, every so many is read, and the last."""
OFF_S = 1.0
_CLOCK = re.compile(
    r"(?:(?P<y>20\d\d)\D(?P<mo>[01]\d)\D(?P<d>[0-3]\d)\D{0,3}|(?<!\d))"
    r"(?P<h>[01]\d|2[0-3])[\d:.](?P<m>[0-5]\d)(?:[\d:.](?P<s>[0-5]\d))?(?!\d)"
)


def going_on(
    patches: Sequence[Patch], known: Sequence[ScreenText], budget: Budget
) -> dict[int, ScreenText]:
    """Patches (by id) in the place of a clock that show, or lie between two that show, what it must
    show by then.

    A film whose clock jumps is not taken for one that runs: where a reading is not what it must be,
    all up to the next right one are read.
    """
    groups: dict[int, list[tuple[Patch, ScreenText]]] = defaultdict(list)
    for patch in sorted(patches, key=lambda patch: patch.start_s):
        for number, clock in enumerate(known):
            if overlap(clock.box_px, patch.box_px) >= PLACE:
                first = min(n for n in range(number + 1) if _one_place(known[n], clock))
                groups[first].append((patch, clock))
                break
    found: dict[int, ScreenText] = {}
    looked: set[int] = set()
    some = [pair for group in groups.values() for pair in (*group[::EACH], group[-1])]
    while some:
        found |= _shown(some, budget)
        looked |= {id(patch) for patch, _ in some}
        some = [pair for group in groups.values() for pair in _in_doubt(group, looked, found)]
    for group in groups.values():
        for patch, clock in group:
            if id(patch) not in looked:
                found[id(patch)] = replace(_running(patch, clock, Counter()), votes=0)
    return found


def _one_place(a: ScreenText, b: ScreenText) -> bool:
    return overlap(a.box_px, b.box_px) >= PLACE


def _in_doubt(
    group: Sequence[tuple[Patch, ScreenText]], looked: set[int], found: dict[int, ScreenText]
) -> list[tuple[Patch, ScreenText]]:
    """Those not looked at that have a neighbour which was, and was wrong."""
    read = [n for n, (patch, _) in enumerate(group) if id(patch) in looked]
    doubt: list[tuple[Patch, ScreenText]] = []
    for before, after in itertools.pairwise(read):
        if id(group[before][0]) not in found or id(group[after][0]) not in found:
            doubt += group[before + 1 : after]
    return doubt


def _shown(pairs: Iterable[tuple[Patch, ScreenText]], budget: Budget) -> dict[int, ScreenText]:
    """Of each patch (by id) the clock, where it shows what it must."""
    unique = list({id(patch): (patch, clock) for patch, clock in pairs}.values())
    looks = [ready(patch.look, "plain") for patch, _ in unique]
    readings = tesseract.recognise_many(looks, "en", budget=budget, mode=ONE_LINE, signs=DIGITS)
    found = {}
    for (patch, clock), lines in zip(unique, readings, strict=True):
        shown = _CLOCK.search(" ".join(line.text for line in lines))
        if shown is None:
            continue
        must = (clock.clock_s or 0.0) + patch.look_s - clock.start_s
        if abs(_seconds(shown) + 0.5 - must) <= OFF_S:
            dates = Counter(["-".join(shown.group("y", "mo", "d"))] if shown["y"] else [])
            found[id(patch)] = _running(patch, clock, dates)
    return found


def _running(patch: Patch, clock: ScreenText, dates: Counter[str]) -> ScreenText:
    """The clock as it stands at the start of a patch."""
    start = round((clock.clock_s or 0.0) + patch.start_s - clock.start_s)
    agreed = _agreed(patch, Counter({start: AGREE}), dates)
    assert agreed is not None  # noqa: S101 - so many votes agree
    return agreed


def _seconds(shown: re.Match[str]) -> int:
    return int(shown["h"]) * 3600 + int(shown["m"]) * 60 + int(shown["s"] or 0)


def read(patches: Sequence[Patch], budget: Budget) -> dict[int, ScreenText]:
    """Of patches that may be clocks (by id): what each showed at its start.

    A colon is often read as a figure; readings at different times that fit one clock are no chance.
    """
    votes: dict[int, Counter[int]] = {id(patch): Counter() for patch in patches}
    dates: dict[int, Counter[str]] = {id(patch): Counter() for patch in patches}
    found: dict[int, ScreenText] = {}
    for language, way, first_only in CLOCK_WAYS:
        open_ = [patch for patch in patches if id(patch) not in found or first_only]
        looks = [
            (patch, at, look)
            for patch in open_
            for at, look in ((patch.look_s, patch.look), *(() if first_only else patch.later))
        ]
        pictures = [ready(look, way) for _, _, look in looks]
        readings = tesseract.recognise_many(
            pictures, language, budget=budget, mode=ONE_LINE, signs=DIGITS
        )
        for (patch, at, _), lines in zip(looks, readings, strict=True):
            shown = _CLOCK.search(" ".join(line.text for line in lines))
            if shown:
                # What shows 14 is, on the average, half a second past it.
                votes[id(patch)][round(_seconds(shown) + 0.5 - (at - patch.start_s))] += 1
                if shown["y"]:
                    dates[id(patch)]["-".join(shown.group("y", "mo", "d"))] += 1
        for patch in open_:
            if (clock := _agreed(patch, votes[id(patch)], dates[id(patch)])) is not None:
                found[id(patch)] = clock
    return found


def _agreed(patch: Patch, votes: Counter[int], dates: Counter[str]) -> ScreenText | None:
    if not votes:
        return None
    around = {t: votes[t] + votes[t - 1] + votes[t + 1] for t in list(votes)}
    best = max(votes, key=lambda t: (around.get(t, 0), votes[t]))
    if around[best] < AGREE:
        return None
    date = dates.most_common(1)[0][0] if dates else ""
    return ScreenText(
        text=clock_text(best, date),
        confidence=round(around[best] / max(1, votes.total()), 3),
        language="en",
        start_s=round(patch.start_s, 2),
        end_s=round(patch.end_s, 2),
        box_px=patch.box_px,
        clock_s=float(best),
        votes=around[best],
        dates=tuple(dates.items()),
    )
