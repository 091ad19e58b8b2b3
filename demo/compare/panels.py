"""The panels of the compare page: what was given, two answers, the vote, the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.compare.match import Match, Pace, Side, has_result, pace_of, votable
from demo.form import category_name, department_name
from demo.panels import growing_draft
from demo.papers.panels import task_line, told_fields
from demo.papers.session import Session, Task
from demo.partial import partial_fields
from demo.present import Words, clock, esc, notes_list, span_of
from pipelines.drafting.policy import Policy
from pipelines.drafting.question import Answer
from pipelines.evaluation.ratings import Rating
from pipelines.foundation.catalog import Row
from pipelines.types import CaseResult, Evidence, PageSpot

FIELDS = ("title", "place", "summary", "request")
VERDICTS = ("left", "right", "both", "neither")
LONGEST_NAME = 40


def given_panel(words: Words, match: Match) -> str:
    """The input, and how far it is read."""
    files = "".join(f'<li dir="auto">{esc(file.name)}</li>' for file in match.files)
    text = f'<blockquote dir="auto">{esc(match.text)}</blockquote>' if match.text else ""
    if match.state in ("waiting", "reading"):
        share = match.fraction or 0.03
        state = (
            f'<div class="mw-bar"><i style="width:{share:.0%}"></i></div><div class="mw-row">'
            f'<p role="status">{words("reading")}</p><button type="button" class="mw-quiet"'
            f' data-stop="sheet" data-number="{match.number}">{words("stage.cancel")}</button>'
            "</div>"
        )
    elif match.error is not None:
        state = f'<p class="mw-said-here" role="alert">{esc(words.error(match.error))}</p>'
    elif match.state == "cancelled":
        state = f'<p class="mw-soft">{words("stage.cancelled")}</p>'
    else:
        state = ""
    return (
        '<section class="mw-given"><div class="mw-given-top">'
        f"<h2>{words(f'kind_{match.kind}')}</h2>"
        f'<button type="button" class="mw-quiet" data-act="end">{words("another")}</button></div>'
        f'{text}<ul class="mw-given-files">{files}</ul>{state}</section>'
    )


def side_panel(
    words: Words,
    match: Match,
    side: Side,
    task: Task | None,
    policy: Policy,
    rows: Mapping[str, Row],
) -> str:
    """One model's answer; who it is stands there after the vote only."""
    name = words(f"side_{side}")
    if match.vote:
        name += f" · {esc(rows[match.rival(side)].title)}"
    won = ' <span class="mw-badge is-open">✓</span>' if match.vote in (side, "both") else ""
    return (
        f'<section class="mw-side-answer" aria-labelledby="mw-side-{side}">'
        f'<h2 id="mw-side-{side}">{name}{won}</h2>{_answer(words, task, policy)}'
        f"{_revealed(words, match, side, task, rows)}</section>"
    )


def _answer(words: Words, task: Task | None, policy: Policy) -> str:
    if task is None:
        return f'<p class="mw-soft">{words("waits")}</p>'
    if isinstance(task.result, CaseResult):
        return _case(words, task.result, policy)
    if isinstance(task.result, Answer):
        return _said(words, task.result)
    growing = ""
    if task.under_way and task.text:
        told = partial_fields(task.text).get("answer", "")
        growing = (
            f'<p class="mw-answer is-growing" dir="auto">{esc(told)}</p>'
            if told
            else growing_draft(words, told_fields(task), busy=True)
        )
    return growing + task_line(words, task, "writes")


def _said(words: Words, answer: Answer) -> str:
    kind = "" if answer.answered else " is-absent"
    cites = "".join(f'<li><q dir="auto">{esc(cited.quote)}</q></li>' for cited in answer.citations)
    cited = f'<ul class="mw-rests-on">{cites}</ul>' if cites else ""
    return (
        f'<p class="mw-answer{kind}" dir="auto">{esc(answer.text)}</p>{cited}'
        f"{notes_list(words, answer.notes)}"
    )


def _case(words: Words, case: CaseResult, policy: Policy) -> str:
    """The draft, for reading; under each field what it rests on, word for word."""
    draft = case.draft
    category = category_name(policy, draft.category, words.language)
    department = department_name(policy, draft.department, words.language)
    facts = (
        ("category", f"{category} · {department}"),
        ("urgency", words.plain(f"urgency.{draft.urgency}")),
    )
    rows = [_field(words, name, str(getattr(draft, name)), case) for name in FIELDS]
    rows[1:1] = [_field(words, name, text, case) for name, text in facts]
    rules = words("draft.by_rules") if draft.drafted_by == "rules" else ""
    hint = f'<p class="mw-hint">{rules}</p>' if rules else ""
    return f'{hint}<dl class="mw-told">{"".join(rows)}</dl>{notes_list(words, case.notes)}'


def _field(words: Words, name: str, text: str, case: CaseResult) -> str:
    indices = dict.fromkeys(
        index
        for citation in case.draft.citations
        if citation.field == name
        for index in citation.evidence
        if index < len(case.evidence)
    )
    named = {file.sha256: file.name for file in case.media}
    quotes = "".join(_quote(words, case.evidence[index], named) for index in indices)
    rests = (
        f'<details class="mw-rests"><summary>{words("rests_on", count=len(indices))}</summary>'
        f'<ul class="mw-rests-on">{quotes}</ul></details>'
        if quotes
        else ""
    )
    shown = esc(text) if text else f'<span class="mw-soft">{words("left_open")}</span>'
    return (
        f'<div data-field="{name}"><dt>{words(f"field.{name}")}</dt>'
        f'<dd dir="auto">{shown}{rests}</dd></div>'
    )


def _quote(words: Words, piece: Evidence, named: Mapping[str, str]) -> str:
    """File, place in it, and what stands there."""
    if isinstance(piece.where, PageSpot):
        where = words("files.on_page", page_no=piece.where.page_no)
    else:
        where = clock(span_of(piece)[0])
    name = named.get(piece.source, "")
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return f'<li><b dir="auto">{esc(name)} · {where}</b> <q dir="auto">{esc(piece.text)}</q></li>'


def _revealed(
    words: Words, match: Match, side: Side, task: Task | None, rows: Mapping[str, Row]
) -> str:
    if not match.vote or task is None or not has_result(task):
        return ""
    assert isinstance(task.result, CaseResult | Answer)  # noqa: S101 - has_result
    row, pace = rows[match.rival(side)], pace_of(task.result.replies)
    note = row.licence_note_ko if words.language == "ko" else row.licence_note
    facts = "".join(
        f"<div><dt>{words(name)}</dt><dd>{value}</dd></div>" for name, value in _paces(words, pace)
    )
    return (
        f'<div class="mw-revealed"><p><b>{esc(row.title)}</b> · {esc(row.maker)}</p>'
        f'<dl class="mw-pace">{facts}</dl><p><b>{words("licence")}: {esc(row.licence)}</b>'
        f' <span class="mw-soft">{esc(note)}</span></p></div>'
    )


def _paces(words: Words, pace: Pace) -> tuple[tuple[str, str], ...]:
    def seconds(value: float) -> str:
        return words("seconds", seconds=f"{value:.1f}")

    return (
        ("speed", words("a_second", count=f"{pace.tokens_a_second:.1f}")),
        ("first_token", seconds(pace.first_token_s)),
        ("whole", seconds(pace.total_s)),
        ("tokens", str(pace.tokens)),
    )


def vote_panel(words: Words, session: Session, match: Match) -> str:
    """The question, once both answers are there; then that it was counted."""
    if match.state in ("refused", "cancelled", "locked"):
        return ""
    if match.vote:
        return (
            f'<section class="mw-vote is-done"><p role="status"><b>{words("voted")}</b>'
            f" {words(f'verdict_{match.vote}')}</p></section>"
        )
    tasks = [session.latest("left"), session.latest("right")]
    if any(task is not None and not task.under_way and not has_result(task) for task in tasks):
        return f'<section class="mw-vote"><p class="mw-soft">{words("no_vote")}</p></section>'
    ready = votable(session)
    buttons = "".join(
        f'<button type="button" class="mw-secondary" data-verdict="{verdict}"'
        f"{'' if ready else ' disabled'}>{words(f'vote_{verdict}')}</button>"
        for verdict in VERDICTS
    )
    hint = words("vote_hint" if ready else "vote_waits")
    return (
        f'<section class="mw-vote" aria-labelledby="mw-vote-h"><h2 id="mw-vote-h">'
        f'{words("vote_question")}</h2><div class="mw-verdicts">{buttons}</div>'
        f'<p class="mw-soft">{hint}</p></section>'
    )


def table_panel(words: Words, found: Sequence[Rating], rows: Mapping[str, Row]) -> str:
    """Every model that was voted on: rating, interval, votes."""
    if not found:
        return (
            f'<section class="mw-ratings"><h2>{words("table")}</h2>'
            f'<p class="mw-soft">{words("table_empty")}</p></section>'
        )
    lines = "".join(
        f'<tr><td>{number}</td><th scope="row">{esc(_title(one.name, rows))}</th>'
        f"<td><b>{one.rating.value:.0f}</b></td>"
        f"<td>{one.rating.low:.0f} – {one.rating.high:.0f}</td><td>{one.rating.n}</td></tr>"
        for number, one in enumerate(found, start=1)
    )
    heads = "".join(
        f'<th scope="col">{words(f"table_{name}")}</th>'
        for name in ("rank", "model", "rating", "interval", "votes")
    )
    return (
        f'<section class="mw-ratings"><h2>{words("table")}</h2><div class="mw-scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
        f'<p class="mw-soft">{words("table_hint")}</p></section>'
    )


def _title(name: str, rows: Mapping[str, Row]) -> str:
    return rows[name].title if name in rows else name
