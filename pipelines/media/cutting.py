"""A stretch out of a video: copied as it is, or its frames one by one; and frames -> a video.

An owner of PyAV. `copied` and `stretch` read hostile files and run in the worker; `Writer` encodes
pixels of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.errors import MediaUndecodable
from pipelines.media import clips
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.media.clips import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

MP4_CODECS = frozenset("h264 hevc av1 mpeg4 vp9 mjpeg aac mp3 ac3 opus alac".split())
SIDE_PX, FPS = 1280, 30.0
QUALITY = 95
_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A clip that was copied. It begins at the keyframe before what was asked for."""

    path: Path
    start_s: float
    end_s: float
    has_sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One upright frame of a stretch, as JPEG; `time_s` counts from the start of the stretch."""

    path: Path
    time_s: float


def copied(path: Path, folder: Path, demuxer: str, start_s: float, end_s: float) -> Copied:
    """Copy the packets from the keyframe before `start_s` up to `end_s`; nothing is encoded.

    Raises MediaUndecodable where the stretch holds no picture.
    """
    import av

    with clips.opened(path, demuxer) as source:
        video = clips.picture_stream(source)
        sound = source.streams.best("audio")
        streams = [s for s in (video, sound) if s is not None and s.codec_context is not None]
        fits = all(stream.codec_context.name in MP4_CODECS for stream in streams)
        target = folder / ("clip.mp4" if fits else "clip.mkv")
        origin = float((video.start_time or 0) * video.time_base)
        source.seek(round((origin + start_s) * av.time_base), backward=True, any_frame=False)
        with av.open(str(target), "w", format="mp4" if fits else "matroska") as out:
            begin, end = _copy(source, out, video, streams, origin + start_s, origin + end_s)
    return Copied(
        path=target,
        start_s=round(begin - origin, 3),
        end_s=round(end - origin, 3),
        has_sound=len(streams) > 1,
    )


def _copy(
    source: Any,  # noqa: ANN401 - av containers and streams
    out: Any,  # noqa: ANN401
    video: Any,  # noqa: ANN401
    streams: list[Any],
    start_s: float,
    end_s: float,
) -> tuple[float, float]:
    """(first, last) time that was written, in the times of the source."""
    made = {stream.index: out.add_stream_from_template(stream) for stream in streams}
    begin: float | None = None
    last = start_s
    held: list[Any] = []
    for packet in source.demux(streams):
        if packet.dts is None or packet.pts is None:
            continue
        at = float(packet.pts * packet.time_base)
        if packet.stream.index == video.index:
            if float(packet.dts * packet.time_base) >= end_s:
                break
            if packet.is_keyframe and (begin is None or at <= start_s):
                begin, held = at, []  # a later keyframe that still lies before the start
            if begin is not None:
                held.append(packet)
                last = max(last, at)
        elif begin is not None and begin <= at < end_s:
            held.append(packet)
    if begin is None:
        raise MediaUndecodable
    for packet in held:
        shift = round(begin / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = made[packet.stream.index]
        out.mux(packet)
    return begin, min(end_s, last + 0.05)


def stretch(
    path: Path, folder: Path, demuxer: str, start_s: float, end_s: float
) -> Iterator[Still]:
    """Every frame from `start_s` to `end_s`, upright, at most SIDE_PX wide and FPS a second."""
    import av

    with clips.opened(path, demuxer) as source:
        stream = clips.picture_stream(source)
        stream.thread_type = "AUTO"
        origin = float((stream.start_time or 0) * stream.time_base)
        source.seek(round((origin + start_s) * av.time_base), backward=True, any_frame=False)
        before = -1.0
        number = 0
        for packet in clips.packets_and_end(source, stream):
            for frame in clips.decode(stream, packet):
                at = float((frame.pts or 0) * stream.time_base) - origin - start_s
                if at >= end_s - start_s:
                    return
                if at < 0 or at - before < 0.9 / FPS:
                    continue
                before = at
                target = folder / f"still-{number:05d}.jpg"
                number += 1
                _small(Picture(time_s=at, frame=frame).image()).save(
                    target, format="JPEG", quality=QUALITY
                )
                yield Still(path=target, time_s=round(at, 4))


def _small(image: Image) -> Image:
    factor = min(1.0, SIDE_PX / max(image.size))
    if factor == 1.0:
        return image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, 2, reducing_gap=2.0)


class Writer:
    """Frames of one size and mono sound -> an MP4 (H.264, AAC). Use as a context manager."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        import av

        self._av = av
        self._out = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        self._video: Any = self._out.add_stream("libx264", rate=round(FPS))
        self._size = (size[0] // 2 * 2, size[1] // 2 * 2)
        self._video.width, self._video.height = self._size
        self._video.pix_fmt = "yuv420p"
        self._video.time_base = self._video.codec_context.time_base = _BASE
        self._video.options = {"crf": "23", "preset": "veryfast"}
        self._sound: Any = self._out.add_stream("aac", rate=RATE_HZ, layout="mono")

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.mux(self._video.encode(None))
        self._out.mux(self._sound.encode(None))
        self._out.close()

    def picture(self, image: Image, time_s: float) -> None:
        """Times must grow."""
        pixels = np.ascontiguousarray(np.asarray(image)[: self._size[1], : self._size[0]])
        frame = self._av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = round(time_s * 90_000), _BASE
        self._out.mux(self._video.encode(frame))

    def sound(self, samples: Samples) -> None:
        """(n,) float32 at 16 kHz, from the first picture on, all at once."""
        for at in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[None, at : at + 1024])
            frame = self._av.AudioFrame.from_ndarray(part, format="flt", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, at
            frame.time_base = Fraction(1, RATE_HZ)
            self._out.mux(self._sound.encode(frame))
