"""Cases like the one that is open, with what was answered to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from demo.office.listing import state_badge
from demo.present import Words, esc
from demo.store.docket import DocketItem
from demo.store.masking import masked
from demo.store.similar import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCase:
    """One of them. `duplicate`: perhaps the very same matter."""

    item: DocketItem
    duplicate: bool = False
    reasons: tuple[Reason, ...] = ()
    """What speaks for a duplicate."""


def similar_panel(words: Words, found: Sequence[SimilarCase]) -> str:
    """Each with its answer, which can be taken over into the editor."""
    heading = f'<section class="mw-similar"><h2>{words("similar")}</h2>'
    if not found:
        return f'{heading}<p class="mw-soft">{words("no_similar")}</p></section>'
    return f"{heading}<ol>{''.join(_row(words, one) for one in found)}</ol></section>"


def _row(words: Words, one: SimilarCase) -> str:
    item = one.item
    same = f' <span class="mw-tag">{words("maybe_same")}</span>' if one.duplicate else ""
    why = " · ".join(words.plain(f"reason_{name}") for name in one.reasons)
    reasons = f"<small>{words('because', reasons=why)}</small>" if why else ""
    answer = ""
    if item.answer and item.state == "answered":
        text = esc(masked(item.answer))
        answer = (
            f'<blockquote dir="auto">{text}</blockquote><button type="button" class="mw-quiet"'
            f" data-use>{words('use_answer')}</button>"
        )
    merge = (
        f'<button type="button" class="mw-quiet" data-merge="{esc(item.number)}">'
        f"{words('do_merge')}</button>"
        if one.duplicate
        else ""
    )
    return (
        f'<li><button type="button" class="mw-link" data-go="{esc(item.number)}" dir="auto">'
        f"{esc(item.title)}</button> {state_badge(words, item.state)}{same}"
        f"<small>{esc(item.number)} · {words.day(item.filed_at.date())} ·"
        f" {esc(item.district or '')}</small>{reasons}{answer}{merge}</li>"
    )
