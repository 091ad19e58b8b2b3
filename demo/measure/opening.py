"""How long the office's pages take over many cases: the list with words, the plots' numbers."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

from demo.measure.complaints import Question
from demo.measure.office import Office
from demo.measure.plant import FIRST_DAY, SPAN_DAYS
from demo.measure.timing import exactly, quantile
from demo.office.found import Found
from demo.store import figures
from demo.store.docket import OPEN, Docket, Filters
from demo.store.themes import themes
from pipelines.evaluation.table import Line

ROUNDS = 20
ASKED = 60
TODAY = (FIRST_DAY + dt.timedelta(days=SPAN_DAYS)).date()
QUARTER, YEAR = 90, 365
LIST_MS, PLOTS_MS = 300.0, 1000.0


def measure(here: Office, asked: Sequence[Question]) -> list[Line]:
    """The figures; each list is asked the first ASKED questions."""
    made = [_listed(here, asked[:ASKED], name, filters) for name, filters in LISTS.items()]
    for days in (QUARTER, YEAR):
        made += [_plotted(here, f"{name}, {days} days", plot, days) for name, plot in PLOTS.items()]
    return made


LISTS = {
    "list with words": Filters(),
    "list with words, open": Filters(states=OPEN),
    "list with words, one department": Filters(department="안전건설과"),
    "list with words, one category": Filters(states=OPEN, category="환경미화"),
}


def _listed(here: Office, asked: Sequence[Question], name: str, filters: Filters) -> Line:
    docket = Docket(here.database)
    found = Found(docket=docket, cases=here.search, alike=here.similar)

    def look(question: Question) -> object:
        chosen = filters.among(tuple(found.find(question.text, filters)))
        return docket.page(chosen), docket.counts(chosen), docket.overdue(chosen, TODAY)

    took = [_ms(lambda question=question: look(question)) for question in asked]  # type: ignore[misc]
    p95 = quantile(took, 0.95)
    figure = exactly(p95, len(took))
    return Line(
        name=f"{name}: p95", figure=figure, unit="ms", goal=f"< {LIST_MS:.0f} ms", met=p95 < LIST_MS
    )


Plot = Callable[[Office, figures.Range], object]
PLOTS: dict[str, Plot] = {
    "numbers of the plots": lambda here, asked: figures.numbers(here.database, asked, TODAY),
    "themes": lambda here, asked: themes(here.database, asked),
    "insights, the whole page": lambda here, asked: (
        figures.numbers(here.database, asked, TODAY),
        themes(here.database, asked),
        figures.known_departments(here.database),
    ),
}


def _plotted(here: Office, name: str, plot: Plot, days: int) -> Line:
    asked = figures.Range(first=TODAY - dt.timedelta(days=days - 1), last=TODAY)
    took = [_ms(lambda: plot(here, asked)) for _ in range(ROUNDS)]
    p95 = quantile(took, 0.95)
    figure = exactly(p95, ROUNDS)
    return Line(
        name=f"{name}: p95",
        figure=figure,
        unit="ms",
        goal=f"< {PLOTS_MS:.0f} ms",
        met=p95 < PLOTS_MS,
    )


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
