"""The cases: opened, found by receipt, changed, filed. Nothing is said before it is on disk."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from demo.receipts import Receipt, hash_secret, new_number, new_secret, read_number, secret_fits
from demo.store import additions, codec
from demo.store.audit import Audit
from demo.store.corrections import corrected
from demo.store.database import Database, utc_now
from demo.store.edits import EDITABLE, OnCategory, corrected_text, edited
from demo.store.files import MediaFolder
from demo.store.filing import WEB, Filing, Position
from demo.store.joining import hand_in
from demo.store.journal import CITIZEN, Journal
from demo.store.ledger import Ledger
from demo.store.tables import CaseMediaRow, CaseRow, EventRow
from demo.store.tracking import Tracking
from demo.store.views import CaseView, EventView, StoredMedia, media_of, view_of
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.clock import KOREA
from pipelines.errors import (
    CaseConflict,
    CaseFieldInvalid,
    CaseFiled,
    CaseNotFound,
    CaseNotReady,
    CaseTooManyFiles,
    MediaMissing,
    StoreUnavailable,
)
from pipelines.refusals import DocumentTwice
from pipelines.types import MediaFile, Note

__all__ = ["EDITABLE", "CaseStore", "CaseView", "EventView", "Receipt", "StoredMedia"]

log = logging.getLogger(__name__)

Beside = Callable[[Session, CaseRow], None]
"""(transaction, the new case): what else is written with it."""
DRAWS = 20
"""How often a number is drawn again when it is taken."""


class CaseStore:
    """Thread-safe. The tables must be there: see `demo.store.upgrade`.

    Every method may raise StoreUnavailable and DiskFull; nothing is changed then.
    """

    def __init__(
        self,
        engine: Engine,
        data_dir: Path,
        *,
        on_category: OnCategory | None = None,
        filing: Filing | None = None,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self.database = Database(engine)
        self.files = MediaFolder(data_dir / "media")
        self.files.prepare()
        self.audit = Audit(self.database, now)
        self.filing = filing or Filing()
        self.ledger = Ledger(self.database, now, self.filing)
        self.journal = Journal(audit=self.audit, filing=self.filing, now=now)
        self.tracking = Tracking(self.database, self.journal, self._prove)
        self._on_category = on_category
        self._now = now

    def open(
        self,
        media: MediaFile,
        language: str | None,
        *,
        more: Sequence[MediaFile] = (),
        refused: Sequence[Note] = (),
        secret: str | None = None,
        beside: Beside | None = None,
    ) -> Receipt:
        """A new case with its files and a queued job; all are on disk when this returns.

        `more`: the files after the first; `refused`: notes that name what was not taken; `secret`:
        one of ours that can be made again, else a new one; `beside` adds its own rows with the
        case or raises. Raises MediaMissing where a file is gone or is another one than was
        admitted.
        """
        files = (media, *more)
        for file in files:
            self.files.keep(file)
        secret = secret or new_secret()
        kept = hash_secret(secret)
        for _ in range(DRAWS):
            number = new_number(self._now().astimezone(KOREA).date())
            try:
                with self.database.write() as session:
                    opened = additions.new_case(number, kept, language, self._now(), refused)
                    linked = additions.link(session, opened, files, self._now())
                    session.add(opened)
                    opened.events = [self._event("opened", {"files": linked})]
                    if beside is not None:
                        session.flush()
                        beside(session, opened)
            except IntegrityError:
                continue  # taken, or the same file came in twice at this moment
            self._keep_again(files)
            log.info("case %s opened, media %s", number, media.sha256[:12])
            return Receipt(number=number, secret=secret)
        raise StoreUnavailable(reason="no free receipt number")

    def add(
        self,
        number: str,
        secret: str,
        files: Sequence[MediaFile],
        *,
        limit: int,
        refused: Sequence[Note] = (),
    ) -> None:
        """More files for a case that the office is not done with, and the job that reads them.

        Raises CaseNotFound, CaseFiled, CaseNotReady (its files are being read now),
        CaseTooManyFiles, DocumentTwice where nothing of it is new, MediaMissing.
        """
        number = self._prove(number, secret)
        for file in files:
            self.files.keep(file)
        with self.database.write() as session:
            case = self._locked(session, number)
            additions.check_open(session, case)
            linked = additions.link(session, case, files, self._now())
            if not linked:
                raise DocumentTwice
            if len(case.media) > limit:
                raise CaseTooManyFiles(limit=limit)
            additions.queue(case, refused, self._now())
            self._touch(session, case, "added", {"files": linked})
        self._keep_again(files)

    def find(self, number: str, secret: str) -> CaseView:
        """The case of that receipt, typed as loosely as people type.

        Raises CaseNotFound, after the same work, whichever of the two is wrong.
        """
        return self.view(self._prove(number, secret))

    def view(self, number: str) -> CaseView:
        """The case without asking for the secret: for our own code, never for a request."""
        with self.database.read() as session:
            row = self._row(session, number)
            if row is None:
                raise CaseNotFound
            return self._view(row)

    def edit(self, number: str, secret: str, version: int, fields: Mapping[str, str]) -> CaseView:
        """Change fields of the draft (EDITABLE); a value equal to the model's takes a change back.

        Raises CaseNotFound, CaseConflict, CaseFiled, CaseNotReady, CaseFieldInvalid.
        """
        number = self._prove(number, secret)
        with self.database.write() as session:
            case = self._changing(session, number, version)
            if case.status != "drafted" or case.draft is None:
                raise CaseNotReady(status=case.status)
            drafted = CaseDraft.model_validate(case.draft)
            before = dict(case.edited)
            case.edited = edited(drafted, before, fields, self._on_category)
            changed = [
                name
                for name in sorted({*before, *case.edited})
                if before.get(name) != case.edited.get(name)
            ]
            if changed:
                self._touch(session, case, "edited", {"fields": ",".join(changed)})
            return self._view(case)

    def correct(self, number: str, secret: str, version: int, index: int, text: str) -> CaseView:
        """Replace the text of one piece of evidence; what was heard is kept beside it.

        The draft stays as it is: `Jobs.redraft` makes a new one from the corrected evidence.
        Raises CaseNotFound, CaseConflict, CaseFiled, CaseNotReady, CaseFieldInvalid.
        """
        text = corrected_text(text)
        number = self._prove(number, secret)
        with self.database.write() as session:
            case = self._changing(session, number, version)
            if case.status in {"queued", "reading"}:
                raise CaseNotReady(status=case.status)
            if not 0 <= index < len(case.evidence):
                raise CaseFieldInvalid(field="evidence", problem="unknown")
            piece = case.evidence[index]
            words = corrected([codec.unpack_word(word) for word in piece.words], text)
            piece.text, piece.words = text, [codec.pack_word(word) for word in words]
            self._touch(session, case, "corrected", {"index": index})
            return self._view(case)

    def file(
        self,
        number: str,
        secret: str,
        version: int,
        channel: str = WEB,
        *,
        at: Position | None = None,
        join: str | None = None,
    ) -> CaseView:
        """Hand the case to the office, through `channel`. Filing it again changes nothing.

        `at`: where a photo of it was taken; `join`: the open case that is to answer for it too.
        Raises CaseNotFound, CaseConflict, CaseNotReady.
        """
        number = self._prove(number, secret)
        with self.database.write() as session:
            case = self._locked(session, number)
            if case.status == "filed":
                return self._view(case)
            _check_version(case, version)
            if case.status != "drafted":
                raise CaseNotReady(status=case.status)
            case.status, case.filed_at = "filed", self._now()
            line = self.filing.row(case, case.filed_at, channel, at=at)
            session.add(line)
            hand_in(session, self.journal, case, line, join)
            return self._view(case)

    def media_path(self, sha256: str) -> Path:
        """Where a stored file lies. Raises CaseNotFound where there is none."""
        try:
            path = self.files.path(sha256)
        except ValueError as exc:
            raise CaseNotFound from exc
        if not path.is_file():
            raise CaseNotFound
        return path

    def media_files(self, number: str) -> tuple[MediaFile, ...]:
        """All files of the case, as they came. Raises CaseNotFound, MediaMissing."""
        files = tuple(media.file for media in self.view(number).media)
        if not all(file.path.is_file() for file in files):
            raise MediaMissing
        return files

    def case_media(self, number: str, sha256: str) -> StoredMedia:
        """The file, where it belongs to that case and is on disk. Raises CaseNotFound."""
        wanted = (
            sa.select(CaseMediaRow)
            .join(CaseRow, CaseRow.id == CaseMediaRow.case_id)
            .where(CaseRow.number == number, CaseMediaRow.sha256 == sha256)
        )
        with self.database.read() as session:
            link = session.scalars(wanted).one_or_none()
            if link is None:
                raise CaseNotFound
            self.media_path(sha256)
            return media_of(link, self.files.root)

    def _keep_again(self, files: Sequence[MediaFile]) -> None:
        """Retention may have deleted the same bytes, of another case, before ours were linked."""
        for file in files:
            self.files.keep(file)

    def _row(self, session: Session, number: str, *, lock: bool = False) -> CaseRow | None:
        wanted = sa.select(CaseRow).where(CaseRow.number == number)
        if lock:
            wanted = wanted.with_for_update()
        else:
            wanted = wanted.options(selectinload(CaseRow.evidence), selectinload(CaseRow.events))
        return session.scalars(wanted).one_or_none()

    def _prove(self, number: str, secret: str) -> str:
        """The case's number as we write it. The slow hash is made outside of any transaction."""
        known = read_number(number) or ""
        with self.database.read() as session:
            wanted = sa.select(CaseRow.secret_hash).where(CaseRow.number == known)
            kept = session.scalars(wanted).one_or_none()
        if not secret_fits(secret, kept):
            raise CaseNotFound
        return known

    def _locked(self, session: Session, number: str) -> CaseRow:
        row = self._row(session, number, lock=True)
        if row is None:
            raise CaseNotFound
        return row

    def _changing(self, session: Session, number: str, version: int) -> CaseRow:
        case = self._locked(session, number)
        if case.status == "filed":
            raise CaseFiled
        _check_version(case, version)
        return case

    def _touch(
        self, session: Session, case: CaseRow, kind: str, facts: dict[str, str | int | float]
    ) -> None:
        case.version += 1
        event = self._event(kind, facts)
        case.updated_at = event.time
        case.events.append(event)
        session.flush()

    def _event(self, kind: str, facts: Mapping[str, str | int | float]) -> EventRow:
        return EventRow(time=self._now(), actor=CITIZEN, kind=kind, facts=dict(facts))

    def _view(self, row: CaseRow) -> CaseView:
        return view_of(row, self.files.root)


def _check_version(case: CaseRow, version: int) -> None:
    if case.version != version:
        raise CaseConflict
