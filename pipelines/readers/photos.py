"""Photos of places and things: what they show, when they were taken, and a copy fit to be shown.

The picture is decoded in the worker; what is stored is encoded anew from the pixels, so no
metadata, no position and no hidden second picture survives. Faces and number plates are blurred in
the shown copy; `original` keeps them, for people who have the right to see them.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DocumentDamaged, OcrMissing
from pipelines.media.worker import JOB_FOLDER, Worker
from pipelines.readers import plates
from pipelines.readers.blur import Region, blurred, scaled
from pipelines.readers.exif import Taken
from pipelines.readers.faces import FaceFinder
from pipelines.readers.photo_pixels import Pixels
from pipelines.readers.tags import Tag, Tagger
from pipelines.types import (
    Cancel,
    Evidence,
    EvidenceFound,
    FrameSpot,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    ignore,
)

if TYPE_CHECKING:
    from PIL.Image import Image

SHOWN_PX = 1600
"""The longest side of the copy that is shown."""
_QUALITY = {"original": 92, "shown": 85}


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo, read. Files lie in the folder that `read` was given."""

    original: Path
    """Full size, upright, without metadata, NOT blurred: for people with the right only."""
    shown: Path
    """At most SHOWN_PX, upright, without metadata, faces and plates blurred."""
    width_px: int
    height_px: int
    """Of the original; evidence and regions count in its pixels."""
    taken: Taken
    """The position is for the office's map; it stands in no evidence and no export."""
    regions: tuple[Region, ...]
    tags: tuple[Tag, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReader:
    """The parts are handed in; each loads with its first use."""

    worker: Worker
    tagger: Tagger
    faces: FaceFinder
    max_megapixels: float = 120.0

    def warm(self) -> None:
        """Load everything that the first photo would wait for. Raises WeightsMissing."""
        from PIL import Image

        self.worker.start()
        blank = Image.new("RGB", (64, 64))
        self.tagger.tags(blank)
        self.faces.find(blank)

    def read(
        self,
        media: MediaFile,
        folder: Path,
        *,
        language: str = "ko",
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Photo:
        """Read an admitted picture; writes original.jpg and shown.jpg into `folder`.

        `language` "ko" or another: the language of the tags in the evidence, English where it is
        not Korean. Raises the worker's errors, DocumentDamaged, PictureTooLarge, WeightsMissing,
        WeightsBroken, Cancelled. Without the weights for faces nothing is shown: it fails closed.
        """
        on_event(Progress(stage="reading", fraction=0.0))
        picture, pixels = self._pixels(media, cancel)
        on_event(Progress(stage="reading", fraction=0.4))
        shown, regions, notes = self.shown_copy(picture)
        if cancel:
            cancel.check()
        tags = self.tagger.tags(picture)
        photo = Photo(
            original=_written(picture, folder / "original.jpg", _QUALITY["original"]),
            shown=_written(shown, folder / "shown.jpg", _QUALITY["shown"]),
            width_px=picture.width,
            height_px=picture.height,
            taken=pixels.taken,
            regions=regions,
            tags=tags,
            evidence=_evidence(media, picture.size, pixels.taken, tags, language),
            notes=(*_notes(pixels, regions), *notes),
        )
        for index, piece in enumerate(photo.evidence):
            on_event(EvidenceFound(index=index, evidence=piece))
        on_event(Progress(stage="reading", fraction=1.0))
        return photo

    def taken(self, media: MediaFile) -> Taken:
        """When and where an admitted picture says it was taken; quick. Raises as `read`."""
        return self.worker.call(
            "pipelines.readers.photo_pixels:taken", media.path, self.max_megapixels, of=Taken
        )

    def shown_copy(self, picture: Image) -> tuple[Image, tuple[Region, ...], tuple[Note, ...]]:
        """(the copy fit to be shown, blurred regions in pixels of `picture`, notes).

        `picture` is upright RGB. Raises WeightsMissing, WeightsBroken.
        """
        notes: tuple[Note, ...] = ()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="plates") as beside:
            looking = beside.submit(plates.find, picture)
            found = [Region(kind="face", box_px=face.box_px) for face in self.faces.find(picture)]
        try:
            found += [Region(kind="plate", box_px=plate.box_px) for plate in looking.result()]
        except OcrMissing:
            notes = (Note(code="photo.plates_unchecked"),)
        factor = min(1.0, SHOWN_PX / max(picture.size))
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        small = picture.resize(size, reducing_gap=3.0) if factor < 1 else picture
        return blurred(small, scaled(found, factor)), tuple(found), notes

    def _pixels(self, media: MediaFile, cancel: Cancel | None) -> tuple[Image, Pixels]:
        """Decode in the worker; the picture is built from bare numbers, whose count is checked."""
        from PIL import Image

        stream = self.worker.stream(
            "pipelines.readers.photo_pixels:unpack",
            media.path,
            JOB_FOLDER,
            self.max_megapixels,
            of=(Pixels,),
            cancel=cancel,
        )
        with contextlib.closing(stream):  # type: ignore[type-var]
            for pixels in stream:
                size = (pixels.width_px, pixels.height_px)
                wanted = size[0] * size[1] * 3
                if min(size) < 1 or wanted > self.max_megapixels * 3_000_000:
                    raise DocumentDamaged
                with pixels.path.open("rb") as handle:
                    raw = handle.read(wanted + 1)
                if len(raw) != wanted:
                    raise DocumentDamaged
                return Image.frombytes("RGB", size, raw), pixels
        raise DocumentDamaged


def _written(picture: Image, path: Path, quality: int) -> Path:
    picture.save(path, format="JPEG", quality=quality)
    return path


def _evidence(
    media: MediaFile, size: tuple[int, int], taken: Taken, tags: tuple[Tag, ...], language: str
) -> tuple[Evidence, ...]:
    """One piece a tag, and the time; each rests on the whole picture."""
    where = FrameSpot(time_s=0.0, box_px=(0.0, 0.0, float(size[0]), float(size[1])))
    korean = language == "ko"
    said = [(tag.ko if korean else tag.en, tag.confidence) for tag in tags]
    if taken.at:
        moment = taken.at[:16].replace("T", " ")
        said.append((f"촬영 시각: {moment}" if korean else f"Taken: {moment}", 1.0))
    return tuple(
        Evidence(
            source=media.sha256,
            where=where,
            text=text,
            confidence=confidence,
            language="ko" if korean else "en",
        )
        for text, confidence in said
    )


def _notes(pixels: Pixels, regions: tuple[Region, ...]) -> tuple[Note, ...]:
    counts = {kind: sum(region.kind == kind for region in regions) for kind in ("face", "plate")}
    notes = []
    if counts["face"]:
        notes.append(Note(code="photo.faces_blurred", facts={"count": counts["face"]}))
    if counts["plate"]:
        notes.append(Note(code="photo.plates_blurred", facts={"count": counts["plate"]}))
    if pixels.taken.latitude is not None:
        notes.append(Note(code="photo.position_removed"))
    if pixels.taken.broken:
        notes.append(Note(code="photo.metadata_broken"))
    if pixels.frames > 1:
        notes.append(Note(code="photo.first_frame_only", facts={"frames": pixels.frames}))
    return tuple(notes)
