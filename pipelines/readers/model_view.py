"""What the foundation model itself sees in pictures: one ask a picture, an answer that is checked.

A model that sees gets the picture BESIDE what the readers found in it. What it says becomes
evidence like any other, with its place, but is told apart (`Evidence.origin`) wherever it is shown:
nobody measured how often such a view is right.

No model, in this process or behind an address, gets a picture whose faces and number plates are not
blurred: what it says is shown where the blurring hides them, so it must not know them either.
"""

from __future__ import annotations

import functools
import logging
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from pipelines.drafting.privacy import NOT_IN_ASKS, mask
from pipelines.errors import MinwonError, ModelCannotTake, ModelError
from pipelines.foundation.model import FoundationModel
from pipelines.settings import ASSETS
from pipelines.types import Ask, Box, Cancel, Note
from pipelines.writing import fenced

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

SIDE_PX = 1024
"""Pictures are handed over no larger than this: more pixels cost tokens and show little more."""
SIGHTS = 3
LONGEST = 120
MAX_NEW_TOKENS = 400
SURE = 0.4
"""Of every view of a model: nobody measured it, so pages call it unsure."""
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
TOLD_LINES, TOLD_LETTERS = 12, 600
"""Of what readers found in the picture, beside it."""
PATIENCE = 2
"""After so many failures one behind the other the pictures that are left are not tried."""
PARTS = 1000
LANGUAGE_NAMES = {"ko": "Korean", "en": "English", "ja": "Japanese", "zh": "Chinese"}

Blur = Callable[["Image"], "Image"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture that the model shall see, upright."""

    path: Path
    blurred: bool
    """Its faces and plates are made unrecognisable already."""
    told: tuple[str, ...] = ()
    """What readers found in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One thing that the model says it sees. `box`: shares of the picture, 0 to 1."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What came of some pictures."""

    sights: tuple[tuple[Sight, ...] | None, ...]
    """One a picture, in their order; None where the model did not see it."""
    notes: tuple[Note, ...]
    seconds: float
    tokens: int
    """Of prompts and answers, as the engine counts them."""

    @property
    def seen(self) -> dict[int, tuple[Sight, ...]]:
        """Number of the picture -> what the model sees in it, of those that it saw."""
        return {n: sights for n, sights in enumerate(self.sights) if sights is not None}

    @property
    def cost(self) -> dict[str, str | int | float]:
        """What it took, as facts of a note."""
        return {"seconds": round(self.seconds, 2), "tokens": self.tokens}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """The model that the pipelines share, as a reader of pictures. Holds no state of its own."""

    model: FoundationModel
    """It must take images."""
    blur: Blur
    """Makes faces and plates unrecognisable. Raises WeightsMissing, and then nothing is sent."""
    frames: int = 8
    """Of one video, at most."""
    pages: int = 2
    """Of one scanned paper, at most."""
    deadline_s: float = 120.0
    """For each picture, waiting in the model's queue included."""

    def look(self, shots: Sequence[Shot], *, language: str, cancel: Cancel | None = None) -> Views:
        """Show the pictures one by one, in their order.

        A picture of which nothing comes is counted in a note with the reason, and the others are
        shown all the same. Raises Cancelled.
        """
        tally, started = _Tally(), time.monotonic()
        found: list[tuple[Sight, ...] | None] = []
        with tempfile.TemporaryDirectory(prefix="minwon-look-") as folder:
            for number, shot in enumerate(shots):
                if cancel is not None:
                    cancel.check()
                target = Path(folder) / f"{number:03d}.jpg"
                found.append(self._one(shot, target, language, tally, cancel))
        return Views(
            sights=tuple(found),
            notes=tuple(tally.notes()),
            seconds=time.monotonic() - started,
            tokens=tally.tokens,
        )

    def _one(
        self, shot: Shot, target: Path, language: str, tally: _Tally, cancel: Cancel | None
    ) -> tuple[Sight, ...] | None:
        if tally.in_a_row >= PATIENCE:
            tally.failed += 1
            return None
        try:
            ask = make_ask(
                self._fit(shot, target), shot.told, language=language, deadline_s=self.deadline_s
            )
            reply = self.model.generate(ask, cancel=cancel)
        except ModelError as exc:
            log.warning("a picture was not seen: %s", exc.code)
            tally.fail(exc)
            return None
        tally.in_a_row = 0
        tally.tokens += reply.prompt_tokens + reply.output_tokens
        sights = read_sights(reply.text)
        tally.unusable += not sights
        return sights

    def _fit(self, shot: Shot, target: Path) -> Path:
        """The copy that the model sees: blurred, small, without metadata.

        Raises ModelCannotTake, WeightsMissing, WeightsBroken.
        """
        from PIL import Image

        try:
            with Image.open(shot.path) as opened:  # made by us: a frame, or a copy for showing
                whole = opened.convert("RGB")
        except OSError as exc:
            raise ModelCannotTake(part="image") from exc
        small = whole if shot.blurred else self.blur(whole)
        small.thumbnail((SIDE_PX, SIDE_PX))
        small.save(target, format="JPEG", quality=90)
        return target


@dataclass(slots=True)
class _Tally:
    """How it went so far."""

    failed: int = 0
    unusable: int = 0
    in_a_row: int = 0
    tokens: int = 0
    first: ModelError | None = field(default=None)

    def fail(self, error: ModelError) -> None:
        self.failed += 1
        self.in_a_row += 1
        self.first = self.first or error

    def notes(self) -> list[Note]:
        made = []
        if self.first is not None:
            made.append(unseen_note(self.first, self.failed))
        if self.unusable:
            made.append(Note(code="view.unusable", facts={"count": self.unusable}))
        return made


def unseen_note(error: MinwonError, count: int) -> Note:
    """So many pictures were not seen, and why."""
    return Note(code="view.failed", facts={**error.facts, "count": count, "reason": error.code})


def make_ask(picture: Path, told: Sequence[str], *, language: str, deadline_s: float) -> Ask:
    """The ask about one picture; `system` is byte-identical from call to call."""
    kept, room = [], TOLD_LETTERS
    for line in told[:TOLD_LINES]:
        if len(line) <= room:
            kept.append(fenced(mask(line, NOT_IN_ASKS)))
            room -= len(line)
    lines = "\n".join(f"[{number}] {line}" for number, line in enumerate(kept))
    named = LANGUAGE_NAMES.get(language, "Spanish")
    return Ask(
        system=_system(),
        user=f"<evidence>\n{lines}\n</evidence>\nlanguage: {named}",
        images=(picture,),
        schema=_schema(),
        max_new_tokens=MAX_NEW_TOKENS,
        deadline_s=deadline_s,
    )


class _Sight(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
    box: list[float] = Field(default_factory=list)


class _Answer(BaseModel):
    sights: list[_Sight]


def read_sights(text: str) -> tuple[Sight, ...]:
    """A model's answer -> what it sees, each once; () where nothing in it can be used.

    Of an answer that was cut off, what was whole before counts.
    """
    answer: _Answer | None = None
    for attempt in (text, text[: text.rfind("}") + 1] + "]}"):
        try:
            answer = _Answer.model_validate_json(attempt)
            break
        except ValidationError:
            continue
    if answer is None:
        return ()
    found: dict[str, Sight] = {}
    for sight in answer.sights[:SIGHTS]:
        plain = " ".join("".join(c if c.isprintable() else " " for c in sight.text).split())
        if any(sign.isalnum() for sign in plain):
            found.setdefault(plain, Sight(text=plain[:LONGEST], box=region(sight.box)))
    return tuple(found.values())


def region(box: Sequence[float]) -> Box:
    """Thousandths that a model wrote -> shares of the picture, cut off at its edges.

    The whole picture where they name no place in it: fewer or more than four numbers, turned
    around, outside, no number at all.
    """
    if len(box) != 4 or not all(map(math.isfinite, box)):
        return WHOLE
    left, top, right, bottom = (min(1.0, max(0.0, edge / PARTS)) for edge in box)
    return (left, top, right, bottom) if left < right and top < bottom else WHOLE


def placed(box: Box, width: float, height: float) -> Box:
    """Shares of a picture -> its own units."""
    left, top, right, bottom = box
    return left * width, top * height, right * width, bottom * height


def _schema() -> dict[str, object]:
    number = {"type": "integer", "minimum": 0, "maximum": PARTS}
    fields: dict[str, Any] = {
        "text": {"type": "string", "minLength": 2, "maxLength": LONGEST},
        "box": {"type": "array", "items": number, "minItems": 0, "maxItems": 4},
    }
    return _only(
        {"sights": {"type": "array", "items": _only(fields), "minItems": 1, "maxItems": SIGHTS}}
    )


def _only(fields: dict[str, Any]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


@functools.cache
def _system() -> str:
    return (ASSETS / "prompts" / "look.txt").read_text(encoding="utf-8").strip()
