"""The models that the compare page offers, each with the same pipelines around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.bundle import BundlePipeline, form_of
from pipelines.bundle_reader import Bundle
from pipelines.foundation.catalog import Row, engine_of, load_catalog, open_model
from pipelines.foundation.choice import check_room, free_mb, is_set_up, row_of, settings_for
from pipelines.foundation.lazy import LazyModel
from pipelines.settings import Settings

if TYPE_CHECKING:
    from demo.store.votes import CompareKind
    from pipelines.build import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One model. It loads with its first answer; it has its own queue."""

    row: Row
    settings: Settings
    model: LazyModel
    pipeline: BundlePipeline
    shared: bool
    """True for the application's own model, which the other pages use as well."""
    free_mb: Callable[[], int] = free_mb
    """What the machine could still give."""

    @property
    def name(self) -> str:
        """The catalog's name."""
        return self.row.id

    @property
    def elsewhere(self) -> bool:
        """True where a server answers: what is compared leaves this computer."""
        return engine_of(self.row, self.settings) == "remote"

    def ready(self, kind: CompareKind, bundle: Bundle) -> None:
        """Load it and run the fixed front of its prompt: first words are then compared fairly.

        Raises ModelTooLarge before anything is loaded, and what loading raises.
        """
        if self.model.state in ("cold", "failed"):
            check_room(self.settings, self.free_mb())
        self.model.warm()
        if kind == "ask":
            self.pipeline.answerer.warm()
        else:
            self.pipeline.drafter.warm(form_of(bundle))

    def close(self) -> None:
        """Free it, unless it belongs to the application."""
        if not self.shared:
            self.model.close()


def rivals_of(settings: Settings, parts: Parts) -> tuple[Rival, ...]:
    """Those of MINWON_COMPARE that are set up here; nothing is loaded yet.

    Raises ModelUnknown, SettingsInvalid.
    """
    named = [spec.strip() for spec in settings.compare.split(",") if spec.strip()]
    packaged = [row.id for row in load_catalog(own=settings.catalog_path).values() if row.gguf]
    chosen: dict[str, Settings] = {}
    for spec in named or [settings.model, *packaged]:
        one = settings_for(settings, spec)
        if is_set_up(one):
            chosen.setdefault(one.model, one)
    return tuple(_rival(one, settings, parts) for one in chosen.values())


def _rival(one: Settings, settings: Settings, parts: Parts) -> Rival:
    shared = one is settings
    model = parts.model if shared else open_model(one)
    return Rival(
        row=row_of(one),
        settings=one,
        model=model,
        pipeline=parts.with_model(model).bundle,
        shared=shared,
    )
