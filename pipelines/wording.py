"""Code + facts -> the sentence that a person reads; the words live in assets/text/."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping

from pipelines.errors import Fact, MinwonError
from pipelines.settings import ASSETS
from pipelines.types import Note

FALLBACK = "en"


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    path = ASSETS / "text" / f"{language}.toml"
    if not path.is_file():
        return {}
    return _flatten(tomllib.loads(path.read_text(encoding="utf-8")), "")


def _flatten(tree: Mapping[str, object], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def languages() -> tuple[str, ...]:
    """The languages that have a file of words, sorted."""
    return tuple(sorted(path.stem for path in (ASSETS / "text").glob("*.toml")))


def say(key: str, language: str, facts: Mapping[str, Fact] | None = None) -> str:
    """The sentence for a dotted key ("error.media.empty"), with {facts} filled in.

    Falls back to English, then to the key itself, so a missing word is seen and never a crash.
    """
    template = _catalogue(language).get(key) or _catalogue(FALLBACK).get(key) or key
    try:
        return template.format_map(dict(facts or {}))
    except (KeyError, ValueError, IndexError):
        return template


def say_day(day: dt.date, language: str) -> str:
    """A date as people who speak the language write it."""
    month = say(f"format.month_{day.month}", language)
    facts: dict[str, Fact] = {"year": day.year, "month": day.month, "month_name": month}
    return say("format.day", language, facts | {"day": day.day})


def tell(note: Note, language: str) -> str:
    """The sentence for a note; a reason, a problem and a field of the draft come in words, too."""
    facts: dict[str, Fact] = dict(note.facts)
    if "field" in facts:
        facts["field"] = say(f"field.{facts['field']}", language)
    if note.code in ("document.refused", "view.failed"):
        facts["reason"] = say(f"error.{facts.get('reason')}", language, facts)
    if note.code == "document.parser_failed":
        facts["problem"] = say(f"parser.{facts.get('problem')}", language)
    return say(f"note.{note.code}", language, facts)


def explain(error: MinwonError, language: str) -> str:
    """The sentence for an error of ours."""
    return say(f"error.{error.code}", language, error.facts)
