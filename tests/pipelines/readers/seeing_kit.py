"""A model for tests that sees: what it was shown can be asked afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PIL import Image

from pipelines.foundation.fake import FakeModel
from pipelines.types import Ask

Colour = tuple[int, int, int]


def saw(*sights: tuple[str, list[int]]) -> str:
    """The answer of a model that sees this: (text, box in thousandths) each."""
    told = [{"text": text, "box": box} for text, box in sights]
    return json.dumps({"sights": told}, ensure_ascii=False)


HOLE = saw(("도로에 구멍이 있다.", [100, 200, 300, 400]))


class Watching(FakeModel):
    """Remembers what the pictures looked like: their files are gone after the look."""

    def __init__(self, answers: Sequence[str | Exception], **more: Any) -> None:
        super().__init__(answers, modalities=frozenset({"text", "image"}), **more)
        self.seen: list[tuple[tuple[int, int], Colour]] = []
        """(size, colour near the upper left corner) of each picture."""

    def _next(self, ask: Ask) -> str:
        for path in ask.images:
            with Image.open(path) as picture:
                assert not picture.getexif()
                colour = picture.convert("RGB").getpixel((5, 5))
                assert isinstance(colour, tuple)
                self.seen.append((picture.size, (colour[0], colour[1], colour[2])))
        return super()._next(ask)
