"""What the insights page does, without the page: a range comes in, plots go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from demo.asks import Ask
from demo.insights import panels
from demo.present import Words
from demo.screens import said
from demo.store.database import Database
from demo.store.figures import Range, known_departments, numbers
from demo.store.heads import Learning
from demo.store.themes import themes
from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError

DAYS = 90
MOST_DAYS = 3660
PANELS = ("filters", "volume", "categories", "departments", "places", "deadlines", "errors",
          "themes", "heads")  # fmt: skip


class Show(Ask):
    """A range of days; nothing = the last DAYS."""

    first: dt.date | None = None
    last: dt.date | None = None
    department: Annotated[str, StringConstraints(max_length=64)] = ""


class UseHead(Show):
    """Go to a version of the head; None = back to the policy's own."""

    head: Annotated[int, Field(ge=1, le=2**53)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsScreen:
    """New contents of the panels; None = as it was."""

    filters: str | None = None
    volume: str | None = None
    categories: str | None = None
    departments: str | None = None
    places: str | None = None
    deadlines: str | None = None
    errors: str | None = None
    themes: str | None = None
    heads: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    database: Database
    policy: Policy
    learning: Learning

    def show(self, words: Words, ask: Show) -> InsightsScreen:
        """Every plot of that range. Raises StoreUnavailable."""
        today = day_in_korea()
        asked = _range(ask, today)
        found = numbers(self.database, asked, today)
        names = panels.Names(words=words, policy=self.policy)
        return InsightsScreen(
            filters=panels.filters(names, asked, known_departments(self.database)),
            volume=panels.volume(words, found),
            categories=panels.categories(names, found),
            departments=panels.departments(names, found),
            places=panels.places(words, found),
            deadlines=panels.deadlines(words, found.deadlines),
            errors=panels.errors(words, found),
            themes=panels.theme_list(words, themes(self.database, asked)),
            heads=panels.heads(words, self.learning.versions()),
            command={"do": "shown"},
        )

    def use_head(self, words: Words, ask: UseHead) -> InsightsScreen:
        """Another version from now on. Raises StoreUnavailable, DiskFull."""
        self.learning.activate(ask.head)
        shown = panels.heads(words, self.learning.versions())
        return InsightsScreen(heads=shown, command={"do": "head", "text": words.plain("head_used")})


def _range(ask: Show, today: dt.date) -> Range:
    last = ask.last or today
    first = ask.first or last - dt.timedelta(days=DAYS - 1)
    first, last = min(first, last), max(first, last)
    first = max(first, last - dt.timedelta(days=MOST_DAYS))
    return Range(first=first, last=last, department=ask.department)


def trouble(words: Words, error: MinwonError) -> InsightsScreen:
    """One sentence for the reader."""
    return InsightsScreen(command=said(words, error))
