"""The cases: opened, found by receipt, changed, filed. Nothing is said before it is on disk."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from demo.receipts import Receipt, hash_secret, new_number, new_secret, read_number, secret_fits
from demo.store import codec
from demo.store.corrections import corrected
from demo.store.database import Database
from demo.store.edits import EDITABLE, OnCategory, corrected_text, edited
from demo.store.files import MediaFolder
from demo.store.ledger import Ledger
from demo.store.tables import CaseMediaRow, CaseRow, EventRow, JobRow, MediaRow
from demo.store.views import CaseView, EventView, StoredMedia, media_of, view_of
from pipelines.drafting.case import CaseDraft
from pipelines.drafting.clock import KOREA
from pipelines.errors import (
    CaseConflict,
    CaseFieldInvalid,
    CaseFiled,
    CaseNotFound,
    CaseNotReady,
    MediaMissing,
    StoreUnavailable,
)
from pipelines.types import Kind, MediaFile

__all__ = ["EDITABLE", "CaseStore", "CaseView", "EventView", "Receipt", "StoredMedia"]

log = logging.getLogger(__name__)

DRAWS = 20
"""How often a number is drawn again when it is taken."""


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


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
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        self.database = Database(engine)
        self.files = MediaFolder(data_dir / "media")
        self.files.prepare()
        self.ledger = Ledger(self.database, now)
        self._on_category = on_category
        self._now = now

    def open(self, media: MediaFile, language: str | None) -> Receipt:
        """A new case with one recording and a queued job; both are on disk when this returns.

        Raises MediaMissing where the file is gone or is another one than was admitted.
        """
        self.files.keep(media)
        secret = new_secret()
        kept = hash_secret(secret)
        for _ in range(DRAWS):
            number = new_number(self._now().astimezone(KOREA).date())
            try:
                with self.database.write() as session:
                    self._insert(session, number, kept, media, language)
            except IntegrityError:
                continue  # taken, or the same file came in twice at this moment
            log.info("case %s opened, media %s", number, media.sha256[:12])
            return Receipt(number=number, secret=secret)
        raise StoreUnavailable(reason="no free receipt number")

    def _insert(
        self, session: Session, number: str, kept: str, media: MediaFile, language: str | None
    ) -> None:
        now = self._now()
        if session.get(MediaRow, media.sha256) is None:
            session.add(
                MediaRow(
                    sha256=media.sha256,
                    media_type=media.media_type,
                    kind=media.kind,
                    size_bytes=media.size_bytes,
                    duration_s=media.duration_s,
                    created_at=now,
                )
            )
            session.flush()
        case = CaseRow(
            number=number,
            secret_hash=kept,
            status="queued",
            language=language,
            created_at=now,
            updated_at=now,
        )
        case.media = [CaseMediaRow(sha256=media.sha256, position=0, name=media.name)]
        case.events = [EventRow(time=now, actor="citizen", kind="opened", facts={"files": 1})]
        case.jobs = [JobRow(kind="run", state="queued", stage="queued", created_at=now)]
        session.add(case)

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

    def file(self, number: str, secret: str, version: int) -> CaseView:
        """Hand the case to the office. Filing what is filed already changes nothing.

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
            self._touch(session, case, "filed", {"edited": len(case.edited)})
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

    def media_file(self, number: str) -> MediaFile:
        """The case's first file as a pipeline takes it. Raises CaseNotFound, MediaMissing."""
        with self.database.read() as session:
            row = self._row(session, number)
            if row is None:
                raise CaseNotFound
            link = row.media[0]
            path = self.files.path(link.sha256)
            if not path.is_file():
                raise MediaMissing
            return MediaFile(
                path=path,
                kind=cast("Kind", link.file.kind),
                media_type=link.file.media_type,
                size_bytes=link.file.size_bytes,
                sha256=link.sha256,
                name=link.name,
                duration_s=link.file.duration_s,
            )

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
        case.updated_at = self._now()
        case.events.append(EventRow(time=case.updated_at, actor="citizen", kind=kind, facts=facts))
        session.flush()

    def _view(self, row: CaseRow) -> CaseView:
        return view_of(row, self.files.root)


def _check_version(case: CaseRow, version: int) -> None:
    if case.version != version:
        raise CaseConflict
