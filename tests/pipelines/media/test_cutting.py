"""A stretch out of a video: copied from the keyframe before, or written anew."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from pipelines.media import clips, cutting
from pipelines.media.admit import VIDEOS, admit
from pipelines.media.worker import Worker
from pipelines.readers import veil
from pipelines.readers.faces import Face, FaceFinder
from pipelines.refusals import ClipInvalid
from pipelines.settings import Settings
from pipelines.types import MediaFile
from tests.pipelines.media import clip_kit
from tests.pipelines.media.clip_kit import film


def source(folder: Path, **options: object) -> MediaFile:
    made = film(
        folder / "a.mp4",
        clip_kit.shots([(0, 48), (1, 48), (2, 48)]),
        keyframe=24,
        sound_s=6.0,
        **options,  # type: ignore[arg-type]
    )
    return admit(made, settings=Settings(), accept=VIDEOS)


def first_frame(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_a_copied_clip_begins_at_the_keyframe_before(tmp_path: Path) -> None:
    media = source(tmp_path)
    made = cutting.copied(media.path, tmp_path, "mov", 2.5, 4.0)
    assert made.start_s == pytest.approx(2.0, abs=0.05)
    assert made.end_s == pytest.approx(4.0, abs=0.1)
    probe = clips.probe(made.path, "mov", limit_s=60, limit_mp=40)
    assert probe.length_s == pytest.approx(2.0, abs=0.15)
    assert probe.has_sound
    # Nothing was encoded: its first picture is, bit for bit, the one of the source.
    with av.open(str(media.path)) as container:
        frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    assert np.array_equal(first_frame(made.path), frames[48])


def test_a_stretch_that_holds_nothing(tmp_path: Path) -> None:
    media = source(tmp_path)
    with Worker() as worker, pytest.raises(ClipInvalid):
        veil.original_clip(media, 3.0, 2.0, tmp_path / "x.mp4", worker)


class OneFace(FaceFinder):
    """A finder of ours that sees one face for a moment, in the sixth frame alone."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, picture: Image.Image) -> tuple[Face, ...]:
        self.asked += 1
        seen = self.asked == 3
        return (Face(box_px=(40.0, 30.0, 100.0, 90.0), confidence=1.0),) if seen else ()


def test_a_handed_out_clip_is_blurred_before_and_after_a_face_is_found(tmp_path: Path) -> None:
    media = source(tmp_path)
    finder = OneFace()
    with Worker() as worker:
        made = veil.blurred_clip(media, 2.0, 3.5, tmp_path / "clip.mp4", worker, finder)
        plain = veil.original_clip(media, 2.0, 3.5, tmp_path / "plain.mp4", worker)
    assert made.notes[0].facts["faces"] == 1
    assert plain.notes[0].code == "video.clip_original"
    inside, outside = slice(40, 80), slice(120, 170)
    with av.open(str(made.path)) as one, av.open(str(plain.path)) as other:
        pairs = zip(one.decode(video=0), other.decode(video=0), strict=False)
        for number, (veiled, clear) in enumerate(pairs):
            a, b = (f.to_ndarray(format="gray").astype(int) for f in (veiled, clear))
            if number < 20:
                assert np.abs(a - b)[inside, 50:90].mean() > 4
            assert np.abs(a - b)[outside, 150:].mean() < 4
    probe = clips.probe(made.path, "mov", limit_s=60, limit_mp=40)
    assert probe.has_sound
    assert probe.length_s == pytest.approx(1.5, abs=0.15)
