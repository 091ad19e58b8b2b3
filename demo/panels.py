"""The panels of a case while it is worked on: receipt, progress, player, transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.form import category_name
from demo.joining import Offer
from demo.live import Snapshot
from demo.partial import partial_fields
from demo.present import Words, esc, marked_text, notes_list, play_button, span_of
from demo.store.views import CaseView
from pipelines.drafting.policy import Policy
from pipelines.types import Evidence, Note

STEPS = ("read", "draft", "check")
STEP_OF = {"queued": -1, "loading": 0, "reading": 0, "drafting": 1, "checking": 2, "done": 3}
SHOWN_WHILE_WRITING = ("title", "place", "urgency", "summary", "request")


def receipt_panel(words: Words, view: CaseView, secret: str | None) -> str:
    """The number, and the secret where it is new."""
    copy = (
        '<button type="button" class="mw-quiet" data-copy="{value}">'
        + words("receipt.copy")
        + "</button>"
    )
    rows = (
        f"<div><dt>{words('receipt.number')}</dt>"
        f'<dd><output class="mw-code" id="mw-number">{esc(view.number)}</output>'
        f"{copy.format(value=esc(view.number))}</dd></div>"
    )
    if secret:
        rows += (
            f"<div><dt>{words('receipt.secret')}</dt>"
            f'<dd><output class="mw-code" id="mw-secret">{esc(secret)}</output>'
            f"{copy.format(value=esc(secret))}</dd></div>"
        )
    received = words("receipt.received", time=words.time(view.created_at))
    return (
        '<section class="mw-card mw-receipt" aria-labelledby="mw-receipt-h">'
        f'<div><h2 id="mw-receipt-h">{words("receipt.heading")}</h2>'
        f"<p>{words('receipt.keep')}</p>"
        f'<p class="mw-soft">{received}</p></div>'
        f"<dl>{rows}</dl></section>"
    )


def progress_panel(words: Words, now: Snapshot, files: int = 0) -> str:
    """The three steps, where they stand, and how to stop; or how it ended.

    `files`: how many are read side by side; 0 for one recording, which is listened to.
    """
    if now.stage == "done":
        return end_panel(words, now.view, now.error)
    step = STEP_OF.get(now.stage, 0)
    steps = "".join(
        f'<li class="{"is-done" if i < step else "is-now" if i == step else ""}">'
        f"{words('stage.step_files' if files and name == 'read' else f'stage.step_{name}')}</li>"
        for i, name in enumerate(STEPS)
    )
    sentence = words(f"stage.{now.stage}")
    if files and now.stage == "reading":
        done = round((now.fraction or 0.0) * files)
        sentence = words("stage.reading_files", done=done, count=files)
    if now.stage == "queued":
        sentence += " · " + (
            words("stage.ahead", ahead=now.ahead) if now.ahead else words("stage.next")
        )
    share = max(0.0, min(1.0, now.fraction)) if now.fraction is not None else None
    if share is None:
        bar = '<div class="mw-bar is-unknown"><i></i></div>'
    else:
        bar = f'<div class="mw-bar"><i style="width:{share:.0%}"></i></div>'
    percent = f" <b>{share:.0%}</b>" if share else ""
    return (
        f'<section class="mw-card mw-progress" data-stage="{esc(now.stage)}">'
        f'<ol class="mw-steps">{steps}</ol>{bar}'
        f'<div class="mw-row"><p role="status">{sentence}{percent}</p>'
        '<button type="button" class="mw-quiet" data-act="cancel">'
        f"{words('stage.cancel')}</button></div></section>"
    )


def end_panel(words: Words, view: CaseView | None, error: Note | None) -> str:
    """How it ended: a sentence, and a second try where one makes sense."""
    status = view.status if view is not None else "failed"
    error = error or (view.error if view is not None else None)
    if status in {"drafted", "filed"} and error is None:
        return f'<section class="mw-ended" data-stage="{esc(status)}"></section>'
    sentence = esc(words.error(error)) if error else words("error.cancelled")
    code = error.code if error else "cancelled"
    again = "" if code.startswith(("media.", "document.")) else _retry(words)
    new = f'<button type="button" class="mw-quiet" data-act="new">{words("page.new")}</button>'
    heading = words("stage.cancelled" if status == "cancelled" else "stage.failed")
    return (
        f'<section class="mw-card mw-problem" role="alert" data-stage="{esc(status)}"'
        f' data-code="{esc(code)}"><h2>{heading}</h2><p>{sentence}</p>'
        f'<div class="mw-row">{again}{new}</div></section>'
    )


def _retry(words: Words) -> str:
    return (
        f'<button type="button" class="mw-primary" data-act="retry">{words("stage.retry")}</button>'
    )


def player_panel(words: Words, view: CaseView, token: str | None) -> str:
    """The recording itself, where there is one to play."""
    if token is None or not view.media:
        return ""
    name = esc(view.media[0].name or words.plain("transcript.player"))
    return (
        '<div class="mw-player"><audio controls preload="metadata" id="mw-audio"'
        f' aria-label="{words("transcript.player")}" src="/media/{esc(token)}"></audio>'
        f'<p class="mw-soft" dir="auto">{name}</p></div>'
    )


def transcript_panel(
    words: Words,
    evidence: Sequence[Evidence],
    *,
    heard: Sequence[str] = (),
    editable: bool = False,
    listening: bool = False,
    version: int = 0,
) -> str:
    """What was said, sentence by sentence, with its doubts; correctable where `editable`.

    `heard`: for each piece what recognition wrote; `version`: the case's, handed back with changes.
    """
    if not evidence:
        text = words("transcript.listening" if listening else "transcript.waiting")
        pulse = ' class="mw-soft mw-pulse"' if listening else ' class="mw-soft"'
        return f"{_heading(words)}<p{pulse}>{text}</p>"
    doubts = any(word.unsure for piece in evidence for word in piece.words)
    hint = f'<p class="mw-hint">{words("transcript.unsure")}</p>' if doubts and editable else ""
    rows = "".join(
        segment(words, piece, i, heard[i] if i < len(heard) else piece.text, editable=editable)
        for i, piece in enumerate(evidence)
    )
    tail = f'<p class="mw-soft mw-pulse">{words("transcript.listening")}</p>' if listening else ""
    changed = any(was != piece.text for was, piece in zip(heard, evidence, strict=False))
    redraft = redraft_box(words) if changed and editable else ""
    segments = f'<ol class="mw-segs" data-case-version="{version}">{rows}</ol>'
    return f"{_heading(words)}{hint}{segments}{tail}{redraft}"


def _heading(words: Words) -> str:
    return f"<h2>{words('transcript.heading')}</h2>"


def redraft_box(words: Words) -> str:
    """Sentences were corrected: the way to a draft that knows of it."""
    return (
        f'<div class="mw-redraft"><p>{words("transcript.changed")}'
        f' <span class="mw-soft">{words("transcript.redraft_loses")}</span></p>'
        '<button type="button" class="mw-secondary" data-act="redraft">'
        f"{words('transcript.redraft')}</button></div>"
    )


def segment(
    words: Words, piece: Evidence, index: int, heard: str, *, editable: bool, source: str = ""
) -> str:
    """A sentence that plays and, where `editable`, can be corrected. `source`: of which file."""
    start_s, end_s = span_of(piece)
    said = marked_text(words, piece, index, editable=editable)
    if heard != piece.text:
        said += f'<small class="mw-heard"><b>{words("transcript.heard")}</b> {esc(heard)}</small>'
    of = f' data-source="{source}"' if source else ""
    pen = form = ""
    if editable:
        label = words("transcript.edit")
        pen = (
            f'<button type="button" class="mw-pen" data-edit="{index}" aria-label="{label}"'
            f' title="{label}"><span aria-hidden="true">✎</span></button>'
        )
        form = (
            f'<form class="mw-edit" hidden data-correct="{index}"><textarea rows="2" dir="auto"'
            f' aria-label="{label}">{esc(piece.text)}</textarea><div class="mw-row">'
            f'<button class="mw-secondary">{words("transcript.save")}</button>'
            f'<button type="button" class="mw-quiet" data-undo="{index}">'
            f"{words('transcript.undo')}</button></div></form>"
        )
    return (
        f'<li class="mw-seg" id="mw-seg-{index}" data-start="{start_s:.2f}"'
        f' data-end="{end_s:.2f}"{of}>{play_button(words, piece, index, source=source)}'
        f'<p class="mw-said" lang="{esc(piece.language)}" dir="auto">{said}</p>{pen}{form}</li>'
    )


def others_panel(words: Words, offers: Sequence[Offer], policy: Policy) -> str:
    """What others may have reported already, each with a way to join it; nothing without any."""
    if not offers:
        return ""
    rows = "".join(_offer(words, offer, policy) for offer in offers)
    return (
        '<section class="mw-others" aria-labelledby="mw-others-h"><h3 id="mw-others-h">'
        f'{words("join.heading")}</h3><p class="mw-soft">{words("join.hint")}</p>'
        f"<ul>{rows}</ul></section>"
    )


def _offer(words: Words, offer: Offer, policy: Policy) -> str:
    case = offer.case
    kind = esc(category_name(policy, case.category, words.language))
    where = f' · <span dir="auto">{esc(case.dong)}</span>' if case.dong else ""
    joined = words("join.joined_by", count=case.joined) if case.joined else words("join.alone")
    week = words("join.week", day=words.day(case.week))
    facts = (week, words(f"join.state_{case.state}"), joined)
    told = " · ".join(f"<span>{fact}</span>" for fact in facts)
    return (
        f"<li><p><b>{kind}</b>{where}<small>{told}</small></p>"
        f'<button type="button" class="mw-secondary" data-join="{esc(offer.token)}">'
        f"{words('join.do')}</button></li>"
    )


def writing_panel(words: Words, now: Snapshot) -> str:
    """The draft while the model writes it: fields that fill, never raw braces."""
    busy = now.stage in {"drafting", "checking"}
    return growing_draft(words, partial_fields(now.draft_text), busy=busy)


def growing_draft(words: Words, fields: Mapping[str, str], *, busy: bool) -> str:
    """Those fields that are there already; the last one is still being written."""
    heading = f"<h2>{words('draft.heading')}</h2>"
    if not fields:
        key, kind = ("draft.writing", "mw-soft mw-pulse") if busy else ("draft.waiting", "mw-soft")
        return f'{heading}<p class="{kind}">{words(key)}</p>'
    known = {name: text for name, text in fields.items() if name in SHOWN_WHILE_WRITING}
    last = next(reversed(known), "")
    rows = "".join(
        f'<div class="mw-live-field{" is-last" if name == last else ""}" data-field="{name}">'
        f"<dt>{words(f'field.{name}')}</dt>"
        f"<dd dir='auto'>{_live_value(words, name, text)}</dd></div>"
        for name, text in known.items()
    )
    return (
        f'{heading}<p class="mw-soft mw-pulse">{words("draft.writing")}</p>'
        f'<dl class="mw-writing" id="mw-writing">{rows}</dl>'
    )


def _live_value(words: Words, name: str, text: str) -> str:
    if name == "urgency" and text in {"low", "normal", "high", "emergency"}:
        return words(f"urgency.{text}")
    return esc(text)


__all__ = [
    "end_panel",
    "notes_list",
    "others_panel",
    "player_panel",
    "progress_panel",
    "receipt_panel",
    "redraft_box",
    "segment",
    "transcript_panel",
    "writing_panel",
]
