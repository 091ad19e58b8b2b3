"""The panels of the documents page that change: papers, draft, answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from demo.form import Chip, draft_panel
from demo.panels import growing_draft
from demo.papers.session import Session, Sheet, Task
from demo.partial import partial_fields
from demo.present import Words, esc, notes_list
from demo.store.views import CaseView
from pipelines.drafting.policy import Policy
from pipelines.drafting.question import Answer, Cited
from pipelines.types import CaseResult, Note

Sign = Callable[[int], str]
"""Number of a file -> the token of its link."""
OpenCited = Callable[[Words, Cited], str]
"""A button that opens the place of a citation; empty where that is gone."""
_POINTS = re.compile(r"-?\d+(, -?\d*)*")
GROWING = ("title", "place", "urgency", "summary", "request")


def sheets_panel(words: Words, sheets: Sequence[Sheet], sign: Sign) -> str:
    """Every file with its state; what the viewer needs to know stands in its row."""
    done = sum(sheet.state not in ("waiting", "reading") for sheet in sheets)
    count = words("sheets_count", count=len(sheets))
    share = done / len(sheets) if sheets else 1.0
    bar = ""
    if done < len(sheets):
        stop = words("stop_all") if len(sheets) > 1 else ""
        bar = (
            f'<div class="mw-all"><div class="mw-bar" role="progressbar"'
            f' aria-valuenow="{100 * share:.0f}"><i style="width:{share:.0%}"></i></div>'
            + (
                f'<button type="button" class="mw-quiet" data-stop="all">{stop}</button>'
                if stop
                else ""
            )
            + "</div>"
        )
    # What needs a person stands first: the list is long where two hundred files came.
    ordered = sorted(sheets, key=lambda sheet: sheet.state not in ("locked", "refused"))
    rows = "".join(_sheet(words, sheet, sign) for sheet in ordered)
    ready = f" · {words('sheets_done', count=done)}" if done < len(sheets) else ""
    return (
        f'<section aria-labelledby="mw-sheets-h"><h2 id="mw-sheets-h">{count}'
        f'<small class="mw-soft">{ready}</small></h2>{bar}<ul class="mw-sheets">{rows}</ul>'
        "</section>"
    )


def _sheet(words: Words, sheet: Sheet, sign: Sign) -> str:
    link = f' data-link="{esc(sign(sheet.number))}"' if sheet.shown is not None else ""
    name = f'<b dir="auto">{esc(sheet.name)}</b>'
    state = f"<small>{_state(words, sheet)}</small>"
    face = f"{name}{state}"
    if sheet.shown is not None:
        front = f'<button type="button" class="mw-sheet-open" data-view="{sheet.number}">'
        face = f"{front}{face}</button>"
    else:
        face = f'<div class="mw-sheet-open">{face}</div>'
    return (
        f'<li class="mw-sheet is-{sheet.state}" id="mw-sheet-{sheet.number}"'
        f' data-sheet="{sheet.number}" data-pages="{sheet.pages}"{link}'
        f' data-name="{esc(sheet.name)}">{face}{_beside(words, sheet)}{_below(words, sheet)}</li>'
    )


def _state(words: Words, sheet: Sheet) -> str:
    if sheet.error is not None:
        return esc(words.error(sheet.error))
    pages = words("sheet_pages", count=sheet.pages) if sheet.pages else ""
    share = f" {sheet.fraction:.0%}" if sheet.state == "reading" and sheet.fraction else ""
    state = words(f"sheet_{sheet.state}") + share
    return " · ".join(part for part in (pages, state) if part)


def _beside(words: Words, sheet: Sheet) -> str:
    if sheet.state not in ("waiting", "reading"):
        return ""
    label = words("stop_one", name=sheet.name)
    return (
        f'<button type="button" class="mw-quiet mw-x" data-stop="sheet"'
        f' data-number="{sheet.number}" aria-label="{label}" title="{label}">×</button>'
    )


def _below(words: Words, sheet: Sheet) -> str:
    if sheet.state == "reading":
        return f'<div class="mw-bar"><i style="width:{sheet.fraction or 0.03:.0%}"></i></div>'
    if sheet.state != "locked":
        return ""
    return (
        f'<form class="mw-unlock" data-sheet="{sheet.number}"><input type="password" required'
        f' maxlength="400" autocomplete="off" aria-label="{words("password")}"'
        f' placeholder="{words("password")}"><button class="mw-secondary">'
        f"{words('unlock')}</button></form>"
    )


def task_line(words: Words, task: Task, running: str) -> str:
    """What a task is doing, how far it is, and how to stop it; or how it ended without result."""
    if task.under_way:
        sentence = words("task_waiting") if task.state == "waiting" else words(running)
        share = f" <b>{task.fraction:.0%}</b>" if task.fraction else ""
        bar = (
            f'<div class="mw-bar"><i style="width:{task.fraction:.0%}"></i></div>'
            if task.fraction
            else '<div class="mw-bar is-unknown"><i></i></div>'
        )
        return (
            f'{bar}<div class="mw-row"><p role="status">{sentence}{share}</p>'
            f'<button type="button" class="mw-quiet" data-stop="task" data-number="{task.number}">'
            f"{words('stage.cancel')}</button></div>"
        )
    if task.error is not None:
        return f'<p class="mw-said-here" role="alert">{esc(words.error(task.error))}</p>'
    if task.state == "cancelled":
        return f'<p class="mw-soft">{words("stage.cancelled")}</p>'
    return ""


def draft_of(words: Words, session: Session, policy: Policy, chip: Chip) -> str:
    """The draft: not there yet, growing, or as the same form that the citizen's page has.

    `chip` opens what a claim rests on.
    """
    task = session.latest("draft")
    heading = f"<h2>{words('draft.heading')}</h2>"
    if task is None:
        return f'{heading}<p class="mw-soft">{words("draft.waiting")}</p>'
    if isinstance(task.result, CaseResult):
        old = len(task.result.media) != len(session.read)
        again = (
            f'<div class="mw-redraft"><p>{words("draft.more")}</p><button type="button"'
            f' class="mw-secondary" data-act="draft">{words("draft.again")}</button></div>'
            if old
            else ""
        )
        form = draft_panel(words, as_view(task.result), policy, ready=False, chip=chip)
        return f"{again}{form}"
    if task.under_way:
        fields = told_fields(task)
        return growing_draft(words, fields, busy=True) + task_line(words, task, "draft.writing")
    retry = (
        '<button type="button" class="mw-secondary" data-act="draft">'
        f"{words('draft.again')}</button>"
    )
    return f"{heading}{task_line(words, task, 'draft.writing')}{retry}"


def told_fields(task: Task) -> dict[str, str]:
    """Where the model points at lines by number while it drafts, people read the lines."""
    found: dict[str, str] = {}
    for name, text in partial_fields(task.text).items():
        if name not in GROWING:
            continue
        if name == "urgency" or not _POINTS.fullmatch(text):
            found[name] = text
            continue
        numbers = [int(part) for part in text.split(", ") if part.isdecimal()]
        lines = [task.lines[number] for number in numbers if number < len(task.lines)]
        if lines:
            found[name] = " ".join(lines)
    return found


def as_view(result: CaseResult) -> CaseView:
    """A draft that stands in no store, in the shape that the form shows."""
    return CaseView(
        number="",
        status="drafted",
        version=1,
        created_at=dt.datetime.now(tz=dt.UTC),
        filed_at=None,
        language=result.draft.language,
        draft=result.draft,
        drafted=result.draft,
        edited=(),
        evidence=result.evidence,
        heard=(),
        notes=result.notes,
        media=(),
        timing=result.timing,
        model=result.model,
        error=None,
        events=(),
    )


def answers_panel(words: Words, session: Session, open_: OpenCited) -> str:
    """Every question with its answer, the newest first; `open_` makes what opens a citation."""
    tasks = [task for task in session.all_tasks if task.kind == "ask"]
    if not tasks:
        return f'<p class="mw-soft mw-empty">{words("ask_none")}</p>'
    rows = "".join(_asked(words, task, open_) for task in reversed(tasks))
    return f'<ol class="mw-answers" aria-live="polite">{rows}</ol>'


def _asked(words: Words, task: Task, open_: OpenCited) -> str:
    head = f'<p class="mw-question" dir="auto">{esc(task.question)}</p>'
    answer = task.result
    if not isinstance(answer, Answer):
        so_far = partial_fields(task.text).get("answer", "")
        growing = (
            f'<p class="mw-answer is-growing" dir="auto">{esc(so_far)}</p>'
            if so_far and task.under_way
            else ""
        )
        return f"<li>{head}{growing}{task_line(words, task, 'ask_running')}</li>"
    kind = "" if answer.answered else " is-absent"
    mark = "" if answer.answered else f"<b>{words('ask_absent')}</b> "
    cites = "".join(cited_line(words, cited, answer.text, open_) for cited in answer.citations)
    took = words("ask_took", seconds=f"{answer.elapsed_s:.1f}")
    return (
        f'<li>{head}<p class="mw-answer{kind}" dir="auto">{mark}{esc(answer.text)}</p>{cites}'
        f'{_notes(words, answer.notes)}<p class="mw-soft mw-small">{took}</p></li>'
    )


def cited_line(words: Words, cited: Cited, told: str, open_: OpenCited) -> str:
    """The place, and what stands there unless the answer says just that."""
    quote = "" if cited.quote == told else f'<q dir="auto">{esc(cited.quote)}</q>'
    return f'<div class="mw-quote">{open_(words, cited)}{quote}</div>'


def _notes(words: Words, notes: Sequence[Note]) -> str:
    return notes_list(words, notes)
