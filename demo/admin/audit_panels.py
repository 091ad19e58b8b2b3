"""The panels of the audit page: how the chain stands, filters, and the rows."""

from __future__ import annotations

from collections.abc import Sequence

from demo.access import User
from demo.admin.asks import LookAtAudit
from demo.admin.chain import ChainState
from demo.compose import main_begins
from demo.office import compose
from demo.present import Words, esc
from demo.store.audit import AuditView
from demo.store.audit_book import AuditPage


def start(words: Words) -> str:
    """What the script says."""
    return f"{main_begins(words)}></main>"


def who(words: Words, user: User, *, demo: bool) -> str:
    """Who is looking, and that this is written down too."""
    lead = f'<p class="mw-soft mw-audit-lead">{words("lead")}</p>'
    return compose.who(words, user, demo=demo) + lead


def chain_panel(words: Words, state: ChainState) -> str:
    """The last walk's verdict, or how far the walk of now is."""
    tone, said, more = _verdict(words, state)
    walking = (
        f'<p class="mw-soft mw-pulse">{words("walking", rows=f"{state.rows:,}")}</p>'
        if state.walking
        else f'<button type="button" class="mw-quiet" data-again>{words("again")}</button>'
    )
    return (
        f'<section class="mw-card mw-chain is-{tone}" id="mw-chain" role="status"'
        f' data-walking="{int(state.walking)}"><div><h2>{words("chain")}</h2><p>{said}</p>{more}'
        f"</div>{walking}</section>"
    )


def _verdict(words: Words, state: ChainState) -> tuple[str, str, str]:
    """(tone, sentence, what to note elsewhere)"""
    verdict = state.verdict
    if verdict is None or state.at is None:
        return "open", words("chain_open"), ""
    time = words.time(state.at)
    if verdict.broken_id is not None:
        broken = words("chain_broken", id=f"{verdict.broken_id:,}", rows=f"{verdict.rows:,}")
        return "bad", f"{broken} {time}", f'<p class="mw-soft">{words("chain_broken_hint")}</p>'
    if verdict.last is None:
        return "good", words("chain_empty"), ""
    whole = words("chain_whole", id=f"{verdict.last.id:,}", time=time)
    anchor = f"{verdict.last.id}:{verdict.last.hash}"
    note = (
        f'<details class="mw-anchor"><summary>{words("anchor")}</summary>'
        f'<p class="mw-soft">{words("anchor_hint")}</p><code>{anchor}</code></details>'
    )
    return "good", whole, note


def filters_panel(words: Words, ask: LookAtAudit, actions: Sequence[str]) -> str:
    """Case, actor, action, days; and the rows to take along."""
    named = sorted(((_action(words, code), code) for code in actions), key=lambda pair: pair[0])
    options = f'<option value="">{words("every_action")}</option>' + "".join(
        f'<option value="{esc(code)}"{" selected" if code == ask.action else ""}>{esc(said)}'
        "</option>"
        for said, code in named
    )

    def text(name: str, value: str) -> str:
        return (
            f'<label>{words(name)}<input name="{name}" maxlength="100" value="{esc(value)}"'
            ' autocomplete="off" autocapitalize="none" spellcheck="false"></label>'
        )

    def day(name: str, value: object) -> str:
        return f'<label>{words(name)}<input type="date" name="{name}" value="{esc(value)}"></label>'

    return (
        '<form class="mw-card mw-range" id="mw-audit-filters">'
        f"{text('number', ask.number)}{text('actor', ask.actor)}<label>{words('action')}"
        f'<select name="action">{options}</select></label>{day("first", ask.first)}'
        f'{day("last", ask.last)}<div class="mw-quick"><button class="mw-secondary">'
        f'{words("look")}</button><button type="reset" class="mw-quiet">{words("clear")}</button>'
        f'<button type="button" class="mw-quiet" data-csv>{words("csv")}</button></div></form>'
    )


def rows_panel(words: Words, page: AuditPage, *, first: bool) -> str:
    """The rows, newest first, and the way to older ones."""
    if not page.rows:
        return (
            '<section class="mw-docket is-empty"><h2>'
            f'{words("empty")}</h2><p class="mw-soft">{words("empty_hint")}</p></section>'
        )
    head = "".join(
        f"<th>{words(f'column_{name}')}</th>"
        for name in ("id", "time", "actor", "action", "number", "facts")
    )
    back = (
        ""
        if first
        else f'<button type="button" class="mw-quiet" data-newest>{words("newest")}</button>'
    )
    older = (
        f'<button type="button" class="mw-secondary" data-before="{page.before}">{words("older")}'
        "</button>"
        if page.before is not None
        else ""
    )
    nav = f'<nav class="mw-row">{back}{older}</nav>' if back or older else ""
    return (
        f'<section class="mw-docket mw-audit"><table><thead><tr>{head}</tr></thead><tbody>'
        f"{''.join(_row(words, row) for row in page.rows)}</tbody></table>{nav}</section>"
    )


def _row(words: Words, row: AuditView) -> str:
    kind, _, login = row.actor.partition(":")
    actor = esc(login) if login else words(f"actor_{kind}")
    if kind == "key":
        actor += f" <small>{words('actor_key')}</small>"
    number = (
        f'<button type="button" class="mw-link" data-set="number" data-value="'
        f'{esc(row.case_number)}">{esc(row.case_number)}</button>'
        if row.case_number
        else ""
    )
    return (
        f'<tr class="is-{esc(row.action)}"><td class="mw-no">{row.id}</td>'
        f'<td class="mw-when">{words.time(row.time)}</td>'
        f'<td><button type="button" class="mw-link" data-set="actor"'
        f' data-value="{esc(login or kind)}">{actor}</button></td>'
        f"<td><b>{esc(_action(words, row.action))}</b></td><td>{number}</td>"
        f'<td class="mw-told" dir="auto">{_facts(words, row)}</td></tr>'
    )


def _facts(words: Words, row: AuditView) -> str:
    told = sorted(row.facts.items())
    names = [_known(words, f"fact.{name}", name) for name, _ in told]
    values = [_known(words, f"role.{value}", str(value)) for _, value in told]
    return " · ".join(esc(f"{name} {value}") for name, value in zip(names, values, strict=True))


def _action(words: Words, code: str) -> str:
    """As the history of a case calls it; its code where there is no word for it."""
    return _known(Words(words.language, scope="office"), f"audit.{code}", code)


def _known(words: Words, key: str, otherwise: str) -> str:
    said = words.plain(key)
    return otherwise if said == key else said
