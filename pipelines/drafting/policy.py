"""The agency's policy file -> Policy: categories, departments, clocks, words and reply templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One class of complaints, with what is needed to recognise and to answer it."""

    code: str
    """The AI-Hub name: 건축허가, 경제, 공통, ..."""
    department: str
    working_days: int
    descriptions: tuple[str, ...]
    examples: tuple[str, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the agency decides and may edit; everything else in the product follows it."""

    agency: str
    categories: tuple[Category, ...]
    unsure_below: float
    """Below this confidence the best category is only a suggestion."""
    vocabulary: tuple[str, ...]
    """Words that speech recognition should know: street furniture, offices, district names."""
    replies: dict[str, dict[str, str]]
    """language -> {"with_place": template, "without_place": template, ...}; slots are {slot}."""
    emergency_words: dict[str, tuple[str, ...]]
    """language -> words that lift the urgency to at least "high"."""

    def category(self, code: str) -> Category:
        """The category of that code. Raises KeyError."""
        return {entry.code: entry for entry in self.categories}[code]


def load_policy(path: Path) -> Policy:
    """Read and check a policy file. Raises PolicyInvalid."""
    raise FileNotFoundError(path)
