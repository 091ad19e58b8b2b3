"""Sound out of any container: its length, and its samples as a stream. The only owner of PyAV.

Each parser is opened by name, chosen from the content, so that a file can't make FFmpeg pick a
playlist or another parser that would open further files or addresses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from pipelines.errors import MediaHasNoSound, MediaTooLong, MediaUndecodable

if TYPE_CHECKING:
    import av

Samples = npt.NDArray[np.float32]
RATE_HZ = 16_000
CHUNK_S = 1.0
GAP_S = 0.3
"""A hole in the timestamps longer than this is kept as silence, so that times stay the player's."""
ESTIMATED = frozenset({"mp3", "aac", "amr", "ac3"})
"""Parsers whose stated length is a guess from the bit rate."""
STREAMED_BYTES = 0x7FFF_0000
DEAD = 3e-4
"""No microphone is this silent."""
MIX_FLOOR = 0.05
"""Below this share of the loudest channel's energy the channels cancel each other out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What the packets of a container say about its sound."""

    has_picture: bool
    length_s: float
    """Measured on the packets; nothing was decoded."""


def probe(path: Path, demuxer: str, *, limit_s: float) -> Probe:
    """Measure a file's sound by its packets, without decoding.

    Raises MediaUndecodable, MediaHasNoSound, and MediaTooLong as soon as the packets run over
    `limit_s`.
    """
    with _opened(path, demuxer) as container:
        stream = _sound_of(container)
        return Probe(
            has_picture=any(_is_moving(video) for video in container.streams.video),
            length_s=_demuxed_length(container, stream, limit_s),
        )


def claimed_s(path: Path, demuxer: str) -> float | None:
    """The length that the sound's header states; None where it states none or only guesses.

    Raises MediaUndecodable, MediaHasNoSound.
    """
    with _opened(path, demuxer) as container:
        stream = _sound_of(container)
        if demuxer in ESTIMATED or not stream.duration or not stream.time_base:
            return None
        # FFmpeg corrects a WAV's stated length by the file's real size.
        cut = _stated_share(path) if demuxer == "wav" else 1.0
        return float(stream.duration * stream.time_base) * cut


def _stated_share(path: Path) -> float:
    """How many times larger a RIFF file says to be than it is; 1.0 where it doesn't know."""
    with path.open("rb") as handle:
        head = handle.read(8)
    order: Literal["big", "little"] = "big" if head[:4] == b"RIFX" else "little"
    stated = int.from_bytes(head[4:8], order) + 8
    real = path.stat().st_size
    # Recorders that write to a pipe leave the largest number there.
    return stated / real if real < stated < STREAMED_BYTES else 1.0


def decode(path: Path, demuxer: str, *, limit_s: float) -> Iterator[Samples]:
    """Stream a file's sound as pieces of about a second.

    Each piece is (n, 1) float32 at 16 kHz in about [-1, 1], or (n, 2) for a two-channel recording;
    the number of columns stays the same. More than two channels are mixed to one, without the
    bass channel. Damaged packets are skipped; holes in the timestamps become silence. The
    generator owns the file handle and holds about a second of sound.

    Raises MediaHasNoSound, MediaUndecodable where nothing at all can be decoded, and MediaTooLong
    once more than `limit_s` came out, whatever the header says.
    """
    with _opened(path, demuxer) as container:
        stream = _sound_of(container)
        columns = 2 if stream.codec_context.channels == 2 else 1
        made = 0
        for piece in _regrouped(_resampled(container, stream, columns, limit_s)):
            made += len(piece)
            if made > limit_s * RATE_HZ:
                raise _too_long(made / RATE_HZ, limit_s)
            yield piece
        if made == 0:
            raise MediaUndecodable


def sounding_s(path: Path, demuxer: str, *, limit_s: float) -> tuple[float, float]:
    """(until when anything at all is heard, length): behind the first there is digital silence.

    Raises what `decode` raises.
    """
    made = last = 0
    for piece in decode(path, demuxer, limit_s=limit_s):
        heard = np.nonzero(np.abs(piece).max(axis=1) > DEAD)[0]
        last = made + int(heard[-1]) + 1 if len(heard) else last
        made += len(piece)
    return last / RATE_HZ, made / RATE_HZ


def _too_long(length_s: float, limit_s: float) -> MediaTooLong:
    return MediaTooLong(length_min=round(length_s / 60, 1), limit_min=round(limit_s / 60, 1))


@contextlib.contextmanager
def _opened(path: Path, demuxer: str) -> Iterator[Any]:
    import av

    options = {"protocol_whitelist": "file"}
    try:
        with av.open(str(path), format=demuxer, options=options) as container:
            yield container
    except (av.FFmpegError, EOFError, ValueError) as exc:
        raise MediaUndecodable from exc


def _sound_of(container: Any) -> av.AudioStream:  # noqa: ANN401 - PyAV's own type is opaque here
    usable = [s for s in container.streams.audio if s.codec_context is not None]
    if not usable:
        raise MediaHasNoSound
    best = container.streams.best("audio")
    stream: av.AudioStream = best if best is not None else usable[0]
    return stream


def _is_moving(video: Any) -> bool:  # noqa: ANN401
    """Covers of music files are video streams too, of one still picture."""
    still = {"mjpeg", "png", "bmp", "gif", "webp"}
    return video.codec_context is not None and video.codec_context.name not in still


def _demuxed_length(container: Any, stream: av.AudioStream, limit_s: float) -> float:  # noqa: ANN401
    import av

    first: float | None = None
    end = summed = 0.0
    packets = 0
    base = float(stream.time_base) if stream.time_base else 0.0
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            packets += 1
            span = float(packet.duration or 0) * base
            summed += span
            if packet.pts is not None:
                start = packet.pts * base
                first = start if first is None else min(first, start)
                end = max(end, start + span)
            length_s = max(summed, end - (first or 0.0))
            if length_s > limit_s:
                raise _too_long(length_s, limit_s)
    except av.FFmpegError:
        # A cut file ends in the middle of a packet; what came before it counts.
        if not packets:
            raise
    if not packets:
        raise MediaUndecodable
    return max(summed, end - (first or 0.0))


def _resampled(
    container: Any,  # noqa: ANN401
    stream: av.AudioStream,
    columns: int,
    limit_s: float,
) -> Iterator[Samples]:
    """(n, columns) pieces as the decoder gives them, holes in time filled with silence."""
    resampler: tuple[tuple[object, ...], Any] | None = None
    done = 0
    origin: float | None = None
    for frame in _frames(container, stream):
        if frame is not None and frame.time is not None:
            origin = frame.time if origin is None else origin
            hole_s = (frame.time - origin) - done / RATE_HZ
            while hole_s > GAP_S and done <= limit_s * RATE_HZ:
                silence = np.zeros((int(min(hole_s, CHUNK_S) * RATE_HZ), columns), np.float32)
                hole_s -= CHUNK_S
                done += len(silence)
                yield silence
        resampler, pieces = _convert(resampler, frame)
        for piece, bass in pieces:
            samples = _mixed(piece, bass, columns)
            done += len(samples)
            yield samples


def _frames(container: Any, stream: av.AudioStream) -> Iterator[Any]:  # noqa: ANN401
    """Decoded frames, then None for the end; undecodable packets are left out."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            break
        if packet is None:
            break
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue
    yield None


def _convert(
    current: tuple[tuple[object, ...], Any] | None,
    frame: Any,  # noqa: ANN401
) -> tuple[tuple[tuple[object, ...], Any] | None, list[tuple[Samples, list[int]]]]:
    """One frame through the resampler, which is made anew where the stream changes its shape."""
    import av

    if frame is None:
        flushed = current[1].resample(None) if current else []
        return None, [_interleaved(out) for out in flushed]
    shape = (frame.format.name, frame.layout.name, frame.layout.nb_channels, frame.sample_rate)
    frame.pts = None
    out: list[tuple[Samples, list[int]]] = []
    if current is not None and current[0] != shape:
        out += [_interleaved(part) for part in current[1].resample(None)]
        current = None
    if current is None:
        # Interleaved: PyAV 18.1 crashes when it turns eight separate planes into an array.
        fresh = av.AudioResampler(format="flt", layout=frame.layout, rate=RATE_HZ)
        current = (shape, fresh)
    out += [_interleaved(part) for part in current[1].resample(frame)]
    return current, out


def _interleaved(frame: Any) -> tuple[Samples, list[int]]:  # noqa: ANN401
    """((n, channels) float32, indices of the channels that carry bass only)."""
    bass = [i for i, channel in enumerate(frame.layout.channels) if channel.name == "LFE"]
    flat: Samples = np.nan_to_num(frame.to_ndarray(), nan=0.0, posinf=1.0, neginf=-1.0)
    return flat.reshape(-1, frame.layout.nb_channels), bass


def _mixed(samples: Samples, bass: list[int], columns: int) -> Samples:
    """(n, channels) -> (n, columns)."""
    if columns == samples.shape[1]:
        return samples
    if len(bass) < samples.shape[1]:
        samples = np.delete(samples, bass, axis=1)
    return np.repeat(to_mono(samples)[:, None], columns, axis=1)


def to_mono(samples: Samples) -> Samples:
    """(n, channels) -> (n,): the mean, or the loudest channel where the channels cancel out."""
    if samples.shape[1] == 1 or not len(samples):
        return np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))
    mean: Samples = samples.mean(axis=1, dtype=np.float32)
    energies = np.square(samples, dtype=np.float64).sum(axis=0)
    loudest = int(energies.argmax())
    # One sounding channel among n leaves 1/n^2 of its energy in the mean; less is cancellation.
    floor = MIX_FLOOR * energies[loudest] / samples.shape[1] ** 2
    if float(np.square(mean, dtype=np.float64).sum()) < floor:
        return np.ascontiguousarray(samples[:, loudest])
    return mean


def _regrouped(pieces: Iterator[Samples]) -> Iterator[Samples]:
    """The same samples in pieces of CHUNK_S; decoders give slivers of 20 ms."""
    held: list[Samples] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        if count >= CHUNK_S * RATE_HZ:
            yield np.concatenate(held)
            held, count = [], 0
    if count:
        yield np.concatenate(held)
