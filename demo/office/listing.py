"""The list of the desk: counts, filters, lines, and what can be done with several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from demo.access import User, may, scope
from demo.form import category_name, department_name
from demo.office.asks import Listing
from demo.present import Words, esc
from demo.store.desk_tables import DocketState
from demo.store.docket import OPEN, STATES, DocketItem
from demo.store.masking import masked
from pipelines.drafting.case import URGENCIES
from pipelines.drafting.clock import deadline
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError

SORTS = ("due", "newest", "oldest")
KINDS = ("csv", "xlsx", "pdf")
Choice = tuple[str, str]
"""(value, what stands there)"""


def due_badge(words: Words, item: DocketItem, today: dt.date) -> str:
    """The legal day, and how it stands; of a case that is done only the day."""
    near = item.due_on.year == today.year
    day = f"{item.due_on:%m.%d}" if near else f"{item.due_on:%y.%m.%d}"
    if item.state not in OPEN:
        return f'<span class="mw-due is-done">{day}</span>'
    stands = deadline(item.due_on, today)
    said = words(f"due.{stands.warn}", days=stands.working_days)
    return (
        f'<span class="mw-due is-{stands.warn}" title="{words.day(item.due_on)}">'
        f"<b>{said}</b> {day}</span>"
    )


def state_badge(words: Words, state: DocketState) -> str:
    """In one word."""
    return f'<span class="mw-state is-{state}">{words(f"state.{state}")}</span>'


def counts_panel(
    words: Words, counts: Mapping[DocketState, int], overdue: int, ask: Listing
) -> str:
    """The states as tabs, each with its number, and what is late."""
    open_ones = sum(counts[state] for state in OPEN)
    every: list[tuple[str, int]] = [
        ("open", open_ones), *((state, counts[state]) for state in STATES),
        ("all", sum(counts.values())),
    ]  # fmt: skip
    tabs = "".join(
        f'<button type="button" data-state="{name}"'
        f' aria-pressed="{"true" if name == ask.state else "false"}">{words(f"state.{name}")}'
        f" <b>{count:,}</b></button>"
        for name, count in every
    )
    late = (
        f'<button type="button" class="mw-late" data-late aria-pressed='
        f'"{"true" if ask.due == "overdue" else "false"}">{words("late", count=f"{overdue:,}")}'
        "</button>"
        if overdue
        else f'<span class="mw-soft">{words("none_late")}</span>'
    )
    return f'<section class="mw-counts"><div class="mw-state-tabs">{tabs}</div>{late}</section>'


def filters_panel(
    words: Words, user: User, policy: Policy, districts: Sequence[str], people: Sequence[User]
) -> str:
    """The choices; the script keeps what is chosen."""
    departments = sorted({entry.department for entry in policy.categories})
    own = scope(user, "read") == "department"
    named = [
        (name, department_name(policy, name, words.language))
        for name in ([user.department or ""] if own else departments)
    ]
    categories = [(c.code, c.names.get(words.language, c.code)) for c in policy.categories]
    urgencies = [(level, words.plain(f"urgency.{level}")) for level in URGENCIES]
    persons = [("me", words.plain("mine")), ("none", words.plain("nobody"))]
    persons += [(str(person.id), person.name) for person in people if person.id != user.id]
    dues = [(name, words.plain(f"due_{name}")) for name in ("overdue", "soon")]
    orders = [(name, words.plain(f"sort_{name}")) for name in SORTS]
    department = select(words, "department", named, any_one=not own)
    return (
        '<section class="mw-filters"><form id="mw-filters">'
        '<input type="search" name="text" id="mw-find" maxlength="200" autocomplete="off"'
        f' placeholder="{words("find")}" aria-label="{words("find")}">'
        f'<details class="mw-choices" open><summary>{words("choices")}</summary><div>'
        f"{department}{select(words, 'category', categories)}"
        f"{select(words, 'district', [(name, name) for name in districts])}"
        f"{select(words, 'assignee', persons)}{select(words, 'urgency', urgencies)}"
        f"{select(words, 'due', dues)}"
        f'<span class="mw-days"><input type="date" name="filed_from" aria-label="'
        f'{words("filed_from")}" title="{words("filed_from")}">–<input type="date" name="filed_to"'
        f' aria-label="{words("filed_to")}" title="{words("filed_to")}"></span>'
        f"{select(words, 'sort', orders, any_one=False)}"
        f'<button type="button" class="mw-quiet" data-clear>{words("clear")}</button></div>'
        "</details></form>"
        f"{_bulk(words, user, policy, people)}</section>"
    )


def select(
    words: Words, name: str, choices: Sequence[Choice], *, any_one: bool = True, chosen: str = ""
) -> str:
    """A choice with its name in front, as its first entry."""
    first = f'<option value="">{words(f"field_{name}")}</option>' if any_one else ""
    options = "".join(
        f'<option value="{esc(value)}"{" selected" if value == chosen else ""}>{esc(said)}</option>'
        for value, said in choices
    )
    label = words(f"field_{name}")
    return f'<select name="{name}" aria-label="{label}" title="{label}">{first}{options}</select>'


def _bulk(words: Words, user: User, policy: Policy, people: Sequence[User]) -> str:
    exports = "".join(
        f'<button type="button" class="mw-quiet" data-export="{kind}">{kind.upper()}</button>'
        for kind in KINDS
    )
    hand_out = f'<span class="mw-export"><span>{words("export")}</span>{exports}</span>'
    if not may(user, "bulk"):
        return f'<div class="mw-bulk">{hand_out}</div>'
    departments = sorted({entry.department for entry in policy.categories})
    to = [(name, department_name(policy, name, words.language)) for name in departments]
    persons = [(str(person.id), _person(person)) for person in people]
    return (
        f'<div class="mw-bulk"><span class="mw-picked"><b id="mw-picked">0</b> {words("picked")}'
        f"</span>{select(words, 'bulk_assign', persons)}{select(words, 'bulk_transfer', to)}"
        f"{hand_out}</div>"
    )


def _person(person: User) -> str:
    return f"{person.name} · {person.department}" if person.department else person.name


def list_panel(
    words: Words,
    policy: Policy,
    items: Sequence[DocketItem],
    today: dt.date,
    *,
    next_cursor: str | None,
    first: bool,
    pick: bool,
) -> str:
    """The lines, and the way to the next ones. `pick`: with a box before each."""
    if not items:
        return (
            f'<section class="mw-docket is-empty"><h2>{words("empty")}</h2>'
            f'<p class="mw-soft">{words("empty_hint")}</p></section>'
        )
    names = ("due_on", "case", "category", "place", "assignee", "state")
    heads = "".join(f'<th scope="col">{words(f"column_{name}")}</th>' for name in names)
    box = (
        f'<th scope="col"><input type="checkbox" data-pick-all aria-label="{words("pick_all")}">'
        "</th>"
        if pick
        else ""
    )
    rows = "".join(_row(words, policy, item, today, pick=pick) for item in items)
    back = (
        ""
        if first
        else f'<button type="button" class="mw-quiet" data-first>{words("first")}</button>'
    )
    more = (
        f'<button type="button" class="mw-secondary" data-next="{esc(next_cursor)}">'
        f"{words('next')}</button>"
        if next_cursor
        else ""
    )
    return (
        f'<section class="mw-docket"><table><thead><tr>{box}{heads}</tr></thead>'
        f'<tbody>{rows}</tbody></table><nav class="mw-row">{back}{more}</nav></section>'
    )


def _row(words: Words, policy: Policy, item: DocketItem, today: dt.date, *, pick: bool) -> str:
    number = esc(item.number)
    box = (
        f'<td class="mw-pick-cell"><input type="checkbox" data-pick="{number}"'
        f' aria-label="{words("pick", number=item.number)}"></td>'
        if pick
        else ""
    )
    urgent = (
        f'<span class="mw-urgent is-{item.urgency}">{words(f"urgency.{item.urgency}")}</span> '
        if item.urgency in ("high", "emergency")
        else ""
    )
    category = esc(category_name(policy, item.category, words.language))
    department = esc(department_name(policy, item.department, words.language))
    assignee = esc(item.assignee) if item.assignee else f"<i>{words('nobody')}</i>"
    return (
        f'<tr data-case="{number}" data-version="{item.version}">{box}'
        f"<td>{due_badge(words, item, today)}</td>"
        f'<td class="mw-case-cell"><button type="button" data-go="{number}" dir="auto">{urgent}'
        f"{esc(item.title) or number}</button><small>{number} · {words.time(item.filed_at)}</small>"
        f"</td><td>{category}<small>{department}</small></td>"
        f'<td dir="auto">{esc(masked(item.place))}<small>{esc(item.district or "")}</small></td>'
        f"<td>{assignee}</td><td>{state_badge(words, item.state)}{_joined(words, item)}</td></tr>"
    )


def _joined(words: Words, item: DocketItem) -> str:
    return f"<small>{words('joined', count=item.joined)}</small>" if item.joined else ""


def bulk_panel(words: Words, results: Sequence[tuple[str, MinwonError | None]]) -> str:
    """What became of each case."""
    failed = [(number, error) for number, error in results if error is not None]
    done = len(results) - len(failed)
    lines = "".join(
        f"<li><b>{esc(number)}</b> {esc(words.error(error))}</li>" for number, error in failed
    )
    listed = f"<ul>{lines}</ul>" if failed else ""
    kind = "mw-hint" if failed else "mw-hint is-good"
    said = words("bulk_done", done=done, failed=len(failed))
    return f'<section class="{kind}" role="status"><p>{said}</p>{listed}</section>'
