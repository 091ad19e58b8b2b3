"""A model that is not asked the same thing twice, within a run and across runs that broke off."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.foundation.model import FoundationModel
from pipelines.types import Ask, Cancel, OnToken, Reply, ignore


class Remembering:
    """A model that is asked the same thing once: at temperature 0 it would say the same again.

    `kept` is a file that outlives a run that is broken off: the next one need not ask again.
    """

    def __init__(self, model: FoundationModel, kept: Path | None = None) -> None:
        self._model = model
        self._kept = kept
        self._known = dict(_replies_in(kept))
        self.prompts: list[str] = []
        self.name, self.modalities = model.name, model.modalities

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """See FoundationModel.generate."""
        self.prompts.append(ask.user)
        plain = repr(dataclasses.replace(ask, deadline_s=0.0))
        key = hashlib.sha256(plain.encode()).hexdigest()
        if key not in self._known:
            self._known[key] = reply = self._model.generate(ask, on_token, cancel)
            if self._kept is not None:
                append(self._kept, {"key": key, **dataclasses.asdict(reply)})
        return self._known[key]

    def close(self) -> None:
        """The model belongs to whoever made it."""


def _replies_in(path: Path | None) -> Iterator[tuple[str, Reply]]:
    if path is None or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        yield told.pop("key"), Reply(**told)


def append(path: Path, told: dict[str, Any]) -> None:
    """One line more of JSON, on disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told, ensure_ascii=False) + "\n")
