"""The rooms of the administration, joined once around the desk."""

from __future__ import annotations

from dataclasses import dataclass

from demo.admin.accounts import AccountsRoom
from demo.admin.audit import AuditRoom
from demo.admin.chain import ChainWatch
from demo.api.media import load_key
from demo.office.room import OfficeRoom
from demo.store.audit_book import AuditBook
from demo.store.hooks import Hooks
from demo.store.keys import KeyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """What administrators, and of the audit supervisors too, work with."""

    accounts: AccountsRoom
    audit: AuditRoom

    def start(self) -> None:
        """Walk along the audit's chain whenever somebody asks, and once a day."""
        self.audit.chain.start()

    def close(self) -> None:
        """A walk that is under way breaks off."""
        self.audit.chain.close()


def make_administration(office: OfficeRoom) -> Administration:
    """On the desk's store, with its door. Raises OSError."""
    settings, store = office.settings, office.store
    return Administration(
        accounts=AccountsRoom(
            settings=settings,
            policy=office.policy,
            door=office.door,
            keys=KeyStore(store.database),
            hooks=Hooks(store.database),
            secret_key=load_key(settings.data_dir),
        ),
        audit=AuditRoom(
            door=office.door,
            audit=store.audit,
            book=AuditBook(store.database),
            chain=ChainWatch(audit=store.audit),
        ),
    )
