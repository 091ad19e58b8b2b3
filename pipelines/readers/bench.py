"""Speed of reading beside faster-whisper's own sequential default: same weights, same run.

    python -m pipelines.readers.bench [FOLDER]

FOLDER holds samples.jsonl and its recordings (default: assets/samples); the held-out part is read.
Ours is the reader as the application builds it, prompts and corrections included. Both sides share
one loaded model, so the peer gets our 8-bit weights too, which it would not take by default: the
ratio errs against us.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import korean
from pipelines.build import build
from pipelines.media import audio
from pipelines.media.admit import admit, demuxer_of
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.readers.score import character_edits
from pipelines.readers.speech import SpeechReader
from pipelines.settings import ASSETS, Settings, load_settings

LONG_S = 270.0
SHORT_S = 15.0
PAUSE_S = 0.7
Clip = tuple[Path, str]
"""(recording, its whole text)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one way of reading took, and how far off its text was."""

    seconds: float
    cpu_s: float
    """Of all threads; on a machine that has other work to do, this is the steadier figure."""
    error: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One recording, read both ways."""

    audio_s: float
    plain: Side
    ours: Side
    first_words_s: float
    """When our first sentence was there."""

    @property
    def speedup(self) -> float:
        """How many times faster ours is."""
        return self.plain.seconds / self.ours.seconds


def compare(
    clips: Sequence[Clip], length_s: float, *, reader: SpeechReader, settings: Settings
) -> Comparison:
    """Join clips (round and round) to a recording of about `length_s` and read it both ways.

    Warm: the model is loaded before. The language is detected by both.
    """
    model = reader.recogniser.engine()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "joined.wav"
        truth, audio_s = _join(clips, length_s, path, settings)
        plain = _timed(lambda: _plain(model, path), truth)
        first: list[float] = []
        started = time.monotonic()
        media = admit(path, settings=settings)

        def read() -> str:
            heard = reader.read(
                media,
                on_event=lambda event: (
                    first.append(time.monotonic() - started) if hasattr(event, "evidence") else None
                ),
            )
            return " ".join(piece.text for piece in heard.evidence)

        ours = _timed(read, truth)
    return Comparison(
        audio_s=audio_s, plain=plain, ours=ours, first_words_s=first[0] if first else ours.seconds
    )


def _plain(model: Any, path: Path) -> str:  # noqa: ANN401
    segments, _ = model.transcribe(str(path))
    return " ".join(segment.text.strip() for segment in segments)


def _timed(read: Callable[[], str], truth: str) -> Side:
    started, cpu = time.monotonic(), time.process_time()
    text = read()
    seconds, cpu_s = time.monotonic() - started, time.process_time() - cpu
    edits, length = character_edits(truth, text)
    return Side(seconds=seconds, cpu_s=cpu_s, error=edits / length, text=text)


def _join(
    clips: Sequence[Clip], length_s: float, path: Path, settings: Settings
) -> tuple[str, float]:
    """Write the joined recording (16 kHz, 16 bit, mono); returns its text and its length."""
    pieces: list[Samples] = []
    texts: list[str] = []
    count = 0
    for i in range(10_000):
        clip, text = clips[i % len(clips)]
        sound = _load(clip, settings)
        if pieces and (count + len(sound)) / RATE_HZ > length_s:
            break
        pieces += [sound, np.zeros(int(PAUSE_S * RATE_HZ), np.float32)]
        texts.append(text)
        count += len(sound) + int(PAUSE_S * RATE_HZ)
    whole = np.clip(np.concatenate(pieces) * 32_767, -32_768, 32_767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(whole.tobytes())
    return " ".join(texts), len(whole) / RATE_HZ


def _load(path: Path, settings: Settings) -> Samples:
    media = admit(path, settings=settings)
    chunks = audio.decode(path, demuxer_of(media), limit_s=settings.max_audio_s)
    return audio.to_mono(np.concatenate(list(chunks)))


def korean_clips(folder: Path, split: str = "test") -> list[Clip]:
    """The Korean recordings of one part of a samples folder. Raises FileNotFoundError."""
    lines = (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    ours = [row for row in rows if row["language"] == "ko" and row["split"] == split]
    found = [(folder / row["file"], row["text"]) for row in ours]
    return [(path, text) for path, text in found if path.is_file()]


def table(comparisons: Sequence[Comparison]) -> str:
    """The figures as text, one line a recording."""
    lines = ["recording   plain      ours     ratio   error plain -> ours    first words   CPU"]
    lines += [
        f"{c.audio_s:7.0f} s {c.plain.seconds:7.1f} s {c.ours.seconds:7.1f} s {c.speedup:7.2f}x"
        f"   {c.plain.error * 100:6.2f} % -> {c.ours.error * 100:5.2f} %   {c.first_words_s:6.1f} s"
        f"   {c.plain.cpu_s:.1f} s / {c.ours.cpu_s:.1f} s = {c.plain.cpu_s / c.ours.cpu_s:.2f}x"
        for c in comparisons
    ]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n".join([*lines, f"peak memory of the process: {peak_mb:.0f} MB"])


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table for a long and a short recording; 1 if the long one is under 3x or worse."""
    settings = load_settings()
    clips = korean_clips(Path(arguments[0]) if arguments else ASSETS / "samples")
    reader = build(settings).voice.reader
    reader.recogniser.warm()
    korean.warm()
    lengths = (LONG_S, SHORT_S)
    found = [compare(clips, s, reader=reader, settings=settings) for s in lengths]
    sys.stdout.write(table(found) + "\n")
    long = found[0]
    return 0 if long.speedup >= 3 and long.ours.error <= long.plain.error + 0.005 else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
