from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import MediaHasNoSound, MediaTooLong, MediaUndecodable
from pipelines.media import audio
from pipelines.media.audio import RATE_HZ
from tests.pipelines.media import kit


def decoded(path: Path, demuxer: str, limit_s: float = 60.0) -> np.ndarray:
    return np.concatenate(list(audio.decode(path, demuxer, limit_s=limit_s)))


def loudest_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()])


@pytest.mark.parametrize(
    ("name", "demuxer", "codec", "rate", "layout", "columns"),
    [
        ("phone.wav", "wav", "pcm_mulaw", 8_000, "mono", 1),
        ("deep.wav", "wav", "pcm_s32le", 8_000, "mono", 1),
        ("studio.wav", "wav", "pcm_f32le", 96_000, "5.1", 1),
        ("cinema.m4a", "mov", "aac", 48_000, "7.1", 1),
        ("stereo.flac", "flac", "flac", 44_100, "stereo", 2),
        ("browser.webm", "matroska", "libopus", 48_000, "mono", 1),
        ("old.mp3", "mp3", "libmp3lame", 22_050, "mono", 1),
    ],
)
def test_any_rate_and_layout_comes_out_at_16_khz(
    tmp_path: Path, name: str, demuxer: str, codec: str, rate: int, layout: str, columns: int
) -> None:
    count = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]
    source = np.tile(kit.tone(2.0, hz=440, rate=rate), (count, 1))
    path = kit.write(tmp_path / name, source, codec=codec, rate=rate, layout=layout)
    samples = decoded(path, demuxer)
    assert samples.dtype == np.float32
    assert samples.shape[1] == columns
    assert len(samples) / RATE_HZ == pytest.approx(2.0, abs=0.12)
    assert loudest_hz(samples[:, 0]) == pytest.approx(440, abs=3)
    assert 0.1 < np.abs(samples).max() < 0.6


def test_the_bass_channel_is_left_out(tmp_path: Path) -> None:
    source = np.zeros((6, 2 * 48_000), np.float32)
    source[2] = kit.tone(2.0, hz=500, rate=48_000)  # front centre: the speaker
    source[3] = kit.tone(2.0, hz=50, rate=48_000, level=0.9)  # LFE
    path = kit.write(tmp_path / "a.wav", source, rate=48_000, layout="5.1", codec="pcm_f32le")
    assert loudest_hz(decoded(path, "wav")[:, 0]) == pytest.approx(500, abs=3)


def test_channels_that_cancel_out_are_not_lost() -> None:
    voice = kit.tone(1.0)
    kept = audio.to_mono(np.stack([voice, -voice], axis=1))
    assert np.abs(kept).max() == pytest.approx(0.3, abs=0.01)


def test_one_sounding_channel_among_many_is_not_taken_for_cancellation() -> None:
    samples = np.zeros((RATE_HZ, 8), np.float32)
    samples[:, 5] = kit.tone(1.0)
    assert np.abs(audio.to_mono(samples)).max() == pytest.approx(0.3 / 8, abs=0.001)


def test_pieces_stay_about_a_second(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "a.wav", kit.tone(10.0))
    sizes = [len(piece) for piece in audio.decode(path, "wav", limit_s=60)]
    assert sum(sizes) == 10 * RATE_HZ
    assert max(sizes) <= 1.2 * RATE_HZ


def test_a_stream_without_stated_length_is_measured(tmp_path: Path) -> None:
    """What a browser's recorder writes: a WebM that was never closed."""
    closed = kit.write(
        tmp_path / "a.webm", kit.tone(4.0, rate=48_000), codec="libopus", rate=48_000
    )
    content = bytearray(closed.read_bytes())
    at = content.find(b"\x44\x89")  # the Duration element; turned into a Void of the same size
    content[at : at + 3] = b"\xec\x89\x00"[:2] + b"\x00"
    content[at : at + 11] = b"\xec\x89" + bytes(9)
    closed.write_bytes(bytes(content))
    assert audio.claimed_s(closed, "matroska") is None
    assert audio.probe(closed, "matroska", limit_s=60).length_s == pytest.approx(4.0, abs=0.1)
    with pytest.raises(MediaTooLong):
        audio.probe(closed, "matroska", limit_s=2.0)


def test_a_lying_header_does_not_get_around_the_limit(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "a.wav", kit.tone(8.0))
    with pytest.raises(MediaTooLong) as caught:
        decoded(path, "wav", limit_s=5.0)
    assert caught.value.facts["limit_min"] == 0.1


def test_a_cut_wav_says_how_much_is_missing(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "a.wav", kit.tone(8.0))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert audio.claimed_s(path, "wav") == pytest.approx(8.0, abs=0.1)
    assert len(decoded(path, "wav")) / RATE_HZ == pytest.approx(4.0, abs=0.1)


def test_damage_in_the_middle_loses_only_the_middle(tmp_path: Path) -> None:
    path = kit.write(
        tmp_path / "a.mp3", kit.tone(8.0, rate=44_100), codec="libmp3lame", rate=44_100
    )
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 2000] = np.random.default_rng(2).bytes(2000)
    path.write_bytes(bytes(content))
    assert len(decoded(path, "mp3")) / RATE_HZ > 6.5


def test_not_a_number_is_silence(tmp_path: Path) -> None:
    samples = kit.tone(1.0)
    samples[100:200] = np.nan
    samples[300] = np.inf
    path = kit.write(tmp_path / "a.wav", samples, codec="pcm_f32le")
    out = decoded(path, "wav")
    assert np.isfinite(out).all()


def test_garbage_in_a_container(tmp_path: Path) -> None:
    whole = kit.write(tmp_path / "a.flac", kit.tone(2.0), codec="flac").read_bytes()
    broken = whole[:42] + np.random.default_rng(3).bytes(20_000)
    (tmp_path / "a.flac").write_bytes(broken)
    with pytest.raises(MediaUndecodable):
        decoded(tmp_path / "a.flac", "flac")


def test_a_picture_only_container(tmp_path: Path) -> None:
    path = kit.with_picture(tmp_path / "a.mp4", 1, sound=False)
    with pytest.raises(MediaHasNoSound):
        decoded(path, "mov")
