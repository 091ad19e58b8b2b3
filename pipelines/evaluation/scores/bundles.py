"""Bundles with truth: what several files say together, written out in assets/samples/bundles.toml.

A note is a text file, a notice a printed page; what one of them lacks stands in the other.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.evaluation.injected import paper
from pipelines.evaluation.samples import FOLDER
from pipelines.settings import ASSETS
from pipelines.types import Language

FACES: dict[Language, str] = {"ja": "japan", "zh": "china-s", "es": "helv", "en": "helv"}
BUNDLES = ASSETS / "samples" / "bundles.toml"


class BundleTruth(BaseModel):
    """A few files and the one case that they make."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    split: Literal["dev", "test"]
    language: Language
    voice: str = ""
    """Id of a recording of assets/samples/voice; "" = none."""
    note: tuple[str, ...] = ()
    """Lines of a text file."""
    page: tuple[str, ...] = Field(min_length=1)
    """Lines of a printed page."""
    categories: tuple[str, ...] = Field(min_length=1)
    places: tuple[str, ...] = Field(min_length=1)
    urgency: Literal["low", "normal", "high", "emergency"]


@functools.cache
def load_bundles() -> dict[str, BundleTruth]:
    """All of them by id."""
    rows = tomllib.loads(BUNDLES.read_text(encoding="utf-8"))["bundle"]
    made = [BundleTruth.model_validate(row) for row in rows]
    return {bundle.id: bundle for bundle in made}


def made_files(bundle: BundleTruth, folder: Path) -> list[Path]:
    """Its files, written into the folder."""
    files = []
    if bundle.voice:
        files.append(FOLDER / "voice" / f"{bundle.voice}.opus")
    if bundle.note:
        note = folder / f"{bundle.id}.txt"
        note.write_text("\n".join(bundle.note) + "\n", encoding="utf-8")
        files.append(note)
    return [*files, paper(folder, "print", bundle.page, "", FACES.get(bundle.language, "korea"))]
