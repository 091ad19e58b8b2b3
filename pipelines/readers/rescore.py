"""Of several texts that fit the sound about as well, the one that is the likelier sentence.

The recogniser's own decoder is small and knows little of a language's words: it writes a
sound-alike that is no word at all ("이리절이") just ahead of the word ("이리저리"). A language
model's opinion of each of its best texts settles that; the sound keeps the last word, because
the weight is small and nothing is ever considered that the recogniser did not propose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipelines import korean
from pipelines.readers.score import bare
from pipelines.readers.whisper import LOOP_RATIO, Draft

Likelihood = Callable[[str], float]
"""A text -> its log probability as a text of that language (only differences count)."""

WEIGHT = 0.05
"""What the language counts beside the sound; measured, see docs/decisions/speech.md."""
MOST_DROPPED = 1
"""Letters that a text may have fewer than the best by sound. Whatever leaves a sentence out is a
likelier text; without this limit, whole sentences were lost."""
LIKELIHOODS: Mapping[str, Likelihood] = {"ko": korean.likelihood}
"""language -> its judge. Where there is none, the recogniser's own order stands."""


def best(drafts: Sequence[Draft], language: str) -> Draft:
    """One of `drafts` (best by sound first, at least one)."""
    likelihood = LIKELIHOODS.get(language)
    if likelihood is None or not drafts[0].is_sound:
        return drafts[0]
    shortest = len(bare(drafts[0].text)) - MOST_DROPPED
    rivals = [
        draft
        for draft in drafts
        if draft.repetition <= LOOP_RATIO and len(bare(draft.text)) >= max(1, shortest)
    ] or drafts[:1]
    return max(
        rivals,
        key=lambda draft: draft.total_logprob + WEIGHT * likelihood(draft.text.strip()),
    )
