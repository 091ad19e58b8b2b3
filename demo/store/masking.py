"""Personal data out of what lists and exports show: one seam for the whole office."""

from __future__ import annotations

from pipelines.drafting.privacy import NOT_IN_ASKS, mask


def masked(text: str) -> str:
    """The text without personal data; the place of the matter stays, it is what the work needs."""
    return mask(text, kinds=NOT_IN_ASKS)
