"""The counter for programs: what REST, Open311 and MCP do with a case, with the same limits."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from demo.admission import Upload, admit_each
from demo.api.limits import Throttle
from demo.jobs import Jobs
from demo.receipts import Receipt
from demo.store.cases import Beside, CaseStore
from demo.store.edits import check_characters
from demo.store.interface_tables import ReplayRow
from demo.store.keys import receipt_secret
from demo.store.tables import CaseRow
from demo.store.views import CaseView
from pipelines.document import refused_note
from pipelines.errors import CaseNotFound, CaseTooManyFiles, MinwonError
from pipelines.interface_errors import ApiBusy, ApiInvalid, ApiReplayed
from pipelines.settings import Settings
from pipelines.types import MediaFile, Note

TEXT_NAME = "민원.txt"
MAX_TEXT = 20_000
BUSY_S = 30
"""When to try again while the queue is full."""
CALL_KEY = (16, 200)
"""Characters of an Idempotency-Key: who knows it is given the receipt, so it can't be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls, and under which name they may repeat the call."""

    who: str
    """The name of a key, or the address: what is limited together."""
    key: str = ""
    """Their Idempotency-Key; empty = each call is a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Thread-safe; one for all interfaces."""

    settings: Settings
    store: CaseStore
    jobs: Jobs
    throttle: Throttle
    secret_key: bytes
    """This installation's own: receipts of repeated calls are made again from it."""

    def open(
        self,
        call: Call,
        files: Sequence[Upload],
        text: str,
        *,
        language: str | None = None,
        refused: Sequence[Note] = (),
        beside: Beside | None = None,
    ) -> Receipt:
        """A case of files, of words, or of both, with its job in the queue; all is on disk then.

        The same call (its key) with the same content returns the same receipt and opens nothing.
        Raises ApiTooMany, ApiBusy, ApiInvalid, ApiReplayed, CaseTooManyFiles, MediaRejected where
        nothing can be taken, StoreUnavailable, DiskFull.
        """
        check_text(text)
        if not files and not text.strip():
            raise ApiInvalid(field="text", problem="missing")
        secret, again = None, None
        if call.key:
            if not CALL_KEY[0] <= len(call.key) <= CALL_KEY[1]:
                raise ApiInvalid(field="Idempotency-Key", problem="length", limit=CALL_KEY[1])
            secret = receipt_secret(self.secret_key, f"{call.who}\0{call.key}")
            again = _Again(_sum(call.who, call.key), _content_of(files, text), beside)
            if (number := self._opened_before(again)) is not None:
                return Receipt(number=number, secret=secret)
        self.throttle.take("open", call.who)
        if self.jobs.waiting >= self.settings.queue_limit:
            raise ApiBusy(waiting=self.jobs.waiting, wait_s=BUSY_S)
        with self.admitted(files, text) as (media, notes):
            try:
                receipt = self.store.open(
                    media[0],
                    language,
                    more=media[1:],
                    refused=[*refused, *notes],
                    secret=secret,
                    beside=again or beside,
                )
            except _OpenedMeanwhile as exc:
                return Receipt(number=exc.number, secret=secret or "")
        self.jobs.submit(receipt.number)
        return receipt

    def find(self, who: str, number: str, secret: str) -> CaseView:
        """The case of a receipt; the same CaseNotFound for a wrong number and a wrong secret.

        Raises CaseNotFound, and ApiTooMany after too many of those: even for the right one.
        """
        self.throttle.check("wrong", who)
        try:
            return self.store.find(number, secret)
        except CaseNotFound:
            self.throttle.take("wrong", who)
            raise

    def add(self, who: str, number: str, secret: str, files: Sequence[Upload], text: str) -> None:
        """More for a case that is not filed. Raises as `find` and `open`, CaseFiled, CaseNotReady,
        DocumentTwice.
        """
        check_text(text)
        view = self.find(who, number, secret)
        with self.admitted(files, text) as (media, notes):
            limit = self.settings.max_case_files
            self.store.add(view.number, secret, media, limit=limit, refused=notes)
        self.jobs.added(view.number)

    @contextlib.contextmanager
    def admitted(
        self, files: Sequence[Upload], text: str
    ) -> Iterator[tuple[list[MediaFile], list[Note]]]:
        """What can be read, and notes that name the rest; valid inside the block.

        Raises CaseTooManyFiles, and the first MediaRejected where nothing is left.
        """
        limit = self.settings.max_case_files
        if len(files) + bool(text.strip()) > limit:
            raise CaseTooManyFiles(limit=limit)
        media: list[MediaFile] = []
        with tempfile.TemporaryDirectory(prefix="minwon-text-") as folder:
            if text.strip():
                media.append(_written(Path(folder), text))
            taken, refusals = admit_each(files, self.settings)
            media += taken
            if not media:
                raise refusals[0] if refusals else ApiInvalid(field="files", problem="missing")
            yield media, [refused_note(refusal, refusal.file) for refusal in refusals]

    def _opened_before(self, again: _Again) -> str | None:
        with self.store.database.read() as session:
            return again.number(session)


class _OpenedMeanwhile(MinwonError):
    """Another call with the same key was faster by a moment."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number


@dataclass(frozen=True, slots=True)
class _Again:
    """The row that makes a repeated call find its case, written together with the case."""

    call_hash: str
    content_hash: str
    beside: Beside | None

    def number(self, session: Session) -> str | None:
        """Of the case that this call opened before. Raises ApiReplayed for another content."""
        row = session.get(ReplayRow, self.call_hash)
        if row is None:
            return None
        if row.content_hash != self.content_hash:
            raise ApiReplayed
        return row.case.number

    def __call__(self, session: Session, case: CaseRow) -> None:
        if (number := self.number(session)) is not None:
            raise _OpenedMeanwhile(number)
        session.add(
            ReplayRow(
                call_hash=self.call_hash,
                content_hash=self.content_hash,
                case_id=case.id,
                created_at=case.created_at,
            )
        )
        if self.beside is not None:
            self.beside(session, case)


def check_text(text: str, field: str = "text", limit: int = MAX_TEXT) -> None:
    """Raises ApiInvalid for too many characters, and CaseFieldInvalid for those none may send."""
    if len(text) > limit:
        raise ApiInvalid(field=field, problem="length", limit=limit)
    check_characters(field, text.replace("\r", ""))


def _written(folder: Path, text: str) -> MediaFile:
    """A text file of ours. It is not looked at to see what it is: words that begin like a PDF or a
    web page are still words.
    """
    path = folder / TEXT_NAME
    path.write_text(text.replace("\r\n", "\n").replace("\r", "\n"), encoding="utf-8-sig")
    return MediaFile(
        path=path,
        kind="document",
        media_type="text/plain",
        size_bytes=path.stat().st_size,
        sha256=_file_sum(path),
        name=TEXT_NAME,
    )


def _content_of(files: Sequence[Upload], text: str) -> str:
    sums = [_file_sum(path) for path, _ in files]
    return _sum(*sums, text)


def _file_sum(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sum(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
