"""The voice samples with truth of assets/samples/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.settings import ASSETS

FOLDER = ASSETS / "samples"


class Sample(BaseModel):
    """One recording with everything that is true of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    file: str
    text: str
    language: str
    voice: str
    condition: str
    split: Literal["dev", "test"]
    category: str
    also: list[str] | str | None = None
    place: str
    place_whole: str = ""
    urgency: str
    seconds: float

    @property
    def path(self) -> Path:
        """Where the recording lies."""
        return FOLDER / self.file

    @property
    def right_places(self) -> tuple[str, ...]:
        """What the place may be called: by its area, or with all that was said of it."""
        return (self.place, self.place_whole) if self.place_whole else (self.place,)

    @property
    def right_categories(self) -> set[str]:
        """The true category and the one that is as true, where a text is truly ambiguous."""
        also = [self.also] if isinstance(self.also, str) else (self.also or [])
        return {self.category, *also} - {""}


def load_samples(*, language: str | None = None, split: str | None = None) -> list[Sample]:
    """The committed recordings, filtered. Raises FileNotFoundError without the list."""
    lines = (FOLDER / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [Sample.model_validate(json.loads(line)) for line in lines if line.strip()]
    return [
        row
        for row in rows
        if (language is None or row.language == language)
        and (split is None or row.split == split)
        and row.path.is_file()
    ]
