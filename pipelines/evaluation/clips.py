"""The drawn videos with truth: made on demand by assets/samples/make_videos.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.settings import ASSETS, ROOT

SAMPLES = ASSETS / "samples"
MADE = ROOT / "build" / "video-samples"
LONG = ROOT / "build" / "video-long.mp4"


class Shown(BaseModel):
    """Words on the picture."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    style: str
    start_s: float
    end_s: float
    box: tuple[float, float, float, float]


class Clip(BaseModel):
    """One clip with everything that is true of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    split: Literal["dev", "test"]
    file: str
    seconds: float
    fps: float
    cuts: tuple[float, ...]
    texts: tuple[Shown, ...]
    motion: tuple[tuple[float, float], ...]
    clock: str
    voice: str
    voice_s: float


def made_clips(split: str) -> list[tuple[Clip, Path]]:
    """All clips of a split; drawn first where they aren't there yet (two minutes)."""
    listed = MADE / "videos.jsonl"
    if not listed.is_file():
        print("drawing the video samples (once, some minutes)", file=sys.stderr)
        _run("--all", str(MADE))
    return _of(listed, MADE, split)


def committed_clips(split: str | None = None) -> list[tuple[Clip, Path]]:
    """The small ones of assets/samples/video."""
    return _of(SAMPLES / "videos.jsonl", SAMPLES / "video", split)


def long_clip() -> tuple[Clip, Path]:
    """The one of sixty seconds; drawn first where it isn't there yet."""
    truth = LONG.with_suffix(".json")
    if not truth.is_file():
        LONG.parent.mkdir(parents=True, exist_ok=True)
        _run("--long", str(LONG))
    return Clip.model_validate_json(truth.read_text(encoding="utf-8")), LONG


def _of(listed: Path, folder: Path, split: str | None) -> list[tuple[Clip, Path]]:
    rows = (json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines())
    clips = [Clip.model_validate(row) for row in rows]
    return [(c, folder / Path(c.file).name) for c in clips if split is None or c.split == split]


def _run(*arguments: str) -> None:
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(SAMPLES / "make_videos.py"), *arguments], check=True, cwd=ROOT
    )
