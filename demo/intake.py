"""What the citizen's page does, without the page: a message comes in, panels go out.

No state is kept here and none in the browser but the receipt: every message proves itself with
number and secret, so a refresh, another window or another day make no difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.api.media import MediaLinks
from demo.asks import BadRequest, Change, Correct, Follow, Keyed, Submit
from demo.form import draft_panel
from demo.jobs import Jobs
from demo.live import Snapshot
from demo.panels import (
    player_panel,
    progress_panel,
    receipt_panel,
    transcript_panel,
    writing_panel,
)
from demo.present import Words
from demo.receipts import Receipt, read_number
from demo.samples import Sample
from demo.store.cases import CaseStore
from demo.store.views import CaseView
from pipelines.drafting.policy import Policy
from pipelines.errors import CaseConflict, MinwonError
from pipelines.media.admit import admit
from pipelines.settings import Settings

TURN_S = 20.0
"""One listener follows a case this long, then the page asks again: nobody blocks the others."""
WAIT_S = 1.0
PACE_S = 0.12
"""At most some eight pictures a second; faster than eyes read and slower than tokens come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """New contents of the panels; None = as it was. `command` is for the page's script."""

    receipt: str | None = None
    progress: str | None = None
    player: str | None = None
    transcript: str | None = None
    draft: str | None = None
    command: Mapping[str, Any] | None = None


def nothing(command: Mapping[str, Any]) -> Screen:
    """Only a word to the script."""
    return Screen(command=command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    store: CaseStore
    jobs: Jobs
    links: MediaLinks
    samples: tuple[Sample, ...] = ()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)

    def submit(self, ask: Submit, uploaded: Callable[[str], Path]) -> Screen:
        """Admit the file, put the case on disk and into the queue, hand out the receipt.

        `uploaded` turns what the browser calls the path into one that it really uploaded.
        Raises MediaRejected, BadRequest, StoreUnavailable, DiskFull.
        """
        if ask.sample:
            sample = self._sample(ask.sample)
            receipt = self._open(sample.path, sample.path.name, ask.language)
        else:
            path = uploaded(ask.path)
            try:
                receipt = self._open(path, ask.name or path.name, ask.language)
            finally:  # the store has its own copy; a refused file is nobody's
                path.unlink(missing_ok=True)
        self.jobs.submit(receipt.number)
        return nothing({"do": "opened", "number": receipt.number, "secret": receipt.secret})

    def _open(self, path: Path, name: str, language: str) -> Receipt:
        media = admit(path, settings=self.settings, name=name)
        return self.store.open(media, language or None)

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
            player=player_panel(words, view, self._token(view)),
            command={"do": "shown", "number": number},
            **self._panels(words, now),
        )
        shown = now
        while not now.ended and self.clock() < until:
            now = self.jobs.wait(number, shown.revision, WAIT_S)
            if now.revision != shown.revision or now.ended:
                yield Screen(**self._panels(words, now))
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
            if view.status != "filed":
                view = self.store.edit(ask.number, ask.secret, version, ask.fields)
                version = view.version
            if ask.file:
                view = self.store.file(ask.number, ask.secret, version)
        except CaseConflict as exc:
            return self._conflict(words, ask, exc)
        key = "stage.filed" if ask.file else "draft.saved"
        command = {"do": "filed" if ask.file else "said", "tone": "good", "text": words.plain(key)}
        return Screen(**self._ended(words, view), command=command)

    def _conflict(self, words: Words, ask: Keyed, exc: CaseConflict) -> Screen:
        view = self.store.find(ask.number, ask.secret)
        return Screen(
            **self._ended(words, view),
            command={"do": "said", "tone": "bad", "code": exc.code, "text": words.error(exc)},
        )

    def _token(self, view: CaseView) -> str | None:
        return self.links.sign(view.number, view.media[0].sha256) if view.media else None

    def _panels(self, words: Words, now: Snapshot) -> dict[str, Any]:
        if now.ended and now.view is not None:
            return {"progress": progress_panel(words, now), **self._ended(words, now.view)}
        return {
            "progress": progress_panel(words, now),
            "transcript": transcript_panel(
                words, now.evidence, listening=now.stage in {"loading", "reading"}
            ),
            "draft": writing_panel(words, now),
        }

    def _ended(self, words: Words, view: CaseView) -> dict[str, str]:
        open_ = view.status != "filed"
        return {
            "transcript": transcript_panel(
                words, view.evidence, heard=view.heard, editable=open_, version=view.version
            )
            if view.evidence
            else "",
            "draft": draft_panel(words, view, self.policy),
        }


def trouble(words: Words, error: MinwonError) -> Screen:
    """One sentence for the reader; the script decides where it stands."""
    return nothing({"do": "said", "tone": "bad", "code": error.code, "text": words.error(error)})
