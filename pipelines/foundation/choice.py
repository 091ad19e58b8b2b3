"""Several models at once: which are meant, where each of them is, and whether there is room.

`NAME` is a row of the catalog as the settings have it, `NAME=WHERE` one with its weights or its
server: a .gguf file, a folder of transformers, or an address.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.engine_errors import ModelTooLarge
from pipelines.errors import ModelUnknown
from pipelines.foundation.catalog import Row, engine_of, load_catalog
from pipelines.foundation.listing import needed_mb
from pipelines.settings import Settings
from pipelines.weights import available


def settings_for(settings: Settings, spec: str) -> Settings:
    """The settings with that model in the place of their own."""
    name, _, where = (part.strip() for part in spec.partition("="))
    if not where and name == settings.model:
        return settings
    at_address = where.startswith(("http://", "https://"))
    return settings.model_copy(
        update={
            "model": name,
            "engine": "",
            "mmproj_path": None,
            "model_path": Path(where) if where and not at_address else None,
            "remote_url": where if at_address else "",
            "remote_model": "",
        }
    )


def row_of(settings: Settings) -> Row:
    """The catalog's row of the settings' model. Raises ModelUnknown, SettingsInvalid."""
    rows = load_catalog(own=settings.catalog_path)
    row = rows.get(settings.model)
    if row is None:
        raise ModelUnknown(name=settings.model, known=", ".join(rows))
    return row


def is_set_up(settings: Settings) -> bool:
    """True where something would run the settings' model, its packaged weights included.

    Raises ModelUnknown, SettingsInvalid.
    """
    row = row_of(settings)
    engine = engine_of(row, settings)
    if engine != "gguf" or settings.model_path is not None:
        return engine is not None
    return available(row.weights(), settings.cache_dir)


def check_room(settings: Settings, free_mb: int) -> None:
    """Before a further model is loaded into this process. Raises ModelTooLarge, ModelUnknown."""
    row = row_of(settings)
    needed = needed_mb(row)
    if engine_of(row, settings) != "remote" and needed is not None and needed > free_mb:
        raise ModelTooLarge(needed_mb=needed, free_mb=free_mb)


def free_mb() -> int:
    """Memory that this machine could still give to a program."""
    import psutil

    return int(psutil.virtual_memory().available / 1e6)
