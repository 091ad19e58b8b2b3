"""Files for the tests, made with PyAV and numpy alone: any container, any layout, any damage."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np

RATE = 16_000


def tone(seconds: float, hz: float = 440.0, rate: int = RATE, level: float = 0.3) -> np.ndarray:
    """(n,) float32 sine."""
    t = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def write(
    path: Path,
    samples: np.ndarray,
    *,
    rate: int = RATE,
    codec: str = "pcm_s16le",
    container: str | None = None,
    layout: str = "mono",
    sample_format: str = "s16",
) -> Path:
    """Encode (n,) or (channels, n) float32 samples into a container. Returns the path."""
    planes = np.atleast_2d(samples).astype(np.float32)
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        if not codec.startswith(("pcm", "flac")):
            stream.codec_context.bit_rate = 64_000
        resampler = av.AudioResampler(
            format=stream.codec_context.format or sample_format, layout=layout, rate=rate
        )
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes.T).reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate = rate
        frame.pts = 0
        fifo = av.AudioFifo()
        for converted in resampler.resample(frame) + resampler.resample(None):
            fifo.write(converted)
        size = stream.codec_context.frame_size or 1024
        while (piece := fifo.read(size, partial=True)) is not None:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


def with_picture(path: Path, seconds: float, *, sound: bool) -> Path:
    """A small video, with or without a sound stream."""
    sources = ["-f", "lavfi", "-i", f"testsrc=size=64x48:rate=5:duration={seconds}"]
    if sound:
        sources += ["-f", "lavfi", "-i", f"sine=frequency=300:duration={seconds}"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *sources, "-c:v", "mpeg4", str(path)], check=True
    )
    return path


def spoken(path: Path, text: str) -> Path:
    """English speech by espeak-ng, a wav file."""
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(path), text], check=True)
    return path
