"""What the catalog has, and what of it would run on this machine, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.errors import Fact
from pipelines.foundation.catalog import EngineName, Row, engine_of
from pipelines.foundation.folder import ROOM
from pipelines.settings import Settings
from pipelines.wording import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one model stands on this machine."""

    row: Row
    engine: EngineName | None
    """What would run it as the settings are now; None = nothing."""
    reason: str
    """Code of why not; "" where it runs."""
    facts: dict[str, Fact]
    needed_mb: int | None
    """Measured, or reckoned from its size at 16 bits a weight; None = unknown."""


def needed_mb(row: Row) -> int | None:
    """Memory of the model in this process; None where its size is unknown."""
    if row.memory_mb is not None:
        return row.memory_mb
    return None if row.weights_b is None else int(row.weights_b * 2000 * ROOM)


def standings(rows: Iterable[Row], settings: Settings, memory_mb: int) -> list[Standing]:
    """One a row, in their order; `memory_mb` is what this machine has."""
    return [_standing(row, settings, memory_mb) for row in rows]


def _standing(row: Row, settings: Settings, memory_mb: int) -> Standing:
    fits_all = settings.model_copy(update={"engine": ""})
    engine = engine_of(row, settings if settings.model == row.id else fits_all)
    needed = needed_mb(row)
    reason = ""
    facts: dict[str, Fact] = {}
    if engine != "remote" and needed is not None and needed > memory_mb:
        reason, facts = "memory", {"needed_mb": needed, "memory_mb": memory_mb}
    elif engine == "hf" and row.remote_code and row.id not in settings.remote_code.split(","):
        reason = "remote_code"
    elif engine is None:
        reason = "hosted" if row.engines == ("remote",) else "weights"
    return Standing(
        row=row,
        engine=None if reason else engine,
        reason=reason,
        facts=facts,
        needed_mb=needed,
    )


def machine_mb() -> int:
    """The memory of this machine."""
    import psutil

    return int(psutil.virtual_memory().total / 1e6)


def as_json(found: Sequence[Standing], settings: Settings) -> list[dict[str, object]]:
    """Every field of every row, and how it stands here; null = unknown."""
    return [
        {
            **one.row.model_dump(mode="json", exclude={"gguf"}),
            "modalities": sorted(one.row.modalities),
            "chosen": one.row.id == settings.model,
            "runs_here": one.engine is not None,
            "engine": one.engine,
            "reason": one.reason or None,
            "needed_mb": one.needed_mb,
        }
        for one in found
    ]


def as_text(found: Sequence[Standing], settings: Settings) -> str:
    """For people: some lines a model."""
    words = settings.ui_language
    return "\n\n".join(_told(one, settings, words) for one in found)


def _told(one: Standing, settings: Settings, words: str) -> str:
    row = one.row

    def known(value: object) -> str:
        return say("models.unknown", words) if value in (None, "unknown") else str(value)

    if one.reason:
        here = say(f"models.why_{one.reason}", words, one.facts)
    else:
        here = say("models.runs", words, {"engine": str(one.engine)})
    mark = "* " if row.id == settings.model else "  "
    note = row.licence_note_ko if words == "ko" else row.licence_note
    spoken = None if row.languages is None else ", ".join(row.languages)
    memory = None if one.needed_mb is None else f"{one.needed_mb} MB"
    fields = {
        "size": known(row.parameters),
        "takes": ", ".join(sorted(row.modalities)),
        "languages": known(spoken),
        "context": known(row.context),
        "memory": known(memory),
        "class": known(row.architecture),
        "servers": ", ".join(row.servers) or "-",
        "reasoning": known(row.reasoning.switch),
        "licence": f"{row.licence}. {note}",
    }
    lines = [f"{mark}{row.id}   {row.title}, {row.maker}", f"    {here}"]
    lines += [f"    {say(f'models.{name}', words)}: {value}" for name, value in fields.items()]
    return "\n".join(lines)
