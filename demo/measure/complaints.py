"""Complaints put together from topics that we wrote: any number, each with its truth."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pipelines.settings import ASSETS

Split = Literal["dev", "test"]
FILE = ASSETS / "samples" / "desk_topics.toml"
DISTRICT = "서울특별시 마포구"
VARIANTS = 5
"""Ways to say what stands around a matter: few, so that a hundred thousand need few vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One matter that people complain about."""

    index: int
    office: str
    """The category that the imaginary office decided on."""
    custom: str
    """That of an office with conventions of its own."""
    split: Split
    said: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where something is: 성산동 한빛아파트 정문 앞."""

    dong: str
    name: str
    kind: str
    aside: str

    @property
    def full(self) -> str:
        """As a citizen writes it."""
        return f"{self.dong} {self.name}{self.kind} {self.aside}"

    def loosely(self, rng: random.Random) -> str:
        """As somebody else names it: other blanks, without the dong, or without the side."""
        return rng.choice(
            (
                f"{self.name} {self.kind}",
                f"{self.name}{self.kind} 근처",
                f"{self.dong} {self.name} {self.kind}",
                f"{self.dong} {self.name}{self.kind}",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One complaint with its truth."""

    topic: Topic
    phrasing: int
    spot: Spot
    text: str


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def words(name: str) -> tuple[str, ...]:
    """The file's dongs, names, kinds, asides, openings or endings."""
    return tuple(_file()[name])


@cache
def topics() -> tuple[Topic, ...]:
    """All of them."""
    rows = _file()["topic"]
    return tuple(
        Topic(
            index=index,
            office=row["office"],
            custom=row.get("custom", row["office"]),
            split=row["split"],
            said=tuple(row["said"]),
            asked=tuple(row["asked"]),
        )
        for index, row in enumerate(rows)
    )


def spot(rng: random.Random) -> Spot:
    """Anywhere in the imaginary office's district."""
    return Spot(
        dong=rng.choice(words("dongs")),
        name=rng.choice(words("names")),
        kind=rng.choice(words("kinds")),
        aside=rng.choice(words("asides")),
    )


def complaint(
    rng: random.Random, topic: Topic, place: Spot, *, phrasing: int | None = None
) -> Complaint:
    """The topic in one of its phrasings at that place, with what people say around it."""
    which = rng.randrange(len(topic.said)) if phrasing is None else phrasing
    variant = rng.randrange(VARIANTS)
    endings, openings = words("endings"), words("openings")
    ending = endings[(variant + which) % len(endings)].format(days=2 + variant)
    opening = openings[variant % len(openings)]
    parts = (opening, topic.said[which].format(spot=place.full), ending)
    return Complaint(
        topic=topic, phrasing=which, spot=place, text=" ".join(part for part in parts if part)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an official types, and the one case that is meant."""

    text: str
    wanted: int
    """Its place in the planted list."""
    split: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Complaints, and the questions that look for some of them."""

    complaints: tuple[Complaint, ...]
    questions: tuple[Question, ...]


def planted(count: int, questions: int, seed: int) -> Planted:
    """`count` complaints; for some, a question in words that none of them uses.

    No other complaint has the wanted one's matter at a place of the same name, so there is one
    right answer; thousands have its matter elsewhere, and hundreds lie at its place.
    """
    rng = random.Random(seed)  # noqa: S311 - the same complaints in every run
    wanted: list[tuple[Topic, Spot]] = []
    taken: set[tuple[int, str, str]] = set()
    order = rng.sample(topics(), len(topics()))
    while len(wanted) < questions:
        topic, place = order[len(wanted) % len(order)], spot(rng)
        if (topic.index, place.name, place.kind) not in taken:
            taken.add((topic.index, place.name, place.kind))
            wanted.append((topic, place))
    made = [complaint(rng, topic, place) for topic, place in wanted]
    while len(made) < count:
        topic, place = rng.choice(topics()), spot(rng)
        if (topic.index, place.name, place.kind) not in taken:
            made.append(complaint(rng, topic, place))
    at = list(range(count))
    rng.shuffle(at)
    asked = [
        Question(
            text=_asked(rng, one.topic.asked[one.phrasing], one.spot.loosely(rng)),
            wanted=at[index],
            split=one.topic.split,
        )
        for index, one in enumerate(made[:questions])
    ]
    mixed: list[Complaint] = made[:]
    for index, one in enumerate(made):
        mixed[at[index]] = one
    return Planted(complaints=tuple(mixed), questions=tuple(asked))


def _asked(rng: random.Random, matter: str, place: str) -> str:
    return rng.choice((f"{place} {matter}", f"{matter} {place}"))


def of_split(questions: Sequence[Question], split: Split) -> list[Question]:
    """Those of one split."""
    return [question for question in questions if question.split == split]
