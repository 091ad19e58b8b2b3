"""Reading with the real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.build import Parts
from pipelines.errors import Cancelled, NoSpeech, WeightsMissing
from pipelines.media.admit import admit
from pipelines.readers.realcheck import check, table
from pipelines.readers.recognise import WHISPER_BASE, Recogniser
from pipelines.readers.score import cer, wer
from pipelines.readers.speech import SpeechReader
from pipelines.settings import Settings
from pipelines.types import Cancel, Event, EvidenceFound, Progress, TimeSpan
from pipelines.weights import assemble
from tests.pipelines.media import kit

SAID = "The street light in front of the library is broken. Please repair it soon."
SETTINGS = Settings()


@pytest.fixture(scope="module")
def reader(parts: Parts) -> SpeechReader:
    """As the application builds it: with the office's words as a prompt, and corrections."""
    parts.recogniser.warm()
    return parts.voice.reader


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit.spoken(tmp_path_factory.mktemp("spoken") / "a.wav", SAID)


@pytest.mark.slow
def test_a_complaint_is_read_with_times_words_and_events(reader: SpeechReader, clip: Path) -> None:
    events: list[Event] = []
    heard = reader.read(admit(clip, settings=SETTINGS), on_event=events.append)
    text = " ".join(piece.text for piece in heard.evidence)
    assert heard.language == "en"
    assert wer(SAID, text) <= 0.15
    assert len(heard.evidence) == 2
    for piece in heard.evidence:
        assert isinstance(piece.where, TimeSpan)
        assert 0 <= piece.where.start_s < piece.where.end_s <= 6.0
        assert " ".join(word.text for word in piece.words) == piece.text
        assert all(0 <= word.confidence <= 1 for word in piece.words)
    found = [event for event in events if isinstance(event, EvidenceFound)]
    assert [event.evidence for event in found] == list(heard.evidence)
    assert [event.index for event in found] == [0, 1]
    fractions = [e.fraction for e in events if isinstance(e, Progress) and e.stage == "reading"]
    assert fractions[0] == 0.0
    assert fractions[-1] == pytest.approx(1.0, abs=0.01)


@pytest.mark.slow
def test_a_given_language_is_honoured(reader: SpeechReader, clip: Path) -> None:
    heard = reader.read(admit(clip, settings=SETTINGS), language="en")
    assert {piece.language for piece in heard.evidence} == {"en"}


@pytest.mark.slow
def test_phone_and_cinema_sound_give_the_same_words(
    reader: SpeechReader, clip: Path, tmp_path: Path
) -> None:
    from pipelines.media import audio

    mono = np.concatenate(list(audio.decode(clip, "wav", limit_s=60)))[:, 0]
    phone = np.interp(np.arange(0, len(mono), 2), np.arange(len(mono)), mono).astype(np.float32)
    kit.write(tmp_path / "phone.wav", phone, rate=8_000, codec="pcm_mulaw")
    wide = np.zeros((6, len(mono) * 6), np.float32)
    wide[2] = np.interp(np.arange(len(mono) * 6) / 6, np.arange(len(mono)), mono)
    kit.write(tmp_path / "cinema.wav", wide, rate=96_000, layout="5.1", codec="pcm_f32le")
    for name in ("phone.wav", "cinema.wav"):
        heard = reader.read(admit(tmp_path / name, settings=SETTINGS))
        text = " ".join(piece.text for piece in heard.evidence)
        assert cer(SAID, text) <= 0.15, name


def music(seconds: float) -> np.ndarray:
    """Chords with overtones, struck twice a second."""
    rng = np.random.default_rng(6)
    t = np.arange(int(0.5 * kit.RATE)) / kit.RATE
    bars = []
    for _ in range(int(seconds * 2)):
        root = 220 * 2 ** (rng.integers(0, 12) / 12)
        chord = sum(
            np.sin(2 * np.pi * root * ratio * k * t) / k
            for ratio in (1, 1.26, 1.5)
            for k in (1, 2, 3, 4)
        )
        bars.append(0.08 * chord * np.exp(-3 * t))
    return np.concatenate(bars).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "sine", "music", "click"])
def test_what_is_no_speech_says_so(reader: SpeechReader, tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(7)
    n = 12 * kit.RATE
    click = np.zeros(n, np.float32)
    click[:: kit.RATE] = 0.9
    samples = {
        "silence": np.zeros(n, np.float32),
        "noise": rng.normal(0, 0.1, n).astype(np.float32),
        "hum": np.cumsum(rng.normal(0, 0.002, n)).astype(np.float32) % 0.5,
        "sine": kit.tone(12.0),
        "music": music(12.0),
        "click": click,
    }[kind]
    media = admit(kit.write(tmp_path / "a.wav", samples), settings=SETTINGS)
    with pytest.raises(NoSpeech) as caught:
        reader.read(media)
    assert caught.value.facts == {"length_s": pytest.approx(12.0, abs=0.2)}


@pytest.mark.slow
def test_silence_around_speech_adds_no_words(
    reader: SpeechReader, clip: Path, tmp_path: Path
) -> None:
    from pipelines.media import audio

    mono = np.concatenate(list(audio.decode(clip, "wav", limit_s=60)))[:, 0]
    rest = np.random.default_rng(8).normal(0, 0.002, 30 * kit.RATE).astype(np.float32)
    path = kit.write(tmp_path / "a.wav", np.concatenate([rest, mono, rest]))
    heard = reader.read(admit(path, settings=SETTINGS))
    assert wer(SAID, " ".join(piece.text for piece in heard.evidence)) <= 0.2
    first = heard.evidence[0].where
    assert isinstance(first, TimeSpan)
    assert first.start_s == pytest.approx(30.0, abs=0.6)


@pytest.mark.slow
def test_a_cut_recording_is_read_and_noted(
    reader: SpeechReader, clip: Path, tmp_path: Path
) -> None:
    from pipelines.media import audio

    mono = np.concatenate(list(audio.decode(clip, "wav", limit_s=60)))[:, 0]
    content = kit.write(tmp_path / "whole.wav", mono).read_bytes()
    (tmp_path / "cut.wav").write_bytes(content[: int(len(content) * 0.6)])
    heard = reader.read(admit(tmp_path / "cut.wav", settings=SETTINGS))
    facts = {note.code: note.facts for note in heard.notes}["speech.cut_short"]
    assert "street light" in heard.evidence[0].text.lower()
    assert float(facts["claimed_s"]) == pytest.approx(len(mono) / kit.RATE, abs=0.1)
    assert float(facts["heard_s"]) == pytest.approx(0.6 * len(mono) / kit.RATE, abs=0.1)


@pytest.mark.slow
def test_cancelling_stops_between_pieces(reader: SpeechReader, clip: Path) -> None:
    cancel = Cancel()

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            cancel.set()

    with pytest.raises(Cancelled):
        reader.read(admit(clip, settings=SETTINGS), on_event=stop, cancel=cancel)


@pytest.mark.slow
def test_the_same_file_gives_the_same_text(reader: SpeechReader, clip: Path) -> None:
    media = admit(clip, settings=SETTINGS)
    assert reader.read(media).evidence == reader.read(media).evidence


@pytest.mark.slow
def test_weights_that_vanish_between_start_and_first_use_are_made_again(tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path, threads=1)
    (assemble(WHISPER_BASE, tmp_path) / WHISPER_BASE.file).unlink()
    late = Recogniser(settings)
    assert late.state == "cold"
    late.warm()
    assert late.state == "ready"


def test_a_failed_load_is_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file where a folder should be")
    recogniser = Recogniser(Settings(cache_dir=tmp_path))
    for _ in range(2):
        with pytest.raises(Exception, match="model") as caught:
            recogniser.warm()
        assert recogniser.state == "failed"
        assert recogniser.error is caught.value
        assert not isinstance(caught.value, WeightsMissing)


# Lines of the manifest that do not hold, and why, stand in docs/decisions/speech.md.
DO_NOT_HOLD = frozenset(
    {
        "speech/it/leopard_test_it.wav",
        "speech/ja/leopard_test_ja.wav",
        "speech/zh/cosyvoice_zero_shot_prompt.wav",
        "speech/en/speechbrain_spk1_snt2.wav",
    }
)


@pytest.mark.slow
def test_outside_recordings_keep_holding(reader: SpeechReader, shared_data: Path) -> None:
    rows = check(shared_data / "real", reader, SETTINGS)
    failed = {row.path for row in rows if not row.holds}
    assert {row.path for row in rows} >= DO_NOT_HOLD, "the manifest has other lines now"
    assert failed <= DO_NOT_HOLD, table(rows)


@pytest.mark.slow
def test_a_real_korean_voice_is_read_without_a_mistake(
    reader: SpeechReader, shared_data: Path
) -> None:
    human = shared_data / "speech" / "fv01_t01_s01.wav"
    heard = reader.read(admit(human, settings=SETTINGS))
    text = " ".join(piece.text for piece in heard.evidence)
    assert cer("기차도 전기도 없었다.", text) == 0, text
    assert heard.language == "ko"
