"""How urgent: the model's choice, bounded by the policy's words."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.drafting.case import URGENCIES, Urgency
from pipelines.drafting.policy import Policy


def danger_in(text: str, policy: Policy, language: str) -> bool:
    """True where one of the policy's emergency words stands in the text.

    Korean words count in every language's text too: people mix them in.
    """
    words = (*policy.emergency_words.get(language, ()), *policy.emergency_words.get("ko", ()))
    lowered = text.lower()
    return any(word.lower() in lowered for word in words)


def bounded(chosen: Urgency, texts: Sequence[str], policy: Policy, language: str) -> Urgency:
    """Danger words lift to "high" at least; "emergency" without any is "high"."""
    danger = any(danger_in(text, policy, language) for text in texts)
    if danger:
        return max(chosen, "high", key=URGENCIES.index)
    return min(chosen, "high", key=URGENCIES.index)
