"""What turns pictures and words together into a seeing model's input, without its video part.

The processors of transformers that know video want a package that does not import beside the CPU
build of torch, and refuse to be built without it. We hand over pictures (of a video: its frames),
so the part is left out, and their pixels are worked on by Pillow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Anything = Any
"""What transformers hands out and has no types for."""


def processor_of(
    source: Path | str, tokenizer: Anything, model_type: str, where: Mapping[str, Any]
) -> Anything:
    """The model's own processor. Raises what transformers raises: ValueError, OSError, ..."""
    import transformers
    from transformers.models.auto import processing_auto

    names: Anything = processing_auto
    name = names.PROCESSOR_MAPPING_NAMES.get(model_type)
    kind = getattr(transformers, name or "", None)
    if kind is None or "video_processor" not in kind.get_attributes():
        whole: Anything = transformers.AutoProcessor
        return whole.from_pretrained(source, **where)
    reader: Anything = transformers.AutoImageProcessor
    pictures = reader.from_pretrained(source, backend="pil", **where)
    parts = {"image_processor": pictures, "tokenizer": tokenizer, "video_processor": None}
    return _blind_to_video(kind)(**parts, chat_template=tokenizer.chat_template)


def _blind_to_video(kind: Anything) -> Anything:
    class Sees(kind):  # type: ignore[misc]
        """The same, content without a video part."""

        def check_argument_for_proper_class(self, name: str, part: object) -> Anything:
            if name == "video_processor" and part is None:
                return None
            return super().check_argument_for_proper_class(name, part)

    return Sees
