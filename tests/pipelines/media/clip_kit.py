"""Videos for the tests, made with PyAV: any container, codec, rate, rotation, any damage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

COLOURS = ((200, 40, 40), (40, 160, 60), (50, 70, 190), (220, 200, 60), (30, 30, 34))


def scene(number: int, size: tuple[int, int] = (320, 180), moved: int = 0) -> np.ndarray:
    """(h, w, 3) uint8: a place of its own colours, with a block `moved` to the right."""
    width, height = size
    draw = np.random.default_rng(number)
    blocks = draw.integers(20, 235, (6, 8, 3)).astype(np.uint8)
    picture = np.kron(blocks, np.ones((-(-height // 6), -(-width // 8), 1), np.uint8))
    picture = picture[:height, :width].copy()
    picture[:, :, :] = picture // 2 + np.array(COLOURS[number % 5], np.uint8) // 2
    left = (width // 8 + moved) % max(1, width - 24)
    picture[height // 2 : height // 2 + 24, left : left + 24] = 255
    return picture


def film(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    fps: float = 24,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    container: str | None = None,
    keyframe: int = 48,
    rotate: int = 0,
    times_s: Sequence[float] | None = None,
    sound_s: float = 0.0,
    sound_from_s: float = 0.0,
    sound_silent_s: float = 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode RGB frames; `times_s` gives each its time, else `fps` does."""
    rate = Fraction(fps).limit_denominator(1000)
    base = 1 / rate if codec.startswith(("mpeg", "mjpeg", "flv")) else Fraction(1, 90_000)
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        stream = None
        for number, picture in enumerate(frames):
            if stream is None:
                stream = out.add_stream(codec, rate=rate)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pix_fmt
                stream.time_base = base
                stream.codec_context.time_base = base
                stream.codec_context.gop_size = keyframe
                if codec == "libx264":
                    stream.options = {"preset": "ultrafast", "sc_threshold": "0"}
                if codec == "libx265":
                    stream.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
                if rotate:
                    stream.set_display_rotation(rotate)
                sound = out.add_stream("aac", rate=16_000, layout="mono") if sound_s else None
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            at = times_s[number] if times_s is not None else number / fps
            frame.pts, frame.time_base = round(at / base), base
            out.mux(stream.encode(frame))
        assert stream is not None
        out.mux(stream.encode(None))
        if sound is not None:
            _add_tone(out, sound, sound_s, sound_from_s, sound_silent_s)
    return path


def _add_tone(out, stream, seconds: float, start_s: float, silent_s: float) -> None:  # type: ignore[no-untyped-def]
    t = np.arange(round(seconds * 16_000)) / 16_000
    wave = (0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[None]
    wave = np.pad(wave, ((0, 0), (0, round(silent_s * 16_000))))
    for at in range(0, wave.shape[1], 1024):
        part = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[:, at : at + 1024]), format="flt", layout="mono"
        )
        part.sample_rate, part.pts = 16_000, at + round(start_s * 16_000)
        part.time_base = Fraction(1, 16_000)
        out.mux(stream.encode(part))
    out.mux(stream.encode(None))


def shots(spans: Sequence[tuple[int, int]], size: tuple[int, int] = (320, 180)) -> list[np.ndarray]:
    """(scene, frames) one after the other; a block moves slowly in each."""
    return [scene(number, size, 2 * n) for number, count in spans for n in range(count)]
