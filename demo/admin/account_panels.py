"""The panels of the accounts page: people, keys, webhooks, and a secret that is shown once."""

from __future__ import annotations

from collections.abc import Sequence

from demo.access import ROLES, User
from demo.compose import main_begins
from demo.form import department_name
from demo.office import compose
from demo.office.listing import Choice
from demo.present import Words, esc
from demo.store.hooks import TOPICS, Standing
from demo.store.keys import RIGHTS, Caller
from demo.store.roll import DEMO_LOGINS, LOGIN, Account
from pipelines.drafting.policy import Policy

SURE = ("sure_reset", "sure_lock", "sure_end_sessions", "sure_end")
MANY = 8
"""From so many lines on one can look for a name."""


def start(words: Words) -> str:
    """What the script says."""
    return f"{main_begins(words, SURE)}></main>"


def who(words: Words, user: User, *, demo: bool) -> str:
    """Who is signed in, their own password, and the way out."""
    return compose.who(words, user, demo=demo, more=compose.renew_link(words))


def secret_panel(words: Words, kind: str, of: str, secret: str) -> str:
    """What is shown this once; the next step on the page takes it away."""
    return (
        '<section class="mw-card mw-once" id="mw-once" role="status" tabindex="-1">'
        f"<h2>{words(f'once_{kind}')}</h2>"
        f'<p class="mw-soft" dir="auto">{esc(of)}</p><div class="mw-once-row">'
        f'<output id="mw-secret">{esc(secret)}</output>'
        f'<button type="button" class="mw-secondary" data-copy>{words("copy")}</button>'
        f'<button type="button" class="mw-quiet" data-seen>{words("seen")}</button></div>'
        f'<p class="mw-hint">{words(f"once_{kind}_hint")}</p></section>'
    )


def people_panel(
    words: Words,
    policy: Policy,
    accounts: Sequence[Account],
    departments: Sequence[str],
    *,
    me: User,
    open_login: str = "",
) -> str:
    """Everybody, each with what can be changed, and the form for one more."""
    places = [(name, department_name(policy, name, words.language)) for name in departments]
    lines = "".join(_person(words, account, places, me, open_login) for account in accounts)
    find = (
        f'<input type="search" id="mw-find" placeholder="{words("find")}"'
        f' aria-label="{words("find")}">'
        if len(accounts) >= MANY
        else ""
    )
    return (
        f'<section class="mw-card mw-people-card"><div class="mw-people-top"><h2>'
        f'{words("people")} <span class="mw-count">{len(accounts)}</span></h2>{find}</div>'
        f'<ol class="mw-people" id="mw-people">{lines}</ol>{_add_form(words, places)}</section>'
    )


def _person(
    words: Words, account: Account, places: Sequence[Choice], me: User, open_login: str
) -> str:
    user = account.user
    place = dict(places).get(user.department or "", user.department or words.plain("everywhere"))
    seen = (
        f"<time>{words.time(account.signed_in_at)}</time>"
        if account.signed_in_at is not None
        else f"<i>{words('never')}</i>"
    )
    mine = f" <em>{words('you')}</em>" if user.id == me.id else ""
    find = esc(f"{user.login} {user.name}".lower())
    return (
        f'<li data-login="{esc(user.login)}" data-find="{find}">'
        f"<details{' open' if user.login == open_login else ''}><summary>"
        f'<span class="mw-person"><b dir="auto">{esc(user.name)}</b>{mine}'
        f"<small>{esc(user.login)}</small></span>"
        f'<span class="mw-person-role">{words(f"role.{user.role}")}<small dir="auto">{esc(place)}'
        f'</small></span><span class="mw-person-seen"><small>{words("signed_in_at")}</small>{seen}'
        f"</span><span>{_state(words, account)}</span></summary>"
        f"{_change(words, account, places, mine=user.id == me.id)}</details></li>"
    )


def _state(words: Words, account: Account) -> str:
    if not account.active:
        return f'<span class="mw-state is-bad">{words("state_shut")}</span>'
    if account.locked_until is not None:
        until = words.time(account.locked_until)
        return f'<span class="mw-state is-waiting" title="{until}">{words("state_locked")}</span>'
    if account.sessions:
        said = words("state_here", count=account.sessions)
        return f'<span class="mw-state is-answered">{said}</span>'
    if account.user.must_renew:
        return f'<span class="mw-state is-received">{words("state_renew")}</span>'
    return f'<span class="mw-state">{words("state_fine")}</span>'


def _change(words: Words, account: Account, places: Sequence[Choice], *, mine: bool) -> str:
    user = account.user
    if user.login.startswith(DEMO_LOGINS):
        return f'<p class="mw-hint">{words("of_demo")}</p>'
    kinds = ["unlock" if not account.active or account.locked_until is not None else "lock"]
    if account.sessions:
        kinds.append("end_sessions")
    if not mine:  # one's own is changed by whoever knows the old one
        kinds.insert(0, "reset")
    buttons = "".join(
        f'<button type="button" class="mw-quiet" data-do="{kind}">{words(f"do_{kind}")}</button>'
        for kind in kinds
    )
    fields = _fields(words, user.name, user.role, user.department, places)
    office = "" if account.has_password else f'<p class="mw-soft">{words("no_password")}</p>'
    return (
        f'<form class="mw-place" data-form="place"><input type="hidden" name="login"'
        f' value="{esc(user.login)}">{fields}'
        f'<button class="mw-secondary">{words("save")}</button></form>{office}'
        f'<div class="mw-person-do">{buttons}</div>'
    )


def _add_form(words: Words, places: Sequence[Choice]) -> str:
    return (
        f'<details class="mw-add-one"><summary>＋ {words("add")}</summary>'
        f'<p class="mw-soft">{words("add_hint")}</p>'
        f'<form class="mw-place" data-form="add"><label>{words("login")}<input name="login"'
        f' required maxlength="64" pattern="{LOGIN.pattern}" title="{words("problem_login")}"'
        ' autocomplete="off" autocapitalize="none" spellcheck="false"></label>'
        f'{_fields(words, "", ROLES[0], None, places)}<button class="mw-primary">{words("add_go")}'
        "</button></form></details>"
    )


def _fields(
    words: Words, name: str, role: str, department: str | None, places: Sequence[Choice]
) -> str:
    roles = [(each, words.plain(f"role.{each}")) for each in ROLES]
    # A department that the policy has no more still stands there, so that saving says why not.
    gone = [(department, department)] if department and department not in dict(places) else []
    everywhere = ("", words.plain("everywhere"))
    return (
        f'<label>{words("name")}<input name="name" required maxlength="100" dir="auto"'
        f' autocomplete="off" value="{esc(name)}"></label>'
        f"<label>{words('role')}{_select('role', roles, role)}</label>"
        f"<label>{words('department')}"
        f"{_select('department', [everywhere, *places, *gone], department or '')}</label>"
    )


def _select(name: str, choices: Sequence[Choice], chosen: str) -> str:
    options = "".join(
        f'<option value="{esc(value)}"{" selected" if value == chosen else ""}>{esc(said)}</option>'
        for value, said in choices
    )
    return f'<select name="{name}">{options}</select>'


def keys_panel(words: Words, keys: Sequence[tuple[Caller, bool]]) -> str:
    """Programs that may call, and the form for one more."""
    lines = "".join(
        f'<li class="{"" if active else "is-ended"}"><span><b>{esc(caller.name)}</b><small>'
        f"{_several(words, 'right', sorted(caller.rights))}</small></span>"
        f"{_end(words, 'key', caller.name, active=active)}</li>"
        for caller, active in keys
    )
    form = (
        f'<form class="mw-place" data-form="add_key"><label>{words("key_name")}'
        '<input name="name" required maxlength="63" pattern="[a-z0-9][a-z0-9._\\-]*"'
        f' title="{words("problem_key_name")}" autocomplete="off" spellcheck="false"></label>'
        f"{_boxes(words, 'rights', 'right', RIGHTS)}"
        f'<button class="mw-secondary">{words("key_add")}</button></form>'
    )
    return _programs(words, "keys", lines, form)


def hooks_panel(words: Words, hooks: Sequence[Standing]) -> str:
    """Addresses that are told, how that goes, and the form for one more."""
    lines = "".join(
        f'<li class="{"" if each.hook.active else "is-ended"}"><span><b>{esc(each.hook.url)}</b>'
        f"<small>{_several(words, 'topic', each.hook.topics)} · {_counts(words, each)}</small>"
        f"</span>{_end(words, 'hook', str(each.hook.id), active=each.hook.active)}</li>"
        for each in hooks
    )
    form = (
        f'<form class="mw-place" data-form="add_hook"><label>{words("hook_url")}<input name="url"'
        ' type="url" required maxlength="2000" placeholder="https://" autocomplete="off"></label>'
        f"{_boxes(words, 'topics', 'topic', TOPICS)}"
        f'<button class="mw-secondary">{words("hook_add")}</button></form>'
    )
    return _programs(words, "hooks", lines, form)


def _programs(words: Words, kind: str, lines: str, form: str) -> str:
    body = f'<ol class="mw-programs">{lines}</ol>' if lines else ""
    empty = "" if lines else f'<p class="mw-soft mw-empty">{words(f"no_{kind}")}</p>'
    return (
        f'<section class="mw-card mw-program-card"><h2>{words(kind)}</h2>'
        f'<p class="mw-soft">{words(f"{kind}_hint")}</p>{body}{empty}{form}</section>'
    )


def _counts(words: Words, each: Standing) -> str:
    return words("hook_counts", sent=each.sent, waiting=each.waiting, dead=each.dead)


def _end(words: Words, kind: str, which: str, *, active: bool) -> str:
    if not active:
        return f'<span class="mw-state">{words("ended")}</span>'
    end = f'data-end-{kind}="{esc(which)}"'
    return f'<button type="button" class="mw-quiet" {end}>{words("do_end")}</button>'


def _several(words: Words, kind: str, names: Sequence[str]) -> str:
    return " · ".join(words(f"{kind}_{name}") for name in names)


def _boxes(words: Words, name: str, kind: str, values: Sequence[str]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="{name}" value="{value}"> {words(f"{kind}_{value}")}'
        "</label>"
        for value in values
    )
    return f'<fieldset class="mw-boxes"><legend>{words(name)}</legend>{boxes}</fieldset>'
