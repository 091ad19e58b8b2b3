"""What the tests of the desk share: an office with people, and cases that were filed with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import Engine

from demo.access import User
from demo.store.accounts import Accounts
from demo.store.cases import CaseStore
from demo.store.database import open_engine
from demo.store.deskwork import DeskWork
from demo.store.docket import Docket
from demo.store.filing import Filing
from demo.store.passwords import Passwords
from demo.store.upgrade import upgrade
from pipelines.settings import Settings
from tests.demo.store_kit import make_recording, make_result

DEPARTMENTS = {"교통": "도로과", "환경미화": "청소행정과", "복지": "복지정책과"}
CLOCKS = {"교통": 7, "환경미화": 7, "복지": 14}
PASSWORD = "긴 비밀번호 하나 12"  # noqa: S105
START = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


@dataclass
class Clock:
    """A clock that a test sets."""

    at: dt.datetime = START

    def __call__(self) -> dt.datetime:
        return self.at

    def on(self, **after: float) -> None:
        self.at += dt.timedelta(**after)


@dataclass
class Office:
    """Store, docket, work and people on one engine."""

    engine: Engine
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        upgrade(self.engine)
        filing = Filing(working_days=CLOCKS)
        self.store = CaseStore(self.engine, self.folder, filing=filing, now=self.clock)
        quick = Passwords(memory_kib=1024, rounds=1)
        self.accounts = Accounts(self.store.database, self.store.audit, self.clock, quick)
        self.docket = Docket(self.store.database)
        self.work = DeskWork(self.store.database, self.store.journal, departments=DEPARTMENTS)
        self.road = self.person("road", "official", "도로과")
        self.clean = self.person("clean", "official", "청소행정과")
        self.head = self.person("head", "supervisor", None)
        self.admin = self.person("admin", "administrator", None)

    def person(self, login: str, role: str, department: str | None) -> User:
        """Without a password: most tests sign nobody in."""
        return self.accounts.add(login, f"{login} 이름", role, department=department)

    def filed(self, **changes: object) -> tuple[str, str]:
        """A case that a citizen filed: (number, secret)."""
        media = make_recording(self.folder, str(len(list(self.folder.iterdir()))).encode() * 40)
        receipt = self.store.open(media, None)
        self.store.ledger.claim(receipt.number)
        self.store.ledger.record_result(receipt.number, make_result(media, **changes))
        version = self.store.view(receipt.number).version
        self.store.file(receipt.number, receipt.secret, version)
        return receipt.number, receipt.secret

    def version(self, number: str) -> int:
        return self.docket.get(number).version


def an_office(folder: Path) -> Office:
    """On SQLite in the folder."""
    return Office(open_engine(Settings(data_dir=folder)), folder)
