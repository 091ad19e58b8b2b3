"""Where a filed case stands, for its citizen: deadline, messages, the answer, and a way out."""

from __future__ import annotations

from demo.form import department_name
from demo.present import Words, esc
from demo.store.docket import OPEN
from demo.store.tracking import Answer, MessageView, Standing
from pipelines.drafting.clock import day_in_korea, deadline
from pipelines.drafting.policy import Policy

WAY = ("received", "working", "answered")
"""What every case goes through; the other states are told in words."""
WAY_OF = {"received": 0, "working": 1, "waiting": 1, "answered": 2, "merged": 1}


def standing_panel(
    words: Words, stands: Standing, policy: Policy, *, more: str = "", erasable: bool = True
) -> str:
    """All of it as one card; the answer first, because it is what people come for.

    `more`: the box for further files, shown while the office has the case.
    """
    department = department_name(policy, stands.department, words.language)
    said = words(f"standing.said_{stands.state}", department=department)
    return (
        f'<section class="mw-card mw-standing is-{stands.state}" aria-labelledby="mw-standing-h">'
        f'<div class="mw-row"><h2 id="mw-standing-h">{words("standing.heading")}</h2>'
        '<button type="button" class="mw-quiet" data-act="refresh">'
        f"{words('standing.refresh')}</button></div>"
        f"{_way(words, stands)}<p>{said}{_until(words, stands)}</p>"
        f"{_answer(words, stands.answer, policy)}{_messages(words, stands)}"
        f"{more if stands.state in OPEN else ''}"
        f"{_history(words, stands)}{_out(words, stands, erasable=erasable)}</section>"
    )


def _way(words: Words, stands: Standing) -> str:
    if stands.state not in WAY_OF:
        return ""
    at = WAY_OF[stands.state]
    done = stands.state == "answered"
    steps = "".join(
        f'<li class="{"is-done" if i < at or done else "is-now" if i == at else ""}">'
        f"{words(f'standing.step_{name}')}</li>"
        for i, name in enumerate(WAY)
    )
    return f'<ol class="mw-steps">{steps}</ol>'


def _until(words: Words, stands: Standing) -> str:
    if stands.state not in OPEN:
        return ""
    due = deadline(stands.due_on, day_in_korea())
    key = "standing.late" if due.warn == "overdue" else "standing.until"
    return " " + words(key, day=words.day(stands.due_on), days=due.working_days)


def _answer(words: Words, answer: Answer | None, policy: Policy) -> str:
    if answer is None:
        return ""
    by = words(
        "standing.answered_by",
        department=department_name(policy, answer.department, words.language),
        name=answer.by,
        time=words.time(answer.at),
    )
    other = f'<p class="mw-hint">{words("standing.of_another")}</p>' if answer.of_another else ""
    return (
        f'<article class="mw-answer"><h3>{words("standing.answer")}</h3>{other}'
        f'<p class="mw-letter" dir="auto">{esc(answer.text)}</p><p class="mw-soft">{by}</p>'
        "</article>"
    )


def _messages(words: Words, stands: Standing) -> str:
    rows = "".join(_message(words, message) for message in stands.messages)
    listed = f'<ol class="mw-messages">{rows}</ol>' if rows else ""
    if stands.state != "waiting":
        return listed
    label = words("standing.reply")
    return (
        f'{listed}<form class="mw-reply-form" id="mw-reply-form"><label>{label}'
        '<textarea name="text" rows="4" maxlength="2000" required dir="auto"></textarea></label>'
        f'<button class="mw-primary">{words("standing.send")}</button></form>'
    )


def _message(words: Words, message: MessageView) -> str:
    who = words("standing.you") if message.by is None else esc(message.by)
    return (
        f'<li class="is-{message.kind}"><p class="mw-soft"><b>{who}</b> '
        f'{words.time(message.time)}</p><p dir="auto">{esc(message.text)}</p></li>'
    )


def _history(words: Words, stands: Standing) -> str:
    rows = "".join(
        f"<li><time>{words.time(time)}</time> {words(f'standing.event_{kind}')}</li>"
        for time, kind in stands.steps
    )
    return (
        f'<details class="mw-history"><summary>{words("standing.history")}</summary>'
        f"<ol>{rows}</ol></details>"
    )


def _out(words: Words, stands: Standing, *, erasable: bool) -> str:
    """Withdrawing while it is not answered; after that what lies here can be deleted."""
    if stands.state in (*OPEN, "merged") and stands.answer is None:
        return way_out(words, "withdraw")
    return way_out(words, "erase") if erasable and stands.state == "withdrawn" else ""


def way_out(words: Words, act: str) -> str:
    """Two clicks, and what the second one does said before it."""
    return (
        f'<details class="mw-out"><summary>{words(f"standing.{act}")}</summary>'
        f"<p>{words(f'standing.{act}_means')}</p>"
        f'<button type="button" class="mw-secondary" data-act="{act}">'
        f"{words(f'standing.{act}_now')}</button></details>"
    )
