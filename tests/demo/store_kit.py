"""What the tests of the store and of the jobs share: a recording, a draft, a store, a server."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.store.cases import CaseStore
from demo.store.database import open_engine
from demo.store.upgrade import upgrade
from pipelines.drafting.case import CaseDraft, CategoryCandidate, Citation
from pipelines.settings import Settings
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    MediaFile,
    Note,
    OnEvent,
    TimeSpan,
    Timing,
    Word,
    ignore,
)

TEXTS = ("은행나무 사거리 앞 가로등이 꺼졌습니다", "밤에 너무 어두우니 고쳐 주세요")


def make_recording(folder: Path, content: bytes = b"not really sound " * 100) -> MediaFile:
    """An admitted file; the store never looks inside."""
    path = folder / f"{uuid.uuid4().hex}.wav"
    path.write_bytes(content)
    return MediaFile(
        path=path,
        kind="voice",
        media_type="audio/wav",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        name="민원.wav",
        duration_s=4.0,
    )


def make_evidence(source: str) -> tuple[Evidence, ...]:
    made = []
    for index, text in enumerate(TEXTS):
        words = tuple(
            Word(
                text=f" {token}",
                start_s=2.0 * index + 0.25 * place,
                end_s=2.0 * index + 0.25 * (place + 1),
                confidence=0.9,
                unsure=place == 0,
            )
            for place, token in enumerate(text.split())
        )
        made.append(
            Evidence(
                source=source,
                where=TimeSpan(start_s=2.0 * index, end_s=2.0 * index + 1.5),
                text=text,
                confidence=0.9,
                language="ko",
                words=words,
            )
        )
    return tuple(made)


def make_draft(**changes: object) -> CaseDraft:
    data = {
        "category": "교통",
        "category_unsure": True,
        "category_candidates": [CategoryCandidate(category="교통", confidence=0.5)],
        "department": "도로과",
        "title": "가로등 고장",
        "summary": "사거리 앞 가로등이 꺼져 있음",
        "request": "수리",
        "place": "은행나무 사거리",
        "urgency": "normal",
        "due_date": dt.date(2026, 12, 1),
        "language": "ko",
        "reply": "접수되었습니다.",
        "citations": [
            Citation(field="title", claim="가로등 고장", evidence=[0]),
            Citation(field="place", claim="은행나무 사거리", evidence=[0]),
        ],
        "drafted_by": "model",
    }
    return CaseDraft.model_validate(data | changes)


def make_result(
    media: MediaFile, evidence: tuple[Evidence, ...] | None = None, **changes: object
) -> CaseResult:
    return CaseResult(
        media=(media,),
        draft=make_draft(**changes),
        evidence=make_evidence(media.sha256) if evidence is None else evidence,
        replies=(),
        notes=(Note(code="note.words_unsure", facts={"count": 2}),),
        timing=Timing(read_s=1.5, first_token_s=2.0, draft_s=3.0, total_s=4.5),
        model="fake",
    )


def make_store(folder: Path, engine: Engine | None = None) -> CaseStore:
    """A store with its tables, on SQLite in the folder unless another engine is given."""
    if engine is None:
        engine = open_engine(Settings(data_dir=folder))
    upgrade(engine)
    return CaseStore(engine, folder)


def drafted(store: CaseStore, folder: Path) -> tuple[str, str]:
    """A case with a draft: (number, secret)."""
    media = make_recording(folder)
    receipt = store.open(media, None)
    store.ledger.claim(receipt.number)
    store.ledger.record_result(receipt.number, make_result(media))
    return receipt.number, receipt.secret


def find_postgres() -> Path | None:
    """The folder with initdb and postgres: Debian keeps it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_postgres(binaries: Path) -> Iterator[str]:
    """A private server on a unix socket in a new folder; yields its SQLAlchemy URL.

    PostgreSQL refuses to run as root, so a root test run borrows the package's own user.
    """
    folder = Path(tempfile.mkdtemp(prefix="mw-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=user, cwd=folder, capture_output=True, timeout=60, env={}
        )

    try:
        run(
            str(binaries / "initdb"), "--auth=trust", "--username=tester", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync", "-D", str(data),
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        control = str(binaries / "pg_ctl")
        log = str(folder / "log")
        run(control, "-D", str(data), "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run(control, "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A new, empty database on a running server."""
    name = f"t{uuid.uuid4().hex}"
    admin = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield server_url.replace("@/postgres?", f"@/{name}?")
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


class Enriches(ABC):
    """For a work of several files that tells what it reads: the draft of a filed case stays."""

    @abstractmethod
    def run(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult: ...

    def enrich(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        draft: CaseDraft,
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        made = self.run(media, known, on_event=on_event, cancel=cancel)
        return dataclasses.replace(made, draft=draft)
