"""What the desk's page does, without the page: a message comes in, panels go out.

Nothing is kept here: every message names the session of whoever sends it, and each is asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from demo.access import User, check, may, scope
from demo.api.media import MediaLinks
from demo.evidence import Sources, evidence_panel, files_panel
from demo.form import draft_panel
from demo.gate import Door
from demo.office import asks, case, compose, listing
from demo.office.masked import masked_view
from demo.office.similar import SimilarCase, similar_panel
from demo.present import Words
from demo.refusals import SignedOut
from demo.screens import said
from demo.store.cases import CaseStore
from demo.store.deskwork import DeskWork
from demo.store.docket import Docket, DocketItem, Filters
from demo.store.masking import masked
from demo.store.tracking import messages_of
from demo.store.views import CaseView
from pipelines.drafting.clock import day_in_korea
from pipelines.drafting.policy import Policy
from pipelines.errors import CaseConflict, MinwonError
from pipelines.settings import Settings

PANELS = ("who", "counts", "filters", "results", "list", "head", "evidence", "reply", "claims",
          "similar", "history")  # fmt: skip
LONGEST_ID = 18
Find = Callable[[str, Filters], Sequence[str]]
"""(words, filters) -> the numbers of what was found, best first."""
Similar = Callable[[str], Sequence[SimilarCase]]
"""A number -> cases like it, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeScreen:
    """New contents of the panels; None = as it was."""

    who: str | None = None
    counts: str | None = None
    filters: str | None = None
    results: str | None = None
    list: str | None = None
    head: str | None = None
    evidence: str | None = None
    reply: str | None = None
    claims: str | None = None
    similar: str | None = None
    history: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    store: CaseStore
    links: MediaLinks
    door: Door
    docket: Docket
    work: DeskWork
    find: Find | None = None
    """Search by words and meaning; without it numbers and titles are looked through."""
    similar: Similar | None = None
    today: Callable[[], dt.date] = day_in_korea

    def user(self, token: str) -> User:
        """Who sends this. Raises SignedOut, AccessDenied."""
        user = self.door.user(token)
        if user is None:
            raise SignedOut
        return check(user, "read")

    def look(self, words: Words, ask: asks.Look, token: str) -> OfficeScreen:
        """The list as it is asked for. Raises SignedOut."""
        user, today = self.user(token), self.today()
        filters = self.found(ask, user, today)
        page = self.docket.page(filters, sort=ask.sort, cursor=ask.cursor or None)
        counts = self.docket.counts(filters)
        late = self.docket.overdue(filters, today)
        lines = listing.list_panel(
            words,
            self.policy,
            page.items,
            today,
            next_cursor=page.next,
            first=not ask.cursor,
            pick=may(user, "bulk"),
        )
        return OfficeScreen(
            who=self._who(words, user) if ask.fresh else None,
            filters=self._filters(words, user) if ask.fresh else None,
            counts=listing.counts_panel(words, counts, late, ask),
            list=lines,
            command={"do": "listed"},
        )

    def found(self, ask: asks.Listing, user: User, today: dt.date) -> Filters:
        """The filters, by search where there is one."""
        filters = ask.filters(user, today)
        if self.find is None or not ask.text.strip():
            return filters
        numbers = tuple(self.find(ask.text, filters))
        return ask.model_copy(update={"text": ""}).filters(user, today).among(numbers)

    def open(self, words: Words, ask: asks.Open, token: str) -> OfficeScreen:
        """A case; the look itself is in the audit. Raises SignedOut, CaseNotFound, AccessDenied."""
        user = self.user(token)
        item = self.docket.get(ask.number)
        check(user, "originals" if ask.originals else "read", item)
        kind = "originals_opened" if ask.originals else "read"
        self.store.audit.note(user.actor, kind, item.number)
        return self._case(words, user, item, originals=ask.originals, said="")

    def step(self, words: Words, ask: asks.Step, token: str) -> OfficeScreen:
        """Do it, and show the case as it is then; after a conflict too, with who was first."""
        user = self.user(token)
        said = ""
        try:
            self._do(user, ask)
        except CaseConflict as exc:
            said = words.error(exc)
        item = self.docket.get(ask.number)
        if not may(user, "read", item):  # it went to another department
            return OfficeScreen(command={"do": "gone"})
        originals = ask.originals and may(user, "originals", item)
        return self._case(words, user, item, originals=originals, said=said, done=ask.kind)

    def bulk(self, words: Words, ask: asks.Bulk, token: str) -> OfficeScreen:
        """The same with several; each succeeds or fails by itself. Raises AccessDenied."""
        user = check(self.user(token), "bulk")
        results: list[tuple[str, MinwonError | None]] = []
        for one in ask.cases:
            step = asks.Step(number=one.number, version=one.version, kind=ask.kind, to=ask.to)
            try:
                self._do(user, step)
            except MinwonError as exc:
                results.append((one.number, exc))
            else:
                results.append((one.number, None))
        panel = listing.bulk_panel(words, results)
        return OfficeScreen(results=panel, command={"do": "bulk"})

    def _do(self, user: User, ask: asks.Step) -> None:
        work, number, version = self.work, ask.number, ask.version
        text, to = ask.text, ask.to.strip()
        steps: dict[str, Callable[[], None]] = {
            "take": lambda: work.take(user, number, version),
            "assign": lambda: work.assign(user, number, version, int(to) if _is_id(to) else 0),
            "transfer": lambda: work.transfer(user, number, version, to),
            "request": lambda: work.request_more(user, number, version, text),
            "note": lambda: work.note(user, number, version, text),
            "edit": lambda: work.edit_reply(user, number, version, text),
            "correct": lambda: work.correct(user, number, version, ask.fields),
            "approve": lambda: work.approve(user, number, version, text),
            "merge": lambda: work.merge(user, number, version, to),
            "reopen": lambda: work.reopen(user, number, version),
        }
        steps[ask.kind]()

    def _case(
        self,
        words: Words,
        user: User,
        item: DocketItem,
        *,
        originals: bool,
        said: str,
        done: str = "",
    ) -> OfficeScreen:
        whole = self.store.view(item.number)
        view = whole if originals else masked_view(whole)
        with self.store.database.read() as session:
            messages = messages_of(session, item.number, notes=True)
        opened = case.Opened(
            user=user,
            item=item,
            view=view,
            originals=originals,
            messages=messages,
            audit=self.store.audit.of_case(item.number),
            people=self.door.accounts.working(item.department),
            today=self.today(),
            joined=tuple(
                other for other in self.docket.joined(item.number) if may(user, "read", other)
            ),
        )
        found = self.similar(item.number) if self.similar is not None else ()
        kept = [one for one in found if may(user, "read", one.item)]
        return OfficeScreen(
            head=case.head_panel(words, opened, self.policy),
            evidence=self._evidence(words, opened),
            reply=case.reply_panel(words, opened),
            claims=self._claims(words, opened),
            similar=similar_panel(words, kept),
            history=case.history_panel(words, opened),
            command={"do": "opened", "number": item.number, "said": said, "done": done},
        )

    def _evidence(self, words: Words, opened: case.Opened) -> str:
        view = opened.view
        sign = self.links.sign if opened.originals else self.links.sign_pages
        files = files_panel(
            words,
            view,
            lambda entry: sign(view.number, entry.sha256),
            plays=opened.originals,
        )
        lines = evidence_panel(words, view.media, view.evidence, heard=view.heard)
        return f"{case.originals_box(words, opened)}{files}{lines}"

    def _claims(self, words: Words, opened: case.Opened) -> str:
        item = opened.item
        place = item.place if opened.originals else masked(item.place)
        view = _as_the_office_has_it(opened.view, replace(item, place=place))
        chip = Sources(view.media).chip
        form = draft_panel(words, view, self.policy, ready=False, chip=chip)
        return f"{form}{case.correct_panel(words, opened, self.policy)}"

    def _who(self, words: Words, user: User) -> str:
        more = compose.help_button(words) + compose.renew_link(words)
        place = user.department or ""
        return compose.who(words, user, demo=self.door.demo, more=more, place=place)

    def _filters(self, words: Words, user: User) -> str:
        own = scope(user, "read") == "department"
        people = self.door.accounts.working(user.department if own else None)
        return listing.filters_panel(words, user, self.policy, self.docket.districts(), people)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


def _as_the_office_has_it(view: CaseView, item: DocketItem) -> CaseView:
    """The draft with what officials corrected, so that it says what holds."""
    if view.draft is None:
        return view
    now = {
        "category": item.category,
        "department": item.department,
        "urgency": item.urgency,
        "place": item.place,
        "due_date": item.due_on,
    }
    return replace(view, draft=view.draft.model_copy(update=now), status="filed")


def trouble(words: Words, error: MinwonError) -> OfficeScreen:
    """One sentence; who is signed out goes to sign in."""
    if isinstance(error, SignedOut):
        return OfficeScreen(command={"do": "signed_out"})
    return OfficeScreen(command=said(words, error))
