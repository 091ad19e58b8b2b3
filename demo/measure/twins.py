"""Two people report one matter: are their cases put side by side, and only theirs?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from dataclasses import dataclass

from demo.measure.complaints import Complaint, Split, Spot, Topic, complaint, spot, topics, words
from demo.measure.office import office
from demo.measure.plant import number, plant
from pipelines.evaluation.stats import share
from pipelines.evaluation.table import Line

KNOWN = 500
NEW = 240
DONGS = 5
DAYS = 30
START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
GOAL_SUGGESTED, GOAL_FALSE = 0.9, 0.05
FIRST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A new case, and the place in the list of the case that it repeats; None = of none."""

    new: Complaint
    twin: int | None


def pairs(rng: random.Random, known: list[Complaint], split: Split) -> list[Pair]:
    """Half repeat a known case in other words; the others are as near to one as can be.

    Of those a third lie at the spot of a known case with another matter, a third have its matter at
    another spot of its dong, a third are anything.
    """
    made: list[Pair] = []
    taken = {_key(one) for one in known}
    while len(made) < NEW:
        at = rng.randrange(len(known))
        one = known[at]
        if len(made) % 2 == 0:
            made.append(Pair(new=_told_by_another(rng, one), twin=at))
            continue
        topic, place = rng.choice(of_split(split)), _spot(rng)
        kind = rng.randrange(3)
        if kind == 0:
            place = one.spot
        if kind == 1:
            topic, place = one.topic, dataclasses.replace(place, dong=one.spot.dong)
        new = complaint(rng, topic, place)
        if _key(new) not in taken:
            made.append(Pair(new=new, twin=None))
    return made


def of_split(split: Split) -> list[Topic]:
    """The topics of one split."""
    return [topic for topic in topics() if topic.split == split]


def _spot(rng: random.Random) -> Spot:
    return dataclasses.replace(spot(rng), dong=rng.choice(words("dongs")[:DONGS]))


def _key(one: Complaint) -> tuple[int, str, str, str]:
    return one.topic.index, one.spot.dong, one.spot.name, one.spot.kind


def _told_by_another(rng: random.Random, one: Complaint) -> Complaint:
    name = one.spot.name + rng.choice(("", " "))
    place = dataclasses.replace(one.spot, name=name, aside=rng.choice(words("asides")))
    ending = rng.choice(words("endings")).format(days=4)
    told = f"{place.full} {one.topic.asked[one.phrasing]}. {ending}"
    return dataclasses.replace(one, spot=place, text=told)


def measure(split: Split, seed: int = 11) -> list[Line]:
    """The figures of one split."""
    rng = random.Random(seed)  # noqa: S311 - the same complaints in every run
    known: list[Complaint] = []
    while len(known) < KNOWN:
        one = complaint(rng, rng.choice(of_split(split)), _spot(rng))
        if _key(one) not in {_key(other) for other in known}:
            known.append(one)
    asked = pairs(rng, known, split)
    told = [*known, *(pair.new for pair in asked)]
    times = [START + dt.timedelta(days=rng.uniform(0, DAYS)) for _ in told]
    with office() as here:
        # What is new has the category that the model gives it; officials have seen the others.
        rank = here.classifier.rank
        ranks = [None] * KNOWN + [rank(pair.new.text)[:3] for pair in asked]
        ids = plant(
            here.database, told, here.policy, here.embedder, times, ranks=ranks, answered=False
        )
        news = {number(ids[KNOWN + at], times[KNOWN + at]) for at in range(len(asked))}
        hits = right = wrong = 0
        for at, pair in enumerate(asked, start=KNOWN):
            found = here.similar.twins(number(ids[at], times[at]), limit=FIRST)
            # Two new cases that repeat the same one are twins of each other too.
            offered = {twin.number for twin in found if twin.number not in news}
            true = {number(ids[pair.twin], times[pair.twin])} if pair.twin is not None else set()
            hits += bool(offered & true)
            right += len(offered & true)
            wrong += len(offered - true)
    suggested = share(hits, sum(pair.twin is not None for pair in asked))
    false = share(wrong, right + wrong)
    return [
        Line(
            name="planted duplicates that are suggested",
            figure=suggested,
            goal=f">= {GOAL_SUGGESTED:.0%}",
            met=suggested.value >= GOAL_SUGGESTED,
        ),
        Line(
            name="suggestions that are false",
            figure=false,
            goal=f"<= {GOAL_FALSE:.0%}",
            met=false.value <= GOAL_FALSE,
        ),
    ]
