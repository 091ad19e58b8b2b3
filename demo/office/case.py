"""One case on the desk: its head, what can be done, the reply and its differences, its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from difflib import SequenceMatcher

from demo.access import Action, User, may
from demo.form import category_name, department_name
from demo.office.listing import due_badge, select, state_badge
from demo.present import Words, esc
from demo.store.audit import AuditView
from demo.store.deskwork import MOST_ANSWER, MOST_MESSAGE, MOST_PLACE
from demo.store.docket import OPEN, DocketItem
from demo.store.masking import masked
from demo.store.tracking import MessageView
from demo.store.views import CaseView
from pipelines.drafting.case import URGENCIES
from pipelines.drafting.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case as somebody sees it now."""

    user: User
    item: DocketItem
    view: CaseView
    """Masked, unless its originals were opened."""
    originals: bool
    messages: tuple[MessageView, ...]
    audit: tuple[AuditView, ...]
    people: tuple[User, ...]
    """Who may be given it."""
    today: dt.date
    joined: tuple[DocketItem, ...] = ()
    """Cases that this one answers for, as far as `user` may read them."""

    def can(self, action: Action) -> bool:
        """By right, and in the state that it is in."""
        if not may(self.user, action, self.item):
            return False
        match action:
            case "reopen":
                return self.item.state in ("answered", "merged")
            case "note" | "read" | "originals":
                return True
            case _:
                return self.item.state in OPEN


def head_panel(words: Words, opened: Opened, policy: Policy) -> str:
    """What it is, how it stands, who has it, and what can be done."""
    item = opened.item
    facts = {
        "category": category_name(policy, item.category, words.language),
        "department": department_name(policy, item.department, words.language),
        "urgency": words.plain(f"urgency.{item.urgency}"),
        "place": " · ".join(filter(None, (masked(item.place), item.district, item.dong))),
        "assignee": item.assignee or words.plain("nobody"),
        "filed": words.time(item.filed_at),
    }
    rows = "".join(
        f'<div><dt>{words(f"fact_{name}")}</dt><dd dir="auto">{esc(value)}</dd></div>'
        for name, value in facts.items()
        if value
    )
    merged = (
        f'<p class="mw-hint">{words("merged_into")} <button type="button" class="mw-link"'
        f' data-go="{esc(item.merged_into)}">{esc(item.merged_into)}</button></p>'
        if item.merged_into
        else ""
    )
    return (
        f'<section class="mw-card mw-case-head" id="mw-case" data-number="{esc(item.number)}"'
        f' data-version="{item.version}" data-originals="{int(opened.originals)}">'
        f'<div class="mw-case-top"><button type="button" class="mw-quiet" data-back>‹ '
        f"{words('back')}</button><span>{state_badge(words, item.state)}"
        f"{due_badge(words, item, opened.today)}</span></div>"
        f'<h1 dir="auto">{esc(item.title)}</h1><p class="mw-soft">{esc(item.number)}</p>'
        f"<dl>{rows}</dl>{merged}{_joined(words, opened)}"
        f"{_actions(words, opened, policy)}</section>"
    )


def _joined(words: Words, opened: Opened) -> str:
    """Who is answered together with this one, and a way to each."""
    if not opened.item.joined:
        return ""
    links = ", ".join(
        f'<button type="button" class="mw-link" data-go="{esc(other.number)}">'
        f"{esc(other.number)}</button>"
        for other in opened.joined
    )
    said = words("joined", count=opened.item.joined)
    return f'<p class="mw-hint is-good" id="mw-joined"><b>{said}</b> {links}</p>'


def _actions(words: Words, opened: Opened, policy: Policy) -> str:
    item, made = opened.item, []
    if opened.can("take") and item.assignee_id != opened.user.id:
        made.append(_button(words, "take", "mw-secondary"))
    if opened.can("assign"):
        persons = [(str(person.id), person.name) for person in opened.people]
        made.append(select(words, "assign", persons))
    if opened.can("transfer"):
        others = sorted({c.department for c in policy.categories} - {item.department})
        to = [(name, department_name(policy, name, words.language)) for name in others]
        made.append(select(words, "transfer", to))
    if opened.can("merge"):
        made.append(
            f'<form class="mw-merge" data-step="merge"><input name="to" required maxlength="40"'
            f' placeholder="{words("merge_number")}" aria-label="{words("merge_number")}">'
            f'<button class="mw-quiet">{words("do_merge")}</button></form>'
        )
    if opened.can("reopen"):
        made.append(_button(words, "reopen", "mw-secondary"))
    return f'<div class="mw-case-do">{"".join(made)}</div>' if made else ""


def _button(words: Words, kind: str, look: str) -> str:
    return f'<button type="button" class="{look}" data-do="{kind}">{words(f"do_{kind}")}</button>'


def originals_box(words: Words, opened: Opened) -> str:
    """Whether what is shown is masked, and how to open it."""
    if opened.originals:
        return (
            f'<div class="mw-hint mw-originals is-open"><p>{words("originals_open")}</p>'
            f'<button type="button" class="mw-secondary" data-mask>{words("originals_close")}'
            "</button></div>"
        )
    if not opened.can("originals"):
        return f'<p class="mw-hint">{words("originals_closed")}</p>'
    return (
        f'<div class="mw-hint mw-originals"><p>{words("originals_masked")}</p>'
        f'<button type="button" class="mw-secondary" data-unmask>{words("originals")}</button>'
        "</div>"
    )


def reply_panel(words: Words, opened: Opened) -> str:
    """The answer: what the model wrote, what a human made of it, and who sends it."""
    item, view = opened.item, opened.view
    model = view.drafted.reply if view.drafted is not None else ""
    now = item.answer if item.answer is not None else model
    now = now if opened.originals else masked(now)
    sent = ""
    if item.state == "answered" and item.answered_at is not None:
        said = words("sent", name=item.answered_by or "", time=words.time(item.answered_at))
        sent = f'<p class="mw-hint is-good" id="mw-sent">{said}</p>'
    language = esc(view.draft.language if view.draft is not None else "ko")
    if opened.can("edit") and (opened.originals or masked(now) == now):
        body = _editor(words, opened, now, language)
    else:
        body = f'<blockquote class="mw-answer" lang="{language}" dir="auto">{esc(now)}</blockquote>'
    return (
        f'<section class="mw-reply-box"><h2>{words("reply")}</h2>{sent}{body}'
        f"{_difference(words, model, now)}</section>"
    )


def _editor(words: Words, opened: Opened, now: str, language: str) -> str:
    user = opened.user
    approve = (
        f'<button type="button" class="mw-primary" data-approve>{words("do_approve")}</button>'
        if opened.can("approve")
        else ""
    )
    who = words("sends_as", name=user.name, department=user.department or words.plain("office"))
    return (
        f'<form id="mw-reply-form" data-step="edit"><textarea id="mw-reply-text" name="text"'
        f' rows="10" maxlength="{MOST_ANSWER}" required dir="auto" lang="{language}"'
        f' aria-label="{words("reply")}">{esc(now)}</textarea>'
        f'<div class="mw-row"><button class="mw-secondary">{words("do_edit")}</button>{approve}'
        f'</div><p class="mw-soft mw-right">{words("nothing_sent")}</p></form>'
        f'<dialog class="mw-confirm" id="mw-confirm"><h2>{words("confirm")}</h2>'
        f'<p>{who}</p><blockquote id="mw-confirm-text" dir="auto"></blockquote>'
        f'<div class="mw-row"><button type="button" class="mw-quiet" data-no>{words("no")}</button>'
        f'<button type="button" class="mw-primary" data-do="approve">{words("send")}</button>'
        "</div></dialog>"
    )


def _difference(words: Words, before: str, after: str) -> str:
    """The model's text with what the human took out and put in."""
    if before.strip() == after.strip():
        return f'<p class="mw-soft">{words("as_the_model")}</p>'
    old, new = before.split(" "), after.split(" ")
    made: list[str] = []
    for change, i, j, m, n in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if change == "equal":
            made.append(esc(" ".join(old[i:j])))
            continue
        if j > i:
            made.append(f"<del>{esc(' '.join(old[i:j]))}</del>")
        if n > m:
            made.append(f"<ins>{esc(' '.join(new[m:n]))}</ins>")
    return (
        f'<details class="mw-difference" open><summary>{words("difference")}</summary>'
        f'<p class="mw-change" dir="auto">{" ".join(made)}</p></details>'
    )


def correct_panel(words: Words, opened: Opened, policy: Policy) -> str:
    """What the model decided, for correcting; each correction is kept beside it."""
    if not opened.can("correct"):
        return ""
    item = opened.item
    legible = opened.originals or masked(item.place) == item.place
    place = (
        f'<input name="place" maxlength="{MOST_PLACE}" dir="auto" value="{esc(item.place)}"'
        f' aria-label="{words("fact_place")}">'
        if legible
        else ""
    )
    categories = [(c.code, c.names.get(words.language, c.code)) for c in policy.categories]
    urgencies = [(level, words.plain(f"urgency.{level}")) for level in URGENCIES]
    return (
        f'<form class="mw-correct" data-step="correct"><h3>{words("correct")}</h3>'
        f'<p class="mw-soft">{words("correct_hint")}</p><div class="mw-correct-row">'
        f"{select(words, 'category', categories, any_one=False, chosen=item.category)}"
        f"{select(words, 'urgency', urgencies, any_one=False, chosen=item.urgency)}"
        f'{place}<button class="mw-secondary">{words("do_correct")}</button></div></form>'
    )


def history_panel(words: Words, opened: Opened) -> str:
    """Messages to and from the citizen, notes, and everything that happened, by whom."""
    return (
        f'<section class="mw-history"><h2>{words("messages")}</h2>{_messages(words, opened)}'
        f"{_ask_form(words, opened, 'request')}{_ask_form(words, opened, 'note')}"
        f"<h2>{words('timeline')}</h2>{_timeline(words, opened)}</section>"
    )


def _messages(words: Words, opened: Opened) -> str:
    if not opened.messages:
        return f'<p class="mw-soft">{words("no_messages")}</p>'
    rows = "".join(
        f'<li class="is-{entry.kind}"><small>{words(f"message_{entry.kind}")} · '
        f"{esc(entry.by) if entry.by else words('citizen')} · {words.time(entry.time)}</small>"
        f'<p dir="auto">{esc(entry.text if opened.originals else masked(entry.text))}</p></li>'
        for entry in opened.messages
    )
    return f'<ol class="mw-messages">{rows}</ol>'


def _ask_form(words: Words, opened: Opened, kind: Action) -> str:
    if not opened.can(kind):
        return ""
    label = words(f"write_{kind}")
    return (
        f'<form class="mw-write" data-step="{kind}"><textarea name="text" rows="2" required'
        f' maxlength="{MOST_MESSAGE}" dir="auto" placeholder="{label}" aria-label="{label}">'
        f'</textarea><button class="mw-secondary">{words(f"do_{kind}")}</button></form>'
    )


def _timeline(words: Words, opened: Opened) -> str:
    rows = "".join(
        f"<li><time>{words.time(row.time)}</time><b>{words(f'audit.{row.action}')}</b>"
        f"<span>{_actor(words, row.actor)}{_facts(words, row)}</span></li>"
        for row in reversed(opened.audit)
    )
    return f'<ol class="mw-timeline">{rows}</ol><p class="mw-soft">{words("chain")}</p>'


def _actor(words: Words, actor: str) -> str:
    kind, _, login = actor.partition(":")
    return esc(login) if login else words(f"actor_{kind}")


def _facts(words: Words, row: AuditView) -> str:
    told = [str(row.facts[name]) for name in ("from", "to", "into", "fields") if name in row.facts]
    return f" · {esc(' → '.join(told))}" if told and row.action != "assigned" else ""
