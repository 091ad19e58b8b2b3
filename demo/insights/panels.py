"""The panels of the insights page: each a heading, one sentence, and a plot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from demo.compose import main_begins
from demo.insights.charts import area, bars, parts
from demo.present import Words, esc
from demo.store.figures import Day, Deadlines, Numbers, Range
from demo.store.heads import HeadView
from demo.store.themes import Theme
from pipelines.drafting.policy import Policy

WEEKLY_FROM = 60
"""Days from which on the plot of errors shows weeks; fewer days are too few cases each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What categories and departments are called in the reader's language."""

    words: Words
    policy: Policy

    def category(self, code: str) -> str:
        """Its name; the code where the policy has it no more."""
        for entry in self.policy.categories:
            if entry.code == code:
                return entry.names.get(self.words.language, entry.names["ko"])
        return code

    def department(self, name: str) -> str:
        """Its name; as it is where the policy has it no more."""
        for entry in self.policy.categories:
            if entry.department == name:
                return entry.departments.get(self.words.language, name)
        return name


def start(words: Words) -> str:
    """What stands above the plots, and what the script says."""
    return (
        f"{main_begins(words)}>"
        f'<div class="mw-hero mw-insights-hero"><h1>{words("hero")}</h1>'
        f"<p>{words('lead')}</p></div></main>"
    )


def filters(names: Names, asked: Range, departments: Sequence[str]) -> str:
    """Days and department."""
    words = names.words
    options = f'<option value="">{words("every_department")}</option>' + "".join(
        f'<option value="{esc(name)}"{" selected" if name == asked.department else ""}>'
        f"{esc(names.department(name))}</option>"
        for name in departments
    )
    quick = "".join(
        f'<button type="button" class="mw-quiet" data-days="{days}">{words("days", days=days)}'
        "</button>"
        for days in (30, 90, 365)
    )
    return (
        f'<form class="mw-card mw-range" id="mw-range"><label>{words("from")}'
        f'<input type="date" name="first" value="{asked.first.isoformat()}" required></label>'
        f'<label>{words("to")}<input type="date" name="last" value="{asked.last.isoformat()}"'
        f' required></label><label>{words("department")}<select name="department">{options}'
        f'</select></label><div class="mw-quick">{quick}</div></form>'
    )


def volume(words: Words, found: Numbers) -> str:
    """Cases a day."""
    points = [(day.day, float(day.cases)) for day in _every_day(found.days)]
    told = words("volume_told", total=f"{found.total:,}")
    return _card(words, "volume", told, area(points, label=words.plain("volume")))


def categories(names: Names, found: Numbers) -> str:
    """Cases by category."""
    rows = _named(found.categories, names.category)
    return _card(names.words, "categories", "", bars(rows, total=found.total))


def departments(names: Names, found: Numbers) -> str:
    """Cases by department."""
    rows = _named(found.departments, names.department)
    return _card(names.words, "departments", "", bars(rows, total=found.total))


def places(words: Words, found: Numbers) -> str:
    """Where most of them come from."""
    return _card(words, "places", "", bars(found.places, total=found.total))


def deadlines(words: Words, found: Deadlines) -> str:
    """What became of the legal deadlines."""
    rows = [
        (words.plain("kept"), "good", found.kept),
        (words.plain("late"), "bad", found.late),
        (words.plain("running"), "tint", found.running),
        (words.plain("overdue"), "warn", found.overdue),
    ]
    ended = found.kept + found.late
    told = words("deadlines_told", share=f"{found.kept / ended:.0%}") if ended else ""
    shown = parts(rows) if ended + found.running + found.overdue else ""
    return _card(words, "deadlines", told, shown)


def errors(words: Words, found: Numbers) -> str:
    """How often officials had to change the model's category."""
    corrected = sum(day.corrected for day in found.days)
    share = corrected / max(found.total, 1)
    told = words("errors_told", count=f"{corrected:,}", share=f"{share:.1%}")
    points = [(day.day, day.corrected / day.cases) for day in _grouped(found.days)]
    shown = area(points, label=words.plain("errors"), percent=True) if found.total else ""
    return _card(words, "errors", told if found.total else "", shown)


def theme_list(words: Words, found: Sequence[Theme]) -> str:
    """What cases are about, with examples."""
    most = max((theme.share for theme in found), default=1.0)
    rows = "".join(
        f'<li><div class="mw-theme-top"><b>{esc(theme.titles[0])}</b><span>{theme.share:.0%}</span>'
        f'</div><span class="mw-bar-track"><i style="width:{100 * theme.share / most:.1f}%"></i>'
        f"</span><p>{esc(' · '.join(theme.titles[1:]))}</p></li>"
        for theme in found
    )
    return _card(
        words, "themes", words("themes_told"), f'<ol class="mw-themes">{rows}</ol>' if rows else ""
    )


def heads(words: Words, found: Sequence[HeadView]) -> str:
    """The versions of the head: what each was before and after, and the way back."""
    own = not any(head.active for head in found)
    rows = "".join(_head(words, head) for head in found)
    base = (
        f'<li class="mw-head{" is-active" if own else ""}"><div><b>{words("head_own")}</b>'
        f"<small>{words('head_own_told')}</small></div>{_use(words, '', active=own)}</li>"
    )
    return _card(words, "heads", words("heads_told"), f'<ol class="mw-heads">{rows}{base}</ol>')


def _head(words: Words, head: HeadView) -> str:
    shift = ""
    if head.before is not None and head.after is not None:
        spoken = words("shift", before=f"{head.before:.0%}", after=f"{head.after:.0%}")
        shift = (
            f'<span class="mw-shift" role="img" aria-label="{spoken}">'
            f'<i style="left:{100 * min(head.before, head.after):.1f}%;'
            f'width:{100 * abs(head.after - head.before):.1f}%"'
            f' class="is-{"good" if head.after >= head.before else "bad"}"></i></span>'
            f'<span class="mw-shift-text">{head.before:.0%} → <b>{head.after:.0%}</b></span>'
        )
    told = " · ".join(_head_told(words, head))
    return (
        f'<li class="mw-head{" is-active" if head.active else ""} is-{esc(head.verdict)}"><div>'
        f"<b>{words('head', id=head.id)}</b> <em>{words(f'verdict_{head.verdict}')}</em>"
        f"<small>{esc(words.time(head.created_at))} · {told}</small></div>"
        f'<div class="mw-head-shift">{shift}</div>{_use(words, str(head.id), active=head.active)}'
        "</li>"
    )


def _head_told(words: Words, head: HeadView) -> Iterator[str]:
    yield words("head_told", decisions=f"{head.decisions:,}", held_out=f"{head.held_out:,}")
    before, after = head.routed_before, head.routed_after
    if before is not None and after is not None and before != after:
        yield words("head_routed", before=f"{before:.0%}", after=f"{after:.0%}")
    if head.doubtful:
        yield words("head_doubtful", count=f"{head.doubtful:,}")


def _use(words: Words, head: str, *, active: bool) -> str:
    if active:
        return f'<span class="mw-in-use">{words("head_active")}</span>'
    return f'<button type="button" class="mw-quiet" data-head="{head}">{words("head_use")}</button>'


def _card(words: Words, name: str, told: str, shown: str) -> str:
    soft = f'<p class="mw-soft">{told}</p>' if told else ""
    body = shown or f'<p class="mw-soft mw-empty">{words("nothing")}</p>'
    return (
        f'<section class="mw-card mw-insight" aria-labelledby="mw-{name}-h">'
        f'<h2 id="mw-{name}-h">{words(name)}</h2>{soft}{body}</section>'
    )


def _named(rows: Mapping[str, int], name: Callable[[str], str]) -> dict[str, int]:
    made: dict[str, int] = {}
    for code, count in rows.items():
        made[name(code)] = made.get(name(code), 0) + count
    return made


def _every_day(days: Sequence[Day]) -> list[Day]:
    """Days without a case too: they are zero, not missing."""
    if not days:
        return []
    known = {day.day: day for day in days}
    count = (days[-1].day - days[0].day).days + 1
    every = (days[0].day + dt.timedelta(days=step) for step in range(count))
    return [known.get(day, Day(day=day, cases=0, corrected=0)) for day in every]


def _grouped(days: Sequence[Day]) -> list[Day]:
    """By weeks, each under its Monday, where there are many days."""
    if not days or (days[-1].day - days[0].day).days < WEEKLY_FROM:
        return [day for day in days if day.cases]
    weeks: dict[dt.date, Day] = {}
    for day in days:
        monday = day.day - dt.timedelta(days=day.day.weekday())
        was = weeks.get(monday, Day(day=monday, cases=0, corrected=0))
        weeks[monday] = Day(
            day=monday, cases=was.cases + day.cases, corrected=was.corrected + day.corrected
        )
    return list(weeks.values())
