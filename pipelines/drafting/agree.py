"""What several files say of one case: the same place, the same day, or places that contradict."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.drafting.values import date_of
from pipelines.places import Areas
from pipelines.types import Note

Told = tuple[str, Sequence[str]]
"""(name of a file, the texts in it that tell of the case)"""
Paths = frozenset[tuple[str, ...]]


def agreements(files: Sequence[Told], areas: Areas) -> list[Note]:
    """Notes on what at least two files agree on, and on the first two that contradict.

    Two files contradict in the place where every area that the one names lies outside every area
    that the other names. Different days are no contradiction: papers have several.
    """
    return [*_places(files, areas), *_days(files)]


def _places(files: Sequence[Told], areas: Areas) -> list[Note]:
    named = [(name, *_named(texts, areas)) for name, texts in files]
    named = [each for each in named if each[2]]
    notes: list[Note] = []
    together = []
    for at, (name, place, paths) in enumerate(named):
        for other, there, those in named[at + 1 :]:
            if _meet(paths, those):
                together += [name, other]
            elif not any(note.code == "bundle.places_differ" for note in notes):
                facts: dict[str, str | int | float] = {
                    "file": name,
                    "place": place,
                    "other_file": other,
                    "other_place": there,
                }
                notes.append(Note(code="bundle.places_differ", facts=facts))
    if together:
        place = next(place for name, place, _ in named if name == together[0])
        count = len(set(together))
        notes.insert(0, Note(code="bundle.same_place", facts={"place": place, "count": count}))
    return notes


def _named(texts: Sequence[str], areas: Areas) -> tuple[str, Paths]:
    """The most definite place of a file as it is written, and every area that it names."""
    hits = [hit for text in texts for hit in areas.find(text)]
    paths = frozenset(tuple(full.split(" ")) for hit in hits for full in hit.full_names)
    longest = max(hits, key=lambda hit: len(hit.text), default=None)
    return (longest.text if longest else ""), paths


def _meet(ones: Paths, others: Paths) -> bool:
    """True where an area of the one is an area of the other, or lies within it."""
    return any(a[: len(b)] == b or b[: len(a)] == a for a in ones for b in others)


def _days(files: Sequence[Told]) -> list[Note]:
    seen: dict[str, set[str]] = {}
    for name, texts in files:
        for text in texts:
            if day := date_of(text):
                seen.setdefault(day, set()).add(name)
    return [
        Note(code="bundle.same_day", facts={"date": day, "count": len(names)})
        for day, names in seen.items()
        if len(names) > 1
    ]
