"""Officials' decisions -> new heads: trained in seconds, judged on what they never saw.

The policy's own head comes first, and decisions move it only as far as they say: what they add is a
ridge regression of what the policy's head missed. Where nobody decided anything, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.drafting.decided import FEWEST, Own, Rows, doubtful, even
from pipelines.drafting.learn import (
    BATCH,
    Head,
    Learned,
    Routes,
    best_temperature,
    solve,
    targets,
    with_offset,
    without_keywords,
)

if TYPE_CHECKING:
    from pipelines.drafting.embed import Vectors
    from pipelines.drafting.learn import Labels, Mask, Scores

MOVED = 0.3
"""Strength of the ridge on what decisions add; this and the next two measured:
docs/decisions/learning.md."""
STAYS = 0.03
"""Weight of each of the policy's texts, at which decisions are to add nothing."""
VOICE = 0.9
"""Of the policy's head, beside decisions."""
SLIP = 0.02
"""By so much earlier decisions may get worse: less is noise."""
OWN_WAY = 0.12
"""So much of the policy's own texts an office may decide otherwise than the policy says."""
ROUTED = 3
"""Decisions that send a category to another department before it may go there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A new head beside the present one, on rows that neither learned from."""

    head: Head
    routes: Routes | None
    decisions: int
    held_out: int
    before: float | None
    after: float | None
    anchored_before: float
    """Of the policy's own texts that nobody learns from, before anybody decided."""
    anchored_after: float
    routed_before: float | None
    """Held-out decisions whose department is right, given their category."""
    routed_after: float | None
    doubtful: Mask
    """Rows that were left out because they look drawn by lot."""
    verdict: str
    """better, worse, few, or doubtful: nothing is left that is new."""


def retrain(own: Own, decided: Rows, present: Learned | None) -> Verdict:
    """Train on the policy's own texts and on the decisions, and hold it against the present head.

    Every fifth of the policy's texts is an anchor that nobody learns from. Without a present head
    the one before is what the same training makes of the policy alone. It is "worse" if what was
    held out gets worse as a whole, earlier decisions by more than SLIP, or anchors by more than
    OWN_WAY than before anybody decided: decisions that contradict everything before are noticed
    even though they agree with themselves.
    """
    categories = len(own.answers)
    anchors = _anchors(own)
    policy = _policy_head(own, ~anchors)
    untaught = Head(weights=policy[:, :categories], temperature=1.0)
    if present is None:
        present = Learned(head=untaught, key="")
    learned = even(decided, ~decided.held_out)
    moved = _moved(policy, own, decided, learned)
    by_policy = np.asarray(untaught.scores(decided.features))
    doubted = doubtful(decided, moved.scores[:, :categories], by_policy)
    if doubted.any():
        learned = even(decided, ~decided.held_out & ~doubted)
        moved = _moved(policy, own, decided, learned)
    out = decided.held_out & ~doubted
    head = Head(
        weights=moved.weights[:, :categories],
        temperature=_temperature(moved, own, anchors, decided, learned & decided.settled),
    )
    routes = _routes(moved.weights[:, categories:], own, decided, learned)
    routed = [_routed(each, own, decided, out) for each in (present.routes, routes)]
    told, old = (
        [
            accuracy(each, decided.features[part], decided.labels[part])
            for each in (present.head, head)
        ]
        for part in (out & decided.settled, out & decided.settled & decided.known)
    )
    anchored = [
        accuracy(each, own.features[anchors], own.labels[anchors]) for each in (untaught, head)
    ]
    verdict = "worse"
    if doubted.any() and not (learned & ~decided.known).any():
        verdict = "doubtful"
    elif learned.sum() < FEWEST or out.sum() < FEWEST // 2:
        verdict = "few"
    elif told[1] >= told[0] and old[1] >= old[0] - SLIP and anchored[1] >= anchored[0] - OWN_WAY:
        verdict = "better"
    judged = bool((out & decided.settled).any())
    return Verdict(
        head=head,
        routes=routes if routed[1] > routed[0] else present.routes,
        decisions=int(learned.sum()),
        held_out=int(out.sum()),
        before=told[0] if judged else None,
        after=told[1] if judged else None,
        anchored_before=anchored[0],
        anchored_after=anchored[1],
        routed_before=routed[0] if out.any() else None,
        routed_after=max(routed) if out.any() else None,
        doubtful=doubted,
        verdict=verdict,
    )


def _anchors(own: Own) -> Mask:
    return np.asarray(np.arange(len(own.labels)) % 5 == 0)


def accuracy(head: Head, features: Vectors, labels: Labels) -> float:
    """The share of rows whose first category is right; 0 where there are none."""
    if not len(labels):
        return 0.0
    return float((head.scores(features).argmax(axis=1) == labels).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What decisions made of the policy's head."""

    weights: Vectors
    """(features + 1, categories + departments)."""
    scores: Scores
    """(n, categories + departments): of each decision by a head that never saw it."""


def _policy_head(own: Own, learned: Mask) -> Vectors:
    """(features + 1, categories + departments): one regression for both."""
    labels, categories = np.tile(own.labels[learned], 2), len(own.answers)
    rows = own.features[learned]
    wanted = np.hstack(
        [
            targets(labels, categories),
            targets(own.answers[labels], len(own.departments)),
        ]
    )
    return solve(np.vstack([rows, without_keywords(rows, categories)]), wanted)


def _moved(policy: Vectors, own: Own, decided: Rows, learned: Mask) -> _Moved:
    """The policy's head, moved by decisions, but not at the policy's texts.

    Keywords stay the policy's own. Without STAYS the decisions of an office that has decided on one
    category so far would call everything by its name.
    """
    categories = len(own.answers)
    rows = with_offset(without_keywords(decided.features, categories))
    scores = VOICE * np.asarray(rows @ policy, dtype=np.float64)
    wanted = np.hstack(
        [
            np.where(
                decided.settled[:, None],
                targets(decided.labels, categories),
                scores[:, :categories],
            ),
            targets(decided.departments, len(own.departments)),
        ]
    )
    still = with_offset(without_keywords(own.features[~_anchors(own)], categories))
    count = int(learned.sum())
    shift, missed = _ridge(
        np.vstack([rows[learned], STAYS**0.5 * still]).astype(np.float64),
        np.vstack([(wanted - scores)[learned], np.zeros((len(still), wanted.shape[1]))]),
    )
    scores += rows @ shift
    scores[learned] = wanted[learned] - missed[:count]
    return _Moved(weights=np.asarray(VOICE * policy + shift, dtype=np.float32), scores=scores)


def _ridge(rows: Scores, wanted: Scores) -> tuple[Scores, Scores]:
    """(n, features), (n, classes) -> the weights, and by how much each row is missed without it.

    Solved in the smaller of the two spaces; the second follows from the same inverse as the first.
    """
    if len(rows) <= rows.shape[1]:
        inverse = np.linalg.inv(rows @ rows.T + MOVED * np.eye(len(rows)))
        dual = inverse @ wanted
        return rows.T @ dual, dual / np.diag(inverse)[:, None]
    inverse = np.linalg.inv(rows.T @ rows + MOVED * np.eye(rows.shape[1]))
    weights = inverse @ (rows.T @ wanted)
    left = wanted - rows @ weights
    for at in range(0, len(rows), BATCH):
        part = rows[at : at + BATCH]
        left[at : at + BATCH] /= 1 - ((part @ inverse) * part).sum(axis=1, keepdims=True)
    return weights, left


def _temperature(moved: _Moved, own: Own, anchors: Mask, decided: Rows, learned: Mask) -> float:
    """By decisions that were left out in turn, and by the anchors."""
    categories = len(own.answers)
    anchored = with_offset(own.features[anchors]) @ moved.weights[:, :categories]
    return best_temperature(
        np.vstack([anchored, moved.scores[learned, :categories]]),
        np.concatenate([own.labels[anchors], decided.labels[learned]]),
    )


def _routes(weights: Vectors, own: Own, decided: Rows, learned: Mask) -> Routes | None:
    """Where categories may go; None where that is nowhere else than the policy says."""
    counts = np.zeros((len(own.answers), len(own.departments)), dtype=np.intp)
    np.add.at(counts, (decided.labels[learned], decided.departments[learned]), 1)
    allowed = counts >= ROUTED
    named = targets(own.answers, len(own.departments)) > 0
    if not (allowed & ~named).any():
        return None
    return Routes(weights=weights, allowed=allowed | named, departments=own.departments)


def _routed(routes: Routes | None, own: Own, decided: Rows, out: Mask) -> float:
    """The share of those decisions whose department is right; 0 where there are none."""
    if not out.any():
        return 0.0
    labels = decided.labels[out]
    chosen = routes.choose(decided.features[out], labels) if routes else own.answers[labels]
    return float((chosen == decided.departments[out]).mean())
