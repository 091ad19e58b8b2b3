"""Pictures out of any video container: what it is, and its frames. An owner of PyAV.

Parsers are opened by name, chosen from the content, and may open local files only (see `audio`).
What is decoded here may be hostile: the reader of videos runs this in the worker.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipelines.errors import MediaTooLong, MediaUndecodable
from pipelines.refusals import VideoFrameTooLarge, VideoHasNoPicture

if TYPE_CHECKING:
    from PIL.Image import Image

Gray = npt.NDArray[np.uint8]
HOLE_S = 3600.0
"""Times that jump further than this, or back, are broken; a camera that films what moves has long
holes."""
JUMP_S = 10.0
"""Sound that begins so much later or earlier than the pictures has times of its own."""
FPS = 25.0
"""Where a file doesn't say how fast it runs."""
LIVE_FORMATS = "mpegts,mov,mp4,matroska,webm,flv,mpjpeg,ogg,avi,h264,hevc"
_STILL = frozenset({"mjpeg", "png", "bmp", "gif", "webp", "jpeg2000", "tiff"})
_LUMA_8 = frozenset(
    "yuv420p yuvj420p yuv422p yuvj422p yuv444p yuvj444p yuv411p yuva420p nv12 nv21 gray".split()
)
_LUMA_16 = {"yuv420p10le": 2, "yuv422p10le": 2, "yuv444p10le": 2, "yuv420p12le": 4, "gray10le": 2}
_PLANAR = frozenset("yuv420p yuvj420p yuv422p yuvj422p yuv444p yuvj444p yuv420p10le".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipProbe:
    """What the packets of a container say about its pictures; nothing was decoded on purpose."""

    width_px: int
    height_px: int
    """As stored, before any rotation."""
    fps: float
    length_s: float
    frames: int
    codec: str
    has_sound: bool
    sound_delay_s: float
    """How much later the sound begins than the pictures (negative: earlier)."""
    sound_end_s: float
    """Where the sound is said to end, from the first picture on; 0 where nothing is said."""
    times_broken: bool
    """True where frames have no times, or times that jump: then frames are counted instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One decoded frame. `time_s` counts from the first frame; methods give it upright."""

    time_s: float
    frame: Any
    """av.VideoFrame."""
    is_key: bool = False

    @property
    def turns(self) -> int:
        """Quarter turns to the left that make it upright: phones write it into the file."""
        quarters: int = round(self.frame.rotation / 90)
        return quarters % 4

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height), upright."""
        size = (self.frame.width, self.frame.height)
        return size if self.turns % 2 == 0 else (size[1], size[0])

    def luma(self, step: int = 1) -> Gray:
        """(height / step, width / step) uint8 brightness; every `step`th pixel, not the mean."""
        return np.rot90(_luma(self.frame)[::step, ::step], self.turns)

    def tint(self, step: int) -> Gray | None:
        """(2, h, w) uint8 of both colour planes, about as coarse; None where they aren't planes."""
        if self.frame.format.name not in _PLANAR:
            return None
        coarse = max(1, step // 2)
        planes = [_plane(self.frame, n)[::coarse, ::coarse] for n in (1, 2)]
        return np.stack([np.rot90(plane, self.turns) for plane in planes])

    def image(self) -> Image:
        """The upright RGB picture."""
        from PIL import Image

        whole = np.rot90(self.frame.to_ndarray(format="rgb24"), self.turns)
        return Image.fromarray(np.ascontiguousarray(whole))


def picture_of_planes(planes: bytes, size_px: tuple[int, int], time_s: float) -> Picture:
    """Raw pixels as a frame: brightness, then both colours at half size (I420), nothing to parse.

    Raises ValueError where the sizes are odd or the bytes are not as many as that.
    """
    import av

    width, height = size_px
    if width % 2 or height % 2 or len(planes) != width * height * 3 // 2:
        raise ValueError("not an I420 picture of that size")
    rows = np.frombuffer(planes, np.uint8).reshape(height * 3 // 2, width)
    return Picture(time_s=time_s, frame=av.VideoFrame.from_ndarray(rows, format="yuv420p"))


def _plane(frame: Any, number: int) -> Gray:  # noqa: ANN401 - av.VideoFrame
    plane = frame.planes[number]
    shift = _LUMA_16.get(frame.format.name)
    if shift:
        wide = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)[:, : plane.width]
        return (wide >> shift).astype(np.uint8)
    return np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width]


def _luma(frame: Any) -> Gray:  # noqa: ANN401 - av.VideoFrame
    name = frame.format.name
    if name in _LUMA_8 or name in _LUMA_16:
        return _plane(frame, 0)
    gray: Gray = frame.to_ndarray(format="gray")
    return gray


def probe(path: Path, demuxer: str, *, limit_s: float, limit_mp: float) -> ClipProbe:
    """Measure a video by its packets.

    Raises MediaUndecodable, VideoHasNoPicture, VideoFrameTooLarge, and MediaTooLong as soon as the
    packets run over `limit_s`.
    """
    with opened(path, demuxer) as container:
        stream = picture_stream(container)
        context = stream.codec_context
        size = (context.width, context.height)
        if size[0] * size[1] > limit_mp * 1_000_000:
            raise VideoFrameTooLarge(
                width_px=size[0], height_px=size[1], limit_mp=round(limit_mp, 1)
            )
        fps = float(stream.average_rate or stream.guessed_rate or FPS)
        clock = _Clock(stream, fps, broken=False)
        for packet in packets(container, stream):
            clock.take(packet)
            if clock.length_s > limit_s:
                stated = float((stream.duration or 0) * (stream.time_base or 0))
                raise too_long(max(clock.length_s, stated), limit_s)
        if not clock.count:
            raise MediaUndecodable
        sound = container.streams.best("audio")
        has_sound = sound is not None and sound.codec_context is not None
        delay = end = 0.0
        if has_sound and sound.time_base and not clock.is_broken:
            base = float(sound.time_base)
            delay = (sound.start_time or 0) * base - clock.first_s
            end = delay + float(sound.duration or 0) * base
        return ClipProbe(
            width_px=size[0],
            height_px=size[1],
            fps=clock.count / clock.length_s if clock.length_s > 0 else fps,
            length_s=clock.length_s,
            frames=clock.count,
            codec=context.name,
            has_sound=has_sound,
            sound_delay_s=delay if abs(delay) < JUMP_S else 0.0,
            sound_end_s=end,
            times_broken=clock.is_broken,
        )


def too_long(length_s: float, limit_s: float) -> MediaTooLong:
    """The refusal with both numbers."""
    return MediaTooLong(length_min=round(length_s / 60, 1), limit_min=round(limit_s / 60, 1))


class _Clock:
    """Times of packets, from the first on; notices where they can't be true."""

    def __init__(self, stream: Any, fps: float, *, broken: bool) -> None:  # noqa: ANN401
        self._base = float(stream.time_base or 0)
        self._step = 1 / max(fps, 0.01)
        self._dts: float | None = None
        self._last = 0.0
        self._missing = 0
        self.first_s = float("inf")
        self.count = 0
        self.is_broken = broken

    def take(self, packet: Any) -> None:  # noqa: ANN401
        self.count += 1
        span = min(JUMP_S, float(packet.duration or 0) * self._base or self._step)
        if packet.pts is None or not self._base:
            self._missing += 1
            # Some containers time every other field only; most frames without a time are too many.
            self.is_broken |= self._missing > max(2, self.count // 2)
            return
        at = packet.pts * self._base
        self.first_s = min(self.first_s, at)
        self._last = max(self._last, at + span) if self.count > 1 else at + span
        order = at if packet.dts is None else packet.dts * self._base
        if self._dts is not None:
            self.is_broken |= not -self._step <= order - self._dts <= HOLE_S
        self._dts = order

    @property
    def length_s(self) -> float:
        """Measured, from the first picture to the end of the last."""
        if self.is_broken or self.first_s == float("inf"):
            return self.count * self._step
        return self._last - self.first_s


@contextlib.contextmanager
def opened(path: Path, demuxer: str) -> Iterator[Any]:
    """An open container. Raises MediaUndecodable, also for what fails inside the block."""
    import av

    options = {"protocol_whitelist": "file"}
    try:
        with av.open(str(path), format=demuxer, options=options) as container:
            yield container
    except (av.FFmpegError, EOFError, ValueError, IndexError) as exc:
        raise MediaUndecodable from exc


@contextlib.contextmanager
def opened_address(address: str, *, wait_s: float) -> Iterator[Any]:
    """An open stream from the network; `live` has looked at whose it is.

    No redirect is followed and no playlist opened: either would lead to other addresses. Raises
    MediaUndecodable, also for what fails inside the block.
    """
    import av

    options = {"protocol_whitelist": "http,https,tcp,tls,rtsp,rtp,udp"}
    if address.startswith("rtsp"):
        options["rtsp_transport"] = "tcp"
    else:
        options |= {"max_redirects": "0", "format_whitelist": LIVE_FORMATS}
    try:
        with av.open(address, options=options, timeout=(wait_s, wait_s)) as container:
            yield container
    except (av.FFmpegError, EOFError, ValueError, IndexError) as exc:
        raise MediaUndecodable from exc


def picture_stream(container: Any) -> Any:  # noqa: ANN401
    """The moving picture, not the cover of a music file. Raises VideoHasNoPicture."""
    usable = [s for s in container.streams.video if s.codec_context is not None and is_moving(s)]
    best = container.streams.best("video")
    if best is not None and any(stream.index == best.index for stream in usable):
        return best
    if usable:
        return usable[0]
    raise VideoHasNoPicture


def is_moving(stream: Any) -> bool:  # noqa: ANN401
    """False for the cover of a music file: a video stream of one still picture."""
    from av.stream import Disposition

    if Disposition.attached_pic in stream.disposition:
        return False
    # A film of pictures has many of them; what doesn't say how many is known by its packets.
    return stream.codec_context.name not in _STILL or stream.frames != 1


def packets(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401
    """Packets with something in them, up to where the file breaks off."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, EOFError):
            return
        if packet is None:
            return
        if packet.size:
            yield packet


def decode(stream: Any, packet: Any = None) -> list[Any]:  # noqa: ANN401
    """The frames that come out for one packet, or at the end (None); none where it is damaged."""
    import av

    try:
        frames: list[Any] = stream.codec_context.decode(packet)
    except (av.FFmpegError, EOFError, ValueError):
        return []
    return [frame for frame in frames if not frame.is_corrupt]


def packets_and_end(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401
    """`packets`, then None for the end."""
    yield from packets(container, stream)
    yield None
