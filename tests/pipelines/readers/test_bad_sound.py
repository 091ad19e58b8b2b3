"""Every recording that can't become words, made here, and the sentence that its sender reads."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipelines.build import Parts
from pipelines.errors import MediaRejected
from pipelines.media.admit import admit
from pipelines.readers.speech import SpeechReader
from pipelines.settings import Settings
from pipelines.wording import explain
from tests.pipelines.media import kit

SETTINGS = Settings()
N = 15 * kit.RATE


@pytest.fixture(scope="module")
def reader(parts: Parts) -> SpeechReader:
    """As the application builds it: with the office's words as a prompt, and corrections."""
    return parts.voice.reader


def empty(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("가로등이 꺼졌습니다.\n" * 200, encoding="utf-8")


def program(path: Path) -> None:
    shutil.copy(Path(sys.executable).resolve(), path)


def cut_before_its_index(path: Path) -> None:
    whole = kit.write(
        path, kit.tone(5.0, rate=48_000), codec="aac", rate=48_000, container="ipod"
    ).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def three_hours(path: Path) -> None:
    size = 3 * 3600 * 8000
    head = kit.write(path, np.zeros(8, np.float32), rate=8000, codec="pcm_u8").read_bytes()
    data = head.index(b"data")
    riff = (data + size).to_bytes(4, "little")
    path.write_bytes(head[:4] + riff + head[8 : data + 4] + size.to_bytes(4, "little"))
    with path.open("ab") as out:
        out.write(b"\x80" * size)


def picture_alone(path: Path) -> None:
    made = kit.with_picture(path.with_suffix(".mp4"), 1, sound=False)
    made.rename(path)


def silence(path: Path) -> None:
    kit.write(path, np.zeros(N, np.float32))


REFUSED: list[tuple[Callable[[Path], None], str]] = [
    (empty, "media.empty"),
    (text, "media.is_document"),
    (program, "media.unsupported"),
    (cut_before_its_index, "media.undecodable"),
    (three_hours, "media.too_long"),
    (picture_alone, "media.no_sound"),
    (silence, "media.no_speech"),
]


def refusal(reader: SpeechReader, path: Path) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        reader.read(admit(path, settings=SETTINGS))
    return caught.value


@pytest.mark.slow
def test_each_refusal_has_its_own_sentence(reader: SpeechReader, tmp_path: Path) -> None:
    said: dict[str, set[str]] = {}
    for make, code in REFUSED:
        path = tmp_path / f"{make.__name__}.wav"
        make(path)
        error = refusal(reader, path)
        assert error.code == code, make.__name__
        for language in ("ko", "en"):
            sentence = explain(error, language)
            assert "{" not in sentence
            assert path.name not in sentence
            said.setdefault(sentence, set()).add(code)
    assert all(len(codes) == 1 for codes in said.values()), said
    # A text and a program are told apart too, by their types.
    assert len(said) == 2 * len(REFUSED)


def test_hostile_paths_are_files_like_any_other(tmp_path: Path) -> None:
    good = kit.write(tmp_path / "good.wav", kit.tone(1.0))
    for name in ("a\nb.wav", "\u202egpj.wav", "-rf.wav", "%s%n.wav", "file:a.wav", "가" * 80):
        path = tmp_path / name
        shutil.copy(good, path)
        media = admit(path, settings=SETTINGS)
        assert media.duration_s == pytest.approx(1.0, abs=0.01)
        assert "\n" not in media.name
        assert "\u202e" not in media.name
    with pytest.raises(MediaRejected) as caught:
        admit(tmp_path / ("x" * 4000), settings=SETTINGS)
    assert caught.value.code == "media.missing"


# --- music: made here, from plain to what comes near a voice


def _note(hz: float, seconds: float, *, partials: int = 8, fade: float = 4.0) -> np.ndarray:
    t = np.arange(int(seconds * kit.RATE)) / kit.RATE
    tone = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, partials + 1))
    return np.asarray(tone * np.exp(-fade * t))


def _placed(notes: list[tuple[float, np.ndarray]]) -> np.ndarray:
    out = np.zeros(N + 4 * kit.RATE)
    for at_s, sound in notes:
        at = int(at_s * kit.RATE)
        out[at : at + len(sound)] += sound[: len(out) - at]
    out = out[:N]
    return (0.4 * out / np.abs(out).max()).astype(np.float32)


def band() -> np.ndarray:
    """Chords, a bass, a melody and drums at 120 beats a minute."""
    rng = np.random.default_rng(11)
    scale = (0, 2, 4, 5, 7, 9, 11, 12)
    notes: list[tuple[float, np.ndarray]] = []
    for beat in range(30):
        root = 110 * 2 ** (rng.choice((0, 5, 7, 9)) / 12)
        notes += [(beat / 2, 0.5 * _note(root * r, 1.5)) for r in (1, 2, 2.52, 3)]
        notes += [(beat / 2 + 0.25, _note(440 * 2 ** (rng.choice(scale) / 12), 0.6))]
        t = np.arange(int(0.1 * kit.RATE)) / kit.RATE
        drum = np.sin(2 * np.pi * 60 * t) if beat % 2 == 0 else rng.normal(0, 0.6, len(t))
        notes += [(beat / 2, 2.0 * drum * np.exp(-30 * t))]
    return _placed(notes)


def strings() -> np.ndarray:
    """Long bowed notes with vibrato, which have a voice's harmonics and a voice's pitch."""
    rng = np.random.default_rng(12)
    notes = []
    for bar in range(10):
        t = np.arange(int(1.6 * kit.RATE)) / kit.RATE
        hz = 220 * 2 ** (rng.choice((0, 3, 5, 7, 10)) / 12)
        phase = 2 * np.pi * hz * t + 0.35 * np.sin(2 * np.pi * 5.5 * t)
        tone = sum(np.sin(k * phase) / k**1.2 for k in range(1, 16))
        notes.append((1.5 * bar, tone * np.minimum(1, np.minimum(t, t[::-1]) * 8)))
    return _placed(notes)


VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (300, 870, 2240))


def _vowel(
    hz: float, seconds: float, before: tuple[int, ...], after: tuple[int, ...]
) -> np.ndarray:
    """Harmonics through a throat that moves from one vowel to the next."""
    t = np.arange(int(seconds * kit.RATE)) / kit.RATE
    pitch = hz * (1 + 0.01 * np.sin(2 * np.pi * 5 * t)) * (1 + 0.05 * (t / seconds - 0.5))
    phase = 2 * np.pi * np.cumsum(pitch) / kit.RATE
    share = np.clip(4 * t / seconds, 0, 1)
    tone = np.zeros(len(t))
    for k in range(1, 40):
        loud = np.zeros(len(t))
        for old, new, width, gain in zip(before, after, (60, 90, 120), (1, 0.6, 0.3), strict=True):
            loud += gain / (1 + ((k * pitch - old - (new - old) * share) / width) ** 2)
        tone += loud * np.sin(k * phase) / k**0.3
    return np.asarray(tone * np.minimum(1, np.minimum(t, t[::-1]) * 20))


def vocalise() -> np.ndarray:
    """A melody sung on changing vowels: a voice for the voice detector, and not one word."""
    rng = np.random.default_rng(3)
    notes, before = [], VOWELS[0]
    for step in range(30):
        after = VOWELS[rng.integers(4)]
        hz = 160 * 2 ** (rng.choice((0, 2, 4, 7, 9)) / 12)
        notes.append((0.5 * step, _vowel(hz, 0.5, before, after)))
        before = after
    return _placed(notes)


def beats() -> np.ndarray:
    """Drums alone, fast."""
    rng = np.random.default_rng(14)
    t = np.arange(int(0.12 * kit.RATE)) / kit.RATE
    kick = np.sin(2 * np.pi * 70 * t * np.exp(-4 * t)) * np.exp(-20 * t)
    return _placed(
        [
            (i / 8, kick if i % 4 == 0 else 0.5 * rng.normal(0, 1, len(t)) * np.exp(-60 * t))
            for i in range(119)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("make", [band, strings, vocalise, beats])
def test_music_yields_no_words(
    reader: SpeechReader, tmp_path: Path, make: Callable[[], np.ndarray]
) -> None:
    path = kit.write(tmp_path / "a.wav", make())
    assert refusal(reader, path).code == "media.no_speech"


@pytest.mark.slow
def test_the_sung_melody_gets_past_the_voice_detector(reader: SpeechReader) -> None:
    """Else the test above would not show that the words invented on it are held back."""
    assert reader.recogniser.voiced(vocalise())
