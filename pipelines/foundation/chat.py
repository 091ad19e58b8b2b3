"""An ask as chat messages: the words that llama.cpp and every OpenAI-compatible server share."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import ModelCannotTake
from pipelines.types import Ask

if TYPE_CHECKING:
    from PIL.Image import Image

Message = Mapping[str, object]
LONGEST_SIDE_PX = 1568
"""Pictures are made no larger than this: more pixels cost tokens and show nothing more."""


def messages(ask: Ask) -> list[Message]:
    """System text, earlier turns, then the user's words with the pictures in front of them.

    Raises ModelCannotTake for a picture that can't be read: no part is ever left out silently.
    """
    found: list[Message] = [{"role": "system", "content": ask.system}]
    for question, answer in ask.turns:
        found.append({"role": "user", "content": question})
        found.append({"role": "assistant", "content": answer})
    if ask.images:
        pictures: list[object] = [
            {"type": "image_url", "image_url": {"url": data_url(path)}} for path in ask.images
        ]
        found.append({"role": "user", "content": [*pictures, {"type": "text", "text": ask.user}]})
    else:
        found.append({"role": "user", "content": ask.user})
    return found


def data_url(path: Path) -> str:
    """A picture as a base64 JPEG, written anew: its metadata (a position, say) stays here.

    Raises ModelCannotTake.
    """
    made = picture(path)
    made.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    packed = io.BytesIO()
    made.save(packed, "JPEG", quality=90)
    return "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode("ascii")


def picture(path: Path) -> Image:
    """Decoded by us, as RGB: templates and servers may drop in silence what they can't open.

    Raises ModelCannotTake.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            return opened.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as exc:
        raise ModelCannotTake(part="image") from exc
