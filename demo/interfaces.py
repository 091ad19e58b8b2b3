"""Everything for programs, joined once: Open311, REST, MCP, webhooks, metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI

from demo.api.cases import Api, api_app
from demo.api.door import KeyDoor
from demo.api.limits import Throttle
from demo.api.metrics import metrics_router
from demo.api.open311 import Open311, open311_app
from demo.counter import Counter
from demo.courier import Allowed, Courier
from demo.filer import Filer
from demo.intake import Intake
from demo.metrics import Meter
from demo.store.docket import Docket
from demo.store.hooks import Hooks
from demo.store.keys import KeyStore
from demo.store.keywork import KeyWork
from demo.store.masking import masked
from demo.store.submissions import Submissions
from demo.tools import Tools
from pipelines.addresses import target_of
from pipelines.errors import SettingsInvalid
from pipelines.settings import Settings

WEB_PORTS = {"http": 80, "https": 443}
KEYED = 5
"""A key may call so many times as often as an address without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interfaces:
    """One of each, however many callers."""

    api: Api
    open311: Open311
    tools: Tools | None
    """None where MCP is off."""
    door: KeyDoor
    meter: Meter
    filer: Filer
    courier: Courier

    def mount(self, app: FastAPI) -> None:
        """Their addresses, before the pages take what is left."""
        refused = self.meter.refused
        app.include_router(metrics_router(self.meter, self.door))
        app.mount("/api/v1", api_app(self.api, refused), name="api")
        app.mount("/open311", open311_app(self.open311, self.door, refused), name="open311")

    def start(self) -> None:
        """File and carry what an earlier process left."""
        self.filer.start()
        self.courier.start()

    def close(self) -> None:
        """What is not done waits in the database."""
        self.filer.close()
        self.courier.close()


def make_interfaces(
    intake: Intake,
    meter: Meter,
    secret_key: bytes,
    models: Callable[[], Mapping[str, str]],
) -> Interfaces:
    """Around store and queue of the page. `secret_key`: this installation's own.

    Raises SettingsInvalid, HookInvalid.
    """
    settings, store = intake.settings, intake.store
    database = store.database
    door = make_door(settings, KeyStore(database))
    counter = Counter(
        settings=settings,
        store=store,
        jobs=intake.jobs,
        throttle=door.throttle,
        secret_key=secret_key,
    )
    submissions = Submissions(database)
    api = Api(
        counter=counter,
        policy=intake.policy,
        docket=Docket(database),
        keywork=KeyWork(database, store.journal),
        door=door,
        joining=intake.joining,
    )
    meter.watch(database, lambda: intake.jobs.waiting, models)
    return Interfaces(
        api=api,
        open311=Open311(counter, intake.policy, submissions, door, masked),
        tools=Tools(api=api, refused=meter.refused) if settings.mcp else None,
        door=door,
        meter=meter,
        filer=Filer(counter=counter, submissions=submissions),
        courier=Courier(
            Hooks(database), Allowed.of(settings), secret_key, tries=settings.hook_tries
        ),
    )


def make_door(settings: Settings, keys: KeyStore) -> KeyDoor:
    """Raises SettingsInvalid for a public address that is none."""
    host = ""
    if settings.public_url:
        try:
            host = target_of(settings.public_url, WEB_PORTS).host
        except ValueError as exc:
            problem = "an address like https://desk.city.example is needed"
            raise SettingsInvalid(name="MINWON_PUBLIC_URL", problem=problem) from exc
    return KeyDoor(
        keys=keys,
        throttle=Throttle(
            {
                "call": settings.calls_per_minute,
                "keyed": KEYED * settings.calls_per_minute,
                "open": settings.opens_per_minute,
                "wrong": settings.wrong_receipts_per_minute,
            }
        ),
        max_body_bytes=settings.max_call_mb * 1_000_000,
        public_host=host,
    )
