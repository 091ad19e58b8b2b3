"""What an answer of the citizen's page changes on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.present import Words
from pipelines.errors import MinwonError


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """New contents of the panels; None = as it was. `command` is for the page's script."""

    receipt: str | None = None
    standing: str | None = None
    progress: str | None = None
    player: str | None = None
    transcript: str | None = None
    similar: str | None = None
    draft: str | None = None
    command: Mapping[str, Any] | None = None


def nothing(command: Mapping[str, Any]) -> Screen:
    """Only a word to the script."""
    return Screen(command=command)


def said(words: Words, error: MinwonError) -> Mapping[str, Any]:
    """One sentence for the reader; the script decides where it stands."""
    return {"do": "said", "tone": "bad", "code": error.code, "text": words.error(error)}


def trouble(words: Words, error: MinwonError) -> Screen:
    """One sentence on the citizen's page."""
    return nothing(said(words, error))
