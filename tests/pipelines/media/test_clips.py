"""Videos through the gate: what they are measured as, and one clear refusal for each bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import (
    MediaEmpty,
    MediaRejected,
    MediaTooLong,
    MediaUndecodable,
)
from pipelines.media import clips
from pipelines.media.admit import VIDEOS, admit
from pipelines.refusals import (
    MediaIsDocument,
    MediaIsImage,
    VideoFrameTooLarge,
    VideoHasNoPicture,
)
from pipelines.settings import Settings
from pipelines.types import MediaFile
from pipelines.wording import explain
from tests.pipelines.media import kit
from tests.pipelines.media.clip_kit import film, scene, shots


def gate(path: Path, **limits: float) -> MediaFile:
    return admit(path, settings=Settings(**limits), accept=VIDEOS)


def refused(path: Path, kind: type[MediaRejected], **limits: float) -> str:
    """The sentence that a person reads, in Korean and English: one line, with no bare key in it."""
    with pytest.raises(kind) as caught:
        gate(path, **limits)
    for language in ("ko", "en"):
        sentence = explain(caught.value, language)
        assert "{" not in sentence
        assert sentence != f"error.{caught.value.code}"
    return explain(caught.value, "en")


def measured(path: Path, demuxer: str = "mov") -> clips.ClipProbe:
    return clips.probe(path, demuxer, limit_s=1e6, limit_mp=100)


@pytest.mark.parametrize(
    ("name", "codec", "container", "media_type"),
    [
        ("a.mp4", "libx264", "mp4", "video/mp4"),
        ("a.mov", "libx264", "mov", "video/mp4"),
        ("a.mkv", "libx264", "matroska", "video/webm"),
        ("a.webm", "libvpx", "webm", "video/webm"),
        ("a.avi", "mpeg4", "avi", "video/x-msvideo"),
        ("a.avi", "mjpeg", "avi", "video/x-msvideo"),
        ("a.flv", "flv", "flv", "video/x-flv"),
        ("a.ts", "mpeg2video", "mpegts", "video/mp2t"),
    ],
)
def test_containers_are_known_by_their_content(
    tmp_path: Path, name: str, codec: str, container: str, media_type: str
) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    made = film(
        tmp_path / name, shots([(0, 24)]), codec=codec, container=container, pix_fmt=pix_fmt
    )
    made = made.rename(tmp_path / "unnamed.bin")
    media = gate(made)
    assert (media.kind, media.media_type) == ("video", media_type)
    assert media.duration_s == pytest.approx(1.0, abs=0.1)


def test_a_file_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"")
    refused(tmp_path / "a.mp4", MediaEmpty)


def test_a_truncated_file_has_lost_its_index(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mp4", shots([(0, 48)])).read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) * 2 // 5])
    assert "damaged" in refused(tmp_path / "b.mp4", MediaUndecodable)


def test_a_file_cut_off_behind_its_index_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = film(
        tmp_path / "a.mp4", shots([(0, 96)]), keyframe=12, options={"movflags": "faststart"}
    ).read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) // 2])
    assert 0.5 < (gate(tmp_path / "b.mp4").duration_s or 0) <= 4.1


def test_pictures_alone_are_enough(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", shots([(0, 24)]))
    assert gate(made).kind == "video"
    assert not measured(made).has_sound


def test_sound_that_begins_later_is_known_to(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", shots([(0, 72)]), sound_s=2.0, sound_from_s=1.0)
    assert measured(made).sound_delay_s == pytest.approx(1.0, abs=0.1)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    sound = kit.write(tmp_path / "a.m4a", kit.tone(1.0), codec="aac", container="ipod")
    assert "only sound" in refused(sound, VideoHasNoPicture)


def test_a_container_without_a_stream(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" * 40)
    refused(tmp_path / "a.mp4", MediaUndecodable)


def test_eight_k_is_measured_and_more_is_refused(tmp_path: Path) -> None:
    frames = [np.full((4320, 7680, 3), 90, np.uint8)] * 2
    made = film(tmp_path / "a.avi", frames, codec="mjpeg", pix_fmt="yuvj420p", fps=2)
    assert gate(made).kind == "video"
    assert "7680 x 4320" in refused(made, VideoFrameTooLarge, max_frame_mp=20)


@pytest.mark.parametrize(("fps", "count"), [(1, 6), (240, 240)])
def test_slow_and_fast_frame_rates(tmp_path: Path, fps: int, count: int) -> None:
    found = measured(film(tmp_path / "a.mp4", shots([(0, count)]), fps=fps))
    assert found.fps == pytest.approx(fps, rel=0.02)
    assert found.length_s == pytest.approx(count / fps, abs=1.1 / fps)


def test_a_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.2, 1.4, 1.5, 2.9, 3.0]
    found = measured(film(tmp_path / "a.mp4", shots([(0, 7)]), times_s=times))
    assert 2.9 <= found.length_s <= 4.5
    assert not found.times_broken


def test_times_that_start_again_are_counted_instead(tmp_path: Path) -> None:
    one = film(tmp_path / "a.ts", shots([(0, 48)]), codec="mpeg2video", container="mpegts")
    late = film(
        tmp_path / "b.ts",
        shots([(1, 48)]),
        codec="mpeg2video",
        container="mpegts",
        times_s=[5000 + n / 24 for n in range(48)],
    )
    (tmp_path / "c.ts").write_bytes(late.read_bytes() + one.read_bytes())
    found = measured(tmp_path / "c.ts", "mpegts")
    assert found.times_broken
    assert found.length_s == pytest.approx(4.0, abs=0.3)


def test_a_negative_start_is_the_beginning(tmp_path: Path) -> None:
    made = film(
        tmp_path / "a.mkv",
        shots([(0, 48)]),
        times_s=[n / 24 - 1.0 for n in range(48)],
        options={"avoid_negative_ts": "disabled"},
        container="mpegts",
        codec="mpeg2video",
    )
    assert measured(made, "mpegts").length_s == pytest.approx(2.0, abs=0.2)


def test_ten_bits_a_colour(tmp_path: Path) -> None:
    made = film(
        tmp_path / "a.mp4", shots([(0, 12)]), codec="libx265", pix_fmt="yuv420p10le", fps=12
    )
    assert measured(made).codec == "hevc"
    assert gate(made).duration_s == pytest.approx(1.0, abs=0.1)


def test_an_animation_is_a_film_and_a_still_gif_is_a_picture(tmp_path: Path) -> None:
    from PIL import Image

    frames = [Image.fromarray(scene(n)) for n in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=400)
    frames[0].save(tmp_path / "b.gif")
    media = gate(tmp_path / "a.gif")
    assert (media.kind, media.media_type) == ("video", "image/gif")
    assert media.duration_s == pytest.approx(1.2, abs=0.3)
    refused(tmp_path / "b.gif", MediaIsImage)


def test_six_hours_are_over_the_limit(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", shots([(0, 37)]), fps=1, times_s=[600.0 * n for n in range(37)])
    assert "360" in refused(made, MediaTooLong)


def test_a_web_page_by_the_name_of_a_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("<!doctype html><html><body>404</body></html>" * 9)
    refused(tmp_path / "a.mp4", MediaIsDocument)


def test_a_rotated_film_is_shown_upright(tmp_path: Path) -> None:
    from pipelines.media.skim import Skim
    from pipelines.readers.shots import Eye

    frames = []
    for _ in range(8):
        picture = np.zeros((90, 160, 3), np.uint8)
        picture[:, :40] = (255, 255, 255)  # the left edge of what is stored
        frames.append(picture)
    for rotate, edge in ((90, "bottom"), (-90, "top"), (180, "right")):
        made = film(tmp_path / f"{edge}.mp4", frames, rotate=rotate)
        probe = measured(made)
        shown = next(Skim(path=made, demuxer="mov", probe=probe, alike=Eye().alike).pictures())
        assert shown.size_px == ((90, 160) if abs(rotate) == 90 else (160, 90))
        luma = shown.luma()
        assert luma.shape == (shown.size_px[1], shown.size_px[0])
        parts = {
            "top": luma[:30],
            "bottom": luma[-30:],
            "left": luma[:, :30],
            "right": luma[:, -30:],
        }
        assert max(parts, key=lambda name: parts[name].mean()) == edge
        assert np.asarray(shown.image().convert("L")).shape == luma.shape
