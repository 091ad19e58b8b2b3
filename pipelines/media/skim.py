"""One look through a video: every keyframe, and what lies between two of them only where it pays.

A scout decodes keyframes ahead. The stretch between two that look alike is decoded only where its
packets say that something happened inside: a change costs bits. Where it is decoded, frames that
no other frame needs are left out, and it ends as soon as the picture is that of the next keyframe.
docs/decisions/video.md has what that saves and what it misses.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import MediaUndecodable
from pipelines.media import clips
from pipelines.media.clips import ClipProbe, Picture

Alike = Callable[[Picture, Picture], bool]
SHORT_S, MIDDLE_S = 1.05, 2.1
"""Keyframes so close tell enough where they are alike; up to the second, where no packet stands
out."""
SPIKE, FLOOR = 4.0, 0.01
"""A packet stands out that has so many times the bytes of its stretch's usual large packet, and
this share of the keyframe's."""
BUSY = 0.5
"""A stretch whose other packets have this share of the keyframe's bytes is not still."""
MAX_BYTES, MAX_PACKETS = 48 << 20, 4000
"""A stretch without a keyframe is held in memory up to this; then it is decoded as it comes."""
NEAR_S = 1e-3
SKIP_UNNEEDED_FPS = 20.0
"""From so many frames a second on, every other one is enough to place a cut."""
NEAREST_S = 0.08
"""Of pictures that stand each on their own, one is looked at in this time."""
BIG_PX = 4_000_000
"""Frames from this size on are decoded one at a time: each thread would hold several of them."""


@dataclass(slots=True)
class Skimmed:
    """What one look took, for the log and the benchmark."""

    decoded: int = 0
    stretches: int = 0
    skipped: int = 0
    held_bytes: int = 0


@dataclass(slots=True, kw_only=True)
class Skim:
    """See the module. Iterate over `pictures` once."""

    path: Path
    demuxer: str
    probe: ClipProbe
    alike: Alike
    all_frames: bool = False
    """Decode everything: for measuring against."""
    took: Skimmed = field(default_factory=Skimmed)

    def pictures(self) -> Iterator[Picture]:
        """Pictures in the order of their times, which never go back.

        Raises MediaUndecodable where none can be decoded, and what opening raises.
        """
        last = -1.0
        for picture in self._unordered():
            if picture.time_s > last:
                last = picture.time_s
                self.took.decoded += 1
                yield picture
        if last < 0:
            raise MediaUndecodable

    def _unordered(self) -> Iterator[Picture]:
        if self.all_frames or self.probe.times_broken or self.probe.codec == "gif":
            yield from self._plain()
            return
        if self._intra_only():
            yield from self._keys()
            return
        found = False
        for picture in self._stretches():
            found = True
            yield picture
        if not found:  # keyframes that aren't
            yield from self._plain()

    def _intra_only(self) -> bool:
        with clips.opened(self.path, self.demuxer) as container:
            return bool(clips.picture_stream(container).codec_context.codec.intra_only)

    def _plain(self) -> Iterator[Picture]:
        """Every frame; where times are broken, counted instead."""
        with clips.opened(self.path, self.demuxer) as container:
            stream = self._ready(container, "DEFAULT")
            origin = _Origin(stream)
            count = 0
            for packet in clips.packets_and_end(container, stream):
                for frame in clips.decode(stream, packet):
                    at = count / self.probe.fps if self.probe.times_broken else origin.of(frame)
                    count += 1
                    if at is not None:
                        yield Picture(time_s=at, frame=frame, is_key=frame.key_frame)

    def _keys(self) -> Iterator[Picture]:
        """Keyframes alone; of pictures that stand on their own, not all."""
        with clips.opened(self.path, self.demuxer) as container:
            stream = self._ready(container, "NONKEY", frame_threads=False)
            apart = stream.codec_context.codec.intra_only
            origin = _Origin(stream)
            before: float | None = None
            for packet in clips.packets_and_end(container, stream):
                if packet is not None and not packet.is_keyframe:
                    origin.see(packet)
                    continue
                if packet is not None and apart and packet.pts is not None:
                    at = float(packet.pts * stream.time_base)
                    if before is not None and 0 <= at - before < NEAREST_S:
                        continue
                    before = at
                for frame in clips.decode(stream, packet):
                    if (when := origin.of(frame)) is not None:
                        yield Picture(time_s=when, frame=frame, is_key=True)

    def _stretches(self) -> Iterator[Picture]:
        scout = self._keys()
        key, following = next(scout, None), next(scout, None)
        with clips.opened(self.path, self.demuxer) as container:
            needless = self.probe.fps >= SKIP_UNNEEDED_FPS
            stream = self._ready(container, "NONREF" if needless else "DEFAULT")
            decoder = _Decoder(stream, _Origin(stream))
            for stretch, whole in _stretches(clips.packets(container, stream), self.took):
                if key is None:
                    return
                at = decoder.origin.at(stretch[0])
                while at is not None and following and at >= following.time_s - NEAR_S:
                    key, following = following, next(scout, None)
                self.took.stretches += 1
                if not whole or self._worth(stretch, key, following):
                    yield from self._inside(decoder, stretch, following)
                else:
                    self.took.skipped += 1
                    yield from decoder.rest()
                    yield key
            yield from decoder.rest()
            if key is not None:
                yield from (picture for picture in (following, *scout) if picture is not None)

    def _inside(
        self, decoder: _Decoder, stretch: list[Any], following: Picture | None
    ) -> Iterator[Picture]:
        """The frames of a stretch, up to where nothing more happens."""
        spikes = _spikes(stretch)
        last_spike = spikes[-1] if spikes else 0
        for number, packet in enumerate(stretch):
            picture: Picture | None = None
            for picture in decoder.give(packet):
                yield picture
            settled = number > last_spike + decoder.delay and _still(stretch, number)
            if settled and picture and following and self.alike(picture, following):
                yield from decoder.rest()
                return

    def _worth(self, stretch: list[Any], key: Picture, following: Picture | None) -> bool:
        if following is None or not self.alike(key, following):
            return True
        length_s = following.time_s - key.time_s
        if length_s <= SHORT_S:
            return False
        if _spikes(stretch):
            return True
        return length_s > MIDDLE_S and not _still(stretch, 1)

    def _ready(self, container: Any, skip: str, *, frame_threads: bool = True) -> Any:  # noqa: ANN401
        stream = clips.picture_stream(container)
        context = stream.codec_context
        context.skip_frame = skip
        # Of frames that no other needs, blocks may show: an eighth of the work, and nothing drifts.
        context.options = {"skip_loop_filter": "noref"}
        if self.probe.width_px * self.probe.height_px >= BIG_PX or not frame_threads:
            context.thread_type = "SLICE"
            context.thread_count = 1 if not frame_threads else 2
        else:
            context.thread_type = "AUTO"
            context.thread_count = 2
        return stream


class _Origin:
    """Times from the first picture on: the smallest that a packet has shown so far."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401
        self._base = float(stream.time_base or 0)
        self._start = stream.start_time
        self._first: float | None = None if self._start is None else self._start * self._base

    def see(self, packet: Any) -> None:  # noqa: ANN401
        if self._first is None and packet.pts is not None:
            self._first = packet.pts * self._base

    def at(self, packet: Any) -> float | None:  # noqa: ANN401
        self.see(packet)
        return None if packet.pts is None else packet.pts * self._base - (self._first or 0.0)

    def of(self, frame: Any) -> float | None:  # noqa: ANN401
        if frame.pts is None:
            return None
        if self._first is None:
            self._first = frame.pts * self._base
        return max(0.0, float(frame.pts * self._base - self._first))


class _Decoder:
    """Decodes stretches that need not follow each other."""

    def __init__(self, stream: Any, origin: _Origin) -> None:  # noqa: ANN401
        self._stream = stream
        self.origin = origin
        self._warm = False
        self.delay = 2 * stream.codec_context.thread_count + 4
        """So many packets may go in before their picture comes out."""

    def give(self, packet: Any) -> Iterator[Picture]:  # noqa: ANN401
        self._warm = True
        yield from self._pictures(packet)

    def rest(self) -> Iterator[Picture]:
        """What is still under way; afterwards a keyframe may come from anywhere."""
        if self._warm:
            yield from self._pictures(None)
            self._stream.codec_context.flush_buffers()
            self._warm = False

    def _pictures(self, packet: Any) -> Iterator[Picture]:  # noqa: ANN401
        for frame in clips.decode(self._stream, packet):
            if (at := self.origin.of(frame)) is not None:
                yield Picture(time_s=at, frame=frame, is_key=frame.key_frame)


def _stretches(packets: Iterator[Any], took: Skimmed) -> Iterator[tuple[list[Any], bool]]:
    """Packets from one keyframe up to the next, and whether that is all of them."""
    held: list[Any] = []
    size = 0
    for packet in packets:
        full = size > MAX_BYTES or len(held) >= MAX_PACKETS
        if held and (packet.is_keyframe or full):
            took.held_bytes = max(took.held_bytes, size)
            yield held, bool(held[0].is_keyframe and packet.is_keyframe)
            held, size = [], 0
        held.append(packet)
        size += packet.size
    if held:
        yield held, bool(held[0].is_keyframe)


def _spikes(stretch: list[Any]) -> list[int]:
    """Places of packets that stand out from their neighbours."""
    if len(stretch) < 3:
        return []
    sizes = [packet.size for packet in stretch[1:]]
    usual = statistics.quantiles(sizes, n=4)[2]
    floor = max(SPIKE * usual, FLOOR * stretch[0].size)
    return [number for number, size in enumerate(sizes, start=1) if size > floor]


def _still(stretch: list[Any], start: int) -> bool:
    """True where little is written from `start` on: the picture stays about as it is."""
    rest = sum(packet.size for packet in stretch[start:])
    return bool(stretch[0].is_keyframe and rest < BUSY * stretch[0].size)
