"""The drafted case as a form: every field that a citizen may change, and what each rests on."""

from __future__ import annotations

from collections.abc import Callable

from demo.present import Words, esc, notes_list, play_button
from demo.store.views import CaseView
from pipelines.drafting.case import URGENCIES, CaseDraft
from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.policy import Policy
from pipelines.types import Evidence

LIMITS = {"title": 120, "summary": 1200, "request": 600, "place": 200}


Chip = Callable[[Words, Evidence, int, str], str]
"""(words, piece, its index, the claim that rests on it) -> a button that opens the piece."""


def play_chip(words: Words, piece: Evidence, index: int, claim: str) -> str:
    """Of a recording: plays the seconds."""
    return play_button(words, piece, index, cited=claim)


def draft_panel(
    words: Words,
    view: CaseView,
    policy: Policy,
    *,
    ready: bool = True,
    chip: Chip = play_chip,
) -> str:
    """The form of a drafted case; for reading only where it was filed. Empty without a draft."""
    draft = view.draft
    if draft is None:
        return ""
    form = _Form(words, view, draft, policy, chip)
    return form.html(closed=view.status == "filed" or not ready)


def category_name(policy: Policy, code: str, language: str) -> str:
    """What people who speak `language` call the category; its code where nothing is known."""
    for entry in policy.categories:
        if entry.code == code:
            return entry.names.get(language, entry.code)
    return code


def department_name(policy: Policy, department: str, language: str) -> str:
    """The department's name in `language`; itself where nothing is known."""
    for entry in policy.categories:
        if entry.department == department:
            return entry.departments.get(language, department)
    return department


class _Form:
    def __init__(
        self, words: Words, view: CaseView, draft: CaseDraft, policy: Policy, chip: Chip
    ) -> None:
        self.words, self.view, self.draft, self.policy = words, view, draft, policy
        self.chip = chip
        self.lock = ""

    def html(self, *, closed: bool) -> str:
        words, view = self.words, self.view
        badge = "filed" if view.status == "filed" else "open"
        label = words("stage.filed") if badge == "filed" else words("draft.unverified")
        rules = (
            f'<p class="mw-hint">{words("draft.by_rules")}</p>'
            if self.draft.drafted_by == "rules"
            else ""
        )
        # Only the controls are shut: what a claim rests on opens in a filed case too.
        self.lock, shut = (" disabled", " is-closed") if closed else ("", "")
        return (
            f'<h2>{words("draft.heading")} <span class="mw-badge is-{badge}">{label}</span></h2>'
            f"{self._filed()}{rules}"
            f'<form class="mw-form" id="mw-form" data-version="{view.version}"'
            f' data-status="{esc(view.status)}"><fieldset class="mw-plain{shut}">'
            f"{self._line('title')}{self._category()}{self._facts()}{self._line('place')}"
            f"{self._urgency()}{self._block('summary', 4)}{self._block('request', 3)}"
            f"{'' if closed else self._actions()}</fieldset></form>"
            f"{self._reply()}{notes_list(words, view.notes)}{self._foot()}"
        )

    def _filed(self) -> str:
        words, view = self.words, self.view
        if view.filed_at is None:
            return ""
        department = department_name(self.policy, self.draft.department, words.language)
        return (
            f'<div class="mw-filed" role="status" id="mw-filed"><b>'
            f"{words('draft.filed', department=department)}</b>"
            f"<span>{words('draft.filed_at', time=words.time(view.filed_at))}</span></div>"
        )

    def _label(self, name: str, *, control: bool = True) -> str:
        edited = (
            f' <span class="mw-tag">{self.words("draft.edited")}</span>'
            if name in self.view.edited
            else ""
        )
        text = f"{self.words(f'field.{name}')}{edited}"
        return f'<label for="mw-{name}">{text}</label>' if control else f"<legend>{text}</legend>"

    def _cites(self, name: str) -> str:
        """One chip for each piece of evidence that carries a claim of this field."""
        claims: dict[int, str] = {}
        for cite in self.draft.citations:
            if cite.field == name:
                for index in cite.evidence:
                    claims.setdefault(index, cite.claim)
        chips = "".join(
            self.chip(self.words, self.view.evidence[index], index, claim or name)
            for index, claim in sorted(claims.items())
            if 0 <= index < len(self.view.evidence)
        )
        if not chips:
            return ""
        return f'<div class="mw-cites"><span>{self.words("draft.cites")}</span>{chips}</div>'

    def _line(self, name: str) -> str:
        value = str(getattr(self.draft, name))
        empty = name == "place" and not value
        hint = f'<p class="mw-soft">{self.words("draft.no_place")}</p>' if empty else ""
        return (
            f'<div class="mw-field" data-field="{name}">{self._label(name)}'
            f'<input id="mw-{name}" name="{name}" maxlength="{LIMITS[name]}" dir="auto"'
            f' autocomplete="off" value="{esc(value)}"{self.lock}>{hint}{self._cites(name)}</div>'
        )

    def _block(self, name: str, rows: int) -> str:
        return (
            f'<div class="mw-field" data-field="{name}">{self._label(name)}'
            f'<textarea id="mw-{name}" name="{name}" rows="{rows}" dir="auto"'
            f' maxlength="{LIMITS[name]}"{self.lock}>{esc(getattr(self.draft, name))}</textarea>'
            f"{self._cites(name)}</div>"
        )

    def _category(self) -> str:
        words, draft = self.words, self.draft
        offered = [entry.category for entry in draft.category_candidates]
        chips = "".join(
            self._chip(entry.category, words.confidence(entry.confidence), entry.confidence)
            for entry in draft.category_candidates
        )
        if draft.category not in offered:
            chips = self._chip(draft.category, "", 0.0) + chips
            offered.append(draft.category)
        others = "".join(
            f'<option value="{esc(entry.code)}">'
            f"{esc(entry.names.get(words.language, entry.code))}</option>"
            for entry in self.policy.categories
            if entry.code not in offered
        )
        hint = words("draft.category_unsure" if draft.category_unsure else "draft.category_sure")
        mark = " is-unsure" if draft.category_unsure else ""
        return (
            f'<fieldset class="mw-field mw-category{mark}" data-field="category">'
            f'{self._label("category", control=False)}<p class="mw-soft">{hint}</p>'
            f'<div class="mw-chips">{chips}'
            '<select id="mw-other" class="mw-other" name="other"'
            f' aria-label="{words("draft.other_category")}"{self.lock}>'
            f'<option value="">{words("draft.other_category")}…</option>{others}</select></div>'
            f"{self._cites('category')}</fieldset>"
        )

    def _chip(self, code: str, confidence: str, share: float) -> str:
        name = esc(category_name(self.policy, code, self.words.language))
        checked = " checked" if code == self.draft.category else ""
        how_sure = f' <small title="{share:.0%}">{confidence}</small>' if confidence else ""
        return (
            f'<label class="mw-chip"><input type="radio" name="category" value="{esc(code)}"'
            f"{checked}{self.lock}><span>{name}{how_sure}</span></label>"
        )

    def _urgency(self) -> str:
        options = "".join(
            f'<label class="mw-chip is-{level}"><input type="radio" name="urgency"'
            f' value="{level}"{" checked" if level == self.draft.urgency else ""}{self.lock}>'
            f"<span>{self.words(f'urgency.{level}')}</span></label>"
            for level in URGENCIES
        )
        return (
            '<fieldset class="mw-field" data-field="urgency">'
            f'{self._label("urgency", control=False)}<div class="mw-chips is-row">{options}</div>'
            f"{self._cites('urgency')}</fieldset>"
        )

    def _facts(self) -> str:
        words, draft = self.words, self.draft
        left = (draft.due_date - day_in_korea()).days
        day = words.day(draft.due_date)
        due = (
            words("draft.due", date=day, days=left)
            if left >= 0
            else words("draft.due_past", date=day)
        )
        department = esc(department_name(self.policy, draft.department, words.language))
        return (
            '<dl class="mw-facts">'
            f'<div data-field="department"><dt>{words("field.department")}</dt>'
            f"<dd>{department}</dd></div>"
            f'<div data-field="due_date"><dt>{words("field.due_date")}</dt><dd>{due}</dd></div>'
            "</dl>"
        )

    def _actions(self) -> str:
        words = self.words
        return (
            '<div class="mw-actions"><button type="button" class="mw-secondary" data-act="save">'
            f"{words('draft.save')}</button>"
            f'<button type="button" class="mw-primary" data-act="file">{words("draft.file")}'
            f'</button></div><p class="mw-soft mw-right">{words("draft.file_hint")}</p>'
        )

    def _reply(self) -> str:
        if not self.draft.reply:
            return ""
        return (
            f'<details class="mw-reply" open><summary>{self.words("field.reply")}</summary>'
            f'<p class="mw-soft">{self.words("draft.reply_hint")}</p>'
            f'<blockquote dir="auto" lang="{esc(self.draft.language)}">{esc(self.draft.reply)}'
            f"</blockquote>{self._cites('reply')}</details>"
        )

    def _foot(self) -> str:
        timing = self.view.timing
        took = ""
        if timing is not None:
            took = self.words(
                "draft.took",
                read=f"{timing.read_s:.1f}",
                draft=f"{timing.draft_s:.1f}",
                model=self.view.model or "",
            )
        return (
            f'<div class="mw-foot"><p class="mw-soft">{took}</p>'
            '<button type="button" class="mw-quiet" data-act="download">'
            f"{self.words('draft.download')}</button></div>"
        )
