"""One sample put to one model: what was right, and what it took. Kept as lines of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

Key = tuple[str, str, str, str]
"""(model, task, sample, version of what it is asked with)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One thing to ask. Samples of one `cluster` are no independent ones: two recordings of one
    text, the questions to one document."""

    id: str
    language: str
    cluster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a stretch of work took. `memory_mb` is that of the program with its processes."""

    seconds: float = 0.0
    model_s: float = 0.0
    first_token_s: float = 0.0
    processor_s: float = 0.0
    asks: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    memory_mb: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row of the scoreboard's file. `checks`: what was looked at -> whether it was right."""

    model: str
    task: str
    sample: str
    version: str
    language: str
    cluster: str
    checks: Mapping[str, bool]
    spent: Spent
    error: str = ""
    """Code of the refusal, where there was no answer to look at."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What was answered, where a person would want to read it."""

    @property
    def key(self) -> Key:
        """What it is found again by."""
        return (self.model, self.task, self.sample, self.version)

    @property
    def score(self) -> float:
        """The share of its checks that were right."""
        return sum(self.checks.values()) / len(self.checks)


class Ledger:
    """The file of all outcomes: a line each, added as they come, so that a run may break off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[Key, Outcome] = {outcome.key: outcome for outcome in _read(path)}
        if path.is_file() and not path.read_bytes().endswith(b"\n"):
            with path.open("ab") as file:  # a line that broke off must not swallow the next one
                file.write(b"\n")

    def get(self, key: Key) -> Outcome | None:
        """What an earlier run found."""
        return self._known.get(key)

    def add(self, outcome: Outcome) -> None:
        """On disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
        self._known[outcome.key] = outcome


def _read(path: Path) -> Iterator[Outcome]:
    """Every whole line; one that a killed run left half is passed over, and said so."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told = json.loads(line)
            yield Outcome(**{**told, "spent": Spent(**told["spent"])})
        except (ValueError, TypeError, KeyError):
            print(f"{path.name}, line {number} is not whole: measured again", file=sys.stderr)
