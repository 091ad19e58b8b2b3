"""What is seen in a video: cuts, words with their times, motion, kept frames; and broken files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipelines.errors import Cancelled, MediaUndecodable
from pipelines.media import audio, clips
from pipelines.media.admit import VIDEOS, admit
from pipelines.media.skim import Skim
from pipelines.media.worker import Worker
from pipelines.readers import burnt_clocks, frames, screen_texts, shots
from pipelines.readers.keeping import Kept
from pipelines.readers.lettering import Patch
from pipelines.readers.motion import Motion
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.shots import CutFinder, Eye
from pipelines.readers.sights import Shot, Watched, Wishes
from pipelines.readers.tesseract import Budget
from pipelines.settings import Settings
from pipelines.types import Cancel
from tests.pipelines.media import clip_kit
from tests.pipelines.media.clip_kit import film, scene

FONT = "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf"
SIZE = (640, 360)


def look(path: Path, folder: Path, *, demuxer: str = "mov", **wishes: object) -> list[object]:
    made = Wishes(demuxer=demuxer, limit_s=1e5, limit_mp=100, **wishes)  # type: ignore[arg-type]
    return list(frames.watch(path, folder, made))


def of(kind: type, seen: list[object]) -> list:  # type: ignore[type-arg]
    return [value for value in seen if isinstance(value, kind)]


def cuts_of(seen: list[object]) -> list[float]:
    return [shot.end_s for shot in of(Shot, seen)[:-1]]


def lettered(picture: np.ndarray, text: str, at: tuple[int, int], size: int = 24) -> np.ndarray:
    """White print on a dark bar."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(FONT, size)
    box = draw.textbbox(at, text, font=face)
    draw.rectangle((box[0] - 10, box[1] - 8, box[2] + 10, box[3] + 8), fill=(24, 24, 30))
    draw.text(at, text, font=face, fill=(255, 255, 255))
    return np.asarray(image)


@pytest.mark.parametrize("keyframe", [6, 24, 240])
def test_cuts_are_found_wherever_the_keyframes_lie(tmp_path: Path, keyframe: int) -> None:
    made = film(
        tmp_path / "a.mp4", clip_kit.shots([(0, 30), (1, 41), (2, 50), (3, 35)]), keyframe=keyframe
    )
    found = cuts_of(look(made, tmp_path, words=False))
    assert found == pytest.approx([30 / 24, 71 / 24, 121 / 24], abs=0.12)


def test_a_flash_a_caption_and_a_pan_are_no_cuts(tmp_path: Path) -> None:
    wide = scene(0, (960, 360))
    pan = [wide[:, n * 4 : n * 4 + 640].copy() for n in range(48)]
    still = [pan[-1].copy() for _ in range(48)]
    still[20][:] = 255
    said = [lettered(frame, "공사 중 우회하세요", (180, 300)) for frame in still[:24]]
    said[20] = said[19]
    made = film(tmp_path / "a.mp4", [*pan, *still, *said])
    assert cuts_of(look(made, tmp_path, words=False)) == []


def test_what_is_skipped_changes_nothing(tmp_path: Path) -> None:
    """Beside a decoding of every frame: the same shots, from a fraction of the frames."""
    still = [[scene(n, SIZE)] * 96 for n in range(3)]
    made = film(tmp_path / "a.mp4", [f for part in still for f in part], keyframe=24)
    few, every = (look(made, tmp_path, words=False, all_frames=flag) for flag in (False, True))
    assert cuts_of(few) == pytest.approx(cuts_of(every), abs=0.1)
    assert of(Watched, few)[0].decoded < 0.3 * of(Watched, every)[0].decoded
    assert of(Watched, few)[0].skipped >= 6


def test_an_event_between_two_keyframes_that_look_alike_is_seen(tmp_path: Path) -> None:
    place = scene(4, SIZE)
    said = lettered(place, "미끄럼 주의", (220, 60), 30)
    made = film(tmp_path / "a.mp4", [place] * 48 + [said] * 48 + [place] * 96, keyframe=192)
    texts = of(ScreenText, look(made, tmp_path))
    assert [text.text.replace(" ", "") for text in texts] == ["미끄럼주의"]
    assert texts[0].start_s == pytest.approx(2.0, abs=0.3)
    assert texts[0].end_s == pytest.approx(4.0, abs=0.3)
    left, top, right, bottom = texts[0].box_px
    assert left < 230 < 360 < right
    assert top < 75 < 90 < bottom


def test_words_that_stay_are_one_text_and_different_ones_are_two(tmp_path: Path) -> None:
    one = [lettered(scene(0, SIZE), "주차 금지 구역", (200, 250), 30)] * 60
    two = [lettered(scene(1, SIZE), "안전모 착용", (200, 250), 30)] * 60
    texts = of(ScreenText, look(film(tmp_path / "a.mp4", one + two), tmp_path))
    assert [text.text.replace(" ", "") for text in texts] == ["주차금지구역", "안전모착용"]
    assert texts[0].end_s == pytest.approx(2.5, abs=0.3)


def test_a_burnt_in_clock_is_one_text_with_its_first_time(tmp_path: Path) -> None:
    place = scene(2, SIZE)
    shown = [
        lettered(place, f"2026-03-14 08:15:{3 + n // 24:02d}", (20, 16), 24) for n in range(168)
    ]
    texts = of(ScreenText, look(film(tmp_path / "a.mp4", shown), tmp_path))
    assert len(texts) == 1
    assert texts[0].clock_s == pytest.approx(8 * 3600 + 15 * 60 + 3, abs=1)
    assert texts[0].text.endswith(("08:15:03", "08:15:02", "08:15:04"))
    assert texts[0].end_s - texts[0].start_s == pytest.approx(7.0, abs=0.5)


def clock_patches(starts_s: list[float], shown_s: list[float]) -> list[Patch]:
    """Four seconds each, from `starts_s` on; the clock shows `shown_s` then, of 8 o'clock."""
    made = []
    for start, shown in zip(starts_s, shown_s, strict=True):
        minutes, seconds = divmod(int(shown), 60)
        text = f"2026-03-14 08:{minutes:02d}:{seconds:02d}"
        look = lettered(np.full((64, 420, 3), 90, np.uint8), text, (20, 16), 24)[:, :, 0]
        box = (0.0, 0.0, 420.0, 64.0)
        made.append(
            Patch(
                box_px=box,
                start_s=start,
                end_s=start + 4,
                look=np.ascontiguousarray(look),
                look_s=start,
                look_box_px=box,
            )
        )
    return made


def running_clock(start_s: float) -> ScreenText:
    return ScreenText(
        text=screen_texts.clock_text(8 * 3600 + start_s, "2026-03-14"),
        confidence=1.0,
        language="en",
        start_s=0.0,
        end_s=4.0,
        box_px=(0.0, 0.0, 420.0, 64.0),
        clock_s=8 * 3600 + start_s,
        votes=3,
    )


def test_of_a_clock_that_runs_on_some_patches_are_read() -> None:
    """Nothing can be read on two of them; they lie between two that show what they must."""
    starts = [4.0 * n for n in range(1, 10)]
    patches = clock_patches(starts, [60 + start for start in starts])
    for n in (2, 5):
        patches[n] = replace(patches[n], look=np.full_like(patches[n].look, 90))
    found = burnt_clocks.going_on(patches, [running_clock(60)], Budget(60))
    assert [round(found[id(p)].clock_s or 0) for p in patches] == [
        8 * 3600 + 60 + round(start) for start in starts
    ]
    assert [found[id(p)].votes > 0 for p in patches] == [n % 4 == 0 for n in range(9)]


def test_a_clock_that_jumps_is_not_taken_for_one_that_runs() -> None:
    starts = [4.0 * n for n in range(1, 10)]
    shown = [60 + start + (1200 if n > 5 else 0) for n, start in enumerate(starts)]
    patches = clock_patches(starts, shown)
    found = burnt_clocks.going_on(patches, [running_clock(60)], Budget(60))
    assert [id(p) in found for p in patches] == [n <= 5 for n in range(9)]


def test_motion_and_stillness(tmp_path: Path) -> None:
    still = [scene(0, SIZE)] * 96
    moving = [scene(0, SIZE, 3 * n) for n in range(72)]
    spans = of(Motion, look(film(tmp_path / "a.mp4", still + moving), tmp_path, words=False))
    assert [span.moves for span in spans] == [False, True]
    assert spans[1].start_s == pytest.approx(4.0, abs=0.6)
    assert spans[1].end_s == pytest.approx(7.0, abs=0.6)
    assert spans[1].box[1] > 0.4  # the block moves in the lower half


def test_kept_frames_stay_within_the_budget_and_hold_both_ends(tmp_path: Path) -> None:
    made = film(
        tmp_path / "a.mp4", clip_kit.shots([(n, 30) for n in range(12)], (160, 90)), keyframe=24
    )
    kept = of(Kept, look(made, tmp_path, words=False, frames=5))
    assert len(kept) == 5
    assert kept[0].time_s == 0.0
    assert kept[-1].time_s == pytest.approx(359 / 24, abs=0.2)
    assert len(list(tmp_path.glob("frame-*.jpg"))) == 5


def test_near_duplicates_are_kept_once(tmp_path: Path) -> None:
    there_and_back = [scene(0)] * 60 + [scene(1)] * 60 + [scene(0)] * 60
    kept = of(Kept, look(film(tmp_path / "a.mp4", there_and_back), tmp_path, words=False))
    assert [round(one.time_s) for one in kept if one.opens_shot] == [0, 3]


@pytest.mark.parametrize(("fps", "frames_a_shot"), [(1, 4), (240, 240)])
def test_slow_and_fast_films(tmp_path: Path, fps: int, frames_a_shot: int) -> None:
    made = film(
        tmp_path / "a.mp4", clip_kit.shots([(0, frames_a_shot), (1, frames_a_shot)]), fps=fps
    )
    found = cuts_of(look(made, tmp_path, words=False))
    assert found == pytest.approx([frames_a_shot / fps], abs=0.6 if fps == 1 else 0.1)


def test_a_variable_rate_gives_the_times_of_the_player(tmp_path: Path) -> None:
    times = [n / 10 for n in range(20)] + [2.0 + n / 30 for n in range(60)]
    made = film(tmp_path / "a.mp4", clip_kit.shots([(0, 20), (1, 60)]), times_s=times, keyframe=15)
    assert cuts_of(look(made, tmp_path, words=False)) == pytest.approx([2.0], abs=0.12)


def test_broken_times_are_counted(tmp_path: Path) -> None:
    made = {"codec": "mpeg2video", "container": "mpegts"}
    one = film(tmp_path / "a.ts", clip_kit.shots([(0, 48)]), **made)  # type: ignore[arg-type]
    late = [5000 + n / 24 for n in range(48)]
    two = film(tmp_path / "b.ts", clip_kit.shots([(1, 48)]), times_s=late, **made)  # type: ignore[arg-type]
    (tmp_path / "c.ts").write_bytes(two.read_bytes() + one.read_bytes())
    seen = look(tmp_path / "c.ts", tmp_path, demuxer="mpegts", words=False)
    assert cuts_of(seen) == pytest.approx([2.0], abs=0.2)
    assert of(Watched, seen)[0].probe.times_broken


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "container", "demuxer"),
    [
        ("libx265", "yuv420p10le", "mp4", "mov"),
        ("mjpeg", "yuvj420p", "avi", "avi"),
        ("libvpx-vp9", "yuv420p", "webm", "matroska"),
        ("png", "rgb24", "mov", "mov"),
    ],
)
def test_other_codecs(
    tmp_path: Path, codec: str, pix_fmt: str, container: str, demuxer: str
) -> None:
    made = film(
        tmp_path / "a.bin",
        clip_kit.shots([(0, 24), (1, 24)]),
        codec=codec,
        pix_fmt=pix_fmt,
        container=container,
    )
    assert cuts_of(look(made, tmp_path, demuxer=demuxer, words=False)) == pytest.approx(
        [1.0], abs=0.12
    )


def test_an_animated_gif(tmp_path: Path) -> None:
    pictures = [Image.fromarray(scene(n // 6)) for n in range(12)]
    pictures[0].save(
        tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=250, loop=0
    )
    assert cuts_of(look(tmp_path / "a.gif", tmp_path, demuxer="gif", words=False)) == pytest.approx(
        [1.5], abs=0.3
    )


def test_packets_that_cannot_be_decoded(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", clip_kit.shots([(0, 24)]))
    raw = bytearray(made.read_bytes())
    start, end = raw.find(b"mdat") + 4, raw.find(b"moov") - 4
    raw[start:end] = b"\x55" * (end - start)
    made.write_bytes(bytes(raw))
    with pytest.raises(MediaUndecodable):
        look(made, tmp_path)


def test_eight_k_is_looked_at_and_kept_small(tmp_path: Path) -> None:
    picture = np.kron(scene(0, (96, 54)), np.ones((80, 80, 1), np.uint8))
    made = film(tmp_path / "a.avi", [picture] * 2, codec="mjpeg", pix_fmt="yuvj420p", fps=2)
    found = look(made, tmp_path, demuxer="avi", words=False)
    assert (of(Watched, found)[0].width_px, of(Watched, found)[0].height_px) == (7680, 4320)
    assert max(of(Kept, found)[0].width_px, of(Kept, found)[0].height_px) <= 1280


def test_texts_are_merged_by_words_place_and_time() -> None:
    def text(words: str, start: float, end: float, x: float = 100, sure: float = 0.9) -> ScreenText:
        return ScreenText(
            text=words,
            confidence=sure,
            language="ko",
            start_s=start,
            end_s=end,
            box_px=(x, 10, x + 200, 40),
        )

    one, two = text("출입 통제", 0, 2, sure=0.8), text("출입 통재", 2.1, 4, x=110)
    assert [t.text for t in screen_texts.merged([two, one])] == ["출입 통재"]
    assert screen_texts.merged([one, two])[0].end_s == 4
    assert len(screen_texts.merged([one, text("출입 통제", 3.0, 4)])) == 2
    assert len(screen_texts.merged([one, text("서행 운전", 2.1, 4)])) == 2
    assert [
        t.text for t in screen_texts.merged([text("금지", 0.5, 1), text("주차 금지", 0, 2)])
    ] == ["주차 금지"]


def test_a_clock_that_is_misread_once_goes_with_the_others() -> None:
    def clock(at: float, start: float, votes: int) -> ScreenText:
        return ScreenText(
            text=screen_texts.clock_text(at, "2026-03-25"),
            confidence=1.0,
            language="en",
            start_s=start,
            end_s=start + 4,
            box_px=(0, 16, 350, 48),
            clock_s=at,
            votes=votes,
            dates=(("2026-03-25", votes),),
        )

    right, wrong, later = clock(32834, 4, 3), clock(130, 0, 3), clock(32838, 8, 2)
    assert [t.text for t in screen_texts.merged([wrong, right, later])] == ["2026-03-25 09:07:10"]
    # A film that was cut has two clocks, and each is read well.
    cut = screen_texts.merged([clock(100, 0, 4), clock(32834, 4, 4)])
    assert [t.text[-8:] for t in cut] == ["00:01:40", "09:07:14"]


def test_the_cut_finder_counts_no_jump_of_a_shaking_hand(tmp_path: Path) -> None:
    """Every frame is moved by some pixels: steps all over, none of them a cut."""
    wide = scene(0, (760, 430))
    draw = np.random.default_rng(1)
    shaken = []
    for _ in range(72):
        x, y = draw.integers(0, 24, 2)
        shaken.append(wide[y : y + 360, x : x + 640].copy())
    made = film(tmp_path / "a.mp4", shaken)
    probe = clips.probe(made, "mov", limit_s=60, limit_mp=40)
    finder, found = CutFinder(), []
    for picture in Skim(path=made, demuxer="mov", probe=probe, alike=Eye().alike).pictures():
        found.append(finder.take(shots.shrunk(picture)))
    assert [at for at in (*found, *finder.rest()) if at is not None] == []


def test_the_reader_runs_in_the_worker_and_can_be_cancelled(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", clip_kit.shots([(0, 48), (1, 48)]))
    media = admit(made, settings=Settings(), accept=VIDEOS)
    with Worker(preload=("pipelines.readers.frames",)) as worker:
        cancel = Cancel()
        cancel.set()
        stream = worker.stream(
            "pipelines.readers.frames:watch",
            media.path,
            tmp_path,
            Wishes(demuxer="mov", limit_s=60, limit_mp=40),
            of=(Shot,),
            cancel=cancel,
        )
        with pytest.raises(Cancelled):
            list(stream)


def test_sound_that_stops_long_before_the_pictures_is_noted(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mp4", clip_kit.shots([(0, 192)]), sound_s=3.0, sound_silent_s=5.0)
    until_s, length_s = audio.sounding_s(made, "mov", limit_s=60)
    assert until_s == pytest.approx(3.0, abs=0.2)
    assert length_s == pytest.approx(8.0, abs=0.2)
