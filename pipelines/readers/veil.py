"""Clips of a video that are fit to be handed out: faces and number plates blurred throughout.

Faces are looked for on every third frame, plates twice a second; what is found is blurred on the
frames before and after it as well, so that nothing flickers into sight. That needs every frame
anew, so the clip is encoded; a clip that is only copied is not blurred and is made where a person
asks for the original alone.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.errors import MediaHasNoSound, MediaUndecodable, OcrMissing
from pipelines.media import audio
from pipelines.media.admit import demuxer_of
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.media.cutting import Copied, Still, Writer
from pipelines.media.worker import JOB_FOLDER, Limits, Worker, keep
from pipelines.readers import plates
from pipelines.readers.blur import Region, blurred
from pipelines.readers.faces import FaceFinder
from pipelines.refusals import ClipInvalid
from pipelines.types import Cancel, MediaFile, Note

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_S = 60.0
FACES_EVERY, PLATES_EVERY = 3, 15
"""Frames between two looks."""
HELD = 8
"""Looks for faces that a region stays blurred after it was last seen, and before it was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMade:
    """A clip in a file of ours; times in those of the video."""

    path: Path
    start_s: float
    end_s: float
    notes: tuple[Note, ...]


def original_clip(
    media: MediaFile, start_s: float, end_s: float, target: Path, worker: Worker
) -> ClipMade:
    """Copied from the keyframe before: nothing is encoded, NOTHING IS BLURRED.

    Raises MediaUndecodable and the worker's errors; ClipInvalid.
    """
    _check(start_s, end_s)
    stream = worker.stream(
        "pipelines.media.cutting:copied",
        media.path,
        JOB_FOLDER,
        demuxer_of(media),
        start_s,
        end_s,
        of=(Copied,),
    )
    with contextlib.closing(stream):  # type: ignore[type-var]
        for made in stream:
            kept = keep(made.path, target.with_suffix(made.path.suffix))
            return ClipMade(
                path=kept,
                start_s=made.start_s,
                end_s=made.end_s,
                notes=(Note(code="video.clip_original"),),
            )
    raise MediaUndecodable


def blurred_clip(
    media: MediaFile,
    start_s: float,
    end_s: float,
    target: Path,
    worker: Worker,
    faces: FaceFinder,
    cancel: Cancel | None = None,
) -> ClipMade:
    """Encoded anew with faces and plates blurred. `target` is an .mp4.

    Raises what `original_clip` raises, WeightsMissing, WeightsBroken (it fails closed), Cancelled.
    """
    _check(start_s, end_s)
    stream = worker.stream(
        "pipelines.media.cutting:stretch",
        media.path,
        JOB_FOLDER,
        demuxer_of(media),
        start_s,
        end_s,
        of=(Still,),
        cancel=cancel,
        limits=Limits(wall_s=1800.0, cpu_s=1800.0),
    )
    counts = {"face": 0, "plate": 0}
    writer: Writer | None = None
    last_s = 0.0
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(stream))  # type: ignore[type-var]
        for still, image in _veiled(stream, faces, counts):
            if writer is None:
                writer = stack.enter_context(Writer(target, image.size))
                writer.sound(_sound(media, start_s, end_s))
            writer.picture(image, still.time_s)
            last_s = still.time_s
    if writer is None:
        raise MediaUndecodable
    facts: dict[str, str | int | float] = {"faces": counts["face"], "plates": counts["plate"]}
    return ClipMade(
        path=target,
        start_s=start_s,
        end_s=round(start_s + last_s, 3),
        notes=(Note(code="video.clip_blurred", facts=facts),),
    )


def write_clip(
    media: MediaFile,
    start_s: float,
    end_s: float,
    target: Path,
    worker: Worker,
    faces: FaceFinder,
    *,
    original: bool = False,
) -> ClipMade:
    """`blurred_clip`, or `original_clip` where a person asked for that."""
    if original:
        return original_clip(media, start_s, end_s, target, worker)
    return blurred_clip(media, start_s, end_s, target, worker, faces)


def _check(start_s: float, end_s: float) -> None:
    if not 0 <= start_s < end_s or end_s - start_s > MOST_S:
        raise ClipInvalid(start_s=start_s, end_s=end_s, limit_s=MOST_S)


@dataclass(slots=True)
class _Held:
    still: Still
    image: Image
    regions: list[Region]


def _veiled(
    stills: Iterator[Still], faces: FaceFinder, counts: dict[str, int]
) -> Iterator[tuple[Still, Image]]:
    """Frames some time after they came: a region is blurred before it was first found, too."""
    from PIL import Image as images

    span = HELD * FACES_EVERY
    held: deque[_Held] = deque()
    found: deque[tuple[int, Region]] = deque()
    for number, still in enumerate(stills):
        with images.open(still.path) as picture:
            image = picture.convert("RGB")
        still.path.unlink(missing_ok=True)
        fresh = _regions(image, number, faces)
        for region in fresh:
            if not any(_same(region, old) for _, old in found):
                counts[region.kind] += 1
            found.append((number, region))
        while found and number - found[0][0] > span:
            found.popleft()
        held.append(_Held(still, image, [region for _, region in found]))
        for old in held:
            old.regions += fresh
        if len(held) > span:
            out = held.popleft()
            yield out.still, blurred(out.image, out.regions)
    for out in held:
        yield out.still, blurred(out.image, out.regions)


def _regions(image: Image, number: int, faces: FaceFinder) -> list[Region]:
    out: list[Region] = []
    if number % FACES_EVERY == 0:
        out += [Region(kind="face", box_px=face.box_px) for face in faces.find(image)]
    if number % PLATES_EVERY == 0:
        with contextlib.suppress(OcrMissing):
            out += [Region(kind="plate", box_px=plate.box_px) for plate in plates.find(image)]
    return out


def _same(a: Region, b: Region) -> bool:
    wide = min(a.box_px[2], b.box_px[2]) - max(a.box_px[0], b.box_px[0])
    high = min(a.box_px[3], b.box_px[3]) - max(a.box_px[1], b.box_px[1])
    return a.kind == b.kind and wide > 0 and high > 0


def _sound(media: MediaFile, start_s: float, end_s: float) -> Samples:
    """(n,) of the stretch; silence where there is none."""
    parts: list[Samples] = []
    at = 0
    first, last = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    with contextlib.suppress(MediaHasNoSound, MediaUndecodable):
        for piece in audio.decode(media.path, demuxer_of(media), limit_s=1e6):
            mono = audio.to_mono(piece)
            if at + len(mono) > first:
                parts.append(mono[max(0, first - at) : last - at])
            at += len(mono)
            if at >= last:
                break
    return np.concatenate(parts) if parts else np.zeros(last - first, np.float32)
