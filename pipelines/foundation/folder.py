"""A folder of transformers, looked at before it is loaded: complete, small enough, no code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.engine_errors import ModelTooLarge, ModelUnloadable

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
ROOM = 1.2
"""Memory that a loaded model needs, over its weights alone."""


def config_of(folder: Path) -> dict[str, Any]:
    """Its config.json. Raises OSError, ValueError."""
    found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def check(name: str, folder: Path, *, own_code: bool, known: Callable[[str], bool]) -> None:
    """Raises ModelUnloadable that names what is wrong with a folder.

    `known` says whether transformers has a class of that name: a folder may bring code for one
    that is known by now; then ours is taken. `own_code` allows the maker's.
    """
    problem = ""
    if not folder.is_dir():
        problem = "there is no such folder"
    else:
        try:
            config = config_of(folder)
        except (OSError, ValueError):
            problem = "config.json is missing or no JSON object"
        else:
            named = config.get("architectures") or []
            if not any(folder.glob("*.safetensors")):
                problem = "it has no safetensors; weights of other kinds can hold programs"
            elif not (folder / "tokenizer.json").is_file():
                problem = "tokenizer.json is missing"
            elif "auto_map" in config and not own_code and not any(map(known, named)):
                problem = "it wants to run its maker's code, and MINWON_REMOTE_CODE names it not"
    if problem:
        raise ModelUnloadable(name=name, problem=problem)


def check_memory(folder: Path, dtype: str, free_bytes: int) -> None:
    """Raises ModelTooLarge with both numbers."""
    config = config_of(folder)
    stored = str(config.get("dtype") or config.get("torch_dtype") or "float32")
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    needed = size * BYTES[dtype] / BYTES.get(stored, 4) * ROOM
    if needed > free_bytes:
        raise ModelTooLarge(needed_mb=int(needed / 1e6), free_mb=int(free_bytes / 1e6))


def check_size(name: str, weights: Path) -> None:
    """One file of weights: raises ModelUnloadable where it is not there, ModelTooLarge."""
    import psutil

    if not weights.is_file():
        raise ModelUnloadable(name=name, problem="there is no such file")
    needed, there = weights.stat().st_size, psutil.virtual_memory().total
    if needed > there:
        raise ModelTooLarge(needed_mb=int(needed / 1e6), free_mb=int(there / 1e6))
