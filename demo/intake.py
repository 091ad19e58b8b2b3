"""What the citizen's page does, without the page: a message comes in, panels go out.

No state is kept here and none in the browser but the receipt: every message proves itself with
number and secret, so a refresh, another window or another day make no difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.admission import Upload, admit_each, taken
from demo.api.media import MediaLinks
from demo.asks import Add, BadRequest, Change, Correct, Follow, Keyed, Say, Submit
from demo.evidence import Sources, add_box, evidence_panel, files_panel
from demo.form import draft_panel
from demo.jobs import Jobs
from demo.joining import Joining, TakenAt
from demo.live import Snapshot
from demo.pages import CasePages
from demo.panels import (
    others_panel,
    player_panel,
    progress_panel,
    receipt_panel,
    transcript_panel,
    writing_panel,
)
from demo.present import Words
from demo.receipts import Receipt, read_number
from demo.samples import Sample
from demo.screens import Screen, nothing
from demo.standing import standing_panel, way_out
from demo.store.cases import CaseStore
from demo.store.views import CaseView, StoredMedia
from demo.work import is_recording
from pipelines.document import refused_note
from pipelines.drafting.policy import Policy
from pipelines.errors import CaseConflict
from pipelines.interface_errors import ApiTooMany
from pipelines.settings import Settings
from pipelines.types import MediaFile, Note, ignore

TURN_S = 20.0
"""One listener follows a case this long, then the page asks again: nobody blocks the others."""
WAIT_S = 1.0
PACE_S = 0.12
"""At most some eight pictures a second; faster than eyes read and slower than tokens come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    store: CaseStore
    jobs: Jobs
    links: MediaLinks
    pages: CasePages | None = None
    """Draws pages of papers; without it a citation names file and page only."""
    taken_at: TakenAt | None = None
    """Where photos of a case say that they were taken; for the office's map only."""
    joining: Joining | None = None
    """Finds cases of others about the same; without it none is offered."""
    eraser: Callable[[str], None] | None = None
    """Deletes a case and all that belongs to it, by its number."""
    samples: tuple[Sample, ...] = ()
    refused: Callable[[str], None] = ignore
    """Told the code of each file that is not taken."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)

    def submit(self, ask: Submit, uploaded: Callable[[str], Path]) -> Screen:
        """Admit the files, put the case on disk and into the queue, hand out the receipt.

        `uploaded` turns what the browser calls the path into one that it really uploaded.
        A refused file is named in a note; MediaRejected only where none is left.
        Raises MediaRejected, BadRequest, CaseTooManyFiles, StoreUnavailable, DiskFull.
        """
        if ask.sample:
            sample = self._sample(ask.sample)
            receipt = self._open([(sample.path, sample.path.name)], ask.language)
        else:
            with taken(ask.files, uploaded, self.settings.max_case_files) as paths:
                receipt = self._open(paths, ask.language)
        self.jobs.submit(receipt.number)
        return nothing({"do": "opened", "number": receipt.number, "secret": receipt.secret})

    def add(self, words: Words, ask: Add, uploaded: Callable[[str], Path]) -> Screen:
        """More files for a case that is not filed: the new ones are read, then it is drafted again.

        What a person changed in the draft stays. Raises as `submit` and `CaseStore.add`.
        """
        with taken(ask.files, uploaded, self.settings.max_case_files) as paths:
            if ask.fields:
                try:
                    self.store.edit(ask.number, ask.secret, ask.version, ask.fields)
                except CaseConflict as exc:
                    return self._conflict(words, ask, exc)
            view = self.store.find(ask.number, ask.secret)
            files, refused = self._admitted(paths)
            limit = self.settings.max_case_files
            self.store.add(view.number, ask.secret, files, limit=limit, refused=refused)
        self.jobs.added(view.number)
        return nothing({"do": "again"})

    def _open(self, paths: Sequence[Upload], language: str) -> Receipt:
        (first, *more), refused = self._admitted(paths)
        return self.store.open(first, language or None, more=more, refused=refused)

    def _admitted(self, paths: Sequence[Upload]) -> tuple[list[MediaFile], list[Note]]:
        """(what can be read, notes that name the rest). Raises MediaRejected where all is refused.

        The first refusal, then: a person who sent one file reads why it was.
        """
        files, refusals = admit_each(paths, self.settings)
        for refusal in refusals:
            self.refused(refusal.code)
        if not files:
            raise refusals[0]
        return files, [refused_note(refusal, refusal.file) for refusal in refusals]

    def _sample(self, name: str) -> Sample:
        for sample in self.samples:
            if sample.id == name:
                return sample
        raise BadRequest

    def follow(self, words: Words, ask: Follow) -> Iterator[Screen]:
        """The case as it stands, then every change, until the work ends or the turn is over.

        Raises CaseNotFound, StoreUnavailable.
        """
        view = self.store.find(ask.number, ask.secret)
        number = read_number(ask.number) or view.number
        until = self.clock() + TURN_S
        now = self.jobs.snapshot(number)
        yield Screen(
            receipt=receipt_panel(words, view, ask.secret if ask.fresh else None),
            standing=self._standing(words, ask, view),
            player=self._player(words, view),
            similar="",
            command={"do": "shown", "number": number},
            **self._panels(words, now, view.media),
        )
        shown = now
        while not now.ended and self.clock() < until:
            now = self.jobs.wait(number, shown.revision, WAIT_S)
            if now.revision != shown.revision or now.ended:
                standing = self._standing(words, ask, now.view or view) if now.ended else None
                yield Screen(**self._panels(words, now, view.media), standing=standing)
                shown = now
                if not now.ended:
                    self.sleep(PACE_S)
        yield nothing({"do": "ended" if now.ended else "again", "number": number})

    def cancel(self, ask: Keyed) -> None:
        """Stop the work. Raises CaseNotFound."""
        self.jobs.cancel(self.store.find(ask.number, ask.secret).number)

    def retry(self, ask: Keyed) -> Screen:
        """Once more, after a failure or a cancellation. Raises CaseNotFound, CaseFiled."""
        self.jobs.submit(self.store.find(ask.number, ask.secret).number)
        return nothing({"do": "again"})

    def redraft(self, ask: Keyed) -> Screen:
        """A new draft from the corrected words. Raises CaseNotFound, CaseFiled, CaseNotReady."""
        self.jobs.redraft(self.store.find(ask.number, ask.secret).number)
        return nothing({"do": "again"})

    def correct(self, words: Words, ask: Correct) -> Screen:
        """A sentence typed over. Raises what CaseStore.correct does, without the conflict."""
        try:
            view = self.store.correct(ask.number, ask.secret, ask.version, ask.index, ask.text)
        except CaseConflict as exc:
            return self._conflict(words, ask, exc)
        return Screen(
            **self._ended(words, view),
            command={"do": "said", "tone": "good", "text": words.plain("draft.saved")},
        )

    def change(self, words: Words, ask: Change) -> Screen:
        """Fields changed, and handed in if asked. Raises what CaseStore.edit and .file do."""
        try:
            view = self.store.find(ask.number, ask.secret)
            version = ask.version
            # Before the changes: it was offered for the draft as it was.
            other = self.joining.target(view, ask.join) if self.joining is not None else None
            if view.status != "filed":
                view = self.store.edit(ask.number, ask.secret, version, ask.fields)
                version = view.version
            if ask.file:
                at = self.taken_at(view.media) if self.taken_at is not None else None
                view = self.store.file(ask.number, ask.secret, version, at=at, join=other)
        except CaseConflict as exc:
            return self._conflict(words, ask, exc)
        key = "stage.filed" if ask.file else "draft.saved"
        if ask.join:
            joined = any(event.kind == "merged" for event in view.events)
            key = "join.joined" if joined else "join.gone"
        command = {"do": "filed" if ask.file else "said", "tone": "good", "text": words.plain(key)}
        standing = self._standing(words, ask, view) if ask.file else None
        similar = "" if ask.file else None
        shown = self._ended(words, view)
        return Screen(**shown, standing=standing, similar=similar, command=command)

    def similar(self, words: Words, ask: Keyed) -> Screen:
        """Cases of others that may be about the same as this draft. Raises CaseNotFound."""
        view = self.store.find(ask.number, ask.secret)
        try:
            offers = self.joining.offered(view) if self.joining is not None else ()
        except ApiTooMany:  # a courtesy: nobody is told that there is none
            offers = ()
        return Screen(similar=others_panel(words, offers, self.policy))

    def reply(self, words: Words, ask: Say) -> Screen:
        """The citizen answers the office. Raises what Tracking.reply does."""
        self.store.tracking.reply(ask.number, ask.secret, ask.text)
        return self._stands(words, ask, "standing.sent")

    def withdraw(self, words: Words, ask: Keyed) -> Screen:
        """The complaint is taken back. Raises what Tracking.withdraw does."""
        self.store.tracking.withdraw(ask.number, ask.secret)
        return self._stands(words, ask, "standing.withdrawn")

    def erase(self, words: Words, ask: Keyed) -> Screen:
        """Everything of a case that nobody works on is deleted.

        Raises CaseNotFound, CaseNotReady.
        """
        number = self.store.find(ask.number, ask.secret).number
        if self.eraser is None:
            raise BadRequest
        self.eraser(number)
        return nothing({"do": "erased", "text": words.plain("standing.erased")})

    def _stands(self, words: Words, ask: Keyed, said: str) -> Screen:
        view = self.store.find(ask.number, ask.secret)
        return Screen(
            **self._ended(words, view),
            standing=self._standing(words, ask, view),
            command={"do": "said", "tone": "good", "text": words.plain(said)},
        )

    def _standing(self, words: Words, ask: Keyed, view: CaseView) -> str:
        stands = self.store.tracking.standing(ask.number, ask.secret)
        erasable = self.eraser is not None
        if stands is None:
            resting = view.status not in ("queued", "reading")
            return way_out(words, "erase") if erasable and resting else ""
        limit = self.settings.max_case_files
        more = add_box(words, limit, len(view.media), filed=True)
        return standing_panel(words, stands, self.policy, more=more, erasable=erasable)

    def _conflict(self, words: Words, ask: Keyed, exc: CaseConflict) -> Screen:
        view = self.store.find(ask.number, ask.secret)
        return Screen(
            **self._ended(words, view),
            command={"do": "said", "tone": "bad", "code": exc.code, "text": words.error(exc)},
        )

    def _player(self, words: Words, view: CaseView) -> str:
        def sign(media: StoredMedia) -> str:
            return self.links.sign(view.number, media.sha256)

        if is_recording(view.media):
            return player_panel(words, view, sign(view.media[0]))
        return files_panel(words, view, sign)

    def _panels(self, words: Words, now: Snapshot, media: Sequence[StoredMedia]) -> dict[str, Any]:
        files = 0 if is_recording(media) else len(media)
        if now.ended and now.view is not None:
            return {"progress": progress_panel(words, now), **self._ended(words, now.view)}
        busy = now.stage in {"loading", "reading"}
        return {
            "progress": progress_panel(words, now, files),
            "transcript": evidence_panel(words, media, now.evidence, reading=busy)
            if files
            else transcript_panel(words, now.evidence, listening=busy),
            "draft": writing_panel(words, now),
        }

    def _ended(self, words: Words, view: CaseView) -> dict[str, str]:
        open_ = view.status != "filed"
        more = add_box(words, self.settings.max_case_files, len(view.media)) if open_ else ""
        if is_recording(view.media):
            told = transcript_panel(
                words, view.evidence, heard=view.heard, editable=open_, version=view.version
            )
            return {
                "transcript": (told if view.evidence else "") + more,
                "draft": draft_panel(words, view, self.policy),
            }
        told = evidence_panel(
            words,
            view.media,
            view.evidence,
            heard=view.heard,
            editable=open_,
            version=view.version,
        )
        return {
            "transcript": told + more,
            "draft": draft_panel(words, view, self.policy, chip=Sources(view.media).chip),
        }
