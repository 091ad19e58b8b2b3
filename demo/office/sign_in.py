"""Where people of the office sign in and change their password: plain HTML without any script."""

from __future__ import annotations

from collections.abc import Sequence

from demo.access import User
from demo.compose import MARK
from demo.gate import RENEW, SIGN_IN
from demo.present import Words, esc
from demo.store.passwords import MAX_CHARS, MIN_CHARS


def sign_in_page(
    words: Words,
    styles: Sequence[str],
    *,
    place: str,
    failed: bool = False,
    nobody: bool = False,
    provider: bool = False,
    ready: Sequence[User] = (),
) -> str:
    """`place`: where it goes on; `nobody`: no account yet; `ready`: those of a demonstration."""
    going = f'<input type="hidden" name="next" value="{esc(place)}">'
    said = f'<p class="mw-said-here" role="alert">{words("error.access.sign_in_failed")}</p>'
    first = (
        f'<div class="mw-hint"><p>{words("sign_in.nobody")}</p>'
        "<p><code>python -m demo user add LOGIN --role administrator</code></p></div>"
    )
    office = (
        f'<a class="mw-secondary mw-wide" href="{SIGN_IN}/office">{words("sign_in.office")}</a>'
    )
    form = (
        f'<form method="post" action="{SIGN_IN}" class="mw-sign-in-form">{going}'
        f'<label>{words("sign_in.login")}<input name="login" required maxlength="64" autofocus'
        ' autocomplete="username" autocapitalize="none" spellcheck="false"></label>'
        f'<label>{words("sign_in.password")}<input name="password" type="password" required'
        ' maxlength="256" autocomplete="current-password"></label>'
        f'<button class="mw-primary mw-wide">{words("sign_in.go")}</button></form>'
    )
    return _card(
        words,
        styles,
        words("sign_in.heading"),
        f"{said if failed else ''}{first if nobody else ''}"
        f"{form}{office if provider else ''}{_demo(words, ready, going)}"
        f'<p class="mw-soft mw-small"><a href="/">{words("sign_in.citizen")}</a></p>',
    )


def renew_page(words: Words, styles: Sequence[str], user: User, *, place: str, said: str) -> str:
    """Where somebody changes their own password. `said`: why it was refused the last time."""

    def field(name: str, complete: str) -> str:
        least = f' minlength="{MIN_CHARS}"' if complete == "new-password" else " autofocus"
        return (
            f'<label>{words(f"sign_in.{name}")}<input name="{name}" type="password" required'
            f' maxlength="{MAX_CHARS}"{least} autocomplete="{complete}"></label>'
        )

    due = f'<p class="mw-hint">{words("sign_in.renewal_due")}</p>' if user.must_renew else ""
    problem = f'<p class="mw-said-here" role="alert">{esc(said)}</p>' if said else ""
    back = (
        ""
        if user.must_renew
        else f'<a class="mw-quiet mw-wide" href="{esc(place)}">{words("sign_in.back")}</a>'
    )
    return _card(
        words,
        styles,
        words("sign_in.renew"),
        f'<p class="mw-soft mw-whose"><b>{esc(user.name)}</b> · {esc(user.login)}</p>'
        f'{due}{problem}<form method="post" action="{RENEW}" class="mw-sign-in-form">'
        f'<input type="hidden" name="next" value="{esc(place)}">'
        '<input type="hidden" autocomplete="username" '
        f'value="{esc(user.login)}">{field("old", "current-password")}'
        f'{field("new", "new-password")}<p class="mw-soft mw-rule">'
        f"{words('sign_in.rule', min_chars=MIN_CHARS)}</p>"
        f'{field("again", "new-password")}<button class="mw-primary mw-wide">'
        f"{words('sign_in.renew_go')}</button></form>{back}",
    )


def _card(words: Words, styles: Sequence[str], heading: str, body: str) -> str:
    sheets = "".join(f'<link rel="stylesheet" href="{esc(sheet)}">' for sheet in styles)
    return (
        f'<!doctype html><html lang="{esc(words.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{heading} · {words('page.title')}</title>{sheets}</head>"
        '<body class="mw-sign-in"><div class="gradio-container"><main class="mw-card">'
        f'<div class="mw-brand">{MARK}<div><b>{words("page.title")}</b>'
        f"<span>{words('sign_in.lead')}</span></div></div>"
        f"<h1>{heading}</h1>{body}</main></div></body></html>"
    )


def go_on_page(words: Words, place: str) -> str:
    """After another site sent the browser back: the next step must be a step of our own page."""
    return (
        f'<!doctype html><html lang="{esc(words.language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={esc(place)}"><title>…</title></head>'
        f'<body><a href="{esc(place)}">{words("sign_in.go")}</a></body></html>'
    )


def _demo(words: Words, ready: Sequence[User], going: str) -> str:
    if not ready:
        return ""
    buttons = "".join(
        f'<li><button class="mw-quiet mw-wide" name="demo" value="{esc(user.login)}">'
        f"<b>{esc(user.name)}</b> · {words(f'role.{user.role}')}"
        f"{' · ' + esc(user.department) if user.department else ''}</button></li>"
        for user in ready
    )
    return (
        f'<form method="post" action="{SIGN_IN}" class="mw-demo-logins">{going}'
        f"<h2>{words('sign_in.demo')}</h2><p>{words('sign_in.demo_warning')}</p>"
        f"<ul>{buttons}</ul></form>"
    )
